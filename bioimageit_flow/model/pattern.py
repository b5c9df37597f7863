"""Regular expressions of users: searched with a bound on time.

An expression such as ``(a+)+$`` can take for ever on a short text
(https://en.wikipedia.org/wiki/ReDoS), so that each search may take a moment only.
Watching the clock costs several times what most searches do: those whose expression
and text cannot take long go without.
They are written as in Python (https://docs.python.org/3/library/re.html).
The library is loaded with the first expression: most commands meet none.
"""

import warnings
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

MAX_PATTERN = 500
"""How many characters an expression has at most."""

SEARCH_LIMIT_S = 0.5
"""How long one search may take; an honest one takes microseconds."""


TAME_TEXT = 256
"""How long a text is at most that a tame expression is searched in unwatched."""

_TAME_CHOICES = 4
_SPECIAL = frozenset(r"\^$.|?*+()[]{}")
_ATOM = (
    r"\\[^0-9gkGLNPX]"  # such as \d, but no reference to a group
    r"|\[\^?\]?(?:\\.|[^\]\\\[])*\]"  # such as [a-z]
    r"|\((?:(?!\?)|\?:|\?P<\w+>)|\)"  # a group, but nothing that looks around
    r"|[^\\\[\](){}]"
)
_REPEAT = r"(?:[*+?]|\{[0-9]*,?[0-9]*\})[?+]?"


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
        import regex

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

        index: Mapping[str, int] = self._compiled.groupindex
        self._places = sorted(index.items(), key=lambda one: one[1])
        self._has_only_named = len(self._places) == self._compiled.groups
        self._is_tame = _is_tame(text)

    @property
    def is_tame(self) -> bool:
        """Whether it cannot take long on a short text."""
        return self._is_tame

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of its named groups, in their order."""
        return tuple(name for name, _ in self._places)

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
        parts = self.parts(text)
        if parts is None:
            return None
        pairs = zip(self.groups, parts, strict=True)
        return {name: part for name, part in pairs if part is not None}

    def parts(self, text: str) -> tuple[str | None, ...] | None:
        """Return what its named groups hold, in their order; see `named`."""
        found = self._search(text)
        if found is None:
            return None
        parts: tuple[str | None, ...] = found.groups()
        if self._has_only_named:
            return parts
        return tuple([parts[place - 1] for _, place in self._places])

    def _search(self, text: str) -> "regex.Match[str] | None":
        if self._is_tame and len(text) <= TAME_TEXT:
            return self._compiled.search(text)
        try:
            return self._compiled.search(text, timeout=SEARCH_LIMIT_S)
        except TimeoutError as error:
            shown = text if len(text) <= 60 else f"{text[:57]}..."
            raise PatternError(
                f"the regular expression {self.text!r} takes too long on {shown!r}"
            ) from error


def _is_tame(text: str) -> bool:
    """Say whether an expression cannot take long on a short text.

    So it is where single characters are repeated and no group is, and where there are
    few ways to go.
    """
    an_atom, a_repeat = _compiled(_ATOM), _compiled(_REPEAT)
    place, choices, is_group = 0, 0, False
    while place < len(text):
        if repeat := a_repeat.match(text, place):
            if is_group:
                return False
            choices += 1
            place = repeat.end()
        elif atom := an_atom.match(text, place):
            choices += atom[0] == "|"
            is_group = atom[0] == ")"
            place = atom.end()
        else:
            return False
    return choices <= _TAME_CHOICES


@cache
def _compiled(text: str) -> "regex.Pattern[str]":
    import regex

    return regex.compile(text, regex.VERSION0)


def is_plain(text: str) -> bool:
    """Say whether an expression stands for itself, so that it is found as a text."""
    return not _SPECIAL.intersection(text)


@lru_cache(maxsize=64)
def pattern(text: str) -> Pattern:
    """Return the pattern of an expression; kept for the next time.

    Raises
    ------
    PatternError
        If it is wrong or too long.
    """
    return Pattern(text)
