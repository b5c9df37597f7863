"""A page of the viewer: one item after another, with all that is known of each."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from bioimageit_flow.editor.viewing.exhibit import Exhibit
from bioimageit_flow.editor.viewing.places import number
from bioimageit_flow.editor.viewing.projecting import Depth
from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui.pieces import label, row
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.gui.viewer.axis_sliders import AxisSliders
from bioimageit_flow.gui.viewer.compare_area import Arrangement, CompareArea
from bioimageit_flow.gui.viewer.layer_controls import LayerControls
from bioimageit_flow.gui.viewer.orthogonal import OrthogonalArea
from bioimageit_flow.gui.viewer.other_view import OtherView
from bioimageit_flow.gui.viewer.page import Page
from bioimageit_flow.gui.viewer.page_header import PageHeader
from bioimageit_flow.gui.viewer.plot_panel import PlotPanel
from bioimageit_flow.gui.viewer.profile_panel import ProfilePanel
from bioimageit_flow.gui.viewer.reading import Reading, Tell
from bioimageit_flow.gui.viewer.rows_panel import RowsPanel
from bioimageit_flow.gui.viewer.steps import (
    Opened,
    Shown,
    close_opened,
    open_step,
)
from bioimageit_flow.gui.viewer.table_panel import TablePanel
from bioimageit_flow.model.data import Item

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment

_CONTROLS_WIDTH: Final = 270
_ZOOM: Final = 1.3


class ImagePage(Page):
    """Shows items.

    Parameters
    ----------
    experiment : Experiment
        Whose items they are.
    steps : sequence of Shown
        Page Up and Page Down go through them.

    Attributes
    ----------
    stepped : Signal
        Another item is shown; with its number.
    """

    stepped = Signal(int)

    def __init__(
        self,
        experiment: "Experiment",
        steps: Sequence[Shown],
        theme: Theme,
        names: tuple[str, str] = ("A", "B"),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.experiment, self.steps, self._names = experiment, list(steps), names
        self.number = -1
        self.is_shown = False
        self._has_two = any(step.b is not None for step in self.steps)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.header = PageHeader(
            theme,
            fit=self._fit,
            original=lambda: self._pane_a.canvas.zoom_to(1.0),
            measure=lambda: self.profile.toggle(),
            cuts=lambda: self.turn_cuts(),
            files=self._files,
        )
        self.header.stepped.connect(self.step)
        self.header.arranged.connect(self.arrange)
        self.header.failed.connect(self.failed)
        self.header.linked.toggled.connect(self._link)
        self.header.same.toggled.connect(lambda _is_on: self._share_looks(0))
        self._theme = theme
        self.area = CompareArea(theme, has_two=self._has_two)
        self._panes, self._pane_a = self.area.panes, self.area.a
        self.sliders = AxisSliders(theme, self._is_drawn)
        self.sliders.moved.connect(self._go_to)
        self.sliders.depth_chosen.connect(self._show_depth)
        self.views = OrthogonalArea(self.area, self.sliders, theme)
        self.profile = ProfilePanel(self._pane_a, theme)
        self.profile.shown_changed.connect(self.header.measure.setChecked)
        self.status, self.facts = label("", "muted"), label("", "muted")
        self.controls = [
            LayerControls(pane, theme, partial(self._share_looks, place))
            for place, pane in enumerate(self._panes)
        ]
        self._rows: RowsPanel | None = None
        self.other = OtherView(theme)
        self._build()
        self.views.failed.connect(self.failed)
        self.profile.failed.connect(self.failed)
        for pane in self._panes:
            pane.failed.connect(self.failed)
            pane.said.connect(self.status.setText)
            pane.looks_changed.connect(lambda: self._share_looks(0))
            pane.canvas.view_changed.connect(self._say_facts)
        self._pane_a.row_picked.connect(self._picked)
        self.opening = Reading(self._show, self._fail, self, close_opened)
        self.arrange(Arrangement.WIPE if self._has_two else Arrangement.ONE)
        self.go_to_item(0)

    def _build(self) -> None:
        views = QWidget()
        column = QVBoxLayout(views)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.views, 1)
        column.addWidget(self.sliders)
        column.addWidget(self.profile)
        column.addLayout(row(self.status, None, self.facts, margin=6, gap=12))
        self._side = QTabWidget()
        self._side.setDocumentMode(True)
        for title, controls in zip(self._names, self.controls, strict=False):
            self._side.addTab(controls, title)
        self._side.tabBar().setVisible(self._has_two)
        self._image_part = QSplitter(Qt.Orientation.Horizontal)
        self._image_part.addWidget(views)
        self._image_part.addWidget(self._side)
        self._image_part.setStretchFactor(0, 1)
        self._image_part.setSizes([900, _CONTROLS_WIDTH])
        self._middle = QStackedWidget()
        self._middle.addWidget(self._image_part)
        self._middle.addWidget(self.other)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.addWidget(self._middle)
        self.split.setStretchFactor(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.split, 1)

    # What the viewer tells it

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.header.set_theme(theme)
        for part in (self.area, self.views, self.sliders, self.profile):
            part.set_theme(theme)
        for controls in self.controls:
            controls.set_theme(theme)
        self._theme = theme
        if self._rows is not None:
            self._rows.set_theme(theme)
        self.other.set_theme(theme)

    def release(self) -> None:
        """End threads and timers, close files."""
        self.sliders.player.stop()
        self.opening.release()
        self.views.release()
        self.profile.release()
        self.area.release()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being opened or read."""
        is_drawn = all(pane.is_idle for pane in self._panes)
        beside = self.views.is_idle and self.profile.is_idle
        return self.opening.is_idle and is_drawn and beside

    # Items

    @property
    def exhibit(self) -> Exhibit | None:
        """What is shown, or stands at the left."""
        return self._pane_a.exhibit

    @property
    def item(self) -> Item | None:
        """The item that is shown."""
        return self.steps[self.number].a if 0 <= self.number < len(self.steps) else None

    def step(self, by: int) -> None:
        """Go some items on."""
        self.go_to_item(self.number + by)

    def go_to_item(self, number_: int) -> None:
        """Show one of the items, by its number from 0."""
        wanted = min(max(number_, 0), len(self.steps) - 1)
        if wanted == self.number:
            return
        self.number = wanted
        step, experiment = self.steps[wanted], self.experiment
        said = step.a.name if step.b is None else f"{step.a.name}  |  {step.b.name}"
        self.header.show_item(said, wanted, len(self.steps))

        def work(tell: Tell) -> object:
            return open_step(experiment, wanted, step, tell)

        self.opening.ask(work)

    def _show(self, opened: object) -> None:
        assert isinstance(opened, Opened)
        a, b = opened.a, opened.b
        has_image = a.base is not None
        self._middle.setCurrentWidget(self._image_part if has_image else self.other)
        self.header.show_tools(has_image=has_image)
        self.header.set_compares(has_two=b is not None)
        axes = {**(b.axes if b else {}), **a.axes}
        start = {**(b.start if b else {}), **a.start}
        self.sliders.show_axes(axes, start, a.info)
        keeps = self.is_shown
        self.views.clear()
        self.profile.clear()
        self._pane_a.show_exhibit(a, self.sliders.position, keeps_looks=keeps)
        self._pane_a.title.setText(f"{self._names[0]}  ·  {a.name}")
        if b is not None:
            self.area.b.show_exhibit(b, self.sliders.position, keeps_looks=keeps)
            self.area.b.title.setText(f"{self._names[1]}  ·  {b.name}")
        if not has_image and a.related.own is not None:
            self.other.show_file(a.related.own.path, opened.text)
        if b is not None and not self.is_shown:
            self.header.same.setChecked(a.info.dtype == b.info.dtype)
        for controls in self.controls:
            controls.rebuild()
        self._show_rows(a, has_image=has_image)
        self._say_facts()
        has_depth = "Z" in a.axes
        self.header.cuts.setVisible(has_image and has_depth)
        self.views.turn(is_on=self.views.is_on)
        self.is_shown = True
        self.stepped.emit(opened.number)

    @property
    def rows(self) -> RowsPanel:
        """The rows of the table beside their plots; built when first asked for."""
        if self._rows is None:
            self._rows = RowsPanel(self._theme)
            self._rows.chosen.connect(self._choose)
            self._rows.hide()
            self.split.addWidget(self._rows)
            self.split.setSizes([560, 240])
        return self._rows

    @property
    def table(self) -> TablePanel:
        """The rows of the item's table."""
        return self.rows.table

    @property
    def plot(self) -> PlotPanel:
        """Their plots."""
        return self.rows.plot

    def _show_rows(self, exhibit: Exhibit, *, has_image: bool) -> None:
        rows = exhibit.rows or exhibit.points or exhibit.tracks
        own_is_table = exhibit.item.info.kind.is_tabular
        self._middle.setVisible(has_image or not own_is_table)
        if rows is not None:
            self.rows.show_rows(rows.columns, rows.rows)
        if self._rows is not None:
            self._rows.setVisible(rows is not None)

    def _fail(self, error: FlowError) -> None:
        self.failed.emit(error)

    # Two images

    def arrange(self, wanted: object) -> None:
        """Put two images side by side, or one over the other: an `Arrangement`."""
        arrangement = Arrangement(str(wanted))
        self.area.arrange(arrangement)
        self.header.show_arrangement(arrangement)

    def _link(self, is_on: bool) -> None:
        self.area.link(is_on=is_on)

    def _share_looks(self, changed: int) -> None:
        """Give the other image the same contrast, where that is wished."""
        if not (self._has_two and self.header.same.isChecked()):
            return
        source, other = self._panes[changed], self._panes[1 - changed]
        if source.looks == other.looks:
            return
        if len(source.looks) == len(other.looks):
            other.set_looks(source.looks)
            self.controls[1 - changed].show_looks()

    # Places

    def _go_to(self) -> None:
        position = self.sliders.position
        for pane in self._panes:
            pane.go_to(position)

    def _fit(self) -> None:
        self._pane_a.canvas.fit()
        if self._has_two and not self.header.linked.isChecked():
            self.area.b.canvas.fit()

    def turn_cuts(self) -> None:
        """Show the cuts XZ and YZ, or the plane alone."""
        self.views.turn(is_on=not self.views.is_on)
        self.header.cuts.setChecked(self.views.is_on)

    def _show_depth(self, depth: object) -> None:
        assert isinstance(depth, Depth)
        for pane in self._panes:
            pane.set_depth(depth)

    def _is_drawn(self) -> bool:
        """Whether the plane that was asked for is shown; the next of a movie waits."""
        return all(pane.reading.is_idle for pane in self._panes)

    def _say_facts(self) -> None:
        exhibit = self._pane_a.exhibit
        if exhibit is None or exhibit.base is None:
            self.facts.setText("")
            return
        info = exhibit.info
        base = exhibit.base
        parts = [f"{base.width} × {base.height}", str(info.dtype)]  # noqa: RUF001
        if "x" in info.pixel_size_um:
            parts.append(f"{number(info.pixel_size_um['x'])} µm/px")
        parts.append(f"{number(self._pane_a.canvas.zoom * 100)} %")
        self.facts.setText("  ·  ".join(parts))

    # Rows and objects

    def choose_row(self, row: int) -> None:
        """Choose a row of the item's table, and its object in the image."""
        self.rows.mark(row)
        self._choose(row)

    def _choose(self, row: object) -> None:
        assert row is None or isinstance(row, int)
        self.sliders.go_to(self._pane_a.choose_row(row))

    def _picked(self, row: int) -> None:
        if self._rows is not None:
            self._rows.mark(None if row < 0 else row)

    def _files(self) -> list[Path]:
        exhibit = self._pane_a.exhibit
        if exhibit is None:
            return []
        files = [layer.path for layer in exhibit.related.layers[:2]]
        own = exhibit.related.own
        return files or ([own.path] if own is not None else [])

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step through items, planes and frames; come nearer; measure."""
        keys, canvas = Qt.Key, self._pane_a.canvas
        first, second = ("T", "Z") if "T" in self.sliders.position else ("Z", "Z")
        match Qt.Key(event.key()):
            case keys.Key_PageUp:
                self.step(-1)
            case keys.Key_PageDown:
                self.step(1)
            case keys.Key_Left if self.sliders.step(first, -1):
                pass
            case keys.Key_Right if self.sliders.step(first, 1):
                pass
            case keys.Key_Down if self.sliders.step(second, -1):
                pass
            case keys.Key_Up if self.sliders.step(second, 1):
                pass
            case keys.Key_Plus | keys.Key_Equal:
                canvas.zoom_by(_ZOOM)
            case keys.Key_Minus:
                canvas.zoom_by(1 / _ZOOM)
            case keys.Key_F | keys.Key_0:
                self._fit()
            case keys.Key_M:
                self.profile.toggle()
            case keys.Key_P:
                self.sliders.next_depth()
            case keys.Key_X if not self.header.cuts.isHidden():
                self.turn_cuts()
            case keys.Key_Space if self.sliders.play():
                pass
            case _:
                super().keyPressEvent(event)
