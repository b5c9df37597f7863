"""The rows of the outline: frames with what they carry, boxes with their wires.

Rows are told when a view asks for them, so that a large workflow costs no more than
what is seen of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor

from bioimageit_flow.editor.scene import NodeRole, Scene, WireView
from bioimageit_flow.gui.icons import icon
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.rows import VALUE
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.model.problem import Severity

_ICONS: Final = {
    NodeRole.DATASET: "dataset",
    NodeRole.TOOL: "tool",
    NodeRole.SUBWORKFLOW: "subworkflow",
    NodeRole.MISSING: "missing",
}
_Index = QModelIndex | QPersistentModelIndex
_TOP: Final = QModelIndex()


@dataclass(slots=True)
class _Row:
    key: str
    parent: int
    place: int
    below: list[int] = field(default_factory=list)


class OutlineModel(QAbstractItemModel):
    """What a scene shows, as a tree.

    Parameters
    ----------
    theme : Theme
        Colours of the signs.
    """

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._scene = Scene()
        self._rows: list[_Row] = [_Row("", -1, 0)]
        self._known: dict[str, int] = {}

    def show_scene(self, scene: Scene) -> None:
        """Show another scene."""
        self.beginResetModel()
        self._scene = scene
        self._rows = [_Row("", -1, 0)]
        self._known = {}
        wires: dict[str, list[WireView]] = {}
        for wire in scene.wires.values():
            wires.setdefault(wire.target[0], []).append(wire)

        def add_nodes(keys: Iterable[str], parent: int) -> None:
            for key in keys:
                row = self._add(key, parent)
                for wire in wires.get(key, ()):
                    self._add(wire.key, row)

        carried: set[str] = set()
        for frame in scene.frames.values():
            inside = [
                key for key in frame.nodes if key in scene.nodes and key not in carried
            ]
            carried.update(inside)
            add_nodes(inside, self._add(frame.id, 0))
        add_nodes((key for key in scene.nodes if key not in carried), 0)
        for key in scene.notes:
            self._add(key, 0)
        self.endResetModel()

    def index_of(self, key: str) -> QModelIndex:
        """Return the row of a box, frame, note or wire; an invalid one for none."""
        number = self._known.get(key)
        return QModelIndex() if number is None else self._index(number)

    def ranges_of(
        self, keys: Iterable[str]
    ) -> Iterator[tuple[QModelIndex, QModelIndex]]:
        """Yield first and last rows of runs of neighbours among some keys."""
        numbers = sorted(
            (self._rows[number].parent, self._rows[number].place, number)
            for key in keys
            if (number := self._known.get(key)) is not None
        )
        start = 0
        for at, (parent, place, number) in enumerate(numbers):
            if numbers[at + 1 : at + 2] and numbers[at + 1][:2] == (parent, place + 1):
                continue
            yield self._index(numbers[start][2]), self._index(number)
            start = at + 1

    # What a view asks

    def index(self, row: int, column: int, parent: _Index = _TOP) -> QModelIndex:
        """Return a row below another."""
        below = self._rows[self._number(parent)].below
        if column != 0 or not 0 <= row < len(below):
            return QModelIndex()
        return self.createIndex(row, 0, below[row])

    def parent(self, index: _Index = _TOP) -> QModelIndex:  # type: ignore[override]
        """Return the row above."""
        number = self._rows[self._number(index)].parent
        return self._index(number) if number > 0 else QModelIndex()

    def rowCount(self, parent: _Index = _TOP) -> int:
        """Return how many rows are below."""
        return len(self._rows[self._number(parent)].below)

    def columnCount(self, _parent: _Index = _TOP) -> int:
        """Return one."""
        return 1

    def data(
        self, index: _Index, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> object:
        """Return what a row shows and says."""
        key = self._rows[self._number(index)].key
        if role == VALUE:
            return key
        scene = self._scene
        if key in scene.nodes:
            return self._node(key, role)
        if key in scene.wires:
            return self._wire(scene.wires[key], role)
        if key in scene.frames:
            text, sign = scene.frames[key].title or tr("Frame"), "frame"
        elif key in scene.notes:
            first = scene.notes[key].text.strip().partition("\n")[0]
            text, sign = first.replace("*", "").lstrip("# ") or tr("Note"), "note"
        else:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return text
            case Qt.ItemDataRole.DecorationRole:
                return icon(sign, self.theme.muted)
        return None

    # Inside

    def _add(self, key: str, parent: int) -> int:
        number = len(self._rows)
        above = self._rows[parent].below
        self._rows.append(_Row(key, parent, len(above)))
        above.append(number)
        self._known[key] = number
        return number

    def _number(self, index: _Index) -> int:
        return int(index.internalId()) if index.isValid() else 0

    def _index(self, number: int) -> QModelIndex:
        return self.createIndex(self._rows[number].place, 0, number)

    def _node(self, key: str, role: int) -> object:
        node = self._scene.nodes[key]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return node.title
            case Qt.ItemDataRole.DecorationRole:
                colour = self.theme.muted
                if node.severity is Severity.ERROR:
                    colour = self.theme.error
                elif node.severity is Severity.WARNING:
                    colour = self.theme.warning
                return icon(_ICONS[node.role], colour)
            case Qt.ItemDataRole.ToolTipRole:
                return node.problem or node.subtitle
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{node.title}, {node.subtitle}. {node.problem}"
        return None

    def _wire(self, wire: WireView, role: int) -> object:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                source = self._scene.nodes.get(wire.source[0])
                title = source.title if source else wire.source[0]
                return tr("{port} from {title}", port=wire.target[1], title=title)
            case Qt.ItemDataRole.DecorationRole:
                tone = self.theme.kinds[wire.kind] if wire.kind else self.theme.muted
                return icon("wire", tone)
            case Qt.ItemDataRole.ForegroundRole:
                return QColor(self.theme.muted)
            case Qt.ItemDataRole.ToolTipRole:
                return wire.problem
        return None
