"""Old workflow files, brought up step by step to what is read now.

Each migration takes what a file of one version holds and returns what a file of the
next would, and says in sentences what it changed for the reader. Schema 1 is the first,
so there is none yet; the next schema adds one here and an old file to the tests.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

Plain = Mapping[str, Any]
Migration = Callable[[Plain], tuple[Plain, tuple[str, ...]]]

MIGRATIONS: Mapping[int, Migration] = MappingProxyType({})
"""By the version that each begins with."""


def migrate(
    value: Plain,
    version: int,
    current: int,
    migrations: Mapping[int, Migration] = MIGRATIONS,
) -> tuple[Plain, tuple[str, ...]]:
    """Return what a file of the current version would hold, and what was changed.

    Parameters
    ----------
    value : mapping
        What the file holds.
    version, current : int
        Version of its schema, and that to reach.
    migrations : mapping, optional
        By the version that each begins with.

    Raises
    ------
    KeyError
        If there is no way from that version.
    """
    report: list[str] = []
    while version < current:
        value, said = migrations[version](value)
        report += said
        version += 1
    return value, tuple(report)
