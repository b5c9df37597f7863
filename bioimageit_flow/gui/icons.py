"""Icons in the colours of the theme, sharp at every size and pixel density."""

import hashlib
import tempfile
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from bioimageit_flow.gui.icon_paths import PATHS
from bioimageit_flow.gui.sign import sign
from bioimageit_flow.gui.theme import Theme

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
    # Qt reads the file when it first draws the icon: most of them are never drawn.
    made = QIcon(svg_file(svg(name, colour)))
    faded = svg_file(svg(name, colour, _DISABLED_OPACITY))
    made.addFile(faded, QSize(), QIcon.Mode.Disabled, QIcon.State.Off)
    if on_colour:
        checked = svg_file(svg(name, on_colour))
        made.addFile(checked, QSize(), QIcon.Mode.Normal, QIcon.State.On)
    return made


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="bioimageit-flow-icons-")


def svg_file(text: str) -> str:
    """Return the path of a drawing, in a temporary folder that goes with the process.

    A style sheet, and an icon that is drawn when it is needed, take files only.
    """
    name = hashlib.sha256(text.encode()).hexdigest()[:20]
    path = Path(_folder().name) / f"{name}.svg"
    if not path.exists():
        path.write_text(text, encoding="utf-8")
    return path.as_posix()


def themed(name: str, theme: Theme) -> QIcon:
    """Return an icon in the colour of the theme's text."""
    return icon(name, theme.text, theme.accent)


def pixmap(name: str, colour: str, size: int, density: float = 1) -> QPixmap:
    """Return one drawing of an icon, `size` logical pixels wide."""
    picture = QPixmap(QSize(round(size * density), round(size * density)))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer = QSvgRenderer(QByteArray(svg(name, colour).encode()))
    renderer.render(painter, QRectF(0, 0, size * density, size * density))
    painter.end()
    picture.setDevicePixelRatio(density)
    return picture


def svg(name: str, colour: str, opacity: float = 1.0) -> str:
    """Return an icon as an SVG document."""
    path, line = PATHS[name], QColor(colour).name()
    fill = "none"
    if path.startswith("F "):
        path, fill = path[2:], line
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
        f'<path opacity="{opacity}" d="{path}" fill="{fill}" stroke="{line}" '
        'stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )


def logo(theme: Theme, size: int, density: float = 2) -> QPixmap:
    """Return the sign of the program in the colour of the theme."""
    return sign(theme.accent, size, density)
