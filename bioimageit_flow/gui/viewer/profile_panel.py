"""The line that measures: how long it is, and the intensities along it."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyqtgraph as pg  # type: ignore[import-untyped]
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QWidget

from bioimageit_flow.editor.viewing.places import length_between
from bioimageit_flow.editor.viewing.profiles import Numbers, Point, Profile, profile
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.pieces import button, column, label, row
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.gui.viewer.pane import Pane
from bioimageit_flow.gui.viewer.reading import Reading, Tell

_HEIGHT_PX: Final = 190
_SAMPLES: Final = ("#e5484d", "#30a46c", "#3e8ede")
"""Of red, green and blue in RGB images."""


class ProfilePanel(QWidget):
    """Plots what lies under the line of a pane, and follows it.

    Parameters
    ----------
    pane : Pane
        Whose line, plane and channels are followed.

    Attributes
    ----------
    failed : Signal
        With an error.
    shown_changed : Signal
        Whether there is a line.
    """

    failed = Signal(object)
    shown_changed = Signal(bool)

    def __init__(self, pane: Pane, theme: Theme) -> None:
        super().__init__()
        self._pane, self._theme = pane, theme
        self._ends: tuple[Point, Point] | None = None
        self.profile: Profile | None = None
        self.reading = Reading(self._show, self.failed.emit, self)
        self.length = label("", "heading")
        self._copy = button(
            tr("Copy values"),
            self.copy,
            role="quiet",
            tip=tr("Copy the intensities, to be pasted into a spreadsheet"),
        )
        self.setFixedHeight(_HEIGHT_PX)
        hint = label(tr("Drag the line or its ends."), "muted")
        head = row(self.length, hint, None, self._copy, gap=12)
        head.setContentsMargins(8, 4, 8, 0)
        self.setLayout(column(head, gap=2))
        self._plot: _Plot | None = None
        pane.canvas.measured.connect(self._measured)
        pane.planes_changed.connect(self.refresh)
        self.hide()

    @property
    def plot(self) -> "_Plot":
        """The curves; built when there is a line for the first time."""
        if self._plot is None:
            self._plot = _Plot(self._theme)
            layout = self.layout()
            assert layout is not None
            layout.addWidget(self._plot)
        return self._plot

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        if self._plot is not None:
            self._plot.set_theme(theme)
            self._draw()

    def release(self) -> None:
        """End the thread."""
        self.reading.release()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being read."""
        return self.reading.is_idle

    def toggle(self) -> None:
        """Put a line into the image, or take it away."""
        canvas = self._pane.canvas
        if canvas.has_line:
            canvas.remove_line()
            self.reading.release()
            self._ends = self.profile = None
            self.length.setText("")
        else:
            canvas.measure()
        self.setVisible(canvas.has_line)
        self.shown_changed.emit(canvas.has_line)

    def clear(self) -> None:
        """Wait for no values of an image that is to be closed."""
        self.reading.release()
        self.profile = None
        self._draw()

    def refresh(self) -> None:
        """Read the values anew: another plane, item or way of showing the depth."""
        exhibit, ends = self._pane.exhibit, self._ends
        if exhibit is None or exhibit.base is None or ends is None:
            return
        length = length_between(*ends, exhibit.info.pixel_size_um)
        self.length.setText(str(length))
        position, depth = self._pane.position, self._pane.projection

        def work(tell: Tell) -> object:
            return profile(exhibit, position, *ends, depth, lambda: tell(None))

        self.reading.ask(work)

    def copy(self) -> None:
        """Put the values into the clipboard."""
        if self.profile is not None:
            QGuiApplication.clipboard().setText(self.profile.as_text(self._names()))

    def _measured(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self._ends = ((x0, y0), (x1, y1))
        self.refresh()

    def _show(self, found: Profile) -> None:
        self.profile = found
        self._draw()

    def _names(self) -> list[str]:
        assert self.profile is not None
        looks, count = self._pane.looks, len(self.profile.values)
        if self._pane.exhibit is not None and self._pane.exhibit.is_rgb:
            return ["red", "green", "blue"][:count]
        return [
            (looks[place].name if place < len(looks) else "") or f"channel_{place + 1}"
            for place in range(count)
        ]

    def _draw(self) -> None:
        found = self.profile
        if found is None:
            if self._plot is not None:
                self._plot.show_curves(np.zeros(0), [], "")
            return
        colours = map(self._colour, range(len(found.values)))
        curves = [
            (values, colour)
            for values, colour in zip(found.values, colours, strict=True)
            if colour is not None
        ]
        unit = tr("Distance ({unit})", unit=found.unit)
        self.plot.show_curves(found.distances, curves, unit)

    def _colour(self, place: int) -> QColor | None:
        """Return the colour of a curve; None for a channel that is off."""
        looks, exhibit = self._pane.looks, self._pane.exhibit
        if exhibit is not None and exhibit.is_rgb:
            return QColor(_SAMPLES[place % 3])
        if place >= len(looks):
            return QColor(self._theme.text)
        if not looks[place].is_on:
            return None
        colour = QColor(looks[place].colour)
        if self._theme.is_dark:
            return colour
        if colour.saturation() < 30:
            return QColor(self._theme.text)
        return colour.darker(150)


class _Plot(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph has no types
    """Curves over one axis."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(background=theme.panel)
        self.setAccessibleName(tr("Intensities along the line"))
        self.setMinimumHeight(90)
        grid = pg.GraphicsLayout()
        self.setCentralItem(grid)
        self._box = pg.ViewBox(enableMenu=False, enableMouse=False)
        self._left, self._bottom = pg.AxisItem("left"), pg.AxisItem("bottom")
        grid.addItem(self._left, 0, 0)
        grid.addItem(self._box, 0, 1)
        grid.addItem(self._bottom, 1, 1)
        self._left.linkToView(self._box)
        self._bottom.linkToView(self._box)
        self._curves: list[Any] = []
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.setBackground(theme.panel)
        for axis in (self._left, self._bottom):
            axis.setPen(pg.mkPen(theme.strong_border))
            axis.setTextPen(pg.mkPen(theme.muted))

    def show_curves(
        self, xs: Numbers, curves: Sequence[tuple[Numbers, QColor]], title: str
    ) -> None:
        """Draw curves (ys, colour) over the same xs."""
        for curve in self._curves:
            self._box.removeItem(curve)
        self._curves = []
        for ys, colour in curves:
            curve = pg.PlotCurveItem(xs, ys, pen=pg.mkPen(colour, width=1.6))
            self._box.addItem(curve)
            self._curves.append(curve)
        self._bottom.setLabel(title)
        self._left.setLabel(tr("Intensity"))
        shown = [ys for ys, _ in curves if np.isfinite(ys).any()]
        if shown:
            low = min(float(np.nanmin(one)) for one in shown)
            high = max(float(np.nanmax(one)) for one in shown)
            spare = (high - low) * 0.06 or 0.5
            self._box.setXRange(0, float(xs[-1]) or 1.0, padding=0.02)
            self._box.setYRange(low - spare, high + spare, padding=0)
