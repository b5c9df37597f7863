"""A small picture of a canvas for the start page; made in any thread."""

from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgRenderer

from bioimageit_flow.editor.drawing import draw_svg
from bioimageit_flow.editor.scene import Scene
from bioimageit_flow.gui.theme import Theme

_SIZE: Final = QSize(640, 360)
_KEEP: Final = Qt.AspectRatioMode.KeepAspectRatio


def small_picture(scene: Scene, theme: Theme) -> bytes:
    """Return a PNG of a scene that fits a card of the start page."""
    renderer = QSvgRenderer(QByteArray(draw_svg(scene, theme).encode()))
    whole = renderer.defaultSize()
    size = whole.scaled(_SIZE, _KEEP) if whole.width() > _SIZE.width() else whole
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(theme.canvas)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())
