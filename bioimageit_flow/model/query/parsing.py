"""Reading queries: from a text to a tree, with one clear error where it is wrong."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import NoReturn

from bioimageit_flow.errors import QueryError
from bioimageit_flow.model.annotation import check_key, read_value
from bioimageit_flow.model.pattern import PatternError, pattern
from bioimageit_flow.model.query.tree import (
    FACTS,
    All,
    AnyOf,
    Comparison,
    Condition,
    Exists,
    Literal,
    Not,
    Operator,
    Query,
    Target,
)

MAX_CHARACTERS = 20_000
MAX_COMPARISONS = 200
MAX_VALUES = 1_000
MAX_DEPTH = 40

_KEYWORDS = frozenset({"and", "or", "not", "in", "exists"})

RESERVED = _KEYWORDS | frozenset(FACTS)
"""Words that mean something else in a query; keys of these names are quoted there."""

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<operator><=|>=|!=|!~|==|<>|=|<|>|~)
    |(?P<open>\()|(?P<close>\))|(?P<comma>,)
    |(?P<word>[^\s()"'`,=<>!~]+)""",
    re.VERBOSE | re.DOTALL,
)

_SPELLED = {"==": "=", "<>": "!="}
_ESCAPED = re.compile(r"""\\(["'\\])""")
_EXAMPLE = 'Write it such as: condition = "drug" and dose >= 5.'


class _Sort(Enum):
    QUOTED = auto()
    OPERATOR = auto()
    OPEN = auto()
    CLOSE = auto()
    COMMA = auto()
    WORD = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class _Token:
    sort: _Sort
    text: str
    position: int

    def is_word(self, word: str) -> bool:
        return self.sort is _Sort.WORD and self.text.lower() == word

    @property
    def is_keyword(self) -> bool:
        return self.sort is _Sort.WORD and self.text.lower() in _KEYWORDS

    @property
    def shown(self) -> str:
        return "the end" if self.sort is _Sort.END else repr(self.text)


def parse(text: str) -> Query:
    """Read a query.

    Parameters
    ----------
    text : str
        Such as ``condition = "drug" and dose >= 5 and not name ~ "test"``; the whole
        language is described in `bioimageit_flow.model.query`.

    Raises
    ------
    QueryError
        If it cannot be read; says at which character, and why.
    """
    return Query(text, _Parser(text).whole())


