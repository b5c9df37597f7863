"""What would run, and the command lines that run and plan a workflow."""

import shlex
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from bioimageit_flow.editor.planning import Answer, answer, question_of
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.message_line import Offer

if TYPE_CHECKING:
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.gui.window import MainWindow


class RunCommands:
    """Shows the plan of the workflow in front, and copies command lines for it.

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

    def show_plan(self) -> None:
        """Plan the workflow in front as it is now, and show what would run."""
        from bioimageit_flow.gui.runs.panel import runs_panel
        from bioimageit_flow.gui.runs.plan_dialog import PlanDialog

        window, editor = self._window, self._window.editor
        if editor is None:
            return
        control = runs_panel(window).control
        control.bindings(editor)
        question = question_of(editor, window.workspace.experiment)
        if question is None:
            text = (
                tr("A plan needs an experiment: it says which results are known.")
                if editor.workflow.document.nodes
                else tr("There is nothing to run yet: add a node.")
            )
            window.message.say(text, level="warning")
            return
        session, name = window.workspace.session, editor.workflow.document.name

        def show(found: Answer) -> None:
            window.message.hide()
            PlanDialog(
                found,
                name,
                run=control.start,
                copy=self.copy_plan_command,
                parent=window,
            ).open()

        window.message.say(tr("Working out what would run\u2026"))
        window.background.run(lambda: answer(question, session), show, window.refuse)

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
