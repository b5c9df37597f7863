"""A plane with its cuts: XZ below it and YZ beside it, and a cross that says where."""

from math import floor

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.gui.viewer.axis_sliders import AxisSliders
from bioimageit_flow.gui.viewer.compare_area import CompareArea
from bioimageit_flow.gui.viewer.cross import Cross
from bioimageit_flow.gui.viewer.cut_view import CutView

_WIDE, _THIN = 640, 240


class OrthogonalArea(QWidget):
    """The panes, and beside the first its cuts where they are wished.

    Parameters
    ----------
    area : CompareArea
        The panes; the cuts are of the first.
    sliders : AxisSliders
        Where one is along Z.

    Attributes
    ----------
    failed : Signal
        With an error.
    """

    failed = Signal(object)

    def __init__(self, area: CompareArea, sliders: AxisSliders, theme: Theme) -> None:
        super().__init__()
        self._pane, self._sliders, self._theme = area.a, sliders, theme
        self.is_on = False
        self.place = (0.0, 0.0)
        self.cross = Cross(area.a.canvas)
        self._views: tuple[CutView, CutView] | None = None
        self._upper, self._lower = QSplitter(), QSplitter()
        self._all = QSplitter(Qt.Orientation.Vertical)
        self._upper.addWidget(area)
        self._all.addWidget(self._upper)
        self._all.addWidget(self._lower)
        self._all.setStretchFactor(0, 1)
        self._all.setSizes([_WIDE, _THIN])
        self._upper.splitterMoved.connect(self._keep_columns)
        self._lower.splitterMoved.connect(self._keep_columns_below)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._all)
        self.cross.moved.connect(self._go_to)
        area.a.canvas.clicked.connect(self._clicked)
        area.a.planes_changed.connect(self.refresh)
        area.a.canvas.view_moved.connect(self._follow)
        self._shows = ""
        self._show()

    @property
    def front(self) -> CutView:
        """The cut XZ; built with the other when first asked for."""
        return self._built()[0]

    @property
    def side(self) -> CutView:
        """The cut YZ."""
        return self._built()[1]

    def _built(self) -> tuple[CutView, CutView]:
        if self._views is not None:
            return self._views
        front = CutView(self._pane, "Y", self._theme)
        side = CutView(self._pane, "X", self._theme)
        self._views = (front, side)
        front.picked.connect(lambda x, z: self._go_deep(x, self.place[1], z))
        side.picked.connect(lambda y, z: self._go_deep(self.place[0], y, z))
        self._upper.addWidget(side)
        self._lower.addWidget(front)
        self._lower.addWidget(QWidget())
        for split in (self._upper, self._lower):
            split.setStretchFactor(0, 1)
            split.setSizes([_WIDE, _THIN])
            split.setChildrenCollapsible(False)
        for view in self._views:
            view.failed.connect(self.failed)
        return self._views

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        for view in self._views or ():
            view.set_theme(theme)

    def release(self) -> None:
        """End threads and timers."""
        for view in self._views or ():
            view.release()

    def clear(self) -> None:
        """Wait for no cuts of an image that is to be closed."""
        for view in self._views or ():
            view.clear()
        self._shows = ""

    @property
    def is_idle(self) -> bool:
        """Whether no cut is being read."""
        return all(view.reading.is_idle for view in self._views or ())

    def turn(self, *, is_on: bool) -> None:
        """Show the cuts, or the plane alone; an image without depth has none."""
        self.is_on = is_on
        exhibit = self._pane.exhibit
        if is_on and exhibit is not None and exhibit.base is not None:
            x, y = self.place
            if not (0 < x < exhibit.base.width and 0 < y < exhibit.base.height):
                self.place = (exhibit.base.width // 2, exhibit.base.height // 2)
        self._show()
        self.refresh()
        if is_on:
            QTimer.singleShot(0, self, self._follow)

    def refresh(self) -> None:
        """Read the cuts anew: another item, time, contrast or place."""
        exhibit = self._pane.exhibit
        has_depth = exhibit is not None and "Z" in exhibit.axes
        if not (self.is_on and has_depth and exhibit is not None and exhibit.base):
            self._show()
            return
        base = exhibit.base
        self.place = (
            min(max(self.place[0], 0.0), base.width - 1.0),
            min(max(self.place[1], 0.0), base.height - 1.0),
        )
        self._show()
        x, y = self.place
        position = self._sliders.position
        z = position.get("Z", 0)
        wanted = repr(
            (
                id(exhibit),
                {axis: at for axis, at in position.items() if axis != "Z"},
                self.place,
                self._pane.looks,
                self._pane.label_look,
            )
        )
        if wanted != self._shows and self._pane.looks_known:
            self._shows = wanted
            self.front.show_cut(floor(y + 0.5), position)
            self.side.show_cut(floor(x + 0.5), position)
        self.cross.show_at(x, y)
        self.front.show_cross(x, z)
        self.side.show_cross(y, z)

    def _show(self) -> None:
        exhibit = self._pane.exhibit
        is_seen = self.is_on and exhibit is not None and "Z" in exhibit.axes
        if is_seen or self._views is not None:
            self.side.setVisible(is_seen)
        self._lower.setVisible(is_seen)
        if not is_seen:
            self.cross.hide()
            self._shows = ""

    def _clicked(self, x: float, y: float) -> None:
        if self.is_on:
            self._go_to(x, y)

    def _go_to(self, x: float, y: float) -> None:
        self.place = (x, y)
        self.refresh()

    def _go_deep(self, x: float, y: float, z: float) -> None:
        self._sliders.go_to({"Z": floor(z + 0.5)})
        self._go_to(x, y)

    def _follow(self) -> None:
        if self.is_on:
            self.front.follow()
            self.side.follow()

    def _keep_columns(self) -> None:
        self._lower.setSizes(self._upper.sizes())

    def _keep_columns_below(self) -> None:
        self._upper.setSizes(self._lower.sizes())
