"""Everything that is wrong with the workflow, live, with the way there and the fix."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QListView, QWidget

from bioimageit_flow.editor.mending import Fix
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import icon
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.rows import VALUE, WrappedRows, row_item
from bioimageit_flow.gui.sentences import said
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.model.problem import Problem, Severity

_MAX_BUTTONS: Final = 3
_ORDER: Final = (Severity.ERROR, Severity.WARNING, Severity.INFO)


class ProblemsPanel(QWidget):
    """A list of problems, the worst first.

    Attributes
    ----------
    go_requested : Signal
        With a problem, when its row is clicked.
    fixed : Signal
        With a `Fix`, when its button is pressed.
    """

    go_requested = Signal(object)
    fixed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._problems: tuple[Problem, ...] = ()
        self._fixes: Callable[[Problem], Sequence[Fix]] = lambda _problem: ()
        self.model = QStandardItemModel(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setMouseTracking(True)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setAccessibleName(tr("Problems"))
        self.list.clicked.connect(self._go)
        self.list.activated.connect(self._go)
        self.list.selectionModel().currentChanged.connect(self._look)
        self._good = pieces.label(tr("No problems: this workflow can run."), "muted")
        self._good.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(6)
        self.setLayout(pieces.column(self.list, self._good, self._buttons, margin=6))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.list.setItemDelegate(WrappedRows(theme, self.list))
        self._fill()

    def show_problems(
        self,
        problems: Sequence[Problem],
        fixes: Callable[[Problem], Sequence[Fix]],
        *,
        is_empty: bool = False,
    ) -> None:
        """List problems.

        Parameters
        ----------
        fixes : callable
            Says what can be done about one.
        is_empty : bool
            Whether there is no box yet that could have one.
        """
        self._good.setText(
            tr("The canvas is empty.")
            if is_empty
            else tr("No problems: this workflow can run.")
        )
        new = tuple(sorted(problems, key=lambda one: _ORDER.index(one.severity)))
        self._fixes = fixes
        if new != self._problems:
            self._problems = new
            self._fill()

    def step(self) -> None:
        """Go to the next problem."""
        count = self.model.rowCount()
        if count:
            row = (self.list.currentIndex().row() + 1) % count
            self.list.setCurrentIndex(self.model.index(row, 0))
            self._go(self.list.currentIndex())

    def _fill(self) -> None:
        current = self._current()
        self.model.clear()
        signs = {
            Severity.ERROR: icon("error", self._theme.error),
            Severity.WARNING: icon("warning", self._theme.warning),
            Severity.INFO: icon("info", self._theme.info),
        }
        for problem in self._problems:
            place = ".".join(part for part in (problem.node, problem.port) if part)
            self.model.appendRow(
                row_item(
                    said(problem.text),
                    said(problem.fix),
                    value=problem,
                    icon=signs[problem.severity],
                    tag=place,
                    tip=f"{said(problem.text)} {said(problem.fix)}".strip(),
                )
            )
        for row, problem in enumerate(self._problems):
            if problem == current:
                self.list.setCurrentIndex(self.model.index(row, 0))
        self.list.setVisible(bool(self._problems))
        self._good.setVisible(not self._problems)
        self._look()

    def _current(self) -> Problem | None:
        index = self.list.currentIndex()
        found = index.data(VALUE) if index.isValid() else None
        return found if isinstance(found, Problem) else None

    def _go(self, index: QModelIndex) -> None:
        problem = index.data(VALUE)
        if isinstance(problem, Problem):
            self.go_requested.emit(problem)

    def _look(self) -> None:
        pieces.clear(self._buttons)
        problem = self._current()
        if problem is None:
            return
        self._buttons.addStretch(1)
        for place, fix in enumerate(self._fixes(problem)[:_MAX_BUTTONS]):
            self._buttons.addWidget(
                pieces.button(
                    said(fix.words),
                    partial(self.fixed.emit, fix),
                    role="" if place else "primary",
                )
            )
