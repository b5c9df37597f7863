"""Commands for those who write tools: new, lint, test, build."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli import exits
from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import opened_session
from bioimageit_flow.cli.options import AsJson, RuntimeName, ToolFolders
from bioimageit_flow.cli.output import hint, say, say_json, tell, working

if TYPE_CHECKING:
    from bioimageit_flow.cli.tool_tests import Chosen
    from bioimageit_flow.session import Session


def lint(
    wanted: Annotated[
        list[str],
        typer.Argument(
            metavar="FOLDER|TOOL...",
            help="Folders of tools, toolboxes, or several of them; or their ids.",
        ),
    ],
    tools: ToolFolders = None,
    as_json: AsJson = False,
) -> None:
    """Check the files of tools, without running any of them."""
    from bioimageit_flow.cli.problems import say_problem
    from bioimageit_flow.model.problem import errors_among

    with opened_session(tools) as session:
        folders = [_folder(session, text) for text in wanted]
        found = [problem for folder in folders for problem in session.lint(folder)]
    if as_json:
        say_json([problem.as_json() for problem in found])
    else:
        for problem in found:
            say_problem(problem)
        if not found:
            say(("Nothing is wrong.", "green"))
    raise typer.Exit(exits.BAD_TOOL if errors_among(found) else exits.DONE)


def run_tests(
    wanted: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TOOL|FOLDER]...",
            help="Ids of tools or toolboxes, or folders of them.",
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Test every built-in tool.")
    ] = False,
    runtime: RuntimeName = "auto",
    tools: ToolFolders = None,
    as_json: AsJson = False,
) -> None:
    """Run the tests of tools, each twice, and compare bytes.

    Naming a folder says that you agree to run the code in it. A tool that is named by
    its id and is not built in has to be trusted first, unless a container keeps it from
    the rest of the machine.
    """
    from bioimageit_flow.cli.tool_tests import run_and_say

    if not wanted and not every:
        raise typer.BadParameter(
            "Name tools or folders, or say --all.", param_hint="[TOOL|FOLDER]..."
        )
    with opened_session(tools) as session:
        chosen = [one for text in wanted or () for one in _chosen(session, text)]
        if every:
            chosen += _built_in(session)
        is_good = run_and_say(session, chosen, runtime, as_json=as_json)
    raise typer.Exit(exits.DONE if is_good else exits.BAD_TOOL)


def _chosen(session: "Session", text: str) -> "list[Chosen]":
    from bioimageit_flow.cli.tool_tests import Chosen

    folder = Path(text)
    if not folder.is_dir():
        if _is_toolbox(session, text):
            return [Chosen(one) for one in session.catalogue.toolbox(text).tools]
        return [Chosen(session.catalogue.get(text))]
    from bioimageit_flow.session.authoring import tools_in

    tell(f"Running the code in {folder}, as you named the folder.")
    return [Chosen(one, is_trusted=True) for one in tools_in(folder)]


def _is_toolbox(session: "Session", text: str) -> bool:
    return any(box.id == text for box in session.catalogue.toolboxes())


def _folder(session: "Session", text: str) -> Path:
    if Path(text).is_dir():
        return Path(text)
    if _is_toolbox(session, text):
        return session.catalogue.toolbox(text).folder
    if session.catalogue.versions(text.partition("@")[0]):
        return session.catalogue.get(text).folder
    return Path(text)


def _built_in(session: "Session") -> "list[Chosen]":
    from bioimageit_flow.cli.tool_tests import Chosen

    found = session.catalogue.newest()
    return [Chosen(one) for one in found if one.origin == "built-in"]


def build(
    toolboxes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TOOLBOX|FOLDER]...", help="Ids of toolboxes, or their folders."
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Build every built-in toolbox that can be.")
    ] = False,
    base_image: Annotated[
        str | None,
        typer.Option(
            metavar="IMAGE",
            help="The image to build on, in place of the one the Dockerfile names.",
        ),
    ] = None,
    tools: ToolFolders = None,
) -> None:
    """Build the container images of toolboxes."""
    if not toolboxes and not every:
        raise typer.BadParameter(
            "Name toolboxes or their folders, or say --all.",
            param_hint="[TOOLBOX|FOLDER]...",
        )
    with opened_session(tools) as session:
        for text in toolboxes or ():
            if not Path(text).is_dir():
                _build(session, text, base_image)
                continue
            from bioimageit_flow.session.authoring import session_of

            inner = session_of(Path(text))
            try:
                for box in inner.catalogue.toolboxes():
                    _build(inner, box.id, base_image)
            finally:
                inner.close()
        if every:
            for box in session.catalogue.toolboxes():
                spec = box.descriptor.container if box.descriptor else None
                if box.origin == "built-in" and spec is not None and spec.build:
                    _build(session, box.id, base_image)


def _build(session: "Session", toolbox: str, base_image: str | None) -> None:
    with working(f"Building the image of {toolbox}") as report:
        identity = session.build(toolbox, base_image=base_image, report=report)
    say((toolbox, "bold"), f"  {identity}")


class Language(StrEnum):
    """What a new tool can be written in."""

    PYTHON = "python"
    OTHER = "other"


def new(
    tool: Annotated[
        str,
        typer.Argument(
            metavar="[FOLDER/]TOOLBOX/NAME",
            help="The folder to make; its last two names are the id of the tool.",
        ),
    ],
    language: Annotated[
        Language,
        typer.Option(
            metavar="python|other",
            help="What it is written in; 'other' is any program in a container.",
        ),
    ] = Language.PYTHON,
    author: Annotated[
        str, typer.Option(metavar="NAME", help="Who writes it.")
    ] = "Your name",
) -> None:
    """Begin a tool: a complete one that works, to be changed.

    It writes a script with one plain function, its descriptor (tool.yaml), a locked
    environment, a Dockerfile, and tests.
    """
    from bioimageit_flow.session.authoring import begin_tool

    made = begin_tool(tool, language=language.value, author=author)
    box = "a new toolbox" if made.is_new_toolbox else "the toolbox"
    say("Made the tool ", (made.id, "bold"), f" in {box}, {made.toolbox_folder}")
    for file in made.files:
        say(f"  {file.relative_to(made.toolbox_folder)}")
    hint(f"Next: bioimageit-flow tools test {tool}")


COMMANDS = (
    Spec(
        "new",
        new,
        ("tools new my-tools/invert", "tools new my-tools/clean --language other"),
    ),
    Spec("lint", lint, ("tools lint my-tools", "tools lint skimage/gaussian --json")),
    Spec(
        "test",
        run_tests,
        (
            "tools test my-tools/invert",
            "tools test skimage/gaussian --runtime environment",
            "tools test --all --runtime container",
        ),
    ),
    Spec(
        "build",
        build,
        (
            "tools build skimage",
            "tools build ./my-tools",
            "tools build --all --base-image registry.example.org/python:3.11",
        ),
    ),
)
