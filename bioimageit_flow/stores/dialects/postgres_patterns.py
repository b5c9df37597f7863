"""Regular expressions that PostgreSQL surely understands as we do.

Only what is the same in both grammars is let through: signs that stand for themselves,
``.``, sets of ASCII signs, plain groups, choices, repeats, and both ends of the text
(https://www.postgresql.org/docs/current/functions-matching.html#POSIX-SYNTAX-DETAILS).
Whether something is found does not depend on which of several ways is gone, so that
greedy, lazy and longest are the same.
"""

from functools import lru_cache

import regex

_MOST = 255
"""How often a thing may be repeated in PostgreSQL."""

_REPEAT = regex.compile(
    r"(?P<sign>[*+?])(?![+])(?P<lazy>\??)"
    r"|\{(?P<least>[0-9]{1,3})(?P<comma>,(?P<most>[0-9]{0,3}))?\}(?![+])(?P<lazy>\??)",
    regex.VERSION0,
)
_SET = regex.compile(
    r"\[(?P<not>\^?)(?P<inside>(?:[A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9_ ,;=%#@])+)\]",
    regex.VERSION0,
)
_ESCAPED = regex.compile(r"\\([.^$*+?()\[\]{}|\\/_ -])", regex.VERSION0)
_PLAIN = regex.compile(r"[^\\^$.|?*+()\[\]{}\n\r\t\0]", regex.VERSION0)


@lru_cache(maxsize=64)
def translated(expression: str) -> str | None:
    """Return an expression as PostgreSQL writes it; None where that is not sure."""
    reader = _Reader(expression)
    try:
        return reader.read()
    except _UnsureError:
        return None


class _UnsureError(Exception):
    """Something is not surely the same."""


class _Reader:
    def __init__(self, text: str) -> None:
        self._text, self._at, self._depth = text, 0, 0

    def read(self) -> str:
        choices = self._choices()
        if self._at < len(self._text):  # a bracket that was never opened
            raise _UnsureError
        return f"(?:{choices})"

    def _choices(self) -> str:
        parts = [self._sequence()]
        while self._take("|"):
            parts.append(self._sequence())
        if len(parts) > 1 and not all(parts):
            raise _UnsureError
        return "|".join(parts)

    def _sequence(self) -> str:
        parts: list[str] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            parts.append(self._piece(is_first=not parts))
        return "".join(parts)

    def _piece(self, *, is_first: bool) -> str:
        text = self._text
        if text[self._at] == "^":
            # Elsewhere than in front it means the same, but is mostly a mistake.
            if not is_first or self._depth:
                raise _UnsureError
            self._at += 1
            return "^"
        if text[self._at] == "$":
            self._at += 1
            if self._depth or (self._at < len(text) and text[self._at] != "|"):
                raise _UnsureError
            return "\n?$"  # Python's is also before a last line feed
        return self._atom() + self._repeat()

    def _atom(self) -> str:
        text = self._text
        if self._take("("):
            if text.startswith("?", self._at) and not self._take("?:"):
                raise _UnsureError
            self._depth += 1
            inner = self._choices()
            self._depth -= 1
            if not inner or not self._take(")"):
                raise _UnsureError
            return f"(?:{inner})"
        if self._take("."):
            return "[^\n]"
        if found := _SET.match(text, self._at):
            self._at = found.end()
            for one in regex.findall("(.)-(.)", found["inside"]):
                if one[0] > one[1]:
                    raise _UnsureError
            return f"[{found['not']}{found['inside']}]"
        if found := _ESCAPED.match(text, self._at):
            self._at = found.end()
            return f"\\{found[1]}" if found[1] not in "/_ -" else str(found[1])
        if found := _PLAIN.match(text, self._at):
            self._at = found.end()
            return str(found[0])
        raise _UnsureError

    def _repeat(self) -> str:
        found = _REPEAT.match(self._text, self._at)
        if found is None:
            if self._text[self._at : self._at + 1] in ("*", "+", "?", "{"):
                raise _UnsureError
            return ""
        self._at = found.end()
        if self._text[self._at : self._at + 1] in ("*", "+", "?", "{"):
            raise _UnsureError
        if found["sign"]:
            return str(found["sign"])
        least, most = int(found["least"]), found["most"]
        if least > _MOST or (most and not least <= int(most) <= _MOST):
            raise _UnsureError
        comma = "" if found["comma"] is None else ","
        return f"{{{least}{comma}{most or ''}}}"

    def _take(self, word: str) -> bool:
        is_there = self._text.startswith(word, self._at)
        self._at += len(word) if is_there else 0
        return is_there
