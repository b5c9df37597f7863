"""Tools that a workflow names and this machine has not: told, with ways to get them."""

from typing import TYPE_CHECKING

from bioimageit_flow.editor.mending import Fix
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.message_line import Offer
from bioimageit_flow.model.problem import Problem

if TYPE_CHECKING:
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.gui.window import MainWindow

_NAMED = 3


def say_missing(window: "MainWindow", editor: "Editor") -> None:
    """Say which tools are missing, if any are; their boxes stay as they are."""
    missing = editor.missing_tools()
    if not missing:
        return
    names = ", ".join(one.ref for one in missing[:_NAMED])
    left = len(missing) - _NAMED
    if left > 0:
        names = tr("{names} and {count} more", names=names, count=left)
    window.message.say(
        tr("Tools that are not installed here: {names}.", names=names),
        missing[0].remedy,
        level="warning",
        offers=[
            Offer(fix.words, fix.apply)
            for fix in _ways(window, editor, missing[0].nodes[0])
        ],
    )


def tool_fixes(window: "MainWindow", problem: Problem) -> list[Fix]:
    """Return what the window can do about a tool that is missing."""
    editor = window.editor
    if editor is None or problem.code != "unknown-tool":
        return []
    return _ways(window, editor, problem.node)


def _ways(window: "MainWindow", editor: "Editor", node: str) -> list[Fix]:
    def add_folder() -> None:
        from bioimageit_flow.gui.settings import open_settings

        open_settings(window, "folders")

    def replace() -> None:
        editor.select([node])
        window.adding.search_swap(editor, node, None)

    return [
        Fix(tr("Add a folder of tools…"), add_folder),
        Fix(tr("Replace by…"), replace),
    ]
