"""The search at the cursor: type a few letters, press Enter, and the tool is there.

It lies in the window and not above it, so that no desktop can take its keys away.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QFocusEvent,
    QKeyEvent,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGraphicsDropShadowEffect,
    QLineEdit,
    QListView,
    QWidget,
)

from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.rows import VALUE, RowDelegate, row_item
from bioimageit_flow.gui.theme import Theme

_WIDTH: Final = 420
_HEIGHT: Final = 380
_MOVES: Final = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row that can be chosen.

    Attributes
    ----------
    value : object
        What is handed back when it is chosen.
    tag : str
        A word at the right: the toolbox, or a shortcut.
    icon : str
        Name of its icon, empty for none.
    """

    title: str
    detail: str
    value: object
    tag: str = ""
    icon: str = "tool"
    tip: str = ""


Find = Callable[[str], Sequence[Entry]]


class SearchPopup(QFrame):
    """A field and the list of what fits it.

    Attributes
    ----------
    chosen : Signal
        With the value of the entry, and whether the search stays open.
    closed : Signal
    """

    chosen = Signal(object, bool)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("searchPopup")
        self.setProperty("role", "popup")
        self.setAccessibleName(tr("Search"))
        self._window = parent
        self._find: Find = lambda _text: ()
        self._before: QWidget | None = None
        self._is_closing = False
        self.hint = pieces.label("", "small", wraps=True)
        self.field = QLineEdit()
        self.field.setClearButtonEnabled(True)
        self.field.setAccessibleName(tr("Search"))
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.model = QStandardItemModel(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setAccessibleName(tr("What fits"))
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._click)
        self._nothing = pieces.label("", "muted", wraps=True)
        self._keys = pieces.label("", "small")
        layout = pieces.column(
            self.hint, self.field, self.list, self._nothing, self._keys, margin=10
        )
        self.setLayout(layout)
        self._sign = QAction(tr("Search"), self)
        self.field.addAction(self._sign, QLineEdit.ActionPosition.LeadingPosition)
        self._shadow = QGraphicsDropShadowEffect(self)
        self._shadow.setBlurRadius(32)
        self._shadow.setOffset(0, 6)
        self.setGraphicsEffect(self._shadow)
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self._shadow.setColor(QColor(theme.shadow))
        self.list.setItemDelegate(RowDelegate(theme, self.list))
        self._sign.setIcon(themed("search", theme))

    def open(
        self,
        find: Find,
        *,
        at: QPoint | None = None,
        hint: str = "",
        prompt: str = "",
        keys: str = "",
        text: str = "",
    ) -> None:
        """Show the search.

        Parameters
        ----------
        find : callable
            Given what is typed, returns what fits, the best first.
        at : QPoint, optional
            Where, on the screen; at the top of the window by default.
        hint : str
            A line above the field.
        prompt : str
            What stands in the empty field.
        keys : str
            A line below the list about keys.
        text : str
            What is typed already.
        """
        self._find = find
        self._before = QApplication.focusWidget()
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self._keys.setText(keys)
        self._keys.setVisible(bool(keys))
        self.field.setPlaceholderText(prompt)
        self._place(at)
        self.field.blockSignals(True)
        self.field.setText(text)
        self.field.blockSignals(False)
        self._search(text)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_search(self) -> None:
        """Hide it, and give the keys back to what had them."""
        if self._is_closing or not self.isVisible():
            return
        self._is_closing = True
        has_focus = self.isAncestorOf(QApplication.focusWidget() or self)
        self.hide()
        if has_focus and self._before is not None:
            try:
                self._before.setFocus(Qt.FocusReason.OtherFocusReason)
            except RuntimeError:  # it has gone meanwhile
                self._before = None
        self._is_closing = False
        self.closed.emit()

    @property
    def entries(self) -> list[str]:
        """The titles that are listed."""
        return [self.model.item(row).text() for row in range(self.model.rowCount())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the field's keys move in the list, choose and close."""
        if watched is not self.field:
            return super().eventFilter(watched, event)
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._press(event)
        if (
            isinstance(event, QFocusEvent)
            and event.type() is QEvent.Type.FocusOut
            and event.reason()
            not in (
                Qt.FocusReason.ActiveWindowFocusReason,
                Qt.FocusReason.PopupFocusReason,
                Qt.FocusReason.MenuBarFocusReason,
            )
        ):
            self.close_search()
        return False

    def _press(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.close_search()
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            stays = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self._choose(self.list.currentIndex(), stays=stays)
            return True
        if key in _MOVES:
            QApplication.sendEvent(self.list, event)
            return True
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            step = 1 if key == Qt.Key.Key_Tab else -1
            row = (self.list.currentIndex().row() + step) % max(
                self.model.rowCount(), 1
            )
            self.list.setCurrentIndex(self.model.index(row, 0))
            return True
        return False

    def _click(self, index: QModelIndex) -> None:
        modifiers = QApplication.keyboardModifiers()
        stays = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        self._choose(index, stays=stays)

    def _choose(self, index: QModelIndex, *, stays: bool) -> None:
        if not index.isValid():
            return
        value = index.data(VALUE)
        if stays:
            self.field.selectAll()
        else:
            self.close_search()
        self.chosen.emit(value, stays)

    def _search(self, text: str) -> None:
        self.model.clear()
        for entry in self._find(text):
            sign = themed(entry.icon, self._theme) if entry.icon else None
            self.model.appendRow(
                row_item(
                    entry.title,
                    entry.detail,
                    value=entry.value,
                    icon=sign,
                    tag=entry.tag,
                    tip=entry.tip,
                )
            )
        is_empty = self.model.rowCount() == 0
        self._nothing.setText(
            tr("Nothing fits. Try other or fewer words.") if is_empty else ""
        )
        self._nothing.setVisible(is_empty)
        if not is_empty:
            self.list.setCurrentIndex(self.model.index(0, 0))

    def _place(self, at: QPoint | None) -> None:
        window = self._window
        scale = self._theme.font_scale
        width = min(round(_WIDTH * scale), window.width() - 24)
        height = min(round(_HEIGHT * scale), window.height() - 24)
        self.resize(width, height)
        if at is None:
            self.move((window.width() - width) // 2, max(12, window.height() // 8))
            return
        local = window.mapFromGlobal(at) + QPoint(4, 4)
        self.move(
            max(12, min(local.x(), window.width() - width - 12)),
            max(12, min(local.y(), window.height() - height - 12)),
        )
