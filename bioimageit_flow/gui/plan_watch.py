"""Asks for a plan whenever what would run changed, and shows what it found."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from bioimageit_flow.editor.planning import (
    Answer,
    Question,
    answer,
    fixes_of,
    question_of,
)
from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.problem import Problem, Severity

if TYPE_CHECKING:
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.editor.mending import Fix
    from bioimageit_flow.gui.window import MainWindow

_PAUSE_MS: Final = 500


class PlanWatch(QObject):
    """Keeps the problems that only a plan finds up to date; nothing here waits.

    At most one plan is made at a time, after half a second without an edit. An answer
    that comes when something has changed since is dropped and asked for anew. Where
    there is nothing to choose, what a dataset input is bound to is taken from it.

    Parameters
    ----------
    window : MainWindow
        Whose workflow in front is planned.

    Attributes
    ----------
    answered : Signal
        After an answer came, or there is nothing to plan any more.
    """

    answered = Signal()

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._asked: Question | None = None
        self._is_asking = False
        self._is_stale = False
        self._known = Answer()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self._experiment = window.workspace.experiment
        self._experiment.changed.connect(self._look)
        self._experiment.contents_changed.connect(self._look_again)

    @property
    def known(self) -> Answer:
        """What the last plan of the workflow in front found."""
        return self._known

    def release(self) -> None:
        """Stop, as the window closes."""
        self._pause.stop()
        self._experiment.changed.disconnect(self._look)
        self._experiment.contents_changed.disconnect(self._look_again)

    def look(self) -> None:
        """Ask again, if what would run is not what was asked about last."""
        editor = self._window.editor
        wanted = question_of(editor, self._experiment) if editor is not None else None
        if wanted == self._asked and not self._is_stale:
            return
        if wanted is None:
            self._pause.stop()
            self._asked = None
            self._show(Answer())
        else:
            self._pause.start()

    def fixes(self, problem: Problem) -> "list[Fix]":
        """Return what can be done about a problem that a plan found."""
        editor = self._window.editor
        if editor is None:
            return []
        return fixes_of(problem, editor, self._known, self._experiment)

    def _look(self) -> None:
        self.look()

    def _look_again(self) -> None:
        self._is_stale = True
        self.look()

    def _ask(self) -> None:
        editor = self._window.editor
        if self._is_asking or editor is None:
            return  # the answer that is under way asks again
        question = question_of(editor, self._experiment)
        if question is None:
            return
        self._asked, self._is_asking, self._is_stale = question, True, False
        session = self._window.workspace.session

        def take(found: Answer) -> None:
            self._is_asking = False
            if self._is_current(question, editor):
                self._show(found)
                if found.obvious is not None:
                    self._experiment.bind(editor, *found.obvious)
            self.look()

        def fail(error: FlowError) -> None:
            text, fix = error.message, error.remedy
            take(Answer((Problem("plan", Severity.WARNING, text, fix=fix),)))

        self._window.background.run(
            lambda: answer(question, session), take, fail, is_quiet=True
        )

    def _is_current(self, question: Question, editor: "Editor") -> bool:
        if self._window.editor is not editor or self._is_stale:
            return False
        return question_of(editor, self._experiment) == question

    def _show(self, found: Answer) -> None:
        self._known = found
        editor = self._window.editor
        if editor is not None:
            editor.take_findings(found.problems)
        self.answered.emit()
