"""The datasets of an experiment: raw ones, then those of each run."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import (
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QTreeView, QWidget

from bioimageit_flow.gui.experiment.dragging import DraggedData
from bioimageit_flow.gui.icons import themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.rows import TAG, VALUE, RowDelegate
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.model.data import Dataset, DatasetKind

_DRAGGED: Final = (
    Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsDragEnabled
)


class _Model(QStandardItemModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.kinds: Mapping[str, str] = {}

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        for index in indexes:
            value = index.data(VALUE)
            if isinstance(value, Dataset):
                return dragged_dataset(
                    value, self.kinds.get(value.name, "image")
                ).mime()
        return QMimeData()


def dragged_dataset(dataset: Dataset, kind: str = "image") -> DraggedData:
    """Return a dataset as it is dragged, with the kind of its items."""
    return DraggedData(dataset.name, dataset.name.rpartition("/")[2], kind)


class DatasetsTree(QTreeView):
    """Datasets with how many items they have.

    Attributes
    ----------
    chosen : Signal
        With the name of a dataset; empty for everything.
    menu_requested : Signal
        With a `Dataset` or None, and a place on the screen.
    """

    chosen = Signal(str)
    menu_requested = Signal(object, QPoint)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._datasets: tuple[Dataset, ...] = ()
        self._current = ""
        self._expected = ""
        self.model_ = _Model(self)
        self.setModel(self.model_)
        self._delegate = RowDelegate(theme, self)
        self.setItemDelegate(self._delegate)
        self.setHeaderHidden(True)
        self.setAccessibleName(tr("Datasets"))
        self.setIndentation(12)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_menu)
        self.selectionModel().currentChanged.connect(self._follow)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self._delegate.theme = theme
        self._fill()

    def drawBranches(
        self,
        painter: QPainter,
        rect: QRect,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the sign that opens a run, on the ground of the panel."""
        painter.fillRect(rect, QColor(self._theme.panel))
        if self.model().hasChildren(index):
            super().drawBranches(painter, rect, index)

    @property
    def current(self) -> Dataset | None:
        """The dataset that is shown; None for everything, or nothing."""
        return next((one for one in self._datasets if one.name == self._current), None)

    def show_datasets(
        self, datasets: Sequence[Dataset], kinds: Mapping[str, str] | None = None
    ) -> None:
        """List datasets, with the kinds of their items by name.

        The one that was shown stays so if it is there.
        """
        self.model_.kinds = kinds or {}
        if tuple(datasets) == self._datasets:
            return
        self._datasets = tuple(datasets)
        self._fill()

    def dragged(self, dataset: Dataset) -> DraggedData:
        """Return a dataset as it is dragged."""
        return dragged_dataset(dataset, self.model_.kinds.get(dataset.name, "image"))

    def choose(self, name: str) -> None:
        """Show a dataset, as if it was clicked; one that comes later, when it comes."""
        self._expected = name
        for item in self._items():
            value = item.data(VALUE)
            if isinstance(value, Dataset) and value.name == name:
                self._expected = ""
                self.setCurrentIndex(item.index())
                return

    def _items(self) -> list[QStandardItem]:
        found = []
        waiting = [self.model_.invisibleRootItem()]
        while waiting:
            parent = waiting.pop()
            for place in range(parent.rowCount()):
                child = parent.child(place)
                found.append(child)
                waiting.append(child)
        return found

    def _fill(self) -> None:
        names = [one.name for one in self._datasets]
        wanted = self._current if self._current in names else next(iter(names), "")
        if self._expected in names:
            wanted = self._expected
        selection = self.selectionModel()
        selection.blockSignals(True)
        self.model_.clear()
        runs: dict[str, QStandardItem] = {}
        for dataset in self._datasets:
            row = self._row(dataset)
            if dataset.kind is DatasetKind.RAW:
                self.model_.appendRow(row)
                continue
            run = dataset.name.partition("/")[0]
            if run not in runs:
                runs[run] = _heading(run, themed("run", self._theme))
                self.model_.appendRow(runs[run])
            runs[run].appendRow(row)
        if runs:
            first = next(iter(runs.values()))
            self.expand(first.index())
            self.expand(list(runs.values())[-1].index())
        selection.blockSignals(False)
        if wanted:
            self.choose(wanted)
        if wanted != self._current:
            self._current = wanted
            self.chosen.emit(wanted)

    def _row(self, dataset: Dataset) -> QStandardItem:
        is_raw = dataset.kind is DatasetKind.RAW
        title = dataset.name if is_raw else dataset.name.partition("/")[2]
        item = QStandardItem(title)
        item.setData(f"{dataset.count:,}", TAG)
        item.setData(dataset, VALUE)
        item.setFlags(_DRAGGED)
        item.setIcon(themed("dataset", self._theme))
        item.setToolTip(
            tr("{name}: {count} items", name=dataset.name, count=f"{dataset.count:,}")
        )
        said = f"{title}, {dataset.count}"
        item.setData(said, int(Qt.ItemDataRole.AccessibleTextRole))
        return item

    def _follow(self, index: QModelIndex) -> None:
        value = index.data(VALUE)
        if isinstance(value, Dataset) and value.name != self._current:
            self._current = value.name
            self.chosen.emit(value.name)

    def _ask_menu(self, at: QPoint) -> None:
        value = self.indexAt(at).data(VALUE)
        dataset = value if isinstance(value, Dataset) else None
        self.menu_requested.emit(dataset, self.viewport().mapToGlobal(at))


def _heading(text: str, icon: object) -> QStandardItem:
    from PySide6.QtGui import QIcon

    item = QStandardItem(text)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    item.setToolTip(text)
    if isinstance(icon, QIcon):
        item.setIcon(icon)
    return item
