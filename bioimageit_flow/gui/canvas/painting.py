"""How a node looks: a card with a tinted title, and ports with shape, colour, letter.

Three levels of detail: all of it; title and ports without words; a tinted card with a
title that stays readable.
"""

from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from bioimageit_flow.editor.geometry import CORNER_RADIUS, port_offset
from bioimageit_flow.editor.scene import (
    HEADER_HEIGHT,
    NodeRole,
    NodeStatus,
    NodeView,
    PortView,
)
from bioimageit_flow.gui.canvas.marks import (
    draw_problem,
    draw_role,
    draw_status,
    draw_tag,
)
from bioimageit_flow.gui.canvas.shadows import draw_shadow
from bioimageit_flow.gui.canvas.style import (
    SMALL_SIZE,
    TITLE_SIZE,
    Style,
    blend,
    readable_on,
    with_alpha,
)
from bioimageit_flow.gui.canvas.words import word_for_state
from bioimageit_flow.gui.language import tr
from bioimageit_flow.model.problem import Severity
from bioimageit_flow.workflow.document import NodeState

_LABEL_GAP = 16.0
_FAR, _MEDIUM = 0.34, 0.5
_UNREADABLE = 0.17
_LETTERS = 0.45
_SHADOWS = 0.75


class Detail(IntEnum):
    """How much of a node is worth painting."""

    FAR = 0
    MEDIUM = 1
    FULL = 2

    @classmethod
    def at(cls, zoom: float) -> "Detail":
        """Return the level for a zoom, 1 being the natural size."""
        if zoom < _FAR:
            return cls.FAR
        return cls.MEDIUM if zoom < _MEDIUM else cls.FULL


@dataclass(slots=True)
class Look:
    """What passes over a node while the mouse or the keyboard does something.

    Attributes
    ----------
    glowing : set or None
        While a wire is dragged: which ports fit, as (is_output, name); None otherwise.
    port : tuple or None
        The port under the mouse or with the keyboard.
    """

    is_hovered: bool = False
    is_current: bool = False
    glowing: set[tuple[bool, str]] | None = None
    port: tuple[bool, str] | None = None


def paint_node(
    painter: QPainter, view: NodeView, style: Style, look: Look, zoom: float
) -> None:
    """Paint one node with its upper left corner at the origin."""
    detail = Detail.at(zoom)
    body = QRectF(0, 0, view.width, view.height)
    if view.state is NodeState.DISABLED:
        painter.setOpacity(0.72 if style.is_strong else 0.5)
    if detail is Detail.FAR and look.glowing is None:
        _far(painter, view, style, look, body, zoom)
        return
    _card(painter, view, style, look, body, zoom)
    if detail is Detail.FAR:
        _far_title(painter, view, style, body, zoom)
    else:
        _title(painter, view, style, has_subtitle=detail is Detail.FULL)
    if view.state is NodeState.BYPASS and detail is not Detail.FAR:
        _bypass(painter, view, style)
    if detail is not Detail.FAR or look.glowing is not None:
        for is_output, ports in ((False, view.inputs), (True, view.outputs)):
            for port in ports:
                _port(painter, view, port, style, look, is_output, zoom)
    if view.status is not NodeStatus.IDLE:
        has_text = detail is not Detail.FAR
        draw_status(painter, view, style, body, has_text=has_text)
    if view.severity in (Severity.ERROR, Severity.WARNING):
        size = 1.0 if detail is Detail.FULL else min(0.8 / zoom, 2.6)
        at = QPointF(body.right() - 5, body.top() + 3)
        draw_problem(painter, view.severity, style, at, size)


def paint_stand_in(painter: QPainter, view: NodeView, style: Style) -> None:
    """Paint a plain card, shown for moments until the picture of a node is there."""
    painter.fillRect(QRectF(0, 0, view.width, view.height), style.far(view))


