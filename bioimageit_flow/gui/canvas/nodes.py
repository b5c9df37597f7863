"""A node of the scene: shows a `NodeView` and knows where its ports are."""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from bioimageit_flow.editor.geometry import Box, port_offset
from bioimageit_flow.editor.scene import NodeView, Point
from bioimageit_flow.gui.canvas.nodegraph import AbstractNodeItem
from bioimageit_flow.gui.canvas.painting import Look, paint_node, paint_stand_in
from bioimageit_flow.gui.canvas.stills import TINY, Stills
from bioimageit_flow.gui.canvas.style import Style

_MARGIN = 24.0
_CORE = 8.0
"""Ports reach so far over the card."""
_FADED = 0.35


class NodeItem(AbstractNodeItem):
    """One node.

    Parameters
    ----------
    view : NodeView
        What it shows.
    style : Style
        How it shows it.
    stills : Stills, optional
        Keeps its picture; without, it is painted each time, as in a vector file.
    """

    def __init__(
        self, view: NodeView, style: Style, stills: Stills | None = None
    ) -> None:
        super().__init__(view.title)
        self.setCacheMode(QGraphicsItem.CacheMode.NoCache)
        # The editor owns the selection and the position; Qt only draws.
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable, False)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsMovable, False)
        self.id = view.id
        self.view = view
        self.look = Look()
        self._style = style
        self._stills = stills
        self._box = self._core = QRectF()
        self._forget()
        self._measure()
        self.setPos(view.x, view.y)

    def boundingRect(self) -> QRectF:
        """Return the area that is painted, glow and marks included."""
        return self._box

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Paint the node in as much detail as can be seen."""
        zoom = painter.worldTransform().m11()
        if self._stills is None or zoom < TINY:
            self._paint(painter, zoom)
        elif not self._stills.draw(
            painter, id(self), self._box, self._core, self._paint
        ):
            paint_stand_in(painter, self.view, self._style)

    def delete(self) -> None:
        """Take it out of the scene."""
        self._forget()
        super().delete()

    def show_view(self, view: NodeView) -> None:
        """Show another state of the same node."""
        if (view.width, view.height) != (self.view.width, self.view.height):
            self.prepareGeometryChange()
        self.view = view
        self._measure()
        self.setPos(view.x, view.y)
        self.setZValue(3 if view.is_selected else 1)
        self._paint_anew()

    def set_style(self, style: Style) -> None:
        """Draw in another theme."""
        self._style = style
        self._paint_anew()

    def highlight(
        self, *, is_hovered: bool = False, port: tuple[bool, str] | None = None
    ) -> None:
        """Mark what is under the mouse."""
        if (self.look.is_hovered, self.look.port) != (is_hovered, port):
            self.look.is_hovered, self.look.port = is_hovered, port
            self._paint_anew()

    def set_current(
        self, is_current: bool, port: tuple[bool, str] | None = None
    ) -> None:
        """Show where the keyboard is."""
        if (self.look.is_current, self.look.port) != (is_current, port):
            self.look.is_current, self.look.port = is_current, port
            self._paint_anew()

    def glow(self, ports: set[tuple[bool, str]] | None, *, is_source: bool) -> None:
        """Show which ports a dragged wire fits; None when the drag is over."""
        if ports != self.look.glowing:
            self.look.glowing = ports
            self._paint_anew()
        faded = ports is not None and not ports and not is_source
        self.setOpacity(_FADED if faded else 1.0)

    def port_at(self, name: str | None, *, is_output: bool) -> Point:
        """Return the middle of a port in the scene."""
        x, y = port_offset(self.view, name, is_output=is_output)
        return self.x() + x, self.y() + y

    @property
    def area(self) -> Box:
        """The card in the scene."""
        x, y = self.x(), self.y()
        return x, y, x + self.view.width, y + self.view.height

    def holds(self, at: QPointF) -> bool:
        """Say whether a point of the scene is on the card."""
        left, top, right, bottom = self.area
        return left <= at.x() <= right and top <= at.y() <= bottom

    def _paint(self, painter: QPainter, zoom: float) -> None:
        paint_node(painter, self.view, self._style, self.look, zoom)

    def _forget(self) -> None:
        if self._stills is not None:
            self._stills.forget(id(self))

    def _paint_anew(self) -> None:
        self._forget()
        self.update()

    def _measure(self) -> None:
        card = QRectF(0, 0, self.view.width, self.view.height)
        self._box = card.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
        self._core = card.adjusted(-_CORE, -_CORE, _CORE, _CORE)
