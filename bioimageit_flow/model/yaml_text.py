"""The one YAML reader and writer of the program.

Reads the YAML 1.2 core schema (``no`` is text, ``010`` is ten, ``1e-3`` is a number).
Duplicate keys, anchors, aliases and tags are refused; size and depth are bounded, so
that a stranger's file can neither surprise nor exhaust the reader.

Source: https://yaml.org/spec/1.2.2/#103-core-schema
"""

import re
from collections.abc import Iterator, Mapping
from typing import NoReturn

import yaml

MAX_CHARACTERS = 8_000_000
MAX_DEPTH = 64

_Parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_MAY_BE_NO_TEXT = frozenset("~nNtTfF.+-0123456789")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class YamlTextError(ValueError):
    """A YAML text that is malformed or asks for more than is allowed.

    Attributes
    ----------
    line : int
        Line of the mistake, from 1; 0 where it concerns the whole text.
    """

    def __init__(self, message: str, line: int = 0) -> None:
        where = f"line {line}: " if line else ""
        super().__init__(f"{where}{message}")
        self.line = line


def read_yaml(text: str) -> object:
    """Read one YAML document.

    Parameters
    ----------
    text : str
        The document, at most `MAX_CHARACTERS` long and `MAX_DEPTH` deep.

    Returns
    -------
    object
        Dictionaries, lists, strings, numbers, booleans and None.

    Raises
    ------
    YamlTextError
        If the text is malformed, too large, too deep, has duplicate keys, anchors,
        aliases or tags, or holds more than one document.
    """
    if len(text) > MAX_CHARACTERS:
        raise YamlTextError(f"the text is longer than {MAX_CHARACTERS:,} characters")
    try:
        events = yaml.parse(text, Loader=_Parser)
        return _Builder(iter(events)).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else 0
        raise YamlTextError(error.problem or "it is not YAML", line) from error
    except yaml.reader.ReaderError as error:
        raise YamlTextError(
            f"the character {_shown(error.character)} is not allowed",
            text.count("\n", 0, error.position) + 1,
        ) from error
    except UnicodeEncodeError as error:
        raise YamlTextError(
            f"the character {_shown(error.object[error.start])} is not Unicode",
            text.count("\n", 0, error.start) + 1,
        ) from error
    except yaml.YAMLError as error:
        raise YamlTextError(f"it is not YAML ({error})") from error


def _shown(character: object) -> str:
    code = character if isinstance(character, int) else ord(str(character))
    return f"U+{code:04X}"


class _Builder:
    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events

    def document(self) -> object:
        value: object = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse("the file holds more than one document", event)
                value = self._value(next(self._events), 0)
        return value

    def _value(self, event: yaml.Event, depth: int) -> object:
        self._check(event, depth)
        match event:
            case yaml.ScalarEvent():
                return event.value if event.style else _scalar(event.value)
            case yaml.SequenceStartEvent():
                return self._sequence(depth)
            case yaml.MappingStartEvent():
                return self._mapping(depth)
            case _:
                return self._refuse("unexpected content", event)

    def _check(self, event: yaml.Event, depth: int) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._refuse("aliases (*name) are not allowed", event)
        if getattr(event, "anchor", None):
            self._refuse("anchors (&name) are not allowed", event)
        if tag := getattr(event, "tag", None):
            self._refuse(f"tags ({tag}) are not allowed", event)
        if depth > MAX_DEPTH:
            self._refuse(f"it is nested deeper than {MAX_DEPTH} levels", event)

    def _sequence(self, depth: int) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, depth + 1))
        return items

    def _mapping(self, depth: int) -> dict[str, object]:
        items: dict[str, object] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse("a key must be a plain text", event)
            self._check(event, depth + 1)
            key = str(event.value)
            if key in items:
                self._refuse(f"the key {key!r} is there twice", event)
            items[key] = self._value(next(self._events), depth + 1)
        return items

    @staticmethod
    def _refuse(message: str, event: yaml.Event) -> NoReturn:
        mark = event.start_mark
        raise YamlTextError(message, mark.line + 1 if mark else 0)


def _scalar(text: str) -> bool | int | float | str | None:
    if text and text[0] not in _MAY_BE_NO_TEXT:
        return text
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text):
        return True
    if _FALSE.fullmatch(text):
        return False
    if len(text) <= 4000:
        if _INT.fullmatch(text):
            return int(text)
        if _OCTAL.fullmatch(text):
            return int(text, 0)
        if _HEX.fullmatch(text):
            return int(text, 0)
        if _FLOAT.fullmatch(text):
            return float(text)
        if _SPECIAL.fullmatch(text):
            return float(text.replace(".", "", 1))
    return text


class _Writer(yaml.SafeDumper):
    """Quotes every text that either YAML 1.1 or 1.2 would read as something else."""

    def ignore_aliases(self, data: object) -> bool:
        """Write every value out in full."""
        return True

    def represent(self, data: object) -> None:
        """Write the outermost mapping on lines of its own, however short it is."""
        node = self.represent_data(data)
        if isinstance(node, yaml.MappingNode) and node.value:
            node.flow_style = False
        self.serialize(node)


def _represent_text(writer: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if "\n" in text and not text.startswith((" ", "\n")) and _is_block_safe(text):
        return writer.represent_scalar("tag:yaml.org,2002:str", text, style="|")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise YamlTextError(f"{text!r} is not Unicode")
    style = None
    if not text.replace("\n", "").isprintable():
        style = '"'
    elif not isinstance(_scalar(text), str):
        style = "'"
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_block_safe(text: str) -> bool:
    return all(
        line == line.rstrip() and line.isprintable() for line in text.split("\n")
    )


def _represent_mapping(
    writer: yaml.SafeDumper, mapping: Mapping[object, object]
) -> yaml.MappingNode:
    for key in mapping:
        if not isinstance(key, str):
            raise YamlTextError(f"the key {key!r} is not a text")
    return writer.represent_dict(mapping)


_Writer.add_representer(str, _represent_text)
_Writer.add_multi_representer(
    str, lambda writer, text: _represent_text(writer, str(text))
)
_Writer.add_representer(dict, _represent_mapping)


def write_yaml(value: Mapping[str, object]) -> str:
    """Write a mapping as YAML that `read_yaml` reads back to the same value.

    Keys keep their order; lists of plain values stay on one line.

    Raises
    ------
    YamlTextError
        If a text is not Unicode, or a value is of a type that YAML does not have.
    """
    try:
        return yaml.dump(
            value,
            Dumper=_Writer,
            sort_keys=False,
            allow_unicode=True,
            default_flow_style=None,
            width=100,
        )
    except yaml.representer.RepresenterError as error:
        what = type(error.args[-1]).__name__
        raise YamlTextError(f"a {what} cannot be written as YAML") from error
