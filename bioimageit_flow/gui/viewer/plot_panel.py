"""Plots of a table: scatter, histogram, box and strip; a point is a row."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyqtgraph as pg  # type: ignore[import-untyped]
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QWidget

from bioimageit_flow.editor.viewing import plotting
from bioimageit_flow.editor.viewing.places import number
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.pieces import column, label, row
from bioimageit_flow.gui.theme import Theme

SCATTER: Final = "scatter"
HISTOGRAM: Final = "histogram"
BOX: Final = "box"

_PICK_PX: Final = 12
_ON_LIGHT: Final = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#a3528a",
    "#8a6d00",
    "#2a7ba8",
    "#5c6672",
)
_ON_DARK: Final = (
    "#56b4e9",
    "#e69f00",
    "#2fae82",
    "#d48fbd",
    "#f0e442",
    "#e5604d",
    "#a8b1bd",
)
_NONE: Final = "\0"


class PlotPanel(QWidget):
    """Draws the columns of a table that are chosen.

    Attributes
    ----------
    row_picked : Signal
        The point of a row was clicked.
    """

    row_picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._columns: tuple[str, ...] = ()
        self._cells: dict[str, list[object]] = {}
        self._chosen: int | None = None
        self._points: list[tuple[float, float, int]] = []
        self.kind = QComboBox()
        for title, name in (
            (tr("Box and strip"), BOX),
            (tr("Scatter"), SCATTER),
            (tr("Histogram"), HISTOGRAM),
        ):
            self.kind.addItem(title, name)
        self.kind.setAccessibleName(tr("Kind of plot"))
        self.y_box, self.x_box, self.by_box = QComboBox(), QComboBox(), QComboBox()
        self.y_box.setAccessibleName(tr("Values"))
        self.x_box.setAccessibleName(tr("Along x"))
        self.by_box.setAccessibleName(tr("Grouped by"))
        self._against = label(tr("against"), "muted")
        for box in (self.kind, self.y_box, self.x_box, self.by_box):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setMaximumWidth(200)
            box.currentIndexChanged.connect(self._draw)
        self.view = pg.GraphicsView(background=theme.panel)
        self.view.setMinimumSize(160, 120)
        self.view.setAccessibleName(tr("Plot"))
        grid = pg.GraphicsLayout()
        self.view.setCentralItem(grid)
        self.box = pg.ViewBox(enableMenu=False)
        self._left, self._bottom = pg.AxisItem("left"), pg.AxisItem("bottom")
        grid.addItem(self._left, 0, 0)
        grid.addItem(self.box, 0, 1)
        grid.addItem(self._bottom, 1, 1)
        grid.layout.setColumnStretchFactor(1, 10)
        self._left.linkToView(self.box)
        self._bottom.linkToView(self.box)
        self._items: list[Any] = []
        self.box.scene().sigMouseClicked.connect(self._click)
        self.legend = label("", "small", wraps=True)
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.setContentsMargins(8, 0, 8, 4)
        choices = row(self.kind, self.y_box, self._against, self.x_box, margin=6)
        choices.addWidget(label(tr("by"), "muted"))
        choices.addWidget(self.by_box)
        choices.addStretch(1)
        self.setLayout(column(choices, self.view, self.legend, gap=0))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.view.setBackground(theme.panel)
        for axis in (self._left, self._bottom):
            axis.setPen(pg.mkPen(theme.strong_border))
            axis.setTextPen(pg.mkPen(theme.muted))
        self._draw()

    # What is drawn

    def show_rows(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[object]],
        *,
        values: Sequence[str] = (),
        groups: Sequence[str] = (),
    ) -> None:
        """Draw another table.

        Parameters
        ----------
        values, groups : sequence of str
            Columns that are chosen at first, where there are such.
        """
        kept = (
            self.y_box.currentData(),
            self.x_box.currentData(),
            self.by_box.currentData(),
        )
        self._columns = tuple(columns)
        self._cells = {
            name: [cells[place] for cells in rows] for place, name in enumerate(columns)
        }
        self._chosen = None
        numbers = [one for one in columns if plotting.is_number(self._cells[one])]
        grouping = [one for one in columns if plotting.is_group(self._cells[one])]
        wanted = [one for one in values if one in numbers] or numbers
        telling = [one for one in wanted if not _is_place(one)] or numbers
        self._fill(self.y_box, numbers, kept[0], telling[:1])
        self._fill(self.x_box, numbers, kept[1], telling[1:2] or telling[:1])
        texts = [one for one in grouping if one not in numbers]
        first = [one for one in groups or texts if one in grouping][:1]
        self._fill(self.by_box, [_NONE, *grouping], kept[2], first or [_NONE])
        self._draw()

    def choose(self, row_number: int | None) -> None:
        """Mark the point of a row."""
        self._chosen = row_number
        self._draw(keeps_range=True)

    @property
    def points(self) -> list[tuple[float, float, int]]:
        """What is drawn for rows: x, y, row."""
        return list(self._points)

    def point_on_screen(self, row_number: int) -> QPointF | None:
        """Return where the point of a row is in the view."""
        for x, y, of in self._points:
            if of == row_number:
                place = self.box.mapViewToScene(QPointF(x, y))
                return QPointF(self.view.mapFromScene(place))
        return None

    def _fill(
        self, box: QComboBox, names: Sequence[str], kept: object, first: Sequence[str]
    ) -> None:
        box.blockSignals(True)
        box.clear()
        for name in names:
            box.addItem(tr("nothing") if name == _NONE else name, name)
        wanted = kept if kept in names else first[0] if first else None
        box.setCurrentIndex(max(0, box.findData(wanted)) if names else -1)
        box.blockSignals(False)

    def _draw(self, _index: int = 0, *, keeps_range: bool = False) -> None:
        for item in self._items:
            self.box.removeItem(item)
        self._items, self._points = [], []
        kind = self.kind.currentData()
        is_scatter = kind == SCATTER
        self.x_box.setVisible(is_scatter)
        self._against.setVisible(is_scatter)
        y, by = self.y_box.currentData(), self.by_box.currentData()
        self.legend.setText("")
        if y is None:
            self.legend.setText(tr("This table has no numbers to draw."))
            return
        cells = self._cells[y]
        groups = None if by in (None, _NONE) else self._cells[by]
        before = self.box.viewRect()
        self._bottom.setTicks(None)
        match kind:
            case "scatter":
                self._draw_scatter(y, self.x_box.currentData() or y, groups)
            case "histogram":
                self._draw_histogram(y, cells, groups)
            case _:
                self._draw_boxes(y, cells, groups)
        if keeps_range:
            self.box.setRange(before, padding=0)
        else:
            self.box.autoRange(padding=0.06)

    def _draw_scatter(self, y: str, x: str, groups: Sequence[object] | None) -> None:
        made = plotting.scatter(self._cells[x], self._cells[y], groups)
        for place, series in enumerate(made):
            colour = self._colour(place)
            self._add_points(series.x, series.y, series.rows, colour)
        self._titles(x, y)
        self._say_groups([series.name for series in made])

    def _draw_histogram(
        self, name: str, cells: Sequence[object], groups: Sequence[object] | None
    ) -> None:
        made = plotting.histogram(cells, groups)
        for place, bars in enumerate(made):
            colour = QColor(self._colour(place))
            colour.setAlphaF(0.55 if len(made) > 1 else 0.85)
            item = pg.BarGraphItem(
                x0=bars.edges[:-1],
                x1=bars.edges[1:],
                height=bars.counts,
                y0=0,
                pen=pg.mkPen(self._theme.panel),
                brush=colour,
            )
            self._add(item)
        self._titles(name, tr("rows"))
        self._say_groups([bars.name for bars in made])

    def _draw_boxes(
        self, name: str, cells: Sequence[object], groups: Sequence[object] | None
    ) -> None:
        made = plotting.boxes(cells, groups)
        for place, box in enumerate(made):
            colour = self._colour(place)
            pen = pg.mkPen(colour, width=1.6)
            wide = 0.36
            outline = np.array(
                [
                    (place - wide, box.q1),
                    (place + wide, box.q1),
                    (place + wide, box.q3),
                    (place - wide, box.q3),
                    (place - wide, box.q1),
                ]
            )
            self._add(pg.PlotCurveItem(outline[:, 0], outline[:, 1], pen=pen))
            for low, high in ((box.low, box.q1), (box.q3, box.high)):
                self._add(
                    pg.PlotCurveItem(
                        np.array([place, place], float), np.array([low, high]), pen=pen
                    )
                )
            middle = np.array([place - wide, place + wide])
            thick = pg.mkPen(colour, width=3.4)
            level = np.array([box.median, box.median])
            self._add(pg.PlotCurveItem(middle, level, pen=thick))
            self._add_points(place + box.offsets, box.values, box.rows, colour)
        titles = [(place, box.name or tr("all")) for place, box in enumerate(made)]
        self._bottom.setTicks([titles])
        by = self.by_box.currentData()
        self._titles("" if by == _NONE else str(by or ""), name)
        said = [
            f"{box.name or tr('all')}: n = {box.values.size}, "
            + tr("median {value}", value=number(box.median))
            for box in made
        ]
        self.legend.setText(_escaped("   ·   ".join(said)))

    def _add_points(
        self,
        xs: plotting.Numbers,
        ys: plotting.Numbers,
        rows: NDArray[np.int64],
        colour: str,
    ) -> None:
        fill = QColor(colour)
        fill.setAlphaF(0.7)
        item = pg.ScatterPlotItem(
            x=xs, y=ys, size=7, pen=pg.mkPen(self._theme.panel, width=0.6), brush=fill
        )
        self._add(item)
        some = list(zip(xs.tolist(), ys.tolist(), rows.tolist(), strict=True))
        self._points += some
        for x, y, of in some:
            if of == self._chosen:
                ring = pg.mkPen(self._theme.text, width=2)
                self._add(
                    pg.ScatterPlotItem(x=[x], y=[y], size=15, pen=ring, brush=None)
                )

    def _add(self, item: Any) -> None:  # noqa: ANN401 - pyqtgraph has no types
        self.box.addItem(item)
        self._items.append(item)

    def _titles(self, bottom: str, left: str) -> None:
        self._bottom.setLabel(bottom)
        self._left.setLabel(left)

    def _say_groups(self, names: Sequence[str]) -> None:
        if len(names) > 1:
            said = "&nbsp;&nbsp; ".join(
                f'<span style="color:{self._colour(place)}">●</span> {_escaped(name)}'
                for place, name in enumerate(names)
            )
            self.legend.setText(said)

    def _colour(self, place: int) -> str:
        colours = _ON_DARK if self._theme.is_dark else _ON_LIGHT
        return colours[place % len(colours)]

    def _click(self, event: Any) -> None:  # noqa: ANN401 - as pyqtgraph has it
        if not self._points or event.button() != Qt.MouseButton.LeftButton:
            return
        wide, high = self.box.viewPixelSize()
        at = self.box.mapSceneToView(event.scenePos())
        far = [
            ((x - at.x()) / wide) ** 2 + ((y - at.y()) / high) ** 2
            for x, y, _ in self._points
        ]
        best = int(np.argmin(far))
        if far[best] <= _PICK_PX**2:
            self.row_picked.emit(self._points[best][2])


def _is_place(name: str) -> bool:
    plain = name.lower().removesuffix("_um").removesuffix("_min").removesuffix("_max")
    return plain in {
        "x",
        "y",
        "z",
        "t",
        "c",
        "label",
        "spot",
        "track",
        "index",
        "frame",
    }


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
