"""The view: which gesture a press begins, and what wheel, pinch and drops do."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsView, QToolTip, QWidget

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.scene import PortAddress
from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui.canvas.board import Board
from bioimageit_flow.gui.canvas.camera import Camera
from bioimageit_flow.gui.canvas.edges import Edges
from bioimageit_flow.gui.canvas.gestures import Gesture, Pan, Resize, Slice
from bioimageit_flow.gui.canvas.hover import Hover
from bioimageit_flow.gui.canvas.overlay import Overlay, RefusalCard, Whisper, sheet
from bioimageit_flow.gui.canvas.pressing import PORT_REACH, WIRE_REACH, gesture_for
from bioimageit_flow.gui.canvas.stills import Stills
from bioimageit_flow.gui.canvas.style import Style
from bioimageit_flow.gui.canvas.surface import Surface
from bioimageit_flow.gui.canvas.wires import LooseWire
from bioimageit_flow.gui.language import tr


class CanvasView(Camera):
    """The scene on the screen, and everything the mouse does with it.

    Parameters
    ----------
    parent : QWidget
        The canvas.
    style : Style
        How it looks.
    """

    moved = Signal()
    tool_asked = Signal(QPointF, QPoint, object)
    insert_asked = Signal(QPointF, QPoint, str)
    menu_asked = Signal(QPointF, QPoint, str)
    activated = Signal(str)
    refused = Signal(str, str, object)

    def __init__(self, parent: QWidget, style: Style) -> None:
        super().__init__(parent)
        self._throw_away()
        self.setScene(Surface(self, style))
        self._look_around()
        self.setViewportUpdateMode(self.ViewportUpdateMode.SmartViewportUpdate)
        self.setOptimizationFlag(self.OptimizationFlag.DontAdjustForAntialiasing, True)
        self.setRenderHint(QPainter.RenderHint.TextAntialiasing, True)
        self.setFrameShape(self.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents, False)
        self.stills = Stills(self.viewport().update, self)
        self.board = Board(self.scene(), style, self.stills)
        self.overlay = Overlay(self.scene(), style)
        self.loose = LooseWire(style)
        self.scene().addItem(self.loose)
        self.whisper = Whisper(self)
        self.card = RefusalCard(self)
        self.hover = Hover(self)
        self.edges = Edges(self)
        self.gesture: Gesture | None = None
        self.on_key: Callable[[QKeyEvent], None] | None = None
        self.snaps = True
        self.is_space_down = False
        self.is_space_used = False
        self.last_at = QPoint()
        self._editor: Editor | None = None
        self.set_style(style)

    def _throw_away(self) -> None:
        """Do without the search box, menu bar and helpers of NodeGraphQt."""
        for widget in (self._search_widget, self._ctx_menu_bar, self._rubber_band):
            widget.deleteLater()
        old = self.scene()
        for item in (self._LIVE_PIPE, self._SLICER_PIPE, self._cursor_text):
            old.removeItem(item)
        old.deleteLater()

    # What gestures use

    @property
    def editor(self) -> Editor:
        """The document that is shown."""
        if self._editor is None:
            raise RuntimeError("the canvas shows no document")
        return self._editor

    @property
    def has_editor(self) -> bool:
        """Whether a document is shown."""
        return self._editor is not None

    def set_editor(self, editor: Editor | None) -> None:
        """Show another document."""
        self.cancel()
        self._editor = editor

    def set_style(self, style: Style) -> None:
        """Draw in another theme."""
        self.scene().set_style(style)  # type: ignore[attr-defined]
        self.board.set_style(style)
        self.overlay.set_style(style)
        self.loose.set_style(style)
        self.setStyleSheet(sheet(style))
        self.resetCachedContent()

    def attempt(self, intent: Callable[[], object]) -> bool:
        """Ask the editor for a change; tell a refusal in the window."""
        try:
            intent()
        except FlowError as error:
            self.refused.emit(error.message, error.remedy, ())
            return False
        return True

    def say(self, text: str, at: QPoint) -> None:
        """Write words beside the cursor; no words take them away."""
        if text:
            self.whisper.say(text, at)
        else:
            self.whisper.hush()

    def refuse(
        self,
        text: str,
        remedy: str,
        at: QPoint,
        *,
        source: PortAddress,
        target: PortAddress,
        inserts: Sequence[str],
    ) -> None:
        """Tell why a wire was refused, and offer to insert what would help."""
        editor = self.editor
        end = (target[0], target[1] or "")
        choices = [
            (
                tr("Insert {tool}", tool=editor.toolset.tool(ref).name),
                partial(
                    self.attempt, partial(editor.connect_through, source, end, ref)
                ),
            )
            for ref in inserts[:2]
        ]
        self.card.offer(text, remedy, choices, at)
        self.refused.emit(text, remedy, tuple(choices))

    def ask_for_tool(
        self, scene_at: QPointF, at: QPoint, port: PortAddress | None
    ) -> None:
        """Ask the window for the search at a place."""
        self.tool_asked.emit(scene_at, self.viewport().mapToGlobal(at), port)

    def ask_by_key(self) -> None:
        """Ask for the search at the mouse; in the middle, if that is elsewhere."""
        at = self.last_at
        if not self.viewport().underMouse():
            at = self.viewport().rect().center() - QPoint(110, 50)
        self.ask_for_tool(self.place(at), at, None)

    def camera_moved(self) -> None:
        """Tell who follows the camera."""
        self.card.hide()
        self.moved.emit()

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin the gesture that fits what is pressed."""
        self.card.hide()
        at = event.position().toPoint()
        self.last_at = at
        if self._editor is None:
            return
        if self.gesture is not None:  # a second button while one is held
            self.cancel()
            return
        self.gesture = gesture_for(self, event, at)
        if self.gesture is not None:
            self.hover.clear()
            cursor = self.gesture.cursor
            if cursor is not None and isinstance(self.gesture, Pan | Slice | Resize):
                self.viewport().setCursor(cursor)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the gesture, or mark what is under the mouse."""
        at = event.position().toPoint()
        self.last_at = at
        if self.gesture is not None:
            self.gesture.move(at, event.modifiers())
            self.edges.follow(at)
        elif self._editor is not None:
            self.hover.follow(at, event.modifiers())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the gesture."""
        at = event.position().toPoint()
        self.last_at = at
        gesture, self.gesture = self.gesture, None
        self.edges.stop()
        if gesture is None:
            return
        self.viewport().unsetCursor()
        gesture.release(at, event.modifiers())
        if event.button() == Qt.MouseButton.RightButton and not gesture.is_drag:
            self._ask_for_menu(at)
        if self._editor is not None:
            self.hover.follow(at, event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open what is there, bend a wire, or ask for the search."""
        if self._editor is None or event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position().toPoint()
        here = self.place(at)
        board, editor = self.board, self.editor
        dot = board.waypoint_at(here, self.reach(PORT_REACH))
        if dot is not None:
            wire, number = dot
            self.attempt(lambda: editor.remove_waypoint(wire.view.key, number))
        elif (item := board.node_at(here)) is not None:
            self.activated.emit(item.id)
        elif (area := board.area_at(here, self.reach(PORT_REACH))) is not None:
            self.activated.emit(area.id)
        elif (bent := board.wire_at(here, self.reach(WIRE_REACH))) is not None:
            leg = bent.curve.leg(here.x(), here.y())
            leg = min(leg, len(bent.view.waypoints))
            place = (here.x(), here.y())
            self.attempt(lambda: editor.add_waypoint(bent.view.key, place, leg))
        else:
            self.ask_for_tool(here, at, None)

    def leaveEvent(self, event: QEvent) -> None:
        """Mark nothing any more."""
        self.hover.clear()
        super().leaveEvent(event)

    def cancel(self) -> bool:
        """Give up the gesture; say whether there was one."""
        gesture, self.gesture = self.gesture, None
        self.edges.stop()
        if gesture is not None:
            gesture.cancel()
            self.viewport().unsetCursor()
        return gesture is not None

    def reach(self, pixels: float) -> float:
        """Return pixels of the screen as a length of the scene."""
        return pixels / self.zoom

    def _ask_for_menu(self, at: QPoint) -> None:
        here = self.place(at)
        key = self.key_at(here)
        if key and key not in self.editor.selection:
            self.editor.select((key,), "replace")
        self.menu_asked.emit(here, self.viewport().mapToGlobal(at), key)

    def key_at(self, here: QPointF) -> str:
        """Return the id or key of what is at a point; empty for nothing."""
        board = self.board
        item = board.node_at(here) or board.area_at(here, self.reach(14))
        if item is not None:
            return item.id
        wire = board.wire_at(here, self.reach(WIRE_REACH))
        return wire.view.key if wire is not None else ""

    # The wheel and the rest

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the cursor; scroll with two fingers or with Shift."""
        at = event.position().toPoint()
        pixels, angle = event.pixelDelta(), event.angleDelta()
        is_zoom = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        is_finger = event.phase() != Qt.ScrollPhase.NoScrollPhase and not is_zoom
        if is_finger and not pixels.isNull():
            self.pan(pixels.x(), pixels.y())
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.pan((angle.y() or angle.x()) // 2, 0)
        else:
            self.stills.zoom_changes()
            self.zoom_at(at, 1.0013 ** (angle.y() or angle.x()))
        if self.gesture is not None:
            self.gesture.move(at, event.modifiers())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        """Zoom with two fingers; know where the mouse comes in."""
        if isinstance(event, QEnterEvent):
            self.last_at = event.position().toPoint()
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            # The scene would look for words of its items, and hide these.
            words, port = self.viewport().toolTip(), self.viewport()
            QToolTip.showText(event.globalPos(), words, port)
            return True
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.stills.zoom_changes()
            self.zoom_at(event.position().toPoint(), 1.0 + event.value())
            return True
        return bool(super().viewportEvent(event))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a frame; boxes that are left out come in the next ones."""
        self.stills.begin_frame(self.viewport().devicePixelRatioF())
        QGraphicsView.paintEvent(self, event)
        self.stills.end_frame()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the zoom: NodeGraphQt would change it."""
        QGraphicsView.resizeEvent(self, event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu when a key wants it; the mouse asks on its release."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self._editor:
            middle = self.viewport().rect().center()
            chosen = next(iter(self.editor.selection), "")
            item = self.board.box(chosen)
            if item is not None:
                left, top, right, _ = item.area
                middle = self.pixel(QPointF((left + right) / 2, top + 20))
            where = self.viewport().mapToGlobal(middle)
            self.menu_asked.emit(self.place(middle), where, chosen)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pass keys to the keyboard of the canvas."""
        event.ignore()
        if self.on_key is not None:
            self.on_key(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """End panning with Space; Space alone asks for the search."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            was_used, self.is_space_used = self.is_space_used, False
            if self.is_space_down and not was_used and self._editor is not None:
                self.ask_by_key()
            self.is_space_down = False
            self.viewport().unsetCursor()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Without the menu bar of NodeGraphQt."""
        QGraphicsView.focusInEvent(self, event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Forget keys that are released elsewhere."""
        self.is_space_down = False
        self.viewport().unsetCursor()
        QGraphicsView.focusOutEvent(self, event)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab walks the ports of the canvas; F6 leaves it."""
        return False
