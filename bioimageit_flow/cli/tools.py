"""Commands that look at tools: list, search, show."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import opened_session
from bioimageit_flow.cli.options import AsJson, ToolFolders
from bioimageit_flow.cli.output import Column, Part, hint, say_json, say_table, tell

if TYPE_CHECKING:
    from bioimageit_flow.model.problem import Problem
    from bioimageit_flow.model.tool import InstalledTool


def list_tools(
    every: Annotated[
        bool, typer.Option("--all", help="List every version, not only the newest.")
    ] = False,
    tools: ToolFolders = None,
    as_json: AsJson = False,
) -> None:
    """List the tools of this machine."""
    with opened_session(tools) as session:
        catalogue = session.catalogue
        found = catalogue.tools() if every else catalogue.newest()
        _say_tools(found, as_json=as_json)
        _tell_problems(catalogue.problems)


def search(
    words: Annotated[
        list[str],
        typer.Argument(metavar="WORDS...", help="What it should do, or be called."),
    ],
    tools: ToolFolders = None,
    as_json: AsJson = False,
) -> None:
    """Find tools by words, the best fit first."""
    with opened_session(tools) as session:
        found = session.catalogue.search(" ".join(words))
    if not found and not as_json:
        hint("No tool fits. `bioimageit-flow tools list` lists all of them.")
        return
    _say_tools(found, as_json=as_json)


def show(
    tool: Annotated[
        str,
        typer.Argument(metavar="TOOL", help="toolbox/name, or toolbox/name@version."),
    ],
    tools: ToolFolders = None,
    as_json: AsJson = False,
) -> None:
    """Show what a tool takes, gives and can be set to."""
    from bioimageit_flow.cli.tool_page import say_tool

    with opened_session(tools) as session:
        found = session.catalogue.get(tool)
        if as_json:
            say_json(found.tool.model_dump(mode="json", by_alias=True))
        else:
            say_tool(found, session.catalogue.versions(found.tool.id))


def _say_tools(found: "Iterable[InstalledTool]", *, as_json: bool) -> None:
    if as_json:
        say_json([_as_json(one) for one in found])
        return
    columns = [
        Column("tool", style="bold", is_whole=True),
        Column("version", is_whole=True),
        Column("what it does"),
        Column("from", style="dim", is_whole=True),
    ]
    rows: list[list[Part]] = [
        [one.tool.id, one.tool.version, one.tool.summary, one.origin] for one in found
    ]
    if all(one[-1] == "built-in" for one in rows):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    say_table(columns, rows)


def _as_json(one: "InstalledTool") -> dict[str, object]:
    return {
        "id": one.tool.id,
        "version": one.tool.version,
        "name": one.tool.name,
        "summary": one.tool.summary,
        "toolbox": one.tool.toolbox,
        "origin": one.origin,
        "folder": str(one.folder),
    }


def _tell_problems(problems: "Iterable[Problem]") -> None:
    for problem in problems:
        tell(("warning: ", "yellow"), str(problem))


COMMANDS = (
    Spec("list", list_tools, ("tools list", "tools list --tools ./my-tools --all")),
    Spec("search", search, ("tools search count spots", "tools search nuclei --json")),
    Spec("show", show, ("tools show skimage/detect-spots",)),
)
