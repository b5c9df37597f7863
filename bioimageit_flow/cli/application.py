"""The program as a whole: which commands there are."""

import logging
import sys
from typing import Annotated

import typer

from bioimageit_flow import __version__
from bioimageit_flow.cli import (
    PROGRAM,
    annotating,
    authoring,
    bia,
    care,
    check,
    compare,
    crate,
    data,
    demo,
    diff,
    edit,
    exits,
    export,
    history,
    identity,
    importing,
    jobs,
    keys,
    machine,
    plan,
    prov,
    report,
    reproduce,
    run,
    share,
    tools,
    trust,
    vouch,
    watching,
    whence,
)
from bioimageit_flow.cli.commands import SETTINGS, FlowGroup, RootGroup

_SUMMARY = "Run bio-image analysis workflows over whole experiments, with lineage."

_EXAMPLES = f"""\
Examples:
  {PROGRAM} demo
  {PROGRAM} new spots
  {PROGRAM} import spots images/ --from-name '(?P<condition>[a-z]+)_'
  {PROGRAM} run count.flow.yaml --experiment spots --bind images=raw
"""


class _Root(RootGroup):
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
    for module in (
        data,
        annotating,
        care,
        check,
        importing,
        keys,
        edit,
        plan,
        run,
        watching,
        vouch,
        export,
        history,
        jobs,
        diff,
        share,
        whence,
        compare,
        reproduce,
        report,
    ):
        for spec in module.COMMANDS:
            spec.add_to(app)
    app.add_typer(_tools_group(), name="tools")
    app.add_typer(_export_group(), name="export")
    for module in (trust, identity, machine, demo):
        for spec in module.COMMANDS:
            spec.add_to(app)
    return app


def _tools_group() -> typer.Typer:
    group = typer.Typer(
        cls=FlowGroup,
        rich_markup_mode=None,
        no_args_is_help=True,
        help="List, search and show tools; write, test and build your own.",
        epilog=f"Examples:\n  {PROGRAM} tools search count spots\n"
        f"  {PROGRAM} tools new my-tools/invert",
    )
    for module in (tools, authoring):
        for spec in module.COMMANDS:
            spec.add_to(group)
    return group


def _export_group() -> typer.Typer:
    group = typer.Typer(
        cls=FlowGroup,
        rich_markup_mode=None,
        no_args_is_help=True,
        help="Write results as ordinary files, or a run as an RO-Crate.",
        epilog=f"Examples:\n  {PROGRAM} export files last for-fiji\n"
        f"  {PROGRAM} export crate last spots.zip",
    )
    for spec in (
        *export.EXPORT_COMMANDS,
        *crate.COMMANDS,
        *prov.COMMANDS,
        *bia.COMMANDS,
    ):
        spec.add_to(group)
    return group
