"""Every shortcut, listed and changeable."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QTreeView,
    QWidget,
)

from bioimageit_flow.editor.commands import split_keys
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.rows import VALUE

_FORMAT: Final = QKeySequence.SequenceFormat.NativeText


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A command with its keys, now and at first."""

    id: str
    title: str
    category: str
    keys: str
    default: str


class ShortcutsDialog(QDialog):
    """Lists commands by category and sets the keys of the chosen one.

    Parameters
    ----------
    shortcuts : sequence of Shortcut
    change : callable
        Told every change as (command, keys).
    """

    def __init__(
        self,
        shortcuts: Sequence[Shortcut],
        change: Callable[[str, str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.resize(620, 560)
        self._change = change
        self._by_id: dict[str, Shortcut] = {one.id: one for one in shortcuts}
        self._keys: dict[str, str] = {one.id: one.keys for one in shortcuts}
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Search commands and keys"))
        self.field.setAccessibleName(tr("Search commands and keys"))
        self.model = QStandardItemModel(0, 2, self)
        self.model.setHorizontalHeaderLabels([tr("Command"), tr("Keys")])
        self._rows: dict[str, QStandardItem] = {}
        self._fill()
        self.proxy = QSortFilterProxyModel(self)
        self.proxy.setSourceModel(self.model)
        self.proxy.setFilterKeyColumn(-1)
        self.proxy.setRecursiveFilteringEnabled(True)
        self.proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.field.textChanged.connect(self.proxy.setFilterFixedString)
        self.tree = QTreeView()
        self.tree.setModel(self.proxy)
        self.tree.expandAll()
        self.tree.setAccessibleName(tr("Commands"))
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setStretchLastSection(False)
        self.tree.setColumnWidth(1, 170)
        self.tree.selectionModel().currentChanged.connect(self._look)
        self.keys = _KeysField()
        self.keys.setMaximumSequenceLength(1)
        self.keys.setAccessibleName(tr("New keys"))
        self.keys.editingFinished.connect(self._set)
        self._reset = pieces.button(tr("Reset"), self._reset_one)
        self._none = pieces.button(tr("No keys"), self._clear)
        self._says = pieces.label("", "error", wraps=True)
        # Its line is always there: what is below must not move under the mouse.
        self._says.setMinimumHeight(self._says.fontMetrics().lineSpacing())
        edit = pieces.row(
            pieces.label(tr("Press new keys:")), self.keys, self._none, self._reset
        )
        self.ready = pieces.button(tr("Close"), self.accept, role="primary")
        close = pieces.row(
            pieces.button(tr("Reset all"), self._reset_all), None, self.ready
        )
        self.setLayout(
            pieces.column(
                self.field, self.tree, edit, self._says, close, margin=16, gap=10
            )
        )
        self._look()

    def _fill(self) -> None:
        groups: dict[str, QStandardItem] = {}
        for one in self._by_id.values():
            if one.category not in groups:
                groups[one.category] = QStandardItem(one.category)
                self.model.appendRow([groups[one.category], QStandardItem()])
            title, keys = QStandardItem(one.title), QStandardItem(_native(one.keys))
            for cell in (title, keys):
                cell.setData(one.id, VALUE)
            self._rows[one.id] = keys
            groups[one.category].appendRow([title, keys])

    def _current(self) -> str:
        return str(self.tree.currentIndex().data(VALUE) or "")

    def _look(self) -> None:
        current = self._current()
        for widget in (self.keys, self._none, self._reset):
            widget.setEnabled(bool(current))
        first = next(iter(split_keys(self._keys.get(current, ""))), "")
        self.keys.setKeySequence(QKeySequence(first))

    def _set(self) -> None:
        keys = self.keys.keySequence().toString()
        if keys and self._current():
            self._give(self._current(), keys)

    def _clear(self) -> None:
        self._give(self._current(), "")

    def _reset_one(self) -> None:
        current = self._current()
        before = self._keys[current]
        self._give(current, self._by_id[current].default)
        self._give_back(set(split_keys(before)) - set(split_keys(self._keys[current])))

    def _reset_all(self) -> None:
        for one in self._by_id.values():
            if self._keys[one.id] != one.default:
                self._give(one.id, one.default)
        self._says.setText("")

    def _give(self, command: str, keys: str) -> None:
        if self._keys.get(command) == keys:
            return
        self._says.setText("")
        for other, taken in list(self._keys.items()):
            shared = set(split_keys(taken)) & set(split_keys(keys))
            if other != command and shared:
                title = self._by_id[other].title
                self._says.setText(
                    tr(
                        "{keys} was taken from “{title}”.",
                        keys=", ".join(sorted(shared)),
                        title=title,
                    )
                )
                kept = [one for one in split_keys(taken) if one not in shared]
                self._store(other, "; ".join(kept))
        self._store(command, keys)
        self._look()

    def _give_back(self, freed: set[str]) -> None:
        """Return keys that nobody has any more to who had them at first."""
        for other in self._by_id.values():
            own = split_keys(self._keys[other.id])
            missing = set(split_keys(other.default)) - set(own)
            if back := missing & freed:
                wanted = [one for one in split_keys(other.default) if one in back]
                self._store(other.id, "; ".join([*wanted, *own]))
                freed -= back
                self._says.setText(
                    tr(
                        "{keys} was given back to “{title}”.",
                        keys=", ".join(sorted(back)),
                        title=other.title,
                    )
                )

    def _store(self, command: str, keys: str) -> None:
        self._keys[command] = keys
        self._rows[command].setText(_native(keys))
        self._change(command, keys)


class _KeysField(QKeySequenceEdit):
    """Takes every key but Esc alone, which closes the settings."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Esc to the window."""
        if event.key() == Qt.Key.Key_Escape and not event.modifiers():
            event.ignore()
            return
        super().keyPressEvent(event)


def shortcuts(
    commands: Sequence[tuple[str, str, str, str]], chosen: Mapping[str, str]
) -> list[Shortcut]:
    """Return shortcuts for commands given as (id, title, category, default keys)."""
    return [
        Shortcut(id_, tr(title), tr(category), chosen.get(id_, default), default)
        for id_, title, category, default in commands
    ]


def _native(keys: str) -> str:
    return "; ".join(QKeySequence(one).toString(_FORMAT) for one in split_keys(keys))
