"""Which of the files in a folder are wanted."""

import re
from collections.abc import Callable, Iterable
from fnmatch import translate

from bioimageit_flow.errors import DataError

Wanted = Callable[[str], bool]
"""Says of a path, relative to the folder and with forward slashes, whether it is."""


def wanted_files(globs: Iterable[str] = (), pattern: str | None = None) -> Wanted:
    """Return a filter of files.

    Parameters
    ----------
    globs : iterable of str
        Such as ``*.tif``; a file is wanted if one of them fits its name, or, where it
        has a slash, its path. Case does not matter.
    pattern : str, optional
        A regular expression that must be found in the path.

    Raises
    ------
    DataError
        If the expression is wrong.
    """
    names: list[re.Pattern[str]] = []
    paths: list[re.Pattern[str]] = []
    for glob in globs:
        expression = re.compile(translate(glob), re.IGNORECASE)
        (paths if "/" in glob else names).append(expression)
    try:
        found = re.compile(pattern) if pattern is not None else None
    except re.error as error:
        raise DataError(
            f"'{pattern}' is no regular expression: {error.msg}.",
            remedy=r"Write it as in Python, such as '_ch00\.tif$'.",
        ) from error

    def is_wanted(relative: str) -> bool:
        name = relative.rpartition("/")[2]
        fits = not (names or paths) or (
            any(one.match(name) for one in names)
            or any(one.match(relative) for one in paths)
        )
        return fits and (found is None or found.search(relative) is not None)

    return is_wanted
