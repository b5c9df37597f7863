"""The program as a whole: which commands there are."""

import logging
import sys
from typing import Annotated

import typer

from bioimageit_flow import __version__
from bioimageit_flow.cli import PROGRAM, exits
from bioimageit_flow.cli.commands import SETTINGS, FlowGroup, RootGroup

_SUMMARY = "Run bio-image analysis workflows over whole experiments, with lineage."

_EXAMPLES = f"""\
Examples:
  {PROGRAM} demo
  {PROGRAM} new spots
  {PROGRAM} import spots images/ --from-name '(?P<condition>[a-z]+)_'
  {PROGRAM} run count.flow.yaml --experiment spots --bind images=raw
"""


class _Tools(FlowGroup):
    homes = {
        **dict.fromkeys(("list", "search", "show"), "tools"),
        **dict.fromkeys(("new", "lint", "test", "build"), "authoring"),
    }


def _tools_group() -> typer.Typer:
    return _group(
        _Tools,
        "List, search and show tools; write, test and build your own.",
        "tools search count spots",
        "tools new my-tools/invert",
    )


class _Export(FlowGroup):
    homes = {"files": "export", "crate": "crate", "prov": "prov", "bia": "bia"}


def _export_group() -> typer.Typer:
    return _group(
        _Export,
        "Write results as ordinary files, or a run as an RO-Crate.",
        "export files last for-fiji",
        "export crate last spots.zip",
    )


def _group(cls: type[FlowGroup], summary: str, *examples: str) -> typer.Typer:
    lines = [f"  {PROGRAM} {line}" for line in examples]
    group = typer.Typer(
        cls=cls,
        add_completion=False,
        rich_markup_mode=None,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help=summary,
        epilog="\n".join(["Examples:", *lines]),
    )
    group.callback()(_nothing)
    return group


def _nothing() -> None:
    pass


_CARE = ("exclude", "include", "correct", "delete", "clean", "verify")


class _Root(RootGroup):
    homes = {
        **dict.fromkeys(("new", "items", "datasets"), "data"),
        **dict.fromkeys(("keys", "changes", "undo"), "keys"),
        **dict.fromkeys((*_CARE, "relocate", "disk"), "care"),
        **dict.fromkeys(("runs", "lineage"), "history"),
        **dict.fromkeys(("watch", "cancel", "pause"), "watching"),
        **dict.fromkeys(("doctor", "schema"), "machine"),
        **{
            name: name
            for name in (
                *("check", "edit", "plan", "run", "diff", "share", "jobs", "vouch"),
                *("whence", "compare", "reproduce", "report", "trust", "identity"),
                "demo",
            )
        },
        "annotate": "annotating",
        "import": "importing",
        "results": "export",
        "export": _export_group,
        "tools": _tools_group,
    }
    sections = {
        "Experiments": ("new", "import", "items", "datasets"),
        "Annotations": ("annotate", "keys", "changes", "undo"),
        "Care of data": (
            *("exclude", "include", "correct", "delete", "clean"),
            *("verify", "check", "relocate", "disk"),
        ),
        "Workflows": ("edit", "plan", "run", "lineage", "diff", "share"),
        "Runs": ("runs", "jobs", "watch", "cancel", "pause", "vouch"),
        "Results": ("results", "whence", "compare", "reproduce", "report", "export"),
        "Tools": ("tools", "trust", "schema"),
        "This machine": ("identity", "demo", "doctor"),
    }


def _version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


def _verbose(is_asked: bool) -> None:
    if is_asked:
        logging.getLogger("bioimageit_flow").setLevel(logging.DEBUG)
        logging.basicConfig(
            level=logging.INFO,
            format="%(asctime)s %(levelname)s %(name)s: %(message)s",
            stream=sys.stderr,
            force=True,
        )


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version."
        ),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose",
            callback=_verbose,
            is_eager=True,
            help="Log to stderr what is going on, and show where an error comes from.",
        ),
    ] = False,
) -> None:
    pass


def _exit_codes() -> str:
    lines = [f"  {code:<4} {meaning}" for code, meaning in exits.MEANINGS.items()]
    return "\n".join(["Exit codes:", *lines])


def application() -> typer.Typer:
    """Return the program with all its commands."""
    app = typer.Typer(
        cls=_Root,
        context_settings=SETTINGS,
        rich_markup_mode=None,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help=_SUMMARY,
        epilog=f"{_EXAMPLES}\n{_exit_codes()}",
    )
    app.callback()(_root)
    return app
