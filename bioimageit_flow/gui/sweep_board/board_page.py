"""The page of a sweep board: look, compare with the truth, use one."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QMainWindow,
    QTableView,
    QWidget,
)

from bioimageit_flow.editor.base import EditorBase
from bioimageit_flow.editor.viewing.choosing import choice_of, use_setting
from bioimageit_flow.editor.viewing.places import number
from bioimageit_flow.editor.viewing.scoring import COUNT, score_cells, score_names
from bioimageit_flow.errors import FlowError, WorkflowError
from bioimageit_flow.gui.background import Background
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.pieces import button, column, label, row
from bioimageit_flow.gui.sweep_board.board_model import (
    PICTURE,
    BoardDelegate,
    BoardModel,
)
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.gui.viewer.page import Page
from bioimageit_flow.gui.viewer.reading import Reading, Tell
from bioimageit_flow.gui.viewer.small_pictures import SmallPictures
from bioimageit_flow.model.data import Item
from bioimageit_flow.session.sweeps import Board, Truth, sweep_board

if TYPE_CHECKING:
    from bioimageit_flow.editor.viewing.scoring import CellScores
    from bioimageit_flow.session.results import Run

_NOTHING: Final = -1


class BoardPage(Page):
    """Images by setting, with counts and scores.

    Parameters
    ----------
    window : QMainWindow
        In whose workflow, if it is the one that ran, a chosen setting is written.

    Attributes
    ----------
    open_requested : Signal
        With items, the one that was opened first.
    used : Signal
        A setting was written into the workflow and recorded; with its column.
    """

    open_requested = Signal(object)
    used = Signal(int)

    def __init__(
        self,
        run: "Run",
        node: str,
        theme: Theme,
        window: QMainWindow,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._run, self._window = run, window
        self._truths: tuple[Truth, ...] = ()
        self._background = Background(self)
        self._scoring = Reading(self._take_scores, self.failed.emit, self)
        self.pictures = SmallPictures(run.experiment, PICTURE, self)
        self.model = BoardModel(self.pictures, self)
        self.view = QTableView()
        self.view.setModel(self.model)
        self._delegate = BoardDelegate(theme, self.view)
        self.view.setItemDelegate(self._delegate)
        self.view.setShowGrid(False)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        pixels = QAbstractItemView.ScrollMode.ScrollPerPixel
        self.view.setVerticalScrollMode(pixels)
        self.view.setHorizontalScrollMode(pixels)
        self.view.setAccessibleName(tr("Images by setting"))
        self.view.horizontalHeader().setDefaultSectionSize(PICTURE + 22)
        self.view.horizontalHeader().setSectionsClickable(True)
        self.view.horizontalHeader().sectionClicked.connect(self.choose)
        self.view.verticalHeader().setSectionResizeMode(
            QHeaderView.ResizeMode.ResizeToContents
        )
        self.view.selectionModel().currentChanged.connect(lambda *_: self._say_chosen())
        self.view.activated.connect(
            lambda index: self._open(index.row(), index.column())
        )
        self.truth = QComboBox()
        self.truth.setAccessibleName(tr("Truth"))
        self.truth.setMinimumWidth(180)
        self.truth.currentIndexChanged.connect(self._score)
        self.score = QComboBox()
        self.score.setAccessibleName(tr("Best by"))
        for choice in (self.truth, self.score):
            choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.score.currentIndexChanged.connect(self._show_best)
        self.status = label(tr("Reading…"), "muted")
        self.chosen = label("", "heading")
        self.reason = QLineEdit()
        self.reason.setPlaceholderText(tr("Why this one? (it is recorded)"))
        self.reason.setAccessibleName(tr("Reason"))
        self.use = button(tr("Use this one"), self.use_chosen, role="primary")
        self.use.setEnabled(False)
        top = row(
            label(tr("Truth"), "muted"),
            self.truth,
            label(tr("Best by"), "muted"),
            self.score,
            None,
            self.status,
            margin=8,
            gap=8,
        )
        bottom = row(self.chosen, self.reason, self.use, margin=8, gap=10)
        self.setLayout(column(top, self.view, bottom, gap=0))
        self.setFocusProxy(self.view)
        self._background.run(lambda: sweep_board(run, node), self._take, self._fail)

    @property
    def is_idle(self) -> bool:
        """Whether everything in sight is there."""
        parts = self._background.is_idle, self._scoring.is_idle, self.pictures.is_idle
        return all(parts)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._delegate.theme = theme
        self.view.viewport().update()

    def release(self) -> None:
        """End the threads."""
        self._background.wait()
        self._scoring.release()
        self.pictures.release()

    # The board

    def _take(self, board: Board) -> None:
        self._truths = board.truths
        self.model.show_board(board)
        self.truth.blockSignals(True)
        self.truth.addItem(tr("none"), _NOTHING)
        for place, truth in enumerate(board.truths):
            title = tr("key {name}", name=truth.name)
            if not truth.is_key:
                title = tr("dataset {name}", name=truth.name)
            self.truth.addItem(title, place)
        is_told = bool(board.truths) and board.truths[0].is_named_so
        self.truth.setCurrentIndex(1 if is_told else 0)
        self.truth.blockSignals(False)
        self._score()

    def _score(self) -> None:
        board = self.model.board
        if board is None:
            return
        place = self.truth.currentData()
        truth = None if place == _NOTHING else self._truths[place]

        def work(tell: Tell) -> object:
            return score_cells(board, truth, lambda _done, _of: tell(None))

        self.status.setText(tr("Scoring…"))
        self._scoring.ask(work)

    def _take_scores(self, scores: "CellScores") -> None:
        names = [name for name in score_names(scores) if name != COUNT]
        kept = self.score.currentData()
        self.score.blockSignals(True)
        self.score.clear()
        for name in names:
            self.score.addItem(tr(name), name)
        preferred = [kept, "F1", "Dice", "count error"]
        first = next((name for name in preferred if name in names), None)
        self.score.setCurrentIndex(names.index(first) if first in names else -1)
        self.score.blockSignals(False)
        self.model.show_scores(scores, str(self.score.currentData() or ""))
        self.view.resizeRowsToContents()
        board = self.model.board
        if board is not None:
            self.status.setText(_said(board, scores, self.truth.currentIndex() > 0))
        best = self.model.best
        if best is not None and not self.view.currentIndex().isValid():
            self.choose(best)

    def _show_best(self) -> None:
        score = str(self.score.currentData() or "")
        self.model.show_scores(self.model.scores, score)
        self._say_chosen()

    # Choosing

    def choose(self, column_number: int) -> None:
        """Select a setting."""
        self.view.setCurrentIndex(self.model.index(0, column_number))

    def _say_chosen(self) -> None:
        board, index = self.model.board, self.view.currentIndex()
        self.use.setEnabled(board is not None and index.isValid())
        if board is None or not index.isValid():
            return
        self.chosen.setText(board.setting_words(index.column()))
        if not self.reason.isModified():
            self.reason.setText(self._usual_reason(index.column()))

    def _usual_reason(self, place: int) -> str:
        score = self.model.score
        if self.model.best != place or not score:
            return ""
        value = number(self.model.summaries[place].means[score])
        return tr("best mean {score} ({value})", score=tr(score), value=value)

    def use_chosen(self) -> None:
        """Write the selected setting into the workflow, and record the choice."""
        board, index = self.model.board, self.view.currentIndex()
        if board is None or not index.isValid():
            return
        place, reason = index.column(), self.reason.text().strip()
        if not reason:
            self.reason.setFocus()
            self.status.setText(tr("Say in a few words why."))
            return
        try:
            use_setting(self._editor(board), board, place)
        except FlowError as error:
            self.failed.emit(error)
            return
        means = self.model.summaries[place].means if self.model.summaries else {}
        truth = self.truth.currentText() if self.truth.currentIndex() > 0 else ""
        choice = choice_of(board, place, means, truth)
        experiment = self._run.experiment
        self._background.run(
            lambda: experiment.choose(choice, reason),
            lambda _: self._recorded(place),
            self.failed.emit,
        )

    def _recorded(self, place: int) -> None:
        board = self.model.board
        assert board is not None
        said = board.setting_words(place)
        self.status.setText(
            tr(
                "{setting} is in the workflow, and the choice is recorded.",
                setting=said,
            )
        )
        self.used.emit(place)

    def _editor(self, board: Board) -> EditorBase:
        """Return the open workflow that ran."""
        workspace = getattr(self._window, "workspace", None)
        front = getattr(self._window, "editor", None)
        opened: list[object] = [front, *getattr(workspace, "editors", ())]
        for editor in opened:
            if not isinstance(editor, EditorBase):
                continue
            if str(editor.document.id) == board.workflow_id:
                return editor
        raise WorkflowError(
            tr("The workflow of this run is not open."),
            remedy=tr("Open it, then choose again; nothing was changed."),
        )

    def _open(self, row_number: int, place: int) -> None:
        board = self.model.board
        if board is None:
            return
        if row_number == 0:
            self.choose(place)
            return
        wanted = board.cells.get((row_number - 1, place))
        others: list[Item] = [
            result.item
            for (of_row, of_column), result in sorted(
                board.cells.items(), key=lambda cell: cell[0]
            )
            if of_row == row_number - 1 and of_column != place
        ]
        if wanted is not None:
            self.open_requested.emit([wanted.item, *others])

    def _fail(self, error: FlowError) -> None:
        self.status.setText("")
        self.failed.emit(error)


def _said(board: Board, scores: "CellScores", has_truth: bool) -> str:
    said = tr(
        "{rows} images, {settings} settings",
        rows=len(board.rows),
        settings=len(board.settings),
    )
    if not has_truth:
        return said
    scored = {place[0] for place, cell in scores.items() if cell.keys() - {COUNT}}
    return said + "  ·  " + tr("truth of {count} of them", count=len(scored))
