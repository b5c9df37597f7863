"""The command lines that run and plan a workflow, to be pasted into a terminal."""

import shlex
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.message_line import Offer

if TYPE_CHECKING:
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.gui.window import MainWindow


class RunCommands:
    """Copies command lines for the workflow in front.

    Parameters
    ----------
    window : MainWindow
        Which knows the experiment and the bindings.
    """

    def __init__(self, window: "MainWindow") -> None:
        self._window = window

    def copy_run_command(self) -> None:
        """Copy the command line that runs this workflow."""
        self._copy_command("run")

    def copy_plan_command(self) -> None:
        """Copy the command line that plans this workflow."""
        self._copy_command("plan")

    def _copy_command(self, verb: str) -> None:
        editor = self._window.editor
        if editor is None:
            return
        if editor.path is None or editor.is_modified:
            self._window.message.say(
                tr("The command runs the file, and this workflow is not saved."),
                level="warning",
                offers=[
                    Offer(
                        tr("Save and copy the command"),
                        lambda: self._window.files.save_to(
                            editor, editor.path, lambda: self._copy_command(verb)
                        ),
                    )
                ],
            )
            return
        command = self.command_line(editor, verb)
        QApplication.clipboard().setText(command)
        self._window.message.say(
            tr("Copied; paste it into a terminal: {command}", command=command),
            level="good",
            stays=True,
        )

    def command_line(self, editor: "Editor", verb: str) -> str:
        """Return the command line that runs or plans a saved workflow."""
        experiment = self._window.workspace.experiment.path or "my-experiment"
        bound = self._window.workspace.experiment.bindings(editor)
        words = ["bioimageit-flow", verb, str(editor.path)]
        words += ["--experiment", str(experiment)]
        for name in editor.workflow.document.inputs:
            words += ["--bind", f"{name}={bound.get(name, 'raw')}"]
        return shlex.join(words)
