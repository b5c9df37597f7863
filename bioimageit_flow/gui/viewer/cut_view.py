"""One cut through a stack, beside the plane that is shown."""

from PySide6.QtCore import QRectF, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bioimageit_flow.editor.viewing.cutting import Across, Cut, cut, depth_px
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.pieces import label
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.gui.viewer.canvas import Canvas
from bioimageit_flow.gui.viewer.cross import Cross
from bioimageit_flow.gui.viewer.pane import Pane
from bioimageit_flow.gui.viewer.reading import Reading, Tell


class CutView(QWidget):
    """Shows XZ (a cut at a row) or ZY (a cut at a column) of what a pane shows.

    Attributes
    ----------
    picked : Signal
        A point of the cut was clicked or the cross dragged there: along the plane and
        along Z, in pixels and planes.
    failed : Signal
        With the error.
    """

    picked = Signal(float, float)
    failed = Signal(object)

    def __init__(self, pane: Pane, across: Across, theme: Theme) -> None:
        super().__init__()
        self._pane, self._across = pane, across
        self._thick = 1.0
        self._size = (0.0, 0.0)
        self.shown: Cut | None = None
        self.canvas = Canvas(theme)
        name = "XZ" if across == "Y" else "YZ"
        self.canvas.setAccessibleName(tr("Cut {name}", name=name))
        self.cross = Cross(self.canvas)
        self.reading = Reading(self._show, self.failed.emit, self)
        title = label(name, "section")
        title.setParent(self.canvas)
        title.move(8, 4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.canvas, 1)
        self.canvas.clicked.connect(self._pick)
        self.cross.moved.connect(self._pick)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.canvas.set_theme(theme)

    def release(self) -> None:
        """End the thread and the timer."""
        self.reading.release()
        self.canvas.release()

    def clear(self) -> None:
        """Show nothing."""
        self.reading.release()
        self.shown = None
        for name in ("image", "labels"):
            self.canvas.show_picture(name, None)

    def show_cut(self, at: int, position: dict[str, int]) -> None:
        """Read and show a cut; what is shown stays until it is there."""
        pane, exhibit = self._pane, self._pane.exhibit
        if exhibit is None or exhibit.base is None or not pane.looks_known:
            return
        across, looks, label_look = self._across, list(pane.looks), pane.label_look

        def work(tell: Tell) -> object:
            return cut(
                exhibit, position, across, at, looks, label_look, lambda: tell(None)
            )

        self._fit_size()
        self.reading.ask(work)

    def show_cross(self, along: float, z: int) -> None:
        """Show where the plane and the other cut are."""
        deep = (z + 0.5) * self._thick - 0.5
        if self._across == "Y":
            self.cross.show_at(along, deep)
        else:
            self.cross.show_at(deep, along)

    def follow(self) -> None:
        """Show the same part along the plane as the pane does."""
        rect = self._pane.canvas.box.viewRect()
        height, width = self._size
        own = self.canvas.box.viewRect()
        if self._across == "Y":
            high = rect.width() * own.height() / max(own.width(), 1e-9)
            top = height / 2 - high / 2
            self.canvas.show_rect(QRectF(rect.left(), top, rect.width(), high))
        else:
            wide = rect.height() * own.width() / max(own.height(), 1e-9)
            left = width / 2 - wide / 2
            self.canvas.show_rect(QRectF(left, rect.top(), wide, rect.height()))

    def _fit_size(self) -> None:
        exhibit = self._pane.exhibit
        if exhibit is None or exhibit.base is None:
            return
        base = exhibit.base
        self._thick = depth_px(exhibit.info)
        deep = exhibit.axes.get("Z", 1) * self._thick
        height, width = (
            (deep, float(base.width))
            if self._across == "Y"
            else (float(base.height), deep)
        )
        if (height, width) != self._size:
            self._size = (height, width)
            self.canvas.set_size(round(height), round(width), None)

    def _show(self, found: Cut) -> None:
        self.shown = found
        self.canvas.show_picture("image", found.image)
        self.canvas.show_picture("labels", found.labels)

    def _pick(self, x: float, y: float) -> None:
        along, deep = (x, y) if self._across == "Y" else (y, x)
        self.picked.emit(along, (deep + 0.5) / self._thick - 0.5)
