"""Titles and notes written where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit

from bioimageit_flow.editor.scene import HEADER_HEIGHT
from bioimageit_flow.gui.canvas.frames import TITLE_HEIGHT
from bioimageit_flow.gui.canvas.style import SMALL_SIZE, TITLE_SIZE, Style
from bioimageit_flow.gui.language import tr

if TYPE_CHECKING:
    from bioimageit_flow.gui.canvas.view import CanvasView


class InlineEdit(QPlainTextEdit):
    """One editor for all: opened over a title or a note, gone with Enter or Escape.

    In a note Enter begins a new line, and Escape, Ctrl+Enter or a click elsewhere
    ends it and keeps the text.

    Parameters
    ----------
    view : CanvasView
        The canvas.
    """

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self.setObjectName("canvasInline")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(self.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self._view = view
        self._key = ""
        self._before = ""
        self.hide()
        view.viewport().installEventFilter(self)

    @property
    def is_note(self) -> bool:
        """Whether a note is written."""
        return self._key in self._view.board.notes

    def set_style(self, style: Style) -> None:
        """Draw in another theme."""
        theme = style.theme
        self.setStyleSheet(
            f"#canvasInline {{ background: {theme.field}; color: {theme.text};"
            f" border: 1.5px solid {theme.accent}; border-radius: 4px;"
            f" padding: 1px 4px; }}"
        )

    def open(self, key: str) -> bool:
        """Write the title of a node or frame, or a note; False if it is neither."""
        board = self._view.board
        item = board.box(key)
        if item is None:
            return False
        left, top, right, bottom = item.area
        size = TITLE_SIZE
        if key in board.nodes:
            self._before = board.nodes[key].view.title
            bottom = top + HEADER_HEIGHT
            top, bottom = top + 8, bottom - 8
            left, right = left + 6, right - 6
        elif key in board.frames:
            self._before = board.frames[key].view.title
            top, bottom = top + 1, top + TITLE_HEIGHT - 1
            left, right = left + 6, max(right - 6, left + 160)
        else:
            self._before = board.notes[key].view.text
            size = SMALL_SIZE
        self._key = key
        is_long = key in board.notes
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAsNeeded
            if is_long
            else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )
        zoom = self._view.zoom
        font = self.font()
        font.setPixelSize(max(round(size * zoom), 11))
        self.setFont(font)
        corner = self._view.pixel(QPointF(left, top))
        width = max(round((right - left) * zoom), 150)
        height = max(round((bottom - top) * zoom), font.pixelSize() + 15)
        self.setGeometry(corner.x(), corner.y(), width, height)
        self.setPlainText(self._before)
        self.selectAll()
        self.show()
        self.raise_()
        self.setFocus()
        self.setAccessibleName(tr("Note") if self.is_note else tr("Title"))
        return True

    def close_edit(self, *, is_kept: bool) -> None:
        """Go away, and keep what was written or not."""
        if not self._key:
            return
        key, self._key = self._key, ""
        text = self.toPlainText()
        had_focus = self.hasFocus()
        self.hide()
        if had_focus:
            self._view.setFocus()
        if not is_kept or text == self._before:
            return
        board, editor, view = self._view.board, self._view.editor, self._view
        if key in board.notes:
            view.attempt(lambda: editor.set_note(key, text))
        elif key in board.frames:
            title = " ".join(text.split())
            view.attempt(lambda: editor.set_frame(key, title=title))
        elif key in board.nodes:
            view.attempt(lambda: editor.rename(key, " ".join(text.split())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """End with Enter or Escape."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        is_ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Escape:
            # a title is as it was; the words of a note are too many to lose by a key
            self.close_edit(is_kept=self.is_note)
        elif is_enter and (is_ctrl or not self.is_note):
            self.close_edit(is_kept=True)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keep what was written when the user goes elsewhere."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.close_edit(is_kept=True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep what was written when the canvas is clicked."""
        if event.type() == QEvent.Type.MouseButtonPress and self._key:
            self.close_edit(is_kept=True)
        return bool(super().eventFilter(watched, event))
