"""The command that says which tools may run without isolation."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli import exits
from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import opened_session
from bioimageit_flow.cli.options import AsJson, ToolFolders
from bioimageit_flow.cli.output import (
    Column,
    clean_line,
    count,
    hint,
    say,
    say_json,
    say_table,
    tell,
)
from bioimageit_flow.errors import ToolError

if TYPE_CHECKING:
    from bioimageit_flow.session import Session
    from bioimageit_flow.session.trusting import TrustRequest


def trust(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="TOOL|FOLDER|WORKFLOW",
            help="A tool by its id, a folder of tools, or a workflow file with all the "
            "tools it uses.",
        ),
    ] = None,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="Take the trust back.")
    ] = False,
    list_all: Annotated[
        bool, typer.Option("--list", help="List what you trust.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask; for scripts.")
    ] = False,
    tools: ToolFolders = None,
    as_json: AsJson = False,
) -> None:
    """Show what tools ask for, and let them have it if you agree.

    Of a stranger's workflow it shows, before anything runs, the image, command, folders
    and rights (network, GPU, memory) that each of its tools asks for. With --json that
    is all, unless --yes says to trust them.

    A tool that is not trusted gets no network. A container keeps a tool from the rest
    of your machine; an environment does not, so only built-in and trusted tools run in
    one by themselves. A tool is trusted by its content: when any of its files changes,
    it has to be trusted again.
    """
    with opened_session(tools) as session:
        if list_all:
            _list(session, as_json=as_json)
        elif what is None:
            raise typer.BadParameter(
                "Name a tool, a folder or a workflow, or say --list.",
                param_hint="TOOL|FOLDER|WORKFLOW",
            )
        elif revoke:
            _revoke(session, what)
        else:
            _trust(session, what, is_agreed=yes, as_json=as_json)


def _list(session: "Session", *, as_json: bool) -> None:
    found = session.trust.list()
    if as_json:
        say_json(
            [
                {
                    "kind": one.kind,
                    "name": one.name,
                    "sha256": one.sha256,
                    "since": one.since,
                }
                for one in found
            ]
        )
        return
    if not found:
        hint("Nothing is trusted but the built-in tools.")
        return
    columns = [Column("name"), Column("kind"), Column("since"), Column("content")]
    rows = [(one.name, one.kind, one.since[:10], one.sha256[:12]) for one in found]
    say_table(columns, rows)


def _revoke(session: "Session", what: str) -> None:
    gone = list(session.trust.revoke(what))
    if not gone and Path(what).is_dir():
        from bioimageit_flow.session.authoring import tools_in

        for tool in tools_in(what):
            gone += session.trust.revoke(tool.ref)
    if not gone:
        raise ToolError(
            f"{what!r} is not trusted.",
            remedy="`bioimageit-flow trust --list` lists what is.",
        )
    for one in gone:
        say(f"{clean_line(one.name)} is trusted no more.")


def _trust(session: "Session", what: str, *, is_agreed: bool, as_json: bool) -> None:
    from bioimageit_flow.session.trusting import grant, request_trust

    request = request_trust(session, what)
    if as_json:
        if is_agreed:
            grant(session, request)
            request = request_trust(session, what)
        say_json(request.as_json())
        return
    if request.missing:
        _show(request)
        request.refuse_missing()
    if not request.candidates:
        say("Nothing to trust: it is built in.")
        return
    if not request.open:
        say(f"{clean_line(request.name)} is trusted already, as it is now.")
        return
    _show(request)
    if not is_agreed and not _is_agreed(request):
        tell("Nothing has been changed.")
        raise typer.Exit(exits.CANCELLED)
    grant(session, request)
    for one in request.open:
        say(("Trusted: ", "green"), (one.tool.ref, "bold"))


def _show(request: "TrustRequest") -> None:
    for candidate in request.open:
        tool = candidate.tool
        say((tool.ref, "bold"), f"  {clean_line(tool.tool.summary)}")
        for right in candidate.rights:
            mark = ("! ", "bold yellow") if right.is_notable else "  "
            say("  ", mark, (f"{right.topic:12}", "cyan"), clean_line(right.text))
        say()


def _is_agreed(request: "TrustRequest") -> bool:
    if not sys.stdin.isatty():
        raise typer.BadParameter(
            "Nobody is there to be asked: read what it asks for, then say --yes.",
            param_hint="--yes",
        )
    say("Without a container, nothing keeps a trusted tool from your files.")
    these = count(len(request.open), "tool")
    return typer.confirm(f"Trust {these}, as they are now?")


COMMANDS = (
    Spec(
        "trust",
        trust,
        (
            "trust my-tools/invert",
            "trust count.flow.yaml --tools ./my-tools",
            "trust count.flow.yaml --json",
            "trust --list",
            "trust my-tools/invert --revoke",
        ),
    ),
)
