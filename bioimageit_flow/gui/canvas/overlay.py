"""What passes over the canvas: the selection box, guides, the cut, some words."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPen
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsPathItem,
    QGraphicsRectItem,
    QGraphicsScene,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from bioimageit_flow.editor.scene import Point
from bioimageit_flow.gui.canvas.style import Style, with_alpha
from bioimageit_flow.model.problem import Severity

_CURSOR_GAP = QPoint(18, 16)


class Overlay:
    """The lines that gestures draw above everything.

    Parameters
    ----------
    surface : QGraphicsScene
        Where they are drawn.
    style : Style
        How they look.
    """

    def __init__(self, surface: QGraphicsScene, style: Style) -> None:
        self._box = QGraphicsRectItem()
        self._guides = QGraphicsPathItem()
        self._cut = QGraphicsPathItem()
        for item in (self._box, self._guides, self._cut):
            item.setZValue(12)
            item.setVisible(False)
            surface.addItem(item)
        self.set_style(style)

    def set_style(self, style: Style) -> None:
        """Draw in another theme."""
        self._box.setPen(_thin(QPen(style.accent, 1.2)))
        self._box.setBrush(with_alpha(style.accent, 0.12))
        guide = _thin(QPen(with_alpha(style.accent, 0.85), 1.0))
        guide.setDashPattern([4.0, 3.0])
        self._guides.setPen(guide)
        cut = _thin(QPen(style.severities[Severity.ERROR], 1.8))
        cut.setDashPattern([5.0, 3.0])
        self._cut.setPen(cut)

    def show_box(self, start: QPointF, end: QPointF) -> None:
        """Show the selection box."""
        self._box.setRect(QRectF(start, end).normalized())
        self._box.setVisible(True)

    def show_cut(self, points: Sequence[Point]) -> None:
        """Show where wires are cut."""
        path = QPainterPath(QPointF(*points[0]))
        for x, y in points[1:]:
            path.lineTo(x, y)
        self._cut.setPath(path)
        self._cut.setVisible(True)

    def show_guides(self, lines: Sequence[tuple[Point, Point]]) -> None:
        """Show what a moved node is in line with."""
        path = QPainterPath()
        for start, end in lines:
            path.moveTo(*start)
            path.lineTo(*end)
        self._guides.setPath(path)
        self._guides.setVisible(bool(lines))

    def clear(self) -> None:
        """Take all of it away."""
        for item in (self._box, self._guides, self._cut):
            item.setVisible(False)


class Whisper(QLabel):
    """A few words beside the cursor while something is dragged."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("canvasWhisper")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setWordWrap(True)
        self.setMaximumWidth(340)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.hide()

    def say(self, text: str, at: QPoint) -> None:
        """Show words at a place of the parent, kept within it."""
        if text != self.text():
            self.setText(text)
            self.setFixedWidth(
                min(self.fontMetrics().horizontalAdvance(text) + 26, 340)
            )
            self.adjustSize()
        self.move(_inside(self, at + _CURSOR_GAP))
        self.show()
        self.raise_()

    def hush(self) -> None:
        """Say nothing any more."""
        self.hide()
        self.setText("")


class RefusalCard(QFrame):
    """Why a wire was refused, and what would help, where it was dropped.

    It goes away with the next press elsewhere or with Escape.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("canvasRefusal")
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._remedy = QLabel(self)
        self._remedy.setWordWrap(True)
        self._remedy.setTextFormat(Qt.TextFormat.PlainText)
        self._remedy.setObjectName("canvasRefusalRemedy")
        self._buttons = QVBoxLayout()
        self._buttons.setSpacing(6)
        layout = self._layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 11, 14, 12)
        layout.setSpacing(7)
        layout.addWidget(self._text)
        layout.addWidget(self._remedy)
        layout.addLayout(self._buttons)
        self.setFixedWidth(330)
        self.hide()

    def offer(
        self,
        text: str,
        remedy: str,
        choices: Sequence[tuple[str, Callable[[], object]]],
        at: QPoint,
    ) -> None:
        """Show a refusal with buttons that mend it."""
        self._text.setText(text)
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy) and not choices)
        while (entry := self._buttons.takeAt(0)) is not None:
            if (old := entry.widget()) is not None:
                old.deleteLater()
        for label, action in choices:
            button = QPushButton(label, self)
            button.clicked.connect(self.hide)
            button.clicked.connect(lambda _=False, act=action: act())
            self._buttons.addWidget(button, alignment=Qt.AlignmentFlag.AlignLeft)
        self.setAccessibleName(f"{text} {remedy}".strip())
        self._layout.activate()
        self.resize(self.width(), self.sizeHint().height())
        self.move(_inside(self, at + QPoint(14, 12)))
        self.show()
        self.raise_()

    def changeEvent(self, event: QEvent) -> None:
        """Take the height that another font needs."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self.isVisible():
            self.resize(self.width(), self.sizeHint().height())


def sheet(style: Style) -> str:
    """Return the style sheet of the words over the canvas."""
    theme = style.theme
    size = round(12 * theme.font_scale)
    return f"""
        #canvasWhisper, #canvasRefusal {{
            background: {theme.raised}; color: {theme.text};
            border: 1px solid {theme.error}; border-radius: 7px;
            font-size: {size}px;
        }}
        #canvasWhisper {{ padding: 6px 11px; }}
        #canvasRefusal QLabel {{
            background: transparent; border: none; color: {theme.text};
            font-size: {size}px;
        }}
        #canvasRefusal #canvasRefusalRemedy {{ color: {theme.muted}; }}
        #canvasRefusal QPushButton {{
            background: {theme.accent}; color: {theme.accent_text}; border: none;
            border-radius: 5px; padding: 5px 12px; font-size: {size}px;
            font-weight: 600;
        }}
        #canvasRefusal QPushButton:hover, #canvasRefusal QPushButton:focus {{
            border: 2px solid {theme.text}; padding: 3px 10px;
        }}
    """


def _inside(widget: QWidget, at: QPoint) -> QPoint:
    parent = widget.parentWidget()
    if parent is None:
        return at
    right = parent.width() - widget.width() - 8
    bottom = parent.height() - widget.height() - 8
    y = at.y() if at.y() <= bottom else at.y() - widget.height() - 36
    return QPoint(max(min(at.x(), right), 8), max(min(y, bottom), 8))


def _thin(pen: QPen) -> QPen:
    """Return a pen as wide on the screen as it says, at any zoom."""
    pen.setCosmetic(True)
    return pen
