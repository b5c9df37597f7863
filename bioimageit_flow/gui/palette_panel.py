"""The palette: every tool, by toolbox, to be found, read about and dragged."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from PySide6.QtCore import (
    QByteArray,
    QMimeData,
    QModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QColor, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QMenu,
    QTreeView,
    QWidget,
)

from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import icon, themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.rows import VALUE
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.gui.tool_text import tip
from bioimageit_flow.model.tool import InstalledTool

Find = Callable[[str], Sequence[InstalledTool]]

TOOL_MIME: Final = "application/x-bioimageit-flow-tool"


_DRAGGED: Final = (
    Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsDragEnabled
)


class ToolModel(QStandardItemModel):
    """The rows of the palette; a row of a tool can be dragged."""

    def mimeTypes(self) -> list[str]:
        """Return the one type that the canvas takes."""
        return [TOOL_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the reference of the tool that is dragged."""
        data = QMimeData()
        refs = [str(index.data(VALUE)) for index in indexes if index.data(VALUE)]
        if refs:
            data.setData(TOOL_MIME, QByteArray(refs[0].encode()))
            data.setText(refs[0])
        return data


class PalettePanel(QWidget):
    """Toolboxes as a tree, with search, favourites and what was used lately.

    Attributes
    ----------
    add_requested : Signal
        With the reference of a tool, by double click or Enter.
    favourite_toggled : Signal
        With the id of a tool.
    """

    add_requested = Signal(str)
    favourite_toggled = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tools: dict[str, InstalledTool] = {}
        self._find: Find = lambda _text: ()
        self._boxes: list[tuple[str, str, list[str]]] = []
        self._favourites: list[str] = []
        self._recent: list[str] = []
        self._published: tuple[tuple[str, str, str], ...] = ()
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Search tools"))
        self.field.setAccessibleName(tr("Search tools"))
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._fill)
        self.field.returnPressed.connect(self._add_first)
        self._sign = QAction(tr("Search"), self)
        self.field.addAction(self._sign, QLineEdit.ActionPosition.LeadingPosition)
        self.model = ToolModel(self)
        self.tree = QTreeView()
        self.tree.setModel(self.model)
        self.tree.setHeaderHidden(True)
        self.tree.setAccessibleName(tr("Tools"))
        self.tree.setIndentation(16)
        self.tree.setDragEnabled(True)
        self.tree.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._open_menu)
        self.tree.activated.connect(self._activate)
        self.tree.setExpandsOnDoubleClick(True)
        self._nothing = pieces.label("", "muted", wraps=True)
        self._nothing.hide()
        self.setLayout(
            pieces.column(self.field, self.tree, self._nothing, margin=8, gap=8)
        )
        self.set_theme(theme)
        self._say(tr("Reading the tools…"))

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self._sign.setIcon(themed("search", theme))
        if self._tools:
            self._fill(self.field.text())

    def show_tools(self, tools: Iterable[InstalledTool], find: Find) -> None:
        """List tools, each in its newest version; `find` searches among them."""
        self._find = find
        self._tools = {tool.tool.id: tool for tool in tools}
        boxes: dict[str, tuple[str, list[str]]] = {}
        for id_, tool in self._tools.items():
            name = tool.toolbox.name if tool.toolbox else tool.tool.toolbox
            boxes.setdefault(tool.tool.toolbox, (name, []))[1].append(id_)
        self._boxes = [(key, name, ids) for key, (name, ids) in boxes.items()]
        self._fill(self.field.text())

    def show_marks(self, favourites: Sequence[str], recent: Sequence[str]) -> None:
        """List the favourites and what was used lately, by ids or references."""
        marks = [_id(one) for one in favourites], [_id(one) for one in recent]
        if marks != (self._favourites, self._recent):
            self._favourites, self._recent = marks
            self._fill(self.field.text())

    def show_published(self, published: Sequence[tuple[str, str, str]]) -> None:
        """List subworkflows of the user, as (reference, title, summary)."""
        if tuple(published) != self._published:
            self._published = tuple(published)
            self._fill(self.field.text())

    def focus_search(self) -> None:
        """Put the cursor into the search field."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def _fill(self, text: str) -> None:
        closed = self._closed()
        self.model.clear()
        wanted = text.strip()
        if wanted:
            self._fill_found(wanted)
        else:
            self._group(tr("Favourites"), "star", self._favourites, "favourites")
            self._group(tr("Recently used"), "clock", self._recent[:6], "recent")
            for key, name, ids in self._boxes:
                self._group(name, "toolbox", ids, key)
            self._add_published()
        for row in range(self.model.rowCount()):
            index = self.model.index(row, 0)
            self.tree.setExpanded(index, index.data(VALUE + 1) not in closed)
        is_empty = self.model.rowCount() == 0 and bool(self._tools)
        self._say(tr("No tool fits. Try other or fewer words.") if is_empty else "")

    def _fill_found(self, wanted: str) -> None:
        for tool in self._find(wanted):
            self.model.appendRow(self._row(tool))
        if self.model.rowCount():
            self.tree.setCurrentIndex(self.model.index(0, 0))

    def _add_published(self) -> None:
        if not self._published:
            return
        group = self._heading(tr("My subworkflows"), "subworkflow", "published")
        for ref, title, summary in self._published:
            row = QStandardItem(icon("subworkflow", self._theme.text), title)
            row.setData(ref, VALUE)
            row.setToolTip(summary)
            row.setFlags(_DRAGGED)
            group.appendRow(row)
        self.model.appendRow(group)

    def _group(self, name: str, sign: str, ids: Iterable[str], key: str) -> None:
        tools = [self._tools[id_] for id_ in ids if id_ in self._tools]
        if not tools:
            return
        group = self._heading(name, sign, key)
        for tool in tools:
            group.appendRow(self._row(tool))
        self.model.appendRow(group)

    def _heading(self, name: str, sign: str, key: str) -> QStandardItem:
        group = QStandardItem(icon(sign, self._theme.muted), tr(name))
        font = group.font()
        font.setBold(True)
        group.setFont(font)
        group.setForeground(QColor(self._theme.muted))
        group.setData(key, VALUE + 1)
        group.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        return group

    def _row(self, tool: InstalledTool) -> QStandardItem:
        is_favourite = tool.tool.id in self._favourites
        first = next(iter(tool.tool.outputs.values()))
        sign = "star-full" if is_favourite else "tool"
        made = QStandardItem(
            icon(sign, self._theme.kinds[first.kind]), tr(tool.tool.name)
        )
        made.setData(str(tool.ref), VALUE)
        made.setToolTip(tip(tool.tool, self._theme))
        made.setData(
            f"{tr(tool.tool.name)}. {tr(tool.tool.summary)}",
            int(Qt.ItemDataRole.AccessibleTextRole),
        )
        made.setFlags(_DRAGGED)
        return made

    def _closed(self) -> set[str]:
        groups = (self.model.index(row, 0) for row in range(self.model.rowCount()))
        return {
            index.data(VALUE + 1)
            for index in groups
            if index.data(VALUE + 1) and not self.tree.isExpanded(index)
        }

    def _activate(self, index: QModelIndex) -> None:
        if ref := index.data(VALUE):
            self.add_requested.emit(str(ref))

    def _add_first(self) -> None:
        index = self.tree.currentIndex()
        if index.isValid():
            self._activate(index)

    def _open_menu(self, place: QPoint) -> None:
        index = self.tree.indexAt(place)
        ref = index.data(VALUE) if index.isValid() else None
        if not ref:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        add = menu.addAction(themed("add", self._theme), tr("Add to the canvas"))
        add.triggered.connect(lambda: self.add_requested.emit(str(ref)))
        is_favourite = _id(str(ref)) in self._favourites
        words = (
            tr("Remove from favourites") if is_favourite else tr("Add to favourites")
        )
        mark = menu.addAction(themed("star", self._theme), words)
        mark.triggered.connect(lambda: self.favourite_toggled.emit(_id(str(ref))))
        menu.popup(self.tree.viewport().mapToGlobal(place))

    def _say(self, text: str) -> None:
        self._nothing.setText(text)
        self._nothing.setVisible(bool(text))


def _id(ref: str) -> str:
    return ref.partition("@")[0]
