"""The outline: what is on the canvas, as a tree that a screen reader can read."""

from typing import Final

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QTreeView, QWidget

from bioimageit_flow.editor.scene import Scene
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.outline_model import OutlineModel
from bioimageit_flow.gui.rows import VALUE
from bioimageit_flow.gui.theme import Theme

_QUICK: Final = 200
"""More boxes than these are listed once somebody looks."""


class OutlinePanel(QWidget):
    """Frames with what they carry, boxes with what is wired to them, and notes.

    Attributes
    ----------
    selection_requested : Signal
        With the set of ids that are chosen in the tree.
    go_requested : Signal
        With the id that is double clicked.
    """

    selection_requested = Signal(object)
    go_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = Scene()
        self._is_filling = self._is_put_off = False
        self._chosen: frozenset[str] = frozenset()
        self._opened: set[str] = set()
        self._closed: set[str] = set()
        self.model = OutlineModel(theme, self)
        self.tree = QTreeView()
        self.tree.setModel(self.model)
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(True)
        self.tree.setAccessibleName(tr("Outline"))
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.tree.setExpandsOnDoubleClick(False)
        self.tree.activated.connect(self._go)
        self.tree.expanded.connect(lambda index: self._fold(index, is_open=True))
        self.tree.collapsed.connect(lambda index: self._fold(index, is_open=False))
        self.tree.selectionModel().selectionChanged.connect(self._choose)
        self._empty = pieces.label(tr("The canvas is empty."), "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setLayout(pieces.column(self.tree, self._empty, margin=6))
        self._fill()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.model.theme = theme
        self._fill()

    def show_scene(self, scene: Scene) -> None:
        """Show a scene."""
        if scene is self._scene:
            return
        before, self._scene = self._scene, scene
        if len(scene.nodes) > _QUICK and not self.isVisible():
            self._is_put_off = True
        elif self._is_put_off or _without_places(scene) != _without_places(before):
            self._is_put_off = False
            self._fill()

    def showEvent(self, event: QShowEvent) -> None:
        """List what has come while nobody looked."""
        super().showEvent(event)
        if self._is_put_off:
            self._is_put_off = False
            self._fill()
            self.show_selection(self._chosen)

    def show_selection(self, chosen: frozenset[str]) -> None:
        """Mark the rows of what is selected on the canvas."""
        self._chosen = chosen
        if self._is_filling or self._is_put_off:
            return
        self._is_filling = True
        model = self.tree.selectionModel()
        wanted = QItemSelection()
        for first, last in self.model.ranges_of(chosen):
            wanted.select(first, last)
        model.select(wanted, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if indexes := wanted.indexes():
            self.tree.scrollTo(indexes[0])
        self._is_filling = False

    def _fill(self) -> None:
        self._is_filling = True
        self.model.show_scene(self._scene)
        for key in {*self._scene.frames, *self._opened} - self._closed:
            index = self.model.index_of(key)
            if index.isValid():
                self.tree.setExpanded(index, True)
        is_empty = self.model.rowCount() == 0
        self.tree.setVisible(not is_empty)
        self._empty.setVisible(is_empty)
        self._is_filling = False

    def _fold(self, index: QModelIndex, *, is_open: bool) -> None:
        """Remember what the user opened and closed."""
        if not self._is_filling:
            key = str(index.data(VALUE))
            to, from_ = self._opened, self._closed
            if not is_open:
                to, from_ = from_, to
            to.add(key)
            from_.discard(key)

    def _go(self, index: QModelIndex) -> None:
        if id_ := index.data(VALUE):
            self.go_requested.emit(str(id_))

    def _choose(self) -> None:
        if self._is_filling:
            return
        self._is_filling = True
        chosen = self.tree.selectionModel().selectedIndexes()
        self.selection_requested.emit({str(index.data(VALUE)) for index in chosen})
        self._is_filling = False


def _without_places(scene: Scene) -> object:
    nodes = tuple(
        (one.id, one.role, one.title, one.subtitle, one.problem)
        for one in scene.nodes.values()
    )
    wires = tuple((one.key, one.kind, one.problem) for one in scene.wires.values())
    frames = tuple((one.id, one.title, one.nodes) for one in scene.frames.values())
    return nodes, wires, frames, tuple(one.text for one in scene.notes.values())
