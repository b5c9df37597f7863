"""A wire of the scene, and the wire that hangs on the mouse.

Qt paints both without calling Python: a wire is a path with a pen.
"""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QGraphicsEllipseItem,
    QGraphicsItem,
    QGraphicsPathItem,
    QStyleOptionGraphicsItem,
    QWidget,
)

from bioimageit_flow.editor.geometry import Curve, curve
from bioimageit_flow.editor.scene import Point, WireView
from bioimageit_flow.gui.canvas.marks import draw_problem
from bioimageit_flow.gui.canvas.nodegraph import PipeItem
from bioimageit_flow.gui.canvas.style import Style, with_alpha
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.problem import Severity

DOT_RADIUS = 5.5
_NOWHERE: Final = curve((0, 0), (0, 0))


class WireItem(PipeItem):
    """One wire.

    Parameters
    ----------
    view : WireView
        What it shows.
    style : Style
        How it shows it.
    """

    # Back to what Qt paints itself: no Python per wire and frame.
    paint = QGraphicsPathItem.paint
    itemChange = QGraphicsPathItem.itemChange
    hoverEnterEvent = QGraphicsPathItem.hoverEnterEvent
    hoverLeaveEvent = QGraphicsPathItem.hoverLeaveEvent

    def __init__(self, view: WireView, style: Style) -> None:
        super().__init__()
        self._dir_pointer.setParentItem(None)  # type: ignore[arg-type]
        self.setAcceptHoverEvents(False)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable, False)
        # A cached wire would be a picture as large as the way it goes.
        self.setCacheMode(QGraphicsItem.CacheMode.NoCache)
        self.view = view
        self.waypoints = view.waypoints
        self.curve: Curve = _NOWHERE
        self._style = style
        self._is_hovered = False
        self._dots: list[QGraphicsEllipseItem] = []
        self._mark: _ProblemMark | None = None
        self._dress()

    def reset(self) -> None:
        """Do without the style of NodeGraphQt: `_dress` gives it ours."""

    def show_view(self, view: WireView) -> None:
        """Show another state of the same wire; `lay` draws its way."""
        self.view = view
        self.waypoints = view.waypoints
        self._dress()

    def set_style(self, style: Style) -> None:
        """Draw in another theme."""
        self._style = style
        self._dress()

    def lay(self, start: Point, end: Point) -> None:
        """Draw the wire between the middles of two ports."""
        self.curve = curve(start, end, self.waypoints)
        self.setPath(path_of(self.curve))
        for dot, (x, y) in zip(self._dots, self.waypoints, strict=True):
            dot.setPos(x, y)
        if self._mark is not None:
            self._mark.setPos(*self.curve.middle)

    def bend(self, waypoints: tuple[Point, ...]) -> None:
        """Lead the wire elsewhere while a reroute dot is dragged."""
        self.waypoints = waypoints
        self._dress()

    def hover(self, is_hovered: bool) -> None:
        """Mark the wire under the mouse."""
        if is_hovered != self._is_hovered:
            self._is_hovered = is_hovered
            self._dress()

    def fade(self, is_faded: bool) -> None:
        """Step back while another wire is dragged."""
        self.setOpacity(0.3 if is_faded else 1.0)

    def _dress(self) -> None:
        view = self.view
        pen = self._style.wire_pen(
            view.kind, is_selected=view.is_selected, problem=view.problem
        )
        if self._is_hovered:
            pen.setWidthF(pen.widthF() * 1.6)
        self.setPen(pen)
        self.setZValue(-0.5 if view.is_selected or self._is_hovered else -1)
        self._dress_dots(pen)
        if bool(view.problem) != (self._mark is not None):
            if self._mark is not None:
                self._take_out(self._mark)
                self._mark = None
            else:
                self._mark = _ProblemMark(self, self._style)
        self.setToolTip(view.problem)

    def _dress_dots(self, pen: QPen) -> None:
        while len(self._dots) > len(self.waypoints):
            self._take_out(self._dots.pop())
        while len(self._dots) < len(self.waypoints):
            size = 2 * DOT_RADIUS
            self._dots.append(
                QGraphicsEllipseItem(-DOT_RADIUS, -DOT_RADIUS, size, size, self)
            )
        for dot in self._dots:
            dot.setPen(QPen(self._style.canvas, 1.5))
            dot.setBrush(pen.color())

    def _take_out(self, item: QGraphicsItem) -> None:
        item.setParentItem(None)  # type: ignore[arg-type]
        scene = item.scene()
        if scene is not None:
            scene.removeItem(item)


class _ProblemMark(QGraphicsItem):
    """The sign on a wire that is not valid."""

    def __init__(self, parent: QGraphicsItem, style: Style) -> None:
        super().__init__(parent)
        self._style = style

    def boundingRect(self) -> QRectF:
        return QRectF(-13, -13, 26, 26)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        draw_problem(painter, Severity.ERROR, self._style, QPointF(0, 0), 0.9)


class LooseWire(QGraphicsPathItem):
    """The wire that hangs on the mouse."""

    def __init__(self, style: Style) -> None:
        super().__init__()
        self.setZValue(10)
        self.setVisible(False)
        self._style = style

    def set_style(self, style: Style) -> None:
        """Draw in another theme."""
        self._style = style

    def lay(
        self, start: Point, end: Point, kind: Kind, *, is_refused: bool, is_held: bool
    ) -> None:
        """Draw it: full where it would hold, dashed where it is refused."""
        pen = self._style.wire_pen(kind, is_selected=False, problem="")
        pen.setWidthF(pen.widthF() * 1.2)
        if is_refused:
            pen.setColor(self._style.severities[Severity.ERROR])
            pen.setDashPattern([3.0, 2.5])
        elif not is_held:
            pen.setColor(with_alpha(pen.color(), 0.85))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        self.setPen(pen)
        path = path_of(curve(start, end))
        path.addEllipse(QPointF(*end), 3.0, 3.0)
        self.setPath(path)
        self.setVisible(True)


def path_of(way: Curve) -> QPainterPath:
    """Return a curve as Qt draws it."""
    path = QPainterPath(QPointF(*way.segments[0][0]))
    for _, first, second, end in way.segments:
        path.cubicTo(*first, *second, *end)
    return path
