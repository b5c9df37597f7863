"""How commands look: plain help with examples; and how Ctrl-C ends them."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar, Protocol

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from bioimageit_flow.cli import PROGRAM, exits
from bioimageit_flow.cli.output import leave_closed_pipe
from bioimageit_flow.cli.stopping import StopRequest
from bioimageit_flow.errors import Cancelled

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
"""Context settings of the whole program."""


@dataclass(frozen=True, slots=True)
class Spec:
    """One command as it is registered.

    Attributes
    ----------
    function : callable
        What runs; its docstring is the help, its annotations are the options.
    examples : tuple of str
        Command lines that show it at work, without the name of the program.
    """

    name: str
    function: Callable[..., None]
    examples: tuple[str, ...]

    def add_to(self, group: typer.Typer) -> None:
        """Register the command."""
        lines = [f"  {PROGRAM} {line}" for line in self.examples]
        epilog = "\n".join(["Examples:", *lines])
        group.command(self.name, cls=FlowCommand, epilog=epilog)(self.function)


Home = str | Callable[[], typer.Typer]
"""Where a command is: the module of this package, or what makes a group of commands."""


class LoadedOnUse(Mapping[str, Any]):
    """The commands of a group by name; the module of each is imported on first use.

    Who runs one command does not wait for what the others need. The values are `Any`,
    since typer has no public name for the type of its commands.

    Parameters
    ----------
    homes : mapping of str to Home
        Where each command is.
    """

    def __init__(self, homes: Mapping[str, Home]) -> None:
        self._homes = homes
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        if name not in self._loaded:
            self._loaded[name] = _load(name, self._homes[name])
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._homes

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)


def _load(name: str, home: Home) -> object:
    if not isinstance(home, str):
        return get_command(home())
    module = import_module(f"bioimageit_flow.cli.{home}")
    alone = typer.Typer(
        add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
    )
    next(spec for spec in module.COMMANDS if spec.name == name).add_to(alone)
    return get_command(alone)


_HEADING = re.compile(r"^(?:Usage|[A-Z][a-z]+(?: [a-z]+)*):(?= |$)", re.MULTILINE)
_REQUIRED = re.compile(r"\{([^{}]+)\}")


class _Formatter(Protocol):
    """The part of typer's help formatter that is used here."""

    width: int

    def section(self, name: str) -> AbstractContextManager[None]: ...

    def write_dl(self, rows: list[tuple[str, str]]) -> None: ...


class FlowCommand(TyperCommand):
    """A command whose epilog is printed as it is written: its examples."""

    def get_help(self, ctx: typer.Context) -> str:  # type: ignore[override]
        """Return the help with its examples."""
        return _polished(super().get_help(ctx), self.epilog)

    def get_usage(self, ctx: typer.Context) -> str:  # type: ignore[override]
        """Return the usage without the braces that typer puts around arguments."""
        return _REQUIRED.sub(r"\1", super().get_usage(ctx))

    def format_epilog(self, ctx: object, formatter: object) -> None:
        """Leave the examples to `get_help`, which does not wrap them."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        """Run the command; Ctrl-C and SIGTERM become `Cancelled`."""
        try:
            with StopRequest().watching():
                result: object = super().invoke(ctx)
        except (KeyboardInterrupt, typer.Abort) as error:
            raise Cancelled("Cancelled.") from error
        except BrokenPipeError:
            leave_closed_pipe()
            raise SystemExit(exits.NOBODY_READS) from None
        return result


class FlowGroup(TyperGroup):
    """Commands, listed in sections.

    Attributes
    ----------
    homes : mapping of str to Home
        Where each command is, by its name.
    sections : mapping of str to tuple of str
        Names of commands by heading; without it they stand in one list.
    """

    homes: ClassVar[Mapping[str, Home]] = {}
    sections: ClassVar[dict[str, tuple[str, ...]]] = {}

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401 - typer's own
        super().__init__(**attributes)
        self.commands = LoadedOnUse(self.homes)  # type: ignore[assignment]

    def get_help(self, ctx: typer.Context) -> str:  # type: ignore[override]
        """Return the help with its examples."""
        return _polished(super().get_help(ctx), self.epilog)

    def format_epilog(self, ctx: object, formatter: object) -> None:
        """Leave the examples to `get_help`, which does not wrap them."""

    def format_commands(self, ctx: object, formatter: _Formatter) -> None:
        """List the commands by section."""
        sections = self.sections or {"Commands": tuple(self.commands)}
        width = max(map(len, self.commands))
        limit = formatter.width - 6 - width
        for heading, names in sections.items():
            rows = [
                (name.ljust(width), self.commands[name].get_short_help_str(limit))
                for name in names
            ]
            with formatter.section(heading):
                formatter.write_dl(rows)


class RootGroup(FlowGroup):
    """The program itself."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Accept ``--verbose`` wherever it stands before a ``--``."""
        end = args.index("--") if "--" in args else len(args)
        if "--verbose" in args[1:end]:
            others = [one for one in args[:end] if one != "--verbose"]
            args = ["--verbose", *others, *args[end:]]
        rest: list[str] = super().parse_args(ctx, args)
        return rest


def _polished(text: str, epilog: str | None) -> str:
    usage, blank, rest = text.partition("\n\n")
    text = _REQUIRED.sub(r"\1", usage) + blank + rest
    if epilog:
        text = f"{text.rstrip()}\n\n{epilog.strip()}"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return _HEADING.sub(lambda found: typer.style(found[0], bold=True), text)
