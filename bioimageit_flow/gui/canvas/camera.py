"""Where the canvas is looked at: panning, zooming, fitting."""

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF
from PySide6.QtGui import QTransform

from bioimageit_flow.editor.geometry import Box
from bioimageit_flow.gui.canvas.nodegraph import NodeViewer

SMALLEST, LARGEST = 0.02, 4.0
_WORLD = 400_000.0
_MARGIN = 60.0
_LARGEST_FIT = 1.25


class Camera(NodeViewer):
    """The view of NodeGraphQt with a camera of its own.

    NodeGraphQt keeps a rectangle and fits it into the view at every step, which drifts
    when the window is resized. Here the scene is wide and the scroll bars, which nobody
    sees, carry the place: Qt then moves pixels instead of painting them again.
    """

    def _look_around(self) -> None:
        """Begin at the origin at natural size."""
        self.setSceneRect(-_WORLD, -_WORLD, 2 * _WORLD, 2 * _WORLD)
        self.setTransformationAnchor(self.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(self.ViewportAnchor.NoAnchor)
        self.setTransform(QTransform())

    @property
    def zoom(self) -> float:
        """Pixels of the screen per pixel of the scene."""
        return self.transform().m11()

    def place(self, at: QPoint) -> QPointF:
        """Return the point of the scene under a pixel of the view."""
        return self.mapToScene(at)

    def pixel(self, at: QPointF) -> QPoint:
        """Return the pixel of the view over a point of the scene."""
        return self.mapFromScene(at)

    def seen(self) -> QRectF:
        """Return what of the scene is seen."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def pan(self, dx: int, dy: int) -> None:
        """Move what is seen by pixels of the screen."""
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() - dx)
        down.setValue(down.value() - dy)
        self.camera_moved()

    def zoom_at(self, at: QPoint, factor: float) -> None:
        """Zoom while a pixel of the view keeps its point of the scene."""
        wanted = min(max(self.zoom * factor, SMALLEST), LARGEST)
        if abs(wanted - self.zoom) < 1e-9:
            return
        fixed = self.place(at)
        self.setTransform(QTransform.fromScale(wanted, wanted))
        way = self.pixel(fixed) - at
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() + way.x())
        down.setValue(down.value() + way.y())
        self.camera_moved()

    def set_zoom(self, value: float = 1.0) -> None:
        """Zoom to a level around the middle of the view."""
        self.zoom_at(self.viewport().rect().center(), value / self.zoom)

    def centre(self, at: QPointF) -> None:
        """Bring a point of the scene into the middle of the view."""
        way = self.viewport().rect().center() - self.pixel(at)
        self.pan(way.x(), way.y())

    def zoom_for(self, box: Box) -> float:
        """Return the zoom at which a box fits into the view with a margin."""
        left, top, right, bottom = box
        room: QRect = self.viewport().rect()
        return min(
            room.width() / (right - left + 2 * _MARGIN),
            room.height() / (bottom - top + 2 * _MARGIN),
        )

    def show_box(self, box: Box | None, closest: float = _LARGEST_FIT) -> None:
        """Zoom, no closer than given, and move so that a box is seen with a margin."""
        if box is None:
            self.set_zoom(1.0)
            self.centre(QPointF(self.viewport().width() / 2, 200.0))
            return
        left, top, right, bottom = box
        self.set_zoom(max(min(self.zoom_for(box), closest), SMALLEST))
        self.centre(QPointF((left + right) / 2, (top + bottom) / 2))

    def reveal(self, box: Box) -> None:
        """Move as little as needed to show a box."""
        left, top, right, bottom = box
        seen = self.seen()
        gap = 24 / self.zoom
        dx = min(0.0, left - gap - seen.left()) or max(0.0, right + gap - seen.right())
        dy = min(0.0, top - gap - seen.top()) or max(0.0, bottom + gap - seen.bottom())
        if dx or dy:
            self.pan(round(-dx * self.zoom), round(-dy * self.zoom))

    def camera_moved(self) -> None:
        """Tell who follows the camera; for subclasses."""
