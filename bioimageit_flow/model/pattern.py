"""Regular expressions of users: searched with a bound on time.

An expression such as ``(a+)+$`` can take for ever on a short text
(https://en.wikipedia.org/wiki/ReDoS), so that each search may take a moment only.
They are written as in Python (https://docs.python.org/3/library/re.html).
"""

import warnings
from collections.abc import Mapping
from functools import lru_cache

import regex

MAX_PATTERN = 500
"""How many characters an expression has at most."""

SEARCH_LIMIT_S = 0.5
"""How long one search may take; an honest one takes microseconds."""


class PatternError(ValueError):
    """An expression is wrong, too long, or takes too long.

    Attributes
    ----------
    position : int
        Where in the expression, in characters from 0.
    """

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


class Pattern:
    """A regular expression that cannot take for ever.

    Parameters
    ----------
    text : str
        The expression.

    Raises
    ------
    PatternError
        If it is wrong or too long.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > MAX_PATTERN:
            raise PatternError(
                f"a regular expression has at most {MAX_PATTERN} characters, this one "
                f"has {len(text)}"
            )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)
                self._compiled = regex.compile(text, regex.VERSION0)
        except (regex.error, RecursionError, OverflowError) as error:
            reason = getattr(error, "msg", None) or str(error)
            position = getattr(error, "pos", None) or 0
            raise PatternError(
                f"{text!r} is no regular expression: {reason}", position
            ) from error

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of its named groups, in their order."""
        found: Mapping[str, int] = self._compiled.groupindex
        return tuple(sorted(found, key=found.__getitem__))

    def is_in(self, text: str) -> bool:
        """Say whether it is found somewhere in a text; `PatternError` if too slow."""
        return self._search(text) is not None

    def named(self, text: str) -> dict[str, str] | None:
        """Return what its named groups hold where it is found first in a text.

        Groups that took no part are left out; None where it is not found.

        Raises
        ------
        PatternError
            If the search takes too long.
        """
        found = self._search(text)
        if found is None:
            return None
        return {key: part for key, part in found.items() if part is not None}

    def _search(self, text: str) -> dict[str, str | None] | None:
        try:
            found = self._compiled.search(text, timeout=SEARCH_LIMIT_S)
        except TimeoutError as error:
            shown = text if len(text) <= 60 else f"{text[:57]}..."
            raise PatternError(
                f"the regular expression {self.text!r} takes too long on {shown!r}"
            ) from error
        return None if found is None else found.groupdict()


@lru_cache(maxsize=64)
def pattern(text: str) -> Pattern:
    """Return the pattern of an expression; kept for the next time.

    Raises
    ------
    PatternError
        If it is wrong or too long.
    """
    return Pattern(text)
