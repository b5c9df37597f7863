"""The canvas of an image: pictures, objects upon them, a line to measure with.

Coordinates are pixels of the image; 0 is the middle of the first, so that pictures
begin at minus one half.
"""

from collections.abc import Sequence
from math import floor, log10
from typing import Any, Final

import numpy as np
import pyqtgraph as pg  # type: ignore[import-untyped]
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from bioimageit_flow.editor.viewing.frames import Drawn
from bioimageit_flow.editor.viewing.label_colours import colours_of
from bioimageit_flow.editor.viewing.places import View, number
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.model.kinds import Kind

_SETTLE_MS: Final = 30
_BAR_PX: Final = 120
_POINT_PX: Final = 13
_ZOOM_STEP: Final = 1.25

Numbers = NDArray[np.float64]


class Canvas(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph has no types
    """Shows pictures where they belong, and says what the mouse does upon them.

    Attributes
    ----------
    view_changed : Signal
        What is in sight has changed, and rests for a moment.
    view_moved : Signal
        What is in sight changes, at every step.
    hovered, clicked : Signal
        With x and y in pixels of the image.
    left : Signal
        The mouse has left the canvas.
    measured : Signal
        With both ends of the line: x, y, x, y.
    """

    view_changed = Signal()
    view_moved = Signal()
    hovered = Signal(float, float)
    clicked = Signal(float, float)
    left = Signal()
    measured = Signal(float, float, float, float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=theme.canvas)
        self.theme = theme
        self.setMinimumSize(120, 90)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.box = pg.ViewBox(
            lockAspect=True, invertY=True, enableMenu=False, enableMouse=True
        )
        self.setCentralItem(self.box)
        self._size = (1, 1)
        self._um_per_px: float | None = None
        self._pictures: dict[str, Any] = {}
        for place, name in enumerate(("overview", "image", "labels")):
            item = pg.ImageItem(axisOrder="row-major")
            item.setZValue(place)
            item.hide()
            self.box.addItem(item, ignoreBounds=True)
            self._pictures[name] = item
        self._paths: list[Any] = []
        self._points = pg.ScatterPlotItem(pxMode=True, size=_POINT_PX)
        self._points.setZValue(5)
        self._chosen = pg.ScatterPlotItem(pxMode=True, size=_POINT_PX * 1.8, symbol="o")
        self._chosen.setZValue(6)
        for item in (self._points, self._chosen):
            self.box.addItem(item, ignoreBounds=True)
        self._shapes = pg.PlotCurveItem(connect="finite")
        self._shapes.setZValue(3)
        self._shapes.hide()
        self.box.addItem(self._shapes, ignoreBounds=True)
        self._line: Any = None
        self._is_fitted = True
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.view_changed)
        self.box.sigRangeChanged.connect(self._moved)
        self.box.sigRangeChangedManually.connect(self._moved_by_hand)
        self.scene().sigMouseMoved.connect(self._hover)
        self.scene().sigMouseClicked.connect(self._click)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.theme = theme
        self.setBackground(theme.canvas)
        ring = pg.mkPen(theme.selection if theme.is_dark else "#ffffff", width=2.5)
        self._chosen.setPen(ring)
        self._chosen.setBrush(None)

    def release(self) -> None:
        """Stop the timer."""
        self._settle.stop()
        self.remove_line()

    @property
    def is_settling(self) -> bool:
        """Whether what is in sight has just changed."""
        return self._settle.isActive()

    # Pictures

    def set_size(self, height: int, width: int, um_per_px: float | None) -> None:
        """Say how large the image is, and show all of it."""
        is_new = (height, width) != self._size
        self._size, self._um_per_px = (height, width), um_per_px
        if is_new or self._is_fitted:
            self.fit()

    def show_picture(self, name: str, drawn: Drawn | None) -> None:
        """Put a picture where it belongs; None takes it away.

        Parameters
        ----------
        name : str
            ``overview``, ``image`` or ``labels``, from below to above.
        """
        item = self._pictures[name]
        if drawn is None:
            item.hide()
            return
        item.setImage(drawn.pixels, autoLevels=False, levels=None)
        corner = (drawn.left - 0.5, drawn.top - 0.5)
        item.setRect(QRectF(*corner, drawn.width, drawn.height))
        item.show()

    def is_shown(self, name: str) -> bool:
        """Say whether there is such a picture."""
        return bool(self._pictures[name].isVisible())

    # Objects

    def show_points(self, xs: Numbers, ys: Numbers, numbers: NDArray[np.int64]) -> None:
        """Show circles, each in the colour of its number."""
        pens = [pg.mkPen(QColor(*colour), width=1.6) for colour in _colours(numbers)]
        self._points.setData(
            x=xs, y=ys, pen=pens or None, brush=None, symbol="o", size=_POINT_PX
        )

    def show_paths(self, paths: Sequence[tuple[int, Numbers, Numbers]]) -> None:
        """Show tracks, each in the colour of its number."""
        while len(self._paths) > len(paths):
            self.box.removeItem(self._paths.pop())
        while len(self._paths) < len(paths):
            item = pg.PlotCurveItem()
            item.setZValue(4)
            self.box.addItem(item, ignoreBounds=True)
            self._paths.append(item)
        for item, (track, xs, ys) in zip(self._paths, paths, strict=True):
            colour = _colours(np.array([track]))[0]
            item.setData(xs, ys, pen=pg.mkPen(QColor(*colour), width=1.6))

    def show_shapes(self, outlines: Sequence[tuple[Numbers, Numbers]]) -> None:
        """Show outlines, each from corner to corner (xs, ys)."""
        gap = np.array([np.nan])
        xs = [part for shape_xs, _ in outlines for part in (shape_xs, gap)]
        ys = [part for _, shape_ys in outlines for part in (shape_ys, gap)]
        self._shapes.setVisible(bool(outlines))
        if outlines:
            colour = self.theme.kinds[Kind.SHAPES]
            self._shapes.setData(
                np.concatenate(xs),
                np.concatenate(ys),
                pen=pg.mkPen(colour, width=2),
                connect="finite",
            )

    def mark(self, x: float | None, y: float | None = None) -> None:
        """Put a ring around an object; None takes it away."""
        known = x is not None and y is not None
        self._chosen.setData(x=[x] if known else [], y=[y] if known else [])

    # What is in sight

    @property
    def sight(self) -> View:
        """What is in sight, with 0 at the edge of the first pixel."""
        rect = self.box.viewRect()
        screen = max(1.0, self.box.width() * self.devicePixelRatioF())
        return View(
            rect.left() + 0.5,
            rect.top() + 0.5,
            rect.right() + 0.5,
            rect.bottom() + 0.5,
            screen,
        )

    @property
    def zoom(self) -> float:
        """Pixels of the screen per pixel of the image."""
        return float(self.box.width() / max(self.box.viewRect().width(), 1e-9))

    def fit(self) -> None:
        """Show all of the image."""
        height, width = self._size
        self.box.setRange(QRectF(-0.5, -0.5, width, height), padding=0.02)
        self._is_fitted = True

    def show_rect(self, rect: QRectF) -> None:
        """Show this part; used to follow another canvas."""
        self._is_fitted = False
        self.box.setRange(rect, padding=0)

    def zoom_by(self, factor: float) -> None:
        """Come nearer (above 1) or go away."""
        self._is_fitted = False
        self.box.scaleBy((1 / factor, 1 / factor))

    def zoom_to(self, zoom: float) -> None:
        """Show so many pixels of the screen per pixel of the image."""
        self.zoom_by(zoom / self.zoom)

    def centre(self, x: float, y: float, extent: float | None = None) -> None:
        """Bring a point into the middle, near enough that `extent` fills a part."""
        self._is_fitted = False
        rect = self.box.viewRect()
        wide = rect.width()
        if extent is not None:
            wide = min(wide, max(extent, 8.0))
        high = wide * rect.height() / max(rect.width(), 1e-9)
        self.box.setRange(QRectF(x - wide / 2, y - high / 2, wide, high), padding=0)

    def point_on_screen(self, x: float, y: float) -> QPointF:
        """Return where a point of the image is in this widget."""
        found: QPointF = self.box.mapViewToScene(QPointF(x, y))
        return QPointF(self.mapFromScene(found))

    # The line

    def measure(self) -> None:
        """Put a line into the middle of what is in sight, to be dragged."""
        self.remove_line()
        rect = self.box.viewRect()
        middle, quarter = rect.center(), rect.width() / 4
        ends = [[middle.x() - quarter, middle.y()], [middle.x() + quarter, middle.y()]]
        pen = pg.mkPen("#ffe14d", width=2)
        self._line = pg.LineSegmentROI(ends, pen=pen, hoverPen=pg.mkPen("w", width=3))
        self._line.setZValue(10)
        self.box.addItem(self._line, ignoreBounds=True)
        self._line.sigRegionChanged.connect(self._measured)
        self._measured()

    @property
    def has_line(self) -> bool:
        """Whether there is a line."""
        return self._line is not None

    def remove_line(self) -> None:
        """Take the line away."""
        if self._line is not None:
            self.box.removeItem(self._line)
            for handle in self._line.getHandles():
                handle.menu.deleteLater()  # it belongs to nobody
            self._line = None

    def _measured(self) -> None:
        if self._line is not None:
            first, last = (
                self._line.mapToParent(QPointF(point))
                for point in self._line.listPoints()
            )
            self.measured.emit(first.x(), first.y(), last.x(), last.y())

    # Events

    def leaveEvent(self, event: Any) -> None:  # noqa: ANN401 - as pyqtgraph has it
        """Say that nothing is under the mouse any more."""
        super().leaveEvent(event)
        self.left.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all of the image."""
        self.fit()
        event.accept()

    def resizeEvent(self, event: Any) -> None:  # noqa: ANN401 - as pyqtgraph has it
        """Keep all of the image in sight, if it was."""
        was_fitted = getattr(self, "_is_fitted", False)
        super().resizeEvent(event)
        if was_fitted and hasattr(self, "_settle"):
            self.fit()

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the bar that says how large things are."""
        super().drawForeground(painter, rect)
        if self._um_per_px is None or self._size == (1, 1):
            return
        px_um = self._um_per_px / self.zoom
        length_um = round_length(_BAR_PX * px_um)
        wide = length_um / px_um
        text = f"{number(length_um)} µm"
        if length_um < 1:
            text = f"{number(length_um * 1000)} nm"
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = self.viewport().rect()
        right, bottom = place.right() - 18.0, place.bottom() - 18.0
        bar = QRectF(right - wide, bottom - 5, wide, 5)
        font = QFont(self.font())
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 120))
        height = painter.fontMetrics().height()
        painter.drawRoundedRect(bar.adjusted(-9, -height - 6, 9, 8), 5, 5)
        painter.setBrush(QColor("white"))
        painter.drawRect(bar)
        painter.setPen(QPen(QColor("white")))
        box = bar.adjusted(-60, -height - 4, 60, -5)
        painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, text)
        painter.restore()

    def _moved(self) -> None:
        self.view_moved.emit()
        self._settle.start()
        self.viewport().update()

    def _moved_by_hand(self) -> None:
        self._is_fitted = False

    def _hover(self, place: QPointF) -> None:
        point = self.box.mapSceneToView(place)
        self.hovered.emit(point.x(), point.y())

    def _click(self, event: Any) -> None:  # noqa: ANN401 - as pyqtgraph has it
        if event.button() == Qt.MouseButton.LeftButton:
            point = self.box.mapSceneToView(event.scenePos())
            self.clicked.emit(point.x(), point.y())


def round_length(most: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that is not too long."""
    power = 10.0 ** floor(log10(max(most, 1e-12)))
    return next(
        factor * power for factor in (5.0, 2.0, 1.0) if factor * power <= most * 1.0001
    )


def _colours(numbers: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    return [(int(r), int(g), int(b)) for r, g, b in colours_of(numbers)]
