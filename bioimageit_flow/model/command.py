"""Commands of tools: argument lists with placeholders, never a shell string.

``{name}`` is replaced by a value, ``{{`` and ``}}`` are literal braces. One list
element is one argument, whatever the value holds: white space, quotes and leading
dashes of a file name cannot become arguments of their own.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from pydantic import Discriminator, Tag

from bioimageit_flow.model.described import Described

_TOKEN = re.compile(r"\{\{|\}\}|\{([a-z][a-z0-9_]*(?:\.list)?)\}|[{}]")


class When(Described):
    """Arguments used only if an optional input is wired or a boolean is true.

    Attributes
    ----------
    when : str
        Name of an optional input or of a bool parameter.
    args : tuple of str
        The arguments.
    """

    when: str
    args: tuple[str, ...]


class Each(Described):
    """Arguments repeated for each item of a group; ``{item}`` is its path.

    Attributes
    ----------
    each : str
        Name of a group input.
    args : tuple of str
        The arguments.
    """

    each: str
    args: tuple[str, ...]


Argument = str | When | Each


def _tag(argument: object) -> str | None:
    match argument:
        case str():
            return "text"
        case When() | {"when": _}:
            return "conditional"
        case Each() | {"each": _}:
            return "repeated"
        case _:
            return None


ArgumentField = Annotated[
    Annotated[str, Tag("text")]
    | Annotated[When, Tag("conditional")]
    | Annotated[Each, Tag("repeated")],
    Discriminator(
        _tag,
        custom_error_type="argument",
        custom_error_message=(
            "Input should be a text (write numbers in quotes), "
            "{when: NAME, args: [...]} or {each: NAME, args: [...]}"
        ),
    ),
]
"""An `Argument` as a descriptor has it, with one complaint where it is none."""


@dataclass(frozen=True, slots=True)
class CommandValues:
    """What the placeholders of a command stand for in one job.

    Attributes
    ----------
    texts : mapping of str to str
        Value of each placeholder, as it stands in an argument.
    items : mapping of str to sequence of str
        Staged paths of each input port.
    true : frozenset of str
        Names for which `When` arguments are used.
    tool_folder : str
        What a leading ``/tool`` in the template becomes.
    python : str
        What the program ``python`` becomes.
    """

    texts: Mapping[str, str]
    items: Mapping[str, Sequence[str]]
    true: frozenset[str]
    tool_folder: str = "/tool"
    python: str = "python"


def placeholders(command: Iterable[Argument]) -> set[str]:
    """Return the names that a command uses, also those of `When` and `Each`.

    Raises
    ------
    ValueError
        If a brace is neither a placeholder nor doubled.
    """
    names: set[str] = set()
    for argument in command:
        match argument:
            case str():
                names |= names_in(argument)
            case When():
                names |= {argument.when}
                names |= {name for text in argument.args for name in names_in(text)}
            case Each():
                inner = {name for text in argument.args for name in names_in(text)}
                names |= {argument.each, *(inner - {"item"})}
    return names


def names_in(template: str) -> set[str]:
    """Return the names of the placeholders of one text.

    Raises
    ------
    ValueError
        If a brace is neither a placeholder nor doubled.
    """
    return {name for literal, name in _split(template) if name}


def build_command(command: Iterable[Argument], values: CommandValues) -> list[str]:
    """Return the argument list of one job.

    Raises
    ------
    KeyError
        If a placeholder has no value.
    """
    arguments: list[str] = []
    for argument in command:
        match argument:
            case str():
                arguments.append(_fill(argument, values))
            case When():
                if argument.when in values.true:
                    arguments.extend(_fill(text, values) for text in argument.args)
            case Each():
                for path in values.items.get(argument.each, ()):
                    arguments.extend(
                        _fill(text, values, item=path) for text in argument.args
                    )
    if arguments and arguments[0] in ("python", "python3"):
        arguments[0] = values.python
    return arguments


@lru_cache(maxsize=1024)
def _split(template: str) -> tuple[tuple[str, str], ...]:
    """Return (literal text, placeholder name) pairs; one of the two is empty."""
    return tuple(_pieces(template))


def _pieces(template: str) -> Iterator[tuple[str, str]]:
    position = 0
    for match in _TOKEN.finditer(template):
        yield template[position : match.start()], ""
        position = match.end()
        if match[0] in ("{{", "}}"):
            yield match[0][0], ""
        elif match[1]:
            yield "", match[1]
        else:
            raise ValueError(
                f"the brace in {template!r} is no placeholder; "
                "write {{ or }} for a brace"
            )
    yield template[position:], ""


def _fill(template: str, values: CommandValues, item: str | None = None) -> str:
    start = ""
    if template == "/tool" or template.startswith("/tool/"):
        start, template = values.tool_folder, template.removeprefix("/tool")
    texts = values.texts if item is None else {**values.texts, "item": item}
    return start + "".join(
        literal or (texts[name] if name else "") for literal, name in _split(template)
    )
