"""Commands of tools: argument lists with placeholders, never a shell string.

``{name}`` is replaced by a value, ``{{`` and ``}}`` are literal braces. One list
element is one argument, whatever the value holds: white space, quotes and leading
dashes of a file name cannot become arguments of their own.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

_TOKEN = re.compile(r"\{\{|\}\}|\{([a-z][a-z0-9_]*(?:\.list)?)\}|[{}]")


class When(BaseModel):
    """Arguments used only if an optional input is wired or a boolean is true."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    when: str
    args: tuple[str, ...]


class Each(BaseModel):
    """Arguments repeated for each item of a group; ``{item}`` is its path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    each: str
    args: tuple[str, ...]


Argument = str | When | Each


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
    """Return the names that a command uses.

    Raises
    ------
    ValueError
        If a brace is neither a placeholder nor doubled.
    """
    names: set[str] = set()
    for argument in command:
        match argument:
            case str():
                names |= _names(argument)
            case When():
                names |= {argument.when}
                names |= {name for text in argument.args for name in _names(text)}
            case Each():
                inner = {name for text in argument.args for name in _names(text)}
                names |= {argument.each, *(inner - {"item"})}
    return names


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


def _names(template: str) -> set[str]:
    return {name for literal, name in _split(template) if name}


def _split(template: str) -> Iterator[tuple[str, str]]:
    """Yield (literal text, placeholder name) pairs; one of the two is empty."""
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
                "write {{ or }} for one"
            )
    yield template[position:], ""


def _fill(template: str, values: CommandValues, item: str | None = None) -> str:
    if template == "/tool" or template.startswith("/tool/"):
        rest = template.removeprefix("/tool")
        return (
            values.tool_folder + _fill(rest, values, item)
            if rest
            else (values.tool_folder)
        )
    texts = values.texts if item is None else {**values.texts, "item": item}
    return "".join(
        literal or (texts[name] if name else "") for literal, name in _split(template)
    )
