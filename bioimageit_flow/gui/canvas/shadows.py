"""Shadows of cards: soft, the same for all of a size, and therefore drawn once."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap, QTransform

from bioimageit_flow.editor.geometry import CORNER_RADIUS
from bioimageit_flow.gui.canvas.style import Style, with_alpha

_RINGS: Final = ((1.0, 2.0), (2.5, 3.0), (4.0, 4.5))
"""How far each ring reaches over the card, and how far it lies below."""
_ROOM: Final = 10.0
_MOST: Final = 64


def draw_shadow(painter: QPainter, style: Style, body: QRectF) -> None:
    """Draw the shadow of a card, whose painter may be scaled but not turned."""
    world = painter.worldTransform()
    scale = world.m11()
    key = (body.width(), body.height(), round(scale, 3))
    if key not in style.shadows:
        if len(style.shadows) >= _MOST:
            style.shadows.clear()
        style.shadows[key] = _picture(style, body.width(), body.height(), scale)
    at = world.map(body.topLeft() - QPointF(_ROOM, _ROOM))
    painter.save()
    painter.setWorldTransform(QTransform.fromTranslate(round(at.x()), round(at.y())))
    painter.drawPixmap(QPointF(0, 0), style.shadows[key])
    painter.restore()


def _picture(style: Style, width: float, height: float, scale: float) -> QPixmap:
    picture = QPixmap(
        int((width + 2 * _ROOM) * scale) + 1, int((height + 2 * _ROOM) * scale) + 1
    )
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    painter.translate(_ROOM, _ROOM)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(with_alpha(style.shadow, style.shadow.alphaF() * 0.34))
    body = QRectF(0, 0, width, height)
    for spread, drop in _RINGS:
        shade = body.adjusted(-spread, -spread + drop, spread, spread + drop)
        radius = CORNER_RADIUS + spread
        painter.drawRoundedRect(shade, radius, radius)
    painter.end()
    return picture
