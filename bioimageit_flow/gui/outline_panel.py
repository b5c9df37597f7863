"""The outline: what is on the canvas, as a tree that a screen reader can read."""

from typing import Final

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QTreeView, QWidget

from bioimageit_flow.editor.scene import NodeRole, NodeView, Scene
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import icon
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.rows import VALUE
from bioimageit_flow.gui.theme import Theme

_ICONS: Final = {
    NodeRole.DATASET: "dataset",
    NodeRole.TOOL: "tool",
    NodeRole.SUBWORKFLOW: "subworkflow",
    NodeRole.MISSING: "missing",
}


class OutlinePanel(QWidget):
    """Boxes with what is wired to them, frames and notes.

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
        self._theme = theme
        self._scene = Scene()
        self._is_filling = False
        self.model = QStandardItemModel(self)
        self.tree = QTreeView()
        self.tree.setModel(self.model)
        self.tree.setHeaderHidden(True)
        self.tree.setAccessibleName(tr("Outline"))
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.tree.setExpandsOnDoubleClick(False)
        self.tree.activated.connect(self._go)
        self.tree.selectionModel().selectionChanged.connect(self._choose)
        self._empty = pieces.label(tr("The canvas is empty."), "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setLayout(pieces.column(self.tree, self._empty, margin=6))
        self._fill()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self._fill()

    def show_scene(self, scene: Scene) -> None:
        """Show a scene."""
        if scene is self._scene:
            return
        changed = _without_places(scene) != _without_places(self._scene)
        self._scene = scene
        if changed:
            self._fill()

    def show_selection(self, chosen: frozenset[str]) -> None:
        """Mark the rows of what is selected on the canvas."""
        if self._is_filling:
            return
        self._is_filling = True
        model = self.tree.selectionModel()
        wanted = QItemSelection()
        for row in range(self.model.rowCount()):
            index = self.model.index(row, 0)
            if index.data(VALUE) in chosen:
                wanted.select(index, index)
        model.select(wanted, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if indexes := wanted.indexes():
            self.tree.scrollTo(indexes[0])
        self._is_filling = False

    def _fill(self) -> None:
        self._is_filling = True
        opened = self._opened()
        self.model.clear()
        for node in self._scene.nodes.values():
            self.model.appendRow(self._node(node))
        for frame in self._scene.frames.values():
            self._add("frame", frame.title or tr("Frame"), frame.id)
        for note in self._scene.notes.values():
            first = note.text.strip().partition("\n")[0].replace("*", "")
            self._add("note", first or tr("Note"), note.id)
        for row in range(self.model.rowCount()):
            index = self.model.index(row, 0)
            self.tree.setExpanded(index, index.data(VALUE) in opened)
        is_empty = self.model.rowCount() == 0
        self.tree.setVisible(not is_empty)
        self._empty.setVisible(is_empty)
        self._is_filling = False

    def _node(self, node: NodeView) -> QStandardItem:
        colour = self._theme.error if node.problem else self._theme.muted
        made = QStandardItem(icon(_ICONS[node.role], colour), node.title)
        made.setData(node.id, VALUE)
        made.setToolTip(node.problem or node.subtitle)
        spoken = f"{node.title}, {node.subtitle}. {node.problem}"
        made.setData(spoken, int(Qt.ItemDataRole.AccessibleTextRole))
        for wire in self._scene.wires.values():
            if wire.target[0] == node.id:
                source = self._scene.nodes.get(wire.source[0])
                title = source.title if source else wire.source[0]
                text = tr("{port} from {title}", port=wire.target[1], title=title)
                tone = self._theme.kinds[wire.kind] if wire.kind else self._theme.muted
                row = QStandardItem(icon("wire", tone), text)
                row.setForeground(QColor(self._theme.muted))
                row.setToolTip(wire.problem)
                row.setData(wire.key, VALUE)
                made.appendRow(row)
        return made

    def _add(self, sign: str, text: str, id_: str) -> None:
        row = QStandardItem(icon(sign, self._theme.muted), text)
        row.setData(id_, VALUE)
        self.model.appendRow(row)

    def _opened(self) -> set[str]:
        rows = (self.model.index(row, 0) for row in range(self.model.rowCount()))
        return {index.data(VALUE) for index in rows if self.tree.isExpanded(index)}

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
    frames = tuple((one.id, one.title) for one in scene.frames.values())
    return nodes, wires, frames, tuple(one.text for one in scene.notes.values())
