"""The sign of the program: three boxes and the wires between them."""

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer


def sign(accent: str, size: int, density: float = 2) -> QPixmap:
    """Return the sign, `size` logical pixels wide.

    Parameters
    ----------
    accent : str
        Its ground, ``#rrggbb``.
    """
    picture = QPixmap(QSize(round(size * density), round(size * density)))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    text = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" rx="14" fill="{accent}"/>'
        '<g fill="none" stroke="#ffffff" stroke-width="3.4" stroke-linecap="round">'
        '<path d="M22 21c12 0 8 11 20 11 M22 43c12 0 8-11 20-11"/></g>'
        '<circle cx="17" cy="21" r="7" fill="#f0e442"/>'
        '<circle cx="17" cy="43" r="7" fill="#ffffff"/>'
        '<circle cx="47" cy="32" r="8.5" fill="#e69f00"/></svg>'
    )
    QSvgRenderer(QByteArray(text.encode())).render(
        painter, QRectF(0, 0, size * density, size * density)
    )
    painter.end()
    picture.setDevicePixelRatio(density)
    return picture
