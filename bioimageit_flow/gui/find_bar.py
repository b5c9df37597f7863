"""Ctrl+F: find nodes and parameters on the canvas, and walk through them."""

from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme


class Match(Protocol):
    """A place where a text was found."""

    @property
    def id(self) -> str:
        """The node, note or frame."""
        ...

    @property
    def text(self) -> str:
        """Where in it, in words."""
        ...


class FindBar(QFrame):
    """A field, how many places there are, and the way from one to the next.

    Attributes
    ----------
    go_requested : Signal
        With the match to be shown.
    closed : Signal
    """

    go_requested = Signal(object)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "message")
        self._find: Callable[[str], Sequence[Match]] = lambda _text: ()
        self._matches: list[Match] = []
        self._place = -1
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Find a node or a parameter"))
        self.field.setAccessibleName(tr("Find a node or a parameter"))
        self.field.setMaximumWidth(320)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.says = pieces.label("", "muted")
        self._before = pieces.tool_button(
            tr("Previous"), themed("up", theme), lambda: self.step(-1)
        )
        self._after = pieces.tool_button(
            tr("Next"), themed("down", theme), lambda: self.step(1)
        )
        self._close = pieces.tool_button(
            tr("Close"), themed("close", theme), self.close_bar
        )
        layout = pieces.row(
            self.field, self._before, self._after, self.says, None, self._close
        )
        layout.setContentsMargins(8, 4, 6, 4)
        self.setLayout(layout)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._before.setIcon(themed("up", theme))
        self._after.setIcon(themed("down", theme))
        self._close.setIcon(themed("close", theme))

    def open(self, find: Callable[[str], Sequence[Match]]) -> None:
        """Show the bar; `find` says where a text is."""
        self._find = find
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._search(self.field.text())

    def close_bar(self) -> None:
        """Hide the bar."""
        self.hide()
        self.closed.emit()

    def step(self, by: int) -> None:
        """Go to the next match, or back."""
        if not self._matches:
            return
        self._place = (self._place + by) % len(self._matches)
        match = self._matches[self._place]
        self.says.setText(
            tr(
                "{number} of {count}: {text}",
                number=self._place + 1,
                count=len(self._matches),
                text=match.text,
            )
        )
        self.go_requested.emit(match)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Walk by Enter and the arrows, close by Escape."""
        if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return False
        match Qt.Key(event.key()):
            case Qt.Key.Key_Escape:
                self.close_bar()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                self.step(-1 if shift else 1)
            case Qt.Key.Key_Down:
                self.step(1)
            case Qt.Key.Key_Up:
                self.step(-1)
            case _:
                return False
        return True

    def _search(self, text: str) -> None:
        self._matches = list(self._find(text)) if text.strip() else []
        self._place = -1
        if not text.strip():
            self.says.setText("")
        elif not self._matches:
            self.says.setText(tr("Not found"))
        else:
            self.step(1)
