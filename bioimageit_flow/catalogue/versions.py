"""Order of version numbers.

Source: https://semver.org, point 11.
"""

import re

from bioimageit_flow.model.described import VERSION

_VERSION = re.compile(VERSION)

Precedence = tuple[tuple[int, int, int], bool, tuple[tuple[bool, int, str], ...], str]


def is_version(text: str) -> bool:
    """Say whether a text is a version number as semver.org has it."""
    return _VERSION.fullmatch(text) is not None


def precedence(version: str) -> Precedence:
    """Return a key that sorts versions from the oldest to the newest.

    Versions that differ only in what follows ``+`` have no order in SemVer; they are
    put into that of their letters, so that there is one newest.

    Parameters
    ----------
    version : str
        For which `is_version` holds.
    """
    number, _, build = version.partition("+")
    core, _, before = number.partition("-")
    major, minor, patch = (int(part) for part in core.split("."))
    parts = tuple(
        # numbers come before words, and sort by value
        (False, int(part), "") if part.isdigit() else (True, 0, part)
        for part in (before.split(".") if before else ())
    )
    return (major, minor, patch), not before, parts, build
