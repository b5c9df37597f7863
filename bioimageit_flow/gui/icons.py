"""Icons in the colours of the theme, sharp at every size and pixel density."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from bioimageit_flow.gui.icon_paths import PATHS
from bioimageit_flow.gui.theme import Theme

_SIZES = (16, 20, 24)
_DISABLED_OPACITY = 0.35


@lru_cache(maxsize=512)
def icon(name: str, colour: str, on_colour: str = "") -> QIcon:
    """Return an icon.

    Parameters
    ----------
    name : str
        One of `bioimageit_flow.gui.icon_paths.PATHS`.
    colour : str
        ``#rrggbb``.
    on_colour : str
        Its colour where it is checked; the same by default.
    """
    made = QIcon()
    for size in _SIZES:
        for density in (1, 2):
            normal = pixmap(name, colour, size, density)
            made.addPixmap(normal, QIcon.Mode.Normal, QIcon.State.Off)
            faded = pixmap(name, colour, size, density, _DISABLED_OPACITY)
            made.addPixmap(faded, QIcon.Mode.Disabled, QIcon.State.Off)
            if on_colour:
                checked = pixmap(name, on_colour, size, density)
                made.addPixmap(checked, QIcon.Mode.Normal, QIcon.State.On)
    return made


def themed(name: str, theme: Theme) -> QIcon:
    """Return an icon in the colour of the theme's text."""
    return icon(name, theme.text, theme.accent)


def pixmap(
    name: str, colour: str, size: int, density: float = 1, opacity: float = 1.0
) -> QPixmap:
    """Return one drawing of an icon, `size` logical pixels wide."""
    picture = QPixmap(QSize(round(size * density), round(size * density)))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setOpacity(opacity)
    renderer = QSvgRenderer(QByteArray(svg(name, colour).encode()))
    renderer.render(painter, QRectF(0, 0, size * density, size * density))
    painter.end()
    picture.setDevicePixelRatio(density)
    return picture


def svg(name: str, colour: str) -> str:
    """Return an icon as an SVG document."""
    path = PATHS[name]
    fill = "none"
    if path.startswith("F "):
        path, fill = path[2:], QColor(colour).name()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
        f'<path d="{path}" fill="{fill}" stroke="{QColor(colour).name()}" '
        'stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )


def logo(theme: Theme, size: int, density: float = 2) -> QPixmap:
    """Return the sign of the program: three boxes and the wires between them."""
    picture = QPixmap(QSize(round(size * density), round(size * density)))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    text = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" rx="14" fill="{theme.accent}"/>'
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
