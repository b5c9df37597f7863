"""For those who write tools: begin one, and use those of a folder."""

from pathlib import Path

from bioimageit_flow.catalogue import Catalogue, NewTool, new_tool
from bioimageit_flow.catalogue.places import Place
from bioimageit_flow.catalogue.scaffold import Language
from bioimageit_flow.errors import ToolError
from bioimageit_flow.model.tool import InstalledTool
from bioimageit_flow.session.machine import Session


def begin_tool(
    place: Path | str, *, language: Language = "python", author: str = "Your name"
) -> NewTool:
    """Make the folder of a new tool: complete, with tests that pass.

    Parameters
    ----------
    place : Path or str
        The folder to make. Its name and that of the folder above it are the id of the
        tool: ``my-tools/invert``.
    language : str
        ``python``, or ``other`` for any program in a container.
    author : str
        Who writes it.

    Raises
    ------
    ToolError
        If the names cannot be an id, or the folder is there already.
    DataError
        If it cannot be written.
    """
    path = Path(place)
    *above, toolbox, name = ("", *path.parts)
    parent = Path(*above)
    if not toolbox or toolbox == path.anchor:
        return new_tool(name, parent, language=language, author=author)
    id_ = f"{toolbox}/{name}"
    return new_tool(id_, parent, language=language, author=author)


def session_of(folder: Path | str) -> Session:
    """Return a session whose tools are those of one folder, whatever else there is.

    Parameters
    ----------
    folder : Path or str
        The folder of a tool, of a toolbox, or of several.

    Raises
    ------
    ToolError
        If there is none that can be read; the notes say what is wrong with each.
    """
    place = Path(folder).absolute()
    catalogue = Catalogue([Place(place, "folder")])
    if not catalogue.tools():
        problems = catalogue.problems
        refusal = ToolError(
            f"There is no tool in {place} that can be read.",
            remedy="See `bioimageit-flow tools lint` on that folder."
            if problems
            else "`bioimageit-flow tools new` makes one.",
        )
        for problem in problems:
            refusal.add_note(str(problem))
        raise refusal
    session = Session()
    session.catalogue = catalogue
    return session


def tools_in(folder: Path | str) -> tuple[InstalledTool, ...]:
    """Return the tools of a folder; errors are those of `session_of`."""
    return session_of(folder).catalogue.tools()
