"""What can be typed next in a query: keys, operators, values, and what joins them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from bioimageit_flow.editor.experiment.columns import said
from bioimageit_flow.errors import QueryError
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.keys import KeyType, KeyUse
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.query import FACTS, parse

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)
    |(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<open_quote>["'].*)
    |(?P<operator><=|>=|!=|!~|==|<>|=|<|>|~|!)
    |(?P<open>\()|(?P<close>\))|(?P<comma>,)
    |(?P<word>[^\s()"'`,=<>!~]+)|(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_KEYWORDS: Final = ("and", "or", "not", "in", "exists")
_OPERATORS: Final = (
    ("=", "is"),
    ("!=", "is not"),
    ("<", "is less than"),
    ("<=", "is at most"),
    (">", "is more than"),
    (">=", "is at least"),
    ("~", "matches the regular expression"),
    ("!~", "does not match"),
    ("in (", "is one of"),
    ("not in (", "is none of"),
)
_OF_TEXTS: Final = frozenset({"=", "!=", "~", "!~", "in (", "not in ("})
_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be typed.

    Attributes
    ----------
    text : str
        What is put into the query.
    detail : str
        What it means, in English, in a few words.
    """

    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """What can stand at the cursor.

    Attributes
    ----------
    start, end : int
        Which characters an option takes the place of.
    options : tuple of Option
        The best first.
    """

    start: int
    end: int
    options: tuple[Option, ...] = ()

    def put(self, text: str, option: Option) -> tuple[str, int]:
        """Return the query with an option in it, and where the cursor is then."""
        gap = "" if option.text.endswith("(") or text[self.end :][:1] == " " else " "
        new = f"{text[: self.start]}{option.text}{gap}{text[self.end :]}"
        return new, self.start + len(option.text) + len(gap)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What queries of one experiment can ask for.

    Attributes
    ----------
    keys : tuple of KeyUse
        The keys of annotations.
    values : mapping of str to tuple
        Some values that items have, by key.
    facts : mapping of str to tuple of str
        Some values of facts, such as the names of datasets.
    """

    keys: tuple[KeyUse, ...] = ()
    values: Mapping[str, tuple[AnnotationValue, ...]] = field(default_factory=dict)
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class _Place(Enum):
    """What is expected where the cursor is."""

    TARGET = auto()
    OPERATOR = auto()
    VALUE = auto()
    LIST_VALUE = auto()
    LIST_JOIN = auto()
    JOIN = auto()


def complete(text: str, cursor: int, known: Vocabulary) -> Completion:
    """Return what can be typed at a place of a query.

    Parameters
    ----------
    text : str
        The query as it stands.
    cursor : int
        Between which characters it is being written.
    known : Vocabulary
        What there is to be asked for.
    """
    tokens = _tokens(text[:cursor])
    typed, start = "", cursor
    if tokens and tokens[-1][2] == cursor and _is_unfinished(tokens[-1]):
        typed = tokens.pop()[1]
        start = cursor - len(typed)
    place, target, depth = _walk(tokens)
    rest = re.match(r"[^\s()\"'`,=<>!~]*", text[cursor:])
    end = cursor + (len(rest[0]) if rest and typed[:1] not in "\"'=<>!~" else 0)
    options = _options(place, target, depth, known)
    fitting = _fitting(options, typed)
    if len(fitting) == 1 and fitting[0].text == text[start:end]:
        fitting = ()
    return Completion(start, end, fitting)


def mistake(text: str) -> QueryError | None:
    """Return what is wrong with a query, with the place; None where nothing is.

    An empty query means everything and is right.
    """
    if not text.strip():
        return None
    try:
        parse(text)
    except QueryError as error:
        return error
    return None


def quoted(text: str, *, is_key: bool = False) -> str:
    """Return a text as it stands in a query: in quotation marks where it needs them."""
    is_bare = re.fullmatch(r"[^\s()\"'`,=<>!~]+", text) is not None
    taken = (*_KEYWORDS, *(FACTS if is_key else ()))
    if is_bare and text.lower() not in taken:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _tokens(text: str) -> list[tuple[str, str, int]]:
    """Return the sort, the text and the end of each token, without white space."""
    return [
        (found.lastgroup or "", found[0], found.end())
        for found in _TOKEN.finditer(text)
        if found.lastgroup != "space"
    ]


def _is_unfinished(token: tuple[str, str, int]) -> bool:
    return token[0] in ("word", "open_quote", "operator")


def _walk(tokens: Iterable[tuple[str, str, int]]) -> tuple[_Place, str, int]:
    """Return what is expected after some tokens, of which target, and how deep."""
    place, target, depth = _Place.TARGET, "", 0
    for sort, text, _ in tokens:
        word = text.lower()
        match place:
            case _Place.TARGET:
                if sort == "open":
                    depth += 1
                elif sort in ("word", "quoted") and word not in ("not", "exists"):
                    target = text if sort == "word" else f"{_bare(text)}\0"
                    place = _Place.OPERATOR
            case _Place.OPERATOR:
                if sort == "operator":
                    place = _Place.VALUE
                elif word == "in":
                    place = _Place.LIST_VALUE
                elif word in ("and", "or"):  # after `exists key`
                    place = _Place.TARGET
            case _Place.VALUE:
                place = _Place.JOIN
            case _Place.LIST_VALUE:
                if sort in ("word", "quoted"):
                    place = _Place.LIST_JOIN
            case _Place.LIST_JOIN:
                place = _Place.JOIN if sort == "close" else _Place.LIST_VALUE
            case _Place.JOIN:
                if sort == "close":
                    depth -= 1
                elif word in ("and", "or"):
                    place = _Place.TARGET
    return place, target, max(depth, 0)


def _options(
    place: _Place, target: str, depth: int, known: Vocabulary
) -> Sequence[Option]:
    name, is_fact = target.rstrip("\0"), target in FACTS
    use = next((one for one in known.keys if one.name == name), None)
    match place:
        case _Place.TARGET:
            keys = [
                Option(quoted(one.name, is_key=True), _about(one)) for one in known.keys
            ]
            facts = [Option(fact, "of the item") for fact in FACTS]
            others = [Option("not", "the opposite"), Option("exists", "has a value")]
            return [*keys, *facts, *others]
        case _Place.OPERATOR:
            is_text = is_fact or (use is not None and use.type in ("text", "choice"))
            return [
                Option(sign, words)
                for sign, words in _OPERATORS
                if not is_text or sign in _OF_TEXTS
            ]
        case _Place.VALUE | _Place.LIST_VALUE:
            return [Option(one) for one in _values(name, use, known, is_fact=is_fact)]
        case _Place.LIST_JOIN:
            return [Option(",", "one more"), Option(")", "the end of the list")]
        case _Place.JOIN:
            end = [Option(")", "closes the parenthesis")] if depth else []
            return [Option("and", "both"), Option("or", "one of them"), *end]


def _values(
    name: str, use: KeyUse | None, known: Vocabulary, *, is_fact: bool
) -> list[str]:
    if is_fact:
        kinds = tuple(str(kind) for kind in Kind) if name == "kind" else ()
        return [quoted(one) for one in known.facts.get(name, kinds)]
    found: list[str] = []
    if use is not None and use.key is not None and use.key.choices:
        return [quoted(one) for one in use.key.choices]
    if use is not None and (use.booleans or use.type == KeyType.BOOLEAN):
        found += ["true", "false"]
    for value in known.values.get(name, ()):
        text = said(value)
        found.append(quoted(text) if isinstance(value, str) else text)
    return found


def _fitting(options: Sequence[Option], typed: str) -> tuple[Option, ...]:
    """Return the options that begin with what is typed, then those that have it."""
    wanted = typed.lstrip("\"'").lower()
    if not wanted:
        return tuple(options[:_MOST])

    def bare(option: Option) -> str:
        return option.text.lstrip("\"'").lower()

    first = [one for one in options if bare(one).startswith(wanted)]
    others = [one for one in options if wanted in bare(one)[1:] and one not in first]
    return tuple([*first, *others][:_MOST])


def _about(use: KeyUse) -> str:
    unit = use.key.unit if use.key else ""
    words = [use.type, unit, use.key.description if use.key else ""]
    return ", ".join(word for word in words if word)


def _bare(text: str) -> str:
    return re.sub(r"""\\(["'\\])""", r"\1", text[1:-1])
