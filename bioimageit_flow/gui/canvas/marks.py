"""The small marks on nodes and wires: problems, roles, tags, states of a run."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from bioimageit_flow.editor.scene import NodeRole, NodeStatus, NodeView
from bioimageit_flow.gui.canvas.style import Style, blend, readable_on, with_alpha
from bioimageit_flow.gui.canvas.words import words_for_progress
from bioimageit_flow.model.problem import Severity


def draw_problem(
    painter: QPainter, severity: Severity, style: Style, at: QPointF, scale: float = 1.0
) -> None:
    """Draw an octagon for an error, a triangle for a warning, with a bang in it."""
    painter.save()
    painter.translate(at)
    painter.scale(scale, scale)
    colour = style.severities[severity]
    shape = _octagon(9.5) if severity is Severity.ERROR else _triangle(11.0)
    painter.setPen(QPen(style.canvas, 2.0))
    painter.setBrush(colour)
    painter.drawPath(shape)
    ink = readable_on(colour)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawRoundedRect(QRectF(-1.1, -5.4, 2.2, 6.6), 1.0, 1.0)
    painter.drawEllipse(QPointF(0, 3.9), 1.35, 1.35)
    painter.restore()


def draw_role(painter: QPainter, role: NodeRole, style: Style, at: QPointF) -> None:
    """Draw what kind of box this is: a pile of images, boxes in a box, a question."""
    painter.save()
    painter.translate(at)
    pen = QPen(style.text, 1.5)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    match role:
        case NodeRole.DATASET:
            ground = blend(style.node, style.text, 0.18)
            painter.setBrush(ground)
            for shift in (4.0, 0.0, -4.0):
                painter.drawRoundedRect(
                    QRectF(-7 + shift * 0.6, -6 - shift * 0.9, 12, 11), 2, 2
                )
        case NodeRole.SUBWORKFLOW:
            painter.drawRoundedRect(QRectF(-9, -8, 7, 6), 1.5, 1.5)
            painter.drawRoundedRect(QRectF(2, 2, 7, 6), 1.5, 1.5)
            path = QPainterPath(QPointF(-2, -5))
            path.cubicTo(6, -5, -6, 5, 2, 5)
            painter.drawPath(path)
        case NodeRole.MISSING:
            painter.drawEllipse(QPointF(0, 0), 9, 9)
            painter.fillPath(style.letter("?"), style.text)
        case NodeRole.TOOL:
            pass
    painter.restore()


def draw_tag(
    painter: QPainter, text: str, style: Style, right: float, middle: float
) -> float:
    """Draw a short word in a pill that ends at ``right``; return where it begins."""
    width = style.small_metrics.horizontalAdvance(text) + 14
    pill = QRectF(right - width, middle - 9, width, 18)
    painter.setPen(style.pen(with_alpha(style.text, 0.45)))
    painter.setBrush(with_alpha(style.node, 0.75))
    painter.drawRoundedRect(pill, 9, 9)
    painter.setPen(style.text)
    painter.setFont(style.small_font)
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
    return pill.left()


def draw_status(
    painter: QPainter, view: NodeView, style: Style, body: QRectF, *, has_text: bool
) -> None:
    """Draw the state of a run: a strip at the foot and a sign of its own shape.

    The strip is as long as the run has come; a few words stand below the card.
    """
    colour = QColor(style.theme.statuses[view.status])
    painter.setPen(Qt.PenStyle.NoPen)
    whole = QRectF(body.left() + 9, body.bottom() - 5, body.width() - 18, 3)
    if view.fraction < 1:
        painter.setBrush(with_alpha(colour, 0.25))
        painter.drawRoundedRect(whole, 1.5, 1.5)
    painter.setBrush(colour)
    whole.setWidth(whole.width() * min(max(view.fraction, 0.0), 1.0))
    painter.drawRoundedRect(whole, 1.5, 1.5)
    if has_text and view.progress:
        words = words_for_progress(view.progress)
        _draw_progress(painter, words, colour, style, body)
    _draw_sign(painter, view.status, colour, style, body)


def _draw_progress(
    painter: QPainter, text: str, colour: QColor, style: Style, body: QRectF
) -> None:
    line = QRectF(body.left() + 9, body.bottom() + 2, body.width() - 18, 18)
    shown = style.small_metrics.elidedText(
        text, Qt.TextElideMode.ElideRight, int(line.width())
    )
    # Wires pass behind it: the words stand on the ground of the canvas.
    ground = QRectF(line.left() - 4, line.top() + 1, 0, 16)
    ground.setWidth(min(style.width(shown), line.width()) + 8)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(with_alpha(style.canvas, 0.88))
    painter.drawRoundedRect(ground, 4, 4)
    painter.setFont(style.small_font)
    painter.setPen(blend(colour, style.text, 0.45))
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)


def _draw_sign(
    painter: QPainter, status: NodeStatus, colour: QColor, style: Style, body: QRectF
) -> None:
    painter.save()
    painter.translate(body.left() + 4, body.top() + 3)
    painter.setPen(QPen(style.canvas, 2.0))
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(0, 0), 8.5, 8.5)
    pen = QPen(readable_on(colour), 1.8)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    match status:
        case NodeStatus.DONE | NodeStatus.REUSED:
            painter.drawPolyline([QPointF(-3.5, 0), QPointF(-1, 3), QPointF(4, -3)])
        case NodeStatus.FAILED:
            painter.drawLine(QPointF(-3, -3), QPointF(3, 3))
            painter.drawLine(QPointF(-3, 3), QPointF(3, -3))
        case NodeStatus.PARTIAL:
            painter.drawLine(QPointF(-3.5, 0), QPointF(3.5, 0))
        case NodeStatus.RUNNING:
            painter.setBrush(readable_on(colour))
            painter.drawPolygon([QPointF(-2, -3.4), QPointF(3.6, 0), QPointF(-2, 3.4)])
        case NodeStatus.READY:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolygon([QPointF(-2, -3.4), QPointF(3.6, 0), QPointF(-2, 3.4)])
        case NodeStatus.STALE:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawArc(QRectF(-4, -4, 8, 8), 40 * 16, 280 * 16)
            painter.drawPolyline(
                [QPointF(0.6, -3.6), QPointF(3.6, -2.4), QPointF(4, -5)]
            )
        case NodeStatus.FETCHING:
            painter.drawLine(QPointF(0, -4), QPointF(0, 2.6))
            painter.drawPolyline([QPointF(-3, 0), QPointF(0, 3.2), QPointF(3, 0)])
        case NodeStatus.WAITING | NodeStatus.IDLE:
            for x in (-3.4, 0.0, 3.4):
                painter.drawPoint(QPointF(x, 0))
    painter.restore()


def _octagon(radius: float) -> QPainterPath:
    corners = [
        QPointF(
            radius * math.cos(math.radians(22.5 + 45 * i)),
            radius * math.sin(math.radians(22.5 + 45 * i)),
        )
        for i in range(8)
    ]
    return _closed(corners)


def _triangle(radius: float) -> QPainterPath:
    return _closed(
        [
            QPointF(0, -radius),
            QPointF(radius, radius * 0.72),
            QPointF(-radius, radius * 0.72),
        ]
    )


def _closed(corners: list[QPointF]) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF(corners))
    path.closeSubpath()
    return path
