"""What is under the mouse while no button is held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt

from bioimageit_flow.gui.canvas.frames import FrameItem, NoteItem
from bioimageit_flow.gui.canvas.nodes import NodeItem
from bioimageit_flow.gui.canvas.wires import WireItem
from bioimageit_flow.gui.canvas.words import words_for_port, words_for_why
from bioimageit_flow.gui.sentences import said

if TYPE_CHECKING:
    from bioimageit_flow.gui.canvas.view import CanvasView


class Hover:
    """Marks what is under the mouse and says what it is.

    Parameters
    ----------
    view : CanvasView
        Where the mouse is.
    """

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._item: NodeItem | WireItem | FrameItem | NoteItem | None = None

    def follow(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Mark what is at a pixel of the view."""
        view, board = self._view, self._view.board
        here = view.place(at)
        spot = board.port_at(here, max(view.reach(11), 12.0))
        if spot is not None:
            item = board.nodes[spot.node]
            self._take(item)
            item.highlight(is_hovered=True, port=spot.key)
            self._show(Qt.CursorShape.CrossCursor, words_for_port(spot))
            return
        node = board.node_at(here)
        if node is not None:
            self._take(node)
            node.highlight(is_hovered=True)
            words = said(node.view.problem) or words_for_why(node.view.why)
            self._show(None, words)
            return
        area = board.area_at(here, view.reach(14))
        wire = None
        if not isinstance(area, NoteItem):
            wire = board.wire_at(here, max(view.reach(7), 5.0))
        if wire is not None:
            self._take(wire)
            wire.hover(True)
            self._show(Qt.CursorShape.PointingHandCursor, said(wire.view.problem))
        elif area is not None:
            self._take(area)
            area.hover(True)
            is_handle = area.is_handle(here, view.reach(14))
            cursor = Qt.CursorShape.SizeFDiagCursor if is_handle else None
            self._show(cursor, "")
        else:
            self.clear()

    def clear(self) -> None:
        """Mark nothing."""
        self._take(None)
        self._show(None, "")

    def _take(self, item: NodeItem | WireItem | FrameItem | NoteItem | None) -> None:
        old, self._item = self._item, item
        if old is None or old is item or old.scene() is None:
            return
        if isinstance(old, NodeItem):
            old.highlight()
        else:
            old.hover(False)

    def _show(self, cursor: Qt.CursorShape | None, words: str) -> None:
        view = self._view
        port = view.viewport()
        if port.toolTip() != words:
            port.setToolTip(words)
        if view.is_space_down:
            return
        if cursor is None:
            port.unsetCursor()
        else:
            port.setCursor(cursor)
