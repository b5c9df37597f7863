"""A theme as pens, brushes, fonts and outlines that painting can use at once."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QPainterPath,
    QPen,
    QPixmap,
    QPolygonF,
    QStaticText,
    QTextOption,
    QTransform,
)

from bioimageit_flow.editor.colours import title_colour
from bioimageit_flow.editor.geometry import PORT_RADIUS, SHAPES
from bioimageit_flow.editor.scene import NodeRole, NodeView
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.problem import Severity

TITLE_SIZE = 13
SMALL_SIZE = 11
LETTER_SIZE = 10


class Style:
    """What painting needs of a theme, made once per theme.

    Parameters
    ----------
    theme : Theme
        The colours.
    """

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.is_strong = theme.line_width > 1.2
        self.canvas = QColor(theme.canvas)
        self.node = QColor(theme.node)
        self.border = QColor(theme.node_border)
        self.text = QColor(theme.node_text)
        self.muted = QColor(theme.node_muted)
        self.selection = QColor(theme.selection)
        self.drop = QColor(theme.drop)
        self.shadow = QColor(theme.shadow)
        self.accent = QColor(theme.accent)
        self.kinds = {kind: QColor(name) for kind, name in theme.kinds.items()}
        self.severities = {
            Severity.ERROR: QColor(theme.error),
            Severity.WARNING: QColor(theme.warning),
            Severity.INFO: QColor(theme.info),
        }
        self.title_font = self._font(TITLE_SIZE, QFont.Weight.DemiBold)
        self.small_font = self._font(SMALL_SIZE, QFont.Weight.Normal)
        self.letter_font = self._font(LETTER_SIZE, QFont.Weight.Bold)
        self.title_metrics = QFontMetricsF(self.title_font)
        self.small_metrics = QFontMetricsF(self.small_font)
        self.glyphs = {kind: _glyph(kind, PORT_RADIUS) for kind in Kind}
        self.letters: dict[str, tuple[QPainterPath, QPointF]] = {}
        self.shadows: dict[tuple[float, float, float], QPixmap] = {}
        self._headers: dict[tuple[NodeRole, str], QColor] = {}
        self._far: dict[tuple[NodeRole, str], QColor] = {}
        self._cut: dict[tuple[str, int, bool], str] = {}
        self._widths: dict[str, float] = {}
        self._far_fonts: dict[int, QFont] = {}
        self._far_titles: dict[tuple[str, int], tuple[QStaticText, float]] = {}

    def header(self, view: NodeView) -> QColor:
        """Return the ground of the title of a node, tinted by its toolbox."""
        key = (view.role, view.category)
        if key not in self._headers:
            self._headers[key] = QColor(title_colour(self.theme, *key))
        return self._headers[key]

    def far(self, view: NodeView) -> QColor:
        """Return the colour of a node that is too small to show its parts."""
        key = (view.role, view.category)
        if key not in self._far:
            self._far[key] = blend(self.node, self.header(view), 0.75)
        return self._far[key]

    def far_font(self, zoom: float) -> QFont:
        """Return the font of titles that stay readable from afar."""
        size = _far_size(zoom)
        if size not in self._far_fonts:
            self._far_fonts[size] = self._font(size, QFont.Weight.DemiBold)
        return self._far_fonts[size]

    def far_title(
        self, title: str, zoom: float, width: float
    ) -> tuple[QStaticText, float]:
        """Return a title laid out for a zoom, and its height."""
        key = (title, _far_size(zoom))
        if key not in self._far_titles:
            if len(self._far_titles) > 4000:
                self._far_titles.clear()
            text = QStaticText(title)
            text.setTextFormat(Qt.TextFormat.PlainText)
            option = QTextOption(Qt.AlignmentFlag.AlignHCenter)
            option.setWrapMode(QTextOption.WrapMode.WordWrap)
            text.setTextOption(option)
            text.setTextWidth(width)
            text.prepare(QTransform(), self.far_font(zoom))
            self._far_titles[key] = (text, text.size().height())
        return self._far_titles[key]

    def cut(
        self,
        text: str,
        width: float,
        *,
        is_title: bool = False,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> str:
        """Return a text that fits a width, with an ellipsis where it was cut."""
        key = (text, round(width), is_title)
        if key not in self._cut:
            if len(self._cut) > 20_000:
                self._cut.clear()
            metrics = self.title_metrics if is_title else self.small_metrics
            self._cut[key] = metrics.elidedText(text, mode, width)
        return self._cut[key]

    def width(self, text: str) -> float:
        """Return how wide a small text is."""
        if text not in self._widths:
            self._widths[text] = self.small_metrics.horizontalAdvance(text)
        return self._widths[text]

    def letter(self, text: str) -> QPainterPath:
        """Return the outline of a letter, centred on the origin."""
        if text not in self.letters:
            path = QPainterPath()
            path.addText(0, 0, self.letter_font, text)
            middle = path.boundingRect().center()
            path.translate(-middle.x(), -middle.y())
            self.letters[text] = (path, middle)
        return self.letters[text][0]

    def wire_pen(self, kind: Kind | None, *, is_selected: bool, problem: str) -> QPen:
        """Return the pen of a wire."""
        colour = self.kinds[kind] if kind is not None else QColor(self.theme.muted)
        width = 2.4 * self.theme.line_width
        if problem:
            colour = self.severities[Severity.ERROR]
        if is_selected:
            width *= 1.7
            colour = self.selection
        pen = QPen(QBrush(colour), width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if problem:
            pen.setDashPattern([3.0, 2.5])
        return pen

    def pen(self, colour: QColor, width: float = 1.0) -> QPen:
        """Return a plain pen, thicker in themes with strong lines."""
        return QPen(colour, width * self.theme.line_width)

    def _font(self, pixels: int, weight: QFont.Weight) -> QFont:
        font = QFont(QGuiApplication.font())
        font.setPixelSize(pixels)
        font.setWeight(weight)
        # Hinted glyphs jump about while zooming.
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        return font


def _far_size(zoom: float) -> int:
    """Return a size that is some ten pixels on the screen, in steps of four."""
    return min(round(10.5 / zoom / 4) * 4, 44)


def blend(ground: QColor, colour: QColor, share: float) -> QColor:
    """Mix two colours."""
    rest = 1.0 - share
    return QColor.fromRgbF(
        ground.redF() * rest + colour.redF() * share,
        ground.greenF() * rest + colour.greenF() * share,
        ground.blueF() * rest + colour.blueF() * share,
    )


def with_alpha(colour: QColor, alpha: float) -> QColor:
    """Return a colour that lets its ground shine through."""
    copy = QColor(colour)
    copy.setAlphaF(alpha)
    return copy


def readable_on(ground: QColor) -> QColor:
    """Return near-black or white, whichever can be read on a ground."""
    light = 0.299 * ground.redF() + 0.587 * ground.greenF() + 0.114 * ground.blueF()
    return QColor("#10141a") if light > 0.5 else QColor("#ffffff")


def _glyph(kind: Kind, radius: float) -> QPainterPath:
    path = QPainterPath()
    corners = SHAPES[kind]
    if not corners:
        path.addEllipse(QRectF(-radius, -radius, 2 * radius, 2 * radius))
        return path
    path.addPolygon(QPolygonF([QPointF(x * radius, y * radius) for x, y in corners]))
    path.closeSubpath()
    return path
