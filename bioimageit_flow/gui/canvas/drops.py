"""What is dropped on the canvas: tools, files and folders, text of nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QObject, QPointF
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from bioimageit_flow.gui.canvas.nodes import NodeItem
from bioimageit_flow.gui.canvas.wires import WireItem
from bioimageit_flow.gui.experiment.dragging import (
    BINDING_TYPE,
    DraggedData,
    dragged,
)

if TYPE_CHECKING:
    from bioimageit_flow.gui.canvas.view import CanvasView

TOOL_TYPE = "application/x-bioimageit-flow-tool"
"""Type of a tool dragged from the palette; the data is its reference in UTF-8."""

DATASET_TYPE = "application/x-bioimageit-flow-dataset"
"""Type of a dataset dragged from an experiment; the data is ``name kind``."""


class Drops(QObject):
    """Takes what is dropped on the view.

    Parameters
    ----------
    view : CanvasView
        The canvas.
    files : callable
        Told the paths that were dropped and where.
    bindings : callable
        Told data of an experiment, where they were dropped, and on which node.
    """

    def __init__(
        self,
        view: CanvasView,
        files: Callable[[list[str], QPointF], None],
        bindings: Callable[[DraggedData, QPointF, str], None],
    ) -> None:
        super().__init__(view)
        self._view = view
        self._files = files
        self._bindings = bindings
        self._node: NodeItem | None = None
        self._wire: WireItem | None = None
        # Qt sends drags over a scroll area to its viewport.
        view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Answer drags before the view does."""
        match event.type():
            case QEvent.Type.DragEnter | QEvent.Type.DragMove:
                assert isinstance(event, QDragEnterEvent | QDragMoveEvent)
                self._over(event)
                return True
            case QEvent.Type.DragLeave:
                self._mark(None)
                self._light(None)
                return True
            case QEvent.Type.Drop:
                assert isinstance(event, QDropEvent)
                self._drop(event)
                return True
        return False

    def _over(self, event: QDragMoveEvent) -> None:
        if not self._is_ours(event.mimeData()):
            event.ignore()
            return
        event.acceptProposedAction()
        wire = None
        if event.mimeData().hasFormat(BINDING_TYPE):
            at = self._view.place(event.position().toPoint())
            self._light(self._view.board.node_at(at))
        if event.mimeData().hasFormat(TOOL_TYPE):
            here = self._view.place(event.position().toPoint())
            if self._view.board.node_at(here) is None:
                wire = self._view.board.wire_at(here, max(self._view.reach(12), 9.0))
        self._mark(wire)

    def _drop(self, event: QDropEvent) -> None:
        wire, data = self._wire, event.mimeData()
        node = self._node
        self._mark(None)
        self._light(None)
        if not self._is_ours(data):
            event.ignore()
            return
        event.acceptProposedAction()
        here = self._view.place(event.position().toPoint())
        view, editor = self._view, self._view.editor
        at = (here.x(), here.y())
        bound = dragged(data)
        if bound is not None:
            self._bindings(bound, here, node.id if node is not None else "")
            view.setFocus()
        elif data.hasFormat(TOOL_TYPE):
            ref = bytes(data.data(TOOL_TYPE).data()).decode()
            key = wire.view.key if wire is not None else None
            free = editor.room_at(at)
            view.attempt(lambda: editor.add_tool(ref, at=free, insert_on=key))
            view.setFocus()
        elif data.hasFormat(DATASET_TYPE):
            text = bytes(data.data(DATASET_TYPE).data()).decode()
            name, _, kind = text.partition(" ")
            free = editor.room_at(at)
            view.attempt(lambda: editor.add_dataset(name, kind or "image", at=free))
        elif paths := _paths(data):
            self._files(paths, here)
        elif data.hasText():
            view.attempt(lambda: editor.paste(data.text(), at))

    def _is_ours(self, data: QMimeData) -> bool:
        if not self._view.has_editor:
            return False
        return (
            data.hasFormat(TOOL_TYPE)
            or data.hasFormat(DATASET_TYPE)
            or data.hasFormat(BINDING_TYPE)
            or data.hasUrls()
            or data.hasText()
        )

    def _light(self, node: NodeItem | None) -> None:
        """Show which node would take data that are dropped here."""
        if node is self._node:
            return
        if self._node is not None and self._node.scene() is not None:
            self._node.highlight(is_hovered=False)
        if node is not None:
            node.highlight(is_hovered=True)
        self._node = node

    def _mark(self, wire: WireItem | None) -> None:
        if wire is self._wire:
            return
        if self._wire is not None and self._wire.scene() is not None:
            self._wire.hover(False)
        if wire is not None:
            wire.hover(True)
        self._wire = wire


def _paths(data: QMimeData) -> list[str]:
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