def _card(
    painter: QPainter,
    view: NodeView,
    style: Style,
    look: Look,
    body: QRectF,
    zoom: float,
) -> None:
    detail = Detail.at(zoom)
    painter.setPen(Qt.PenStyle.NoPen)
    if zoom > _SHADOWS and style.shadow.alpha():
        draw_shadow(painter, style, body)
    if view.is_selected:
        painter.setBrush(with_alpha(style.selection, 0.2))
        painter.drawRoundedRect(
            body.adjusted(-5, -5, 5, 5), CORNER_RADIUS + 5, CORNER_RADIUS + 5
        )
    header = style.header(view)
    if view.role is NodeRole.SUBWORKFLOW and detail is not Detail.FAR:
        painter.setPen(style.pen(style.border))
        painter.setBrush(blend(style.node, header, 0.6))
        painter.drawRoundedRect(body.adjusted(6, 6, 5, 5), CORNER_RADIUS, CORNER_RADIUS)
        painter.setPen(Qt.PenStyle.NoPen)
    if detail is Detail.FAR:
        painter.setBrush(style.far(view))
        painter.drawRoundedRect(body, CORNER_RADIUS, CORNER_RADIUS)
    else:
        painter.setBrush(style.node)
        painter.drawRoundedRect(body, CORNER_RADIUS, CORNER_RADIUS)
        painter.setBrush(header)
        painter.drawPath(_top(body))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_outline(view, style, look))
    painter.drawRoundedRect(body, CORNER_RADIUS, CORNER_RADIUS)
    if look.is_current:
        pen = style.pen(style.accent, 1.6)
        pen.setStyle(Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.drawRoundedRect(
            body.adjusted(-8, -8, 8, 8), CORNER_RADIUS + 7, CORNER_RADIUS + 7
        )


def _outline(view: NodeView, style: Style, look: Look) -> QPen:
    colour, width = style.border, 1.0
    if look.is_hovered:
        colour, width = blend(style.border, style.text, 0.45), 1.2
    if view.severity in (Severity.ERROR, Severity.WARNING):
        colour, width = style.severities[view.severity], 1.5
    if view.is_selected:
        colour, width = style.selection, 2.2
    pen = style.pen(colour, width)
    if view.role is NodeRole.MISSING or view.state is not NodeState.ENABLED:
        pen.setDashPattern([4.0, 3.0])
    return pen


def _top(body: QRectF) -> QPainterPath:
    """Return the upper part of the card, square where it meets the body."""
    path = QPainterPath()
    radius = CORNER_RADIUS
    bottom = body.top() + HEADER_HEIGHT
    path.moveTo(body.left(), bottom)
    path.lineTo(body.left(), body.top() + radius)
    path.quadTo(body.topLeft(), QPointF(body.left() + radius, body.top()))
    path.lineTo(body.right() - radius, body.top())
    path.quadTo(body.topRight(), QPointF(body.right(), body.top() + radius))
    path.lineTo(body.right(), bottom)
    path.closeSubpath()
    return path


def _title(
    painter: QPainter, view: NodeView, style: Style, *, has_subtitle: bool = True
) -> None:
    left = 12.0
    if view.role is not NodeRole.TOOL:
        draw_role(painter, view.role, style, QPointF(21, HEADER_HEIGHT / 2))
        left = 36.0
    right = view.width - 12.0
    tag = _tag(view)
    if tag and has_subtitle:
        right = draw_tag(painter, tag, style, right, HEADER_HEIGHT / 2) - 6
    subtitle = view.subtitle if has_subtitle else ""
    painter.setPen(style.text)
    painter.setFont(style.title_font)
    title = style.cut(tr(view.title), right - left, is_title=True)
    baseline = 20.0 if subtitle else HEADER_HEIGHT / 2 + TITLE_SIZE * 0.36
    painter.drawText(QPointF(left, baseline), title)
    if subtitle:
        painter.setPen(blend(style.muted, style.text, 0.25))
        painter.setFont(style.small_font)
        room, middle = right - left, Qt.TextElideMode.ElideMiddle
        text = style.cut(tr(subtitle), room, mode=middle)
        painter.drawText(QPointF(left, 37.0), text)


def _far(
    painter: QPainter,
    view: NodeView,
    style: Style,
    look: Look,
    body: QRectF,
    zoom: float,
) -> None:
    """Paint a plain card: seen from afar there are many, and corners are not seen."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(body, style.far(view))
    pen = _outline(view, style, look)
    pen.setWidthF(max(pen.widthF() / zoom, 1.0) if view.is_selected else 0.0)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(body)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    if zoom > _UNREADABLE:
        _far_title(painter, view, style, body, zoom)
    if view.status is not NodeStatus.IDLE:
        draw_status(painter, view, style, body, has_text=False)
    if view.severity in (Severity.ERROR, Severity.WARNING):
        at = QPointF(body.right() - 5, body.top() + 3)
        draw_problem(painter, view.severity, style, at, min(0.8 / zoom, 2.6))


def _far_title(
    painter: QPainter, view: NodeView, style: Style, body: QRectF, zoom: float
) -> None:
    """Write the title as large as the card allows, so that it can still be read."""
    text, size = style.far_title(tr(view.title), zoom, body.width() - 16)
    painter.setFont(style.far_font(zoom))
    painter.setPen(style.text)
    top = max(body.center().y() - size / 2, body.top() + 2)
    painter.save()
    painter.setClipRect(body, Qt.ClipOperation.IntersectClip)
    painter.drawStaticText(QPointF(body.left() + 8, top), text)
    painter.restore()


def _tag(view: NodeView) -> str:
    return word_for_state(view.state) or view.badge


def _bypass(painter: QPainter, view: NodeView, style: Style) -> None:
    """Draw how the input passes below the words to the output."""
    if not (view.inputs and view.outputs):
        return
    x0, y0 = port_offset(view, view.inputs[0].name, is_output=False)
    x1, y1 = port_offset(view, view.outputs[0].name, is_output=True)
    low = view.height - 6.0
    path = QPainterPath(QPointF(x0, y0))
    path.cubicTo(x0 + 2, low - 4, x0 + 8, low, x0 + 24, low)
    path.lineTo(x1 - 24, low)
    path.cubicTo(x1 - 8, low, x1 - 2, low - 4, x1, y1)
    pen = QPen(with_alpha(style.kinds[view.inputs[0].kind], 0.85), 2.0)
    pen.setDashPattern([2.2, 2.2])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def _port(
    painter: QPainter,
    view: NodeView,
    port: PortView,
    style: Style,
    look: Look,
    is_output: bool,
    zoom: float,
) -> None:
    x, y = port_offset(view, port.name, is_output=is_output)
    key = (is_output, port.name)
    is_faded = look.glowing is not None and key not in look.glowing
    painter.save()
    if is_faded:
        painter.setOpacity(painter.opacity() * 0.28)
    painter.translate(x, y)
    colour = style.kinds[port.kind]
    if look.glowing is not None and not is_faded:
        _glow(painter, style)
    if look.port == key:
        painter.setPen(style.pen(style.selection, 2.0))
        painter.setBrush(with_alpha(style.selection, 0.22))
        painter.drawEllipse(QPointF(0, 0), 14.5, 14.5)
    paint_glyph(
        painter,
        port,
        style,
        colour,
        is_output=is_output,
        has_letter=zoom > _LETTERS,
    )
    painter.translate(-x, -y)
    if Detail.at(zoom) is Detail.FULL:
        _label(painter, view, port, style, y, is_output)
    painter.restore()


def _glow(painter: QPainter, style: Style) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    for radius, alpha in ((20.0, 0.14), (16.0, 0.24), (13.0, 0.4)):
        painter.setBrush(with_alpha(style.drop, alpha))
        painter.drawEllipse(QPointF(0, 0), radius, radius)


def paint_glyph(
    painter: QPainter,
    port: PortView,
    style: Style,
    colour: QColor,
    *,
    is_output: bool,
    has_letter: bool = True,
) -> None:
    """Paint the mark of a port around the origin: filled once a wire is there."""
    glyph = style.glyphs[port.kind]
    is_many = port.is_many if is_output else port.takes_group
    if is_many:
        painter.setPen(style.pen(colour, 1.4))
        painter.setBrush(style.node)
        shift = 5.0 if is_output else -5.0
        painter.drawPath(glyph.translated(shift, 0))
    fill = colour if port.is_wired or is_output else style.node
    pen = style.pen(colour if not port.is_wired else style.node, 1.7)
    if port.is_optional and not port.is_wired:
        pen.setDashPattern([1.6, 1.4])
    if is_output and not port.is_wired:
        fill = blend(style.node, colour, 0.35)
    painter.setPen(pen)
    painter.setBrush(fill)
    painter.drawPath(glyph)
    if has_letter:
        ink = readable_on(fill) if fill is colour else style.text
        painter.fillPath(style.letter(port.letter), ink)


def _label(
    painter: QPainter,
    view: NodeView,
    port: PortView,
    style: Style,
    y: float,
    is_output: bool,
) -> None:
    others = view.inputs if is_output else view.outputs
    mine = view.outputs if is_output else view.inputs
    row = mine.index(port)
    room = view.width - 2 * _LABEL_GAP
    if row < len(others):
        other = style.width(others[row].label)
        room = max(room - other - 10.0, room * 0.5 - 5.0)
    text = style.cut(tr(port.label), room)
    painter.setFont(style.small_font)
    painter.setPen(style.muted if port.is_optional else style.text)
    x = _LABEL_GAP
    if is_output:
        x = view.width - _LABEL_GAP - style.width(text)
    painter.drawText(QPointF(x, y + SMALL_SIZE * 0.36), text)
