"""Boxes and arrows of a history on a `QGraphicsView`: clicked, walked, zoomed."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QGraphicsScene,
    QGraphicsSceneMouseEvent,
    QGraphicsView,
)

from bioimageit_flow.editor.lineage.graph import (
    Arrow,
    LineageBox,
    LineageGraph,
)
from bioimageit_flow.editor.lineage.layers import layered
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.lineage.boxes import (
    HEIGHT,
    SMALLEST_TEXT,
    WIDTH,
    ArrowItem,
    BoxItem,
    Picture,
)
from bioimageit_flow.gui.theme import Theme

_LARGEST: Final = 1.25


class LineageScene(QGraphicsScene):
    """Tells what was clicked."""

    clicked = Signal(object)
    double_clicked = Signal(object)

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        """Tell what was clicked; None for nothing."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit(self._hit(event))
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        """Tell what was double-clicked."""
        self.double_clicked.emit(self._hit(event))

    def _hit(self, event: QGraphicsSceneMouseEvent) -> object:
        for item in self.items(event.scenePos()):
            if isinstance(item, BoxItem):
                return item.box
            if isinstance(item, ArrowItem):
                return item.arrow
        return None


class LineageView(QGraphicsView):
    """The picture.

    Attributes
    ----------
    chosen : Signal
        With a `LineageBox`, an `Arrow`, or None.
    opened : Signal
        With a `LineageBox` that was double-clicked, or entered by key.
    """

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(self, theme: Theme, picture: Picture) -> None:
        super().__init__()
        self._theme = theme
        self._picture = picture
        self._scene = LineageScene(self)
        self.setScene(self._scene)
        self.setAccessibleName(tr("Picture of the history"))
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.graph = LineageGraph({}, ())
        self.boxes: dict[str, BoxItem] = {}
        self.arrows: list[ArrowItem] = []
        self.current: LineageBox | Arrow | None = None
        self._must_fit = True
        self._scene.clicked.connect(self.choose)
        self._scene.double_clicked.connect(self._open)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.setBackgroundBrush(QColor(theme.canvas))
        self.show_graph(self.graph, fits=False)

    def show_graph(self, graph: LineageGraph, *, fits: bool = True) -> None:
        """Draw a history."""
        self.graph = graph
        self._scene.clear()
        self.boxes, self.arrows = {}, []
        sizes = dict.fromkeys(graph.boxes, (WIDTH, HEIGHT))
        ends = [(arrow.source, arrow.target) for arrow in graph.arrows]
        places: Mapping[str, tuple[float, float]] = layered(sizes, ends)
        for key, box in graph.boxes.items():
            item = BoxItem(box, self._theme, self._picture)
            item.setPos(*places[key])
            self._scene.addItem(item)
            self.boxes[key] = item
        for arrow in graph.arrows:
            start = self.boxes[arrow.source].pos() + QPointF(WIDTH, HEIGHT / 2)
            end = self.boxes[arrow.target].pos() + QPointF(0, HEIGHT / 2)
            line = ArrowItem(arrow, start, end, self._theme)
            self._scene.addItem(line)
            self.arrows.append(line)
        area = self._scene.itemsBoundingRect().adjusted(-40, -40, 40, 40)
        self._scene.setSceneRect(area)
        if fits:
            self._must_fit = True
            self.fit()

    def pictures_came(self) -> None:
        """Paint again, after a small picture was made."""
        self.viewport().update()

    def fit_all(self) -> None:
        """Show everything, however small."""
        if self.boxes:
            area = self._scene.sceneRect()
            self.fitInView(area, Qt.AspectRatioMode.KeepAspectRatio)

    def fit(self) -> None:
        """Show everything that can be read at ease, around the item in question."""
        if not self.boxes or self.viewport().width() < 60:
            return
        self.fitInView(self._scene.sceneRect(), Qt.AspectRatioMode.KeepAspectRatio)
        if self.transform().m11() > _LARGEST:
            self.resetTransform()
            self.scale(_LARGEST, _LARGEST)
        elif self.transform().m11() < SMALLEST_TEXT:  # then the asked one is readable
            self.resetTransform()
            self.scale(0.6, 0.6)
            asked = next((one for one in self.boxes.values() if one.box.is_asked), None)
            if asked is not None:
                self.centerOn(asked)
        self._must_fit = False

    # Choosing

    def choose(self, what: object) -> None:
        """Choose a box or an arrow; what it has to do with stays bright."""
        found = what if isinstance(what, LineageBox | Arrow) else None
        self.current = found
        near = self._near(found)
        for key, item in self.boxes.items():
            item.choose(
                is_chosen=isinstance(found, LineageBox) and found.key == key,
                is_related=near is None or key in near,
            )
        for line in self.arrows:
            ends = {line.arrow.source, line.arrow.target}
            line.choose(
                is_chosen=line.arrow is found,
                is_related=near is None or ends <= near,
            )
        self.chosen.emit(found)

    def _near(self, what: LineageBox | Arrow | None) -> set[str] | None:
        """Return the boxes before and behind what is chosen; None for all."""
        if what is None:
            return None
        if isinstance(what, Arrow):
            return {what.source, what.target}
        return {
            *self._walk(what.key, is_back=True),
            *self._walk(what.key, is_back=False),
        }

    def _walk(self, key: str, *, is_back: bool) -> set[str]:
        steps: dict[str, list[str]] = {}
        for arrow in self.graph.arrows:
            one, other = (
                (arrow.target, arrow.source)
                if is_back
                else (
                    arrow.source,
                    arrow.target,
                )
            )
            steps.setdefault(one, []).append(other)
        found, waiting = {key}, [key]
        while waiting:
            for other in steps.get(waiting.pop(), ()):
                if other not in found:
                    found.add(other)
                    waiting.append(other)
        return found

    def _open(self, what: object) -> None:
        if isinstance(what, LineageBox):
            self.opened.emit(what)

    # Keys and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk along the arrows with the arrow keys; Enter opens, Home fits."""
        match Qt.Key(event.key()):
            case Qt.Key.Key_Left | Qt.Key.Key_Right | Qt.Key.Key_Up | Qt.Key.Key_Down:
                self._step(Qt.Key(event.key()))
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if isinstance(
                self.current, LineageBox
            ):
                self.opened.emit(self.current)
            case Qt.Key.Key_Home:
                self.fit_all()
            case Qt.Key.Key_Escape:
                self.choose(None)
            case Qt.Key.Key_Plus:
                self.scale(1.2, 1.2)
            case Qt.Key.Key_Minus:
                self.scale(1 / 1.2, 1 / 1.2)
            case _:
                super().keyPressEvent(event)

    def _step(self, key: Qt.Key) -> None:
        here = self.current
        if not isinstance(here, LineageBox) or here.key not in self.boxes:
            asked = (one for one in self.boxes.values() if one.box.is_asked)
            first = next(asked, next(iter(self.boxes.values()), None))
            if first is not None:
                self._go(first)
            return
        place = self.boxes[here.key].pos()
        across = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(key, 0)
        down = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(key, 0)
        best: tuple[float, BoxItem] | None = None
        for item in self.boxes.values():
            way = item.pos() - place
            along = way.x() * across + way.y() * down
            aside = abs(way.y() if across else way.x())
            if along <= 1 or (down and aside > WIDTH / 2):
                continue
            score = along + 2 * aside
            if best is None or score < best[0]:
                best = (score, item)
        if best is not None:
            self._go(best[1])

    def _go(self, item: BoxItem) -> None:
        self.choose(item.box)
        self.ensureVisible(item, 30, 30)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom."""
        factor = 1.15 if event.angleDelta().y() > 0 else 1 / 1.15
        zoom = self.transform().m11() * factor
        if 0.05 <= zoom <= 3:
            self.scale(factor, factor)
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit once there is room."""
        super().resizeEvent(event)
        if self._must_fit:
            self.fit()
