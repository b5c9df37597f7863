"""Taking a setting of a sweep board into the workflow, with a record of the choice."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.workflow.edits import nodes

if TYPE_CHECKING:
    from bioimageit_flow.editor.base import EditorBase
    from bioimageit_flow.session.sweeps import Board


def use_setting(editor: "EditorBase", board: "Board", column: int) -> None:
    """Write the values of a setting into a workflow, in place of the sweeps.

    It is one step that can be undone.

    Raises
    ------
    WorkflowError
        If it is another workflow, or has lost a node that was swept. Nothing is changed
        then.
    """
    document = editor.document
    if str(document.id) != board.workflow_id:
        raise WorkflowError(
            f"{document.name!r} is not the workflow of this run.",
            remedy="Bring the workflow that ran to the front, then choose again.",
        )
    for key, value in zip(board.keys, board.settings[column], strict=True):
        if key.node not in document.nodes:
            raise WorkflowError(
                f"The workflow has no node {key.node!r} any more.",
                remedy="Undo its removal, or set the value by hand.",
                node=key.node,
            )
        document = nodes.set_parameters(document, key.node, {key.parameter: value})
    editor.commit(f"Use {board.setting_words(column)}", document)


def choice_of(
    board: "Board", column: int, means: Mapping[str, float], truth: str
) -> dict[str, object]:
    """Return what is recorded of a choice: plain values by name."""
    names = [key.key for key in board.keys]
    return {
        "workflow": board.workflow_id,
        "run": str(board.run.summary.id),
        "node": board.node,
        "port": board.port,
        "setting": dict(zip(names, board.settings[column], strict=True)),
        "parameters": {
            f"{key.node}.{key.parameter}": value
            for key, value in zip(board.keys, board.settings[column], strict=True)
        },
        "among": [dict(zip(names, setting, strict=True)) for setting in board.settings],
        "scores": {name: round(value, 9) for name, value in means.items()},
        "truth": truth,
    }
