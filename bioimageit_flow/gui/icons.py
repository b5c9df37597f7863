"""Icons in the colours of the theme, sharp at every size and pixel density."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from bioimageit_flow.gui.icon_paths import PATHS
from bioimageit_flow.gui.sign import sign
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
    """Return the sign of the program in the colour of the theme."""
    return sign(theme.accent, size, density)
