"""A contact sheet: small pictures of many items, what stands out first."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from bioimageit_flow.editor.viewing.outliers import (
    SUSPICIOUS,
    robust_scores,
)
from bioimageit_flow.editor.viewing.places import number
from bioimageit_flow.gui.background import Background
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.pieces import column, label, row
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.gui.viewer.page import Page
from bioimageit_flow.gui.viewer.small_pictures import SmallPictures
from bioimageit_flow.model.data import Item
from bioimageit_flow.session.measured import (
    Measures,
    annotated_numbers,
    measures_of_run,
)

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment
    from bioimageit_flow.session.results import Run

_PICTURE: Final = 168
_CELL: Final = QSize(_PICTURE + 20, _PICTURE + 58)
_ITEM: Final = int(Qt.ItemDataRole.UserRole) + 1
_DETAIL: Final = int(Qt.ItemDataRole.UserRole) + 2
_SCORE: Final = int(Qt.ItemDataRole.UserRole) + 3
_NAME: Final = "\0name"
_ROOT: Final = QModelIndex()

_Index = QModelIndex | QPersistentModelIndex
_Found = tuple[list[Item], Measures]


class SheetModel(QAbstractListModel):
    """Items in an order, with what they are sorted by."""

    def __init__(self, pictures: SmallPictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures = pictures
        self.items: list[Item] = []
        self._details: dict[str, str] = {}
        self._scores: dict[str, float] = {}
        self._places: dict[str, int] = {}
        pictures.made.connect(self._changed)

    def show_items(
        self, items: Sequence[Item], details: dict[str, str], scores: dict[str, float]
    ) -> None:
        """Show items in this order."""
        self.beginResetModel()
        self.items = list(items)
        self._details, self._scores = details, scores
        self._places = {str(item.id): place for place, item in enumerate(items)}
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Return the number of items."""
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what is known of an item."""
        item = self.items[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return item.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{item.name}. {self._details.get(item.id, '')}"
            case Qt.ItemDataRole.DecorationRole:
                return self.pictures.of(item)
            case _ if role == _DETAIL:
                return self._details.get(item.id, "")
            case _ if role == _SCORE:
                return self._scores.get(item.id, 0.0)
            case _ if role == _ITEM:
                return item
        return None

    def _changed(self, id_: str) -> None:
        place = self._places.get(id_)
        if place is not None:
            index = self.index(place, 0)
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])


class _Delegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return _CELL

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: _Index
    ) -> None:
        theme = self.theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = option.rect.adjusted(4, 4, -4, -4)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        is_hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        score = index.data(_SCORE) or 0.0
        stands_out = abs(score) >= SUSPICIOUS
        painter.setPen(QPen(QColor(theme.border)))
        painter.setBrush(QColor(theme.raised))
        if is_chosen:
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(QColor(theme.chosen))
        elif is_hovered:
            painter.setBrush(QColor(theme.hover))
        painter.drawRoundedRect(area, 7, 7)
        frame = QRect(area.left() + 6, area.top() + 6, _PICTURE, _PICTURE)
        self._paint_picture(painter, frame, index.data(Qt.ItemDataRole.DecorationRole))
        metrics = option.fontMetrics
        first = QRect(frame.left(), frame.bottom() + 4, _PICTURE, metrics.height())
        painter.setPen(QColor(theme.text))
        name = str(index.data(Qt.ItemDataRole.DisplayRole))
        middle = Qt.TextElideMode.ElideMiddle
        painter.drawText(first, 0, metrics.elidedText(name, middle, _PICTURE))
        second = first.translated(0, metrics.height() + 1)
        painter.setPen(QColor(theme.warning if stands_out else theme.muted))
        if stands_out:
            bold = QFont(option.font)
            bold.setBold(True)
            painter.setFont(bold)
        detail = str(index.data(_DETAIL) or "")
        right = Qt.TextElideMode.ElideRight
        painter.drawText(second, 0, metrics.elidedText(detail, right, _PICTURE))
        painter.restore()

    def _paint_picture(self, painter: QPainter, frame: QRect, picture: Any) -> None:  # noqa: ANN401
        painter.fillRect(frame, QColor(self.theme.canvas))
        if isinstance(picture, QPixmap) and not picture.isNull():
            size = picture.size().scaled(
                frame.size(), Qt.AspectRatioMode.KeepAspectRatio
            )
            place = QRect(frame.topLeft(), size)
            place.moveCenter(frame.center())
            painter.drawPixmap(place, picture)
        elif isinstance(picture, QPixmap):
            painter.setPen(QColor(self.theme.muted))
            painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, tr("no picture"))


class ContactSheet(Page):
    """Small pictures of items, sorted by how far a measured value stands out.

    Attributes
    ----------
    open_requested : Signal
        With a tuple: all items in the order in which they stand, and the number of the
        one that was opened.
    """

    open_requested = Signal(object)

    def __init__(
        self,
        experiment: "Experiment",
        find: Callable[[], _Found],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._items: list[Item] = []
        self._measures: Measures = {}
        self._background = Background(self)
        self.pictures = SmallPictures(experiment, _PICTURE, self)
        self.model = SheetModel(self.pictures, self)
        self.view = QListView()
        self.view.setViewMode(QListView.ViewMode.IconMode)
        self.view.setResizeMode(QListView.ResizeMode.Adjust)
        self.view.setMovement(QListView.Movement.Static)
        self.view.setUniformItemSizes(True)
        self.view.setLayoutMode(QListView.LayoutMode.Batched)
        self.view.setBatchSize(200)
        self.view.setSpacing(2)
        self.view.setMouseTracking(True)
        self.view.setAccessibleName(tr("Small pictures"))
        self._delegate = _Delegate(theme, self.view)
        self.view.setItemDelegate(self._delegate)
        self.view.setModel(self.model)
        self.view.activated.connect(self._open)
        self.by = QComboBox()
        self.by.setAccessibleName(tr("Sorted by"))
        self.by.setMinimumWidth(260)
        self.by.currentIndexChanged.connect(self._arrange)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search names"))
        self.search.setAccessibleName(tr("Search names"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(220)
        self.search.textChanged.connect(self._arrange)
        self.count = label(tr("Reading…"), "muted")
        top = row(
            label(tr("Sorted by"), "muted"),
            self.by,
            None,
            self.count,
            self.search,
            margin=8,
            gap=8,
        )
        self.setLayout(column(top, self.view, gap=0))
        self.setFocusProxy(self.view)
        self._background.run(find, self._take, self.failed.emit)

    @classmethod
    def of_port(cls, run: "Run", node: str, port: str, theme: Theme) -> "ContactSheet":
        """Return the sheet of what a port of a node gave."""

        def find() -> _Found:
            items = [result.item for result in run.results(node, port)]
            return items, measures_of_run(run, items)

        return cls(run.experiment, find, theme)

    @classmethod
    def of_dataset(
        cls, experiment: "Experiment", dataset: str, theme: Theme
    ) -> "ContactSheet":
        """Return the sheet of a dataset; sorted by annotations."""

        def find() -> _Found:
            items = experiment.items(dataset)
            return items, annotated_numbers(experiment, items)

        return cls(experiment, find, theme)

    @property
    def is_idle(self) -> bool:
        """Whether everything in sight is there."""
        return self._background.is_idle and self.pictures.is_idle

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._delegate.theme = theme
        self.view.viewport().update()

    def release(self) -> None:
        """End the threads."""
        self._background.wait()
        self.pictures.release()

    def _take(self, found: _Found) -> None:
        self._items, self._measures = found
        self.by.blockSignals(True)
        self.by.clear()
        for name in self._measures:
            self.by.addItem(tr("outliers of {name}", name=name), name)
        self.by.addItem(tr("name"), _NAME)
        telling = [
            place for place, name in enumerate(self._measures) if name.endswith(" rows")
        ]
        self.by.setCurrentIndex(telling[0] if telling else 0)
        self.by.blockSignals(False)
        self._arrange()

    def _arrange(self) -> None:
        wanted = self.search.text().casefold()
        items = [item for item in self._items if wanted in item.name.casefold()]
        name = str(self.by.currentData())
        measured = self._measures.get(name)
        details: dict[str, str] = {}
        scores: dict[str, float] = {}
        if measured is not None:
            # Scores are those among all items, whatever is searched for.
            everyone = [measured.get(item.id) for item in self._items]
            known = dict(
                zip(
                    (one.id for one in self._items),
                    robust_scores(everyone),
                    strict=True,
                )
            )
            items.sort(key=lambda item: _rank(float(known[item.id])))
            for item in items:
                value, score = measured.get(item.id), float(known[item.id])
                if value is not None and not np.isnan(score):
                    scores[item.id] = score
                    details[item.id] = f"{number(value)}   z {score:+.1f}"
        self.model.show_items(items, details, scores)
        out = sum(1 for score in scores.values() if abs(score) >= SUSPICIOUS)
        said = tr("{count} items", count=len(items))
        if measured is not None:
            said += "  ·  " + tr("{count} stand out", count=out)
        self.count.setText(said)

    def _open(self, index: QModelIndex) -> None:
        self.open_requested.emit((list(self.model.items), index.row()))


def _rank(score: float) -> float:
    """Return a key by which what stands out most comes first, the unknown last."""
    return 1.0 if np.isnan(score) else -abs(score)