class _Parser:
    """Reads one text from left to right, looking one token ahead."""

    def __init__(self, text: str) -> None:
        self._text = text
        if len(text) > MAX_CHARACTERS:
            self._refuse(
                f"a query has at most {MAX_CHARACTERS} characters", 0, cut=True
            )
        self._tokens = list(self._read())
        self._next = 0
        self._depth = 0
        self._comparisons = 0

    def whole(self) -> Condition:
        if self._peek().sort is _Sort.END:
            self._refuse("it is empty", 0)
        condition = self._or()
        token = self._peek()
        if token.sort is not _Sort.END:
            self._refuse(
                f"'and', 'or' or the end is expected, not {token.shown}",
                token.position,
            )
        return condition

    def _or(self) -> Condition:
        parts = [self._and()]
        while self._take_word("or"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _and(self) -> Condition:
        parts = [self._not()]
        while self._take_word("and"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _not(self) -> Condition:
        is_opposite = False
        while self._take_word("not"):
            is_opposite = not is_opposite
        condition = self._term()
        return Not(condition) if is_opposite else condition

    def _term(self) -> Condition:
        token = self._peek()
        if token.sort is _Sort.OPEN:
            return self._parenthesis(token)
        if self._take_word("exists"):
            has_parenthesis = self._take(_Sort.OPEN)
            target = self._target("after 'exists'")
            if has_parenthesis:
                self._expect(_Sort.CLOSE, "')'")
            self._count(token)
            return Exists(target)
        return self._comparison()

    def _parenthesis(self, token: _Token) -> Condition:
        self._advance()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._refuse(
                f"parentheses stand in each other more than {MAX_DEPTH} deep",
                token.position,
            )
        condition = self._or()
        closing = self._peek()
        if closing.sort is not _Sort.CLOSE:
            self._refuse(
                f"')' is expected for the '(' at character {token.position + 1}, not "
                f"{closing.shown}",
                closing.position,
            )
        self._advance()
        self._depth -= 1
        return condition

    def _comparison(self) -> Condition:
        start = self._peek()
        target = self._target("")
        self._count(start)
        token = self._peek()
        if self._take_word("in"):
            return Comparison(
                target, Operator.AMONG, self._values(), position=start.position
            )
        if token.is_word("not") and self._peek(1).is_word("in"):
            self._advance()
            self._advance()
            return Comparison(
                target, Operator.NOT_AMONG, self._values(), position=start.position
            )
        if token.sort is not _Sort.OPERATOR:
            self._refuse(
                f"a comparison such as '= 5' is expected after {start.text}, not "
                f"{token.shown}",
                token.position,
            )
        self._advance()
        operator = Operator(_SPELLED.get(token.text, token.text))
        value = self._peek()
        literal = self._value(f"after {token.text!r}")
        if operator in (Operator.FOUND, Operator.NOT_FOUND):
            literal = self._expression(literal, value)
        return Comparison(target, operator, (literal,), position=start.position)

    def _expression(self, literal: Literal, token: _Token) -> Literal:
        text = literal.spelling if literal.spelling is not None else str(literal.value)
        try:
            pattern(text)
        except PatternError as error:
            inside = 1 + error.position if token.sort is _Sort.QUOTED else 0
            position = min(token.position + inside, len(self._text))
            self._refuse(str(error), position)
        return Literal(text)

    def _target(self, where: str) -> Target:
        token = self._peek()
        if token.sort is _Sort.QUOTED:
            name, is_fact = _unquoted(token.text), False
        elif token.sort is _Sort.WORD and not token.is_keyword:
            name, is_fact = token.text, token.text in FACTS
        else:
            place = f" {where}" if where else ""
            hint = ", quote it if it is one" if token.is_keyword else ""
            self._refuse(
                f"a key or 'name' is expected{place}, not {token.shown}{hint}",
                token.position,
            )
        try:
            name = check_key(name)
        except ValueError as error:
            self._refuse(str(error), token.position)
        self._advance()
        return Target(name, is_fact)

    def _values(self) -> tuple[Literal, ...]:
        self._expect(_Sort.OPEN, "'(' and values after 'in'")
        values = [self._value("in the parentheses")]
        while self._take(_Sort.COMMA):
            values.append(self._value("after ','"))
            if len(values) > MAX_VALUES:
                self._refuse(
                    f"a list has at most {MAX_VALUES} values", self._peek().position
                )
        self._expect(_Sort.CLOSE, "',' or ')'")
        return tuple(values)

    def _value(self, where: str) -> Literal:
        token = self._peek()
        if token.sort is _Sort.QUOTED:
            self._advance()
            return Literal(_unquoted(token.text))
        if token.sort is not _Sort.WORD or token.is_keyword:
            hint = ", quote it if it is one" if token.is_keyword else ""
            self._refuse(
                f"a value is expected {where}, not {token.shown}{hint}",
                token.position,
            )
        self._advance()
        return Literal(read_value(token.text), token.text)

    def _count(self, token: _Token) -> None:
        self._comparisons += 1
        if self._comparisons > MAX_COMPARISONS:
            self._refuse(
                f"a query has at most {MAX_COMPARISONS} comparisons; use 'in' for "
                "many values",
                token.position,
            )

    # Tokens

    def _read(self) -> Iterator[_Token]:
        position = 0
        while position < len(self._text):
            found = _TOKEN.match(self._text, position)
            if found is None:
                self._refuse_character(position)
            if found.lastgroup != "space":
                assert found.lastgroup is not None
                yield _Token(_Sort[found.lastgroup.upper()], found[0], position)
            position = found.end()
        yield _Token(_Sort.END, "", len(self._text))

    def _refuse_character(self, position: int) -> NoReturn:
        character = self._text[position]
        if character in "\"'":
            self._refuse("this quotation mark is never closed", position)
        if character == "`":
            self._refuse("keys and texts are quoted with \" or '", position)
        self._refuse("'!' stands for nothing: write != or !~ or not", position)

    def _peek(self, ahead: int = 0) -> _Token:
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)]

    def _advance(self) -> None:
        self._next += 1

    def _take(self, sort: _Sort) -> bool:
        is_there = self._peek().sort is sort
        if is_there:
            self._advance()
        return is_there

    def _take_word(self, word: str) -> bool:
        is_there = self._peek().is_word(word)
        if is_there:
            self._advance()
        return is_there

    def _expect(self, sort: _Sort, what: str) -> None:
        token = self._peek()
        if not self._take(sort):
            self._refuse(f"{what} is expected, not {token.shown}", token.position)

    def _refuse(self, why: str, position: int, *, cut: bool = False) -> NoReturn:
        raise QueryError(
            f"The query cannot be read at character {position + 1}: {why}.",
            query=f"{self._text[:60]}..." if cut else self._text,
            position=position,
            remedy=_EXAMPLE,
        )


def _unquoted(text: str) -> str:
    return _ESCAPED.sub(r"\1", text[1:-1])
