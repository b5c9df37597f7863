"""The cells of a sweep board, and how they are drawn."""

from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from bioimageit_flow.editor.viewing.places import number
from bioimageit_flow.editor.viewing.scoring import (
    COUNT,
    ERROR,
    CellScores,
    Scores,
    Summary,
    best_setting,
    summaries,
)
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.gui.viewer.small_pictures import SmallPictures
from bioimageit_flow.session.sweeps import Board

PICTURE: Final = 150
SUMMARY_HEIGHT: Final = 74
LINES: Final = int(Qt.ItemDataRole.UserRole) + 1
BEST: Final = int(Qt.ItemDataRole.UserRole) + 2

_ROOT: Final = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class BoardModel(QAbstractTableModel):
    """A row of means, then a row per raw item; a column per setting."""

    def __init__(self, pictures: SmallPictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures = pictures
        self.board: Board | None = None
        self.scores: CellScores = {}
        self.summaries: list[Summary] = []
        self.score = ""
        self._cells: dict[str, tuple[int, int]] = {}
        pictures.made.connect(self._changed)

    def show_board(self, board: Board) -> None:
        """Show another board."""
        self.beginResetModel()
        self.board, self.scores, self.summaries = board, {}, []
        self._cells = {
            str(result.item.id): place for place, result in board.cells.items()
        }
        self.endResetModel()

    def show_scores(self, scores: CellScores, score: str) -> None:
        """Show other scores; the best setting is the one by `score`."""
        if self.board is None:
            return
        self.scores, self.score = scores, score
        self.summaries = summaries(self.board, scores)
        last = self.index(self.rowCount() - 1, self.columnCount() - 1)
        self.dataChanged.emit(self.index(0, 0), last, [])
        self.headerDataChanged.emit(
            Qt.Orientation.Horizontal, 0, max(0, self.columnCount() - 1)
        )

    @property
    def best(self) -> int | None:
        """The column that is best."""
        return best_setting(self.summaries, self.score) if self.summaries else None

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Return the number of rows, that of the means included."""
        if self.board is None or parent.isValid():
            return 0
        return len(self.board.rows) + 1

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Return the number of settings."""
        return 0 if self.board is None or parent.isValid() else len(self.board.settings)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what is known of a cell."""
        if self.board is None:
            return None
        row, column = index.row() - 1, index.column()
        result = self.board.cells.get((row, column))
        match role:
            case Qt.ItemDataRole.DecorationRole:
                return None if result is None else self.pictures.of(result.item)
            case _ if role == LINES:
                return self._lines(row, column)
            case _ if role == BEST:
                return self.best == column
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                name = tr("mean") if row < 0 else self.board.rows[row].name
                said = [name, self.board.setting_words(column)]
                return ". ".join([*said, *self._lines(row, column)])
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return a setting, or the name of a raw item."""
        if self.board is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            if orientation == Qt.Orientation.Horizontal:
                star = "★ " if self.best == section else ""
                return star + self.board.setting_words(section).replace(", ", "\n")
            return tr("mean") if section == 0 else self.board.rows[section - 1].name
        return None

    def _lines(self, row: int, column: int) -> list[str]:
        if row >= 0:
            return score_lines(self.scores.get((row, column), {}))
        if column < len(self.summaries):
            return score_lines(dict(self.summaries[column].means), is_mean=True)
        return []

    def _changed(self, id_: str) -> None:
        place = self._cells.get(id_)
        if place is not None:
            index = self.index(place[0] + 1, place[1])
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])


class BoardDelegate(QStyledItemDelegate):
    """Draws a cell: the picture, and what it counted below."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the size of a cell."""
        lines = max(1, len(index.data(LINES) or ()))
        text = lines * (option.fontMetrics.height() + 1)
        if index.row() == 0:
            return QSize(PICTURE + 20, max(SUMMARY_HEIGHT, text + 18))
        return QSize(PICTURE + 20, PICTURE + text + 22)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: _Index
    ) -> None:
        """Draw one cell."""
        theme = self.theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = option.rect.adjusted(3, 3, -3, -3)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        is_best = bool(index.data(BEST))
        painter.setPen(QPen(QColor(theme.success if is_best else theme.border), 1.4))
        painter.setBrush(QColor(theme.chosen if is_chosen else theme.raised))
        painter.drawRoundedRect(area, 6, 6)
        top = area.top() + 7
        if index.row() > 0:
            left = area.center().x() - PICTURE // 2
            frame = QRect(left, top, PICTURE, PICTURE)
            self._paint_picture(
                painter, frame, index.data(Qt.ItemDataRole.DecorationRole)
            )
            top = frame.bottom() + 4
        height = option.fontMetrics.height()
        for place, line in enumerate(index.data(LINES) or ()):
            font = QFont(option.font)
            font.setBold(index.row() == 0)
            painter.setFont(font)
            painter.setPen(QColor(theme.text if place == 0 else theme.muted))
            where = QRect(area.left() + 8, top, area.width() - 16, height)
            painter.drawText(where, Qt.AlignmentFlag.AlignLeft, line)
            top += height + 1
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


def score_lines(scores: Scores, *, is_mean: bool = False) -> list[str]:
    """Return scores in words: the count, its error, then the others."""
    lines = []
    if COUNT in scores:
        lines.append(tr("{count} objects", count=number(scores[COUNT])))
    if ERROR in scores:
        error = scores[ERROR]
        said = f"± {number(error)}" if is_mean else f"{error:+g}"
        lines.append(tr("count error {error}", error=said))
    rest = [
        f"{name} {scores[name]:.3f}" for name in scores if name not in (COUNT, ERROR)
    ]
    return [*lines, *rest]
