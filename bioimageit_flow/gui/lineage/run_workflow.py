"""The workflow of a run on the canvas, as it was when the run began."""

from typing import TYPE_CHECKING

from bioimageit_flow.gui.language import tr
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.run import RunRecord
from bioimageit_flow.session import Experiment

if TYPE_CHECKING:
    from bioimageit_flow.gui.window import MainWindow


def open_run_workflow(
    window: "MainWindow", experiment: Experiment, run: RunId, node: str = ""
) -> None:
    """Open the frozen workflow of a run in a new tab, bound as it was.

    Parameters
    ----------
    node : str
        A node that is selected and shown then; ``sub/node`` shows the subworkflow.
    """

    def done(record: RunRecord) -> None:
        show_record(window, record, node)

    window.background.run(lambda: experiment.store.run_record(run), done, window.refuse)


def show_record(window: "MainWindow", record: RunRecord, node: str = "") -> None:
    """Open the workflow that a record of a run holds."""

    def intent() -> None:
        editor = window.workspace.open_text(record.workflow_text, record.name)
        state = window.workspace.experiment
        for name, text in record.bindings.items():
            if name in editor.workflow.document.inputs:
                state.bind(editor, name, text)
        outer = node.partition("/")[0]
        if outer in editor.scene.nodes:
            editor.select([outer])
            window.navigation.go_to(outer)

    if window.attempt(intent):
        window.message.say(
            tr(
                "This is the workflow of the run {run}, as it was. Save it under a "
                "name to keep it.",
                run=record.folder,
            )
        )
