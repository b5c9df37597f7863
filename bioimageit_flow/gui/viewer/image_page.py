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
        self.area = CompareArea(theme)
        self._pane_a, self._pane_b = self.area.a, self.area.b
        self.sliders = AxisSliders(theme, self._is_drawn)
        self.sliders.moved.connect(self._go_to)
        self.sliders.depth_chosen.connect(self._show_depth)
        self.views = OrthogonalArea(self.area, self.sliders, theme)
        self.profile = ProfilePanel(self._pane_a, theme)
        self.profile.shown_changed.connect(self.header.measure.setChecked)
        self.status, self.facts = label("", "muted"), label("", "muted")
        self.controls = [
            LayerControls(pane, theme, partial(self._share_looks, place))
            for place, pane in enumerate((self._pane_a, self._pane_b))
        ]
        self.table, self.plot = TablePanel(), PlotPanel(theme)
        self.other = OtherView(theme)
        self._build()
        for part in (self._pane_a, self._pane_b, self.views, self.profile):
            part.failed.connect(self.failed)
        for pane in (self._pane_a, self._pane_b):
            pane.said.connect(self.status.setText)
            pane.canvas.view_changed.connect(self._say_facts)
        self._pane_a.row_picked.connect(self._picked)
        self._pane_a.looks_changed.connect(lambda: self._share_looks(0))
        self._pane_b.looks_changed.connect(lambda: self._share_looks(0))
        self.table.row_chosen.connect(self._choose)
        self.table.opened.connect(self._choose)
        self.plot.row_picked.connect(self._choose_from_plot)
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
        for title, controls in zip(self._names, self.controls, strict=True):
            self._side.addTab(controls, title)
        self._side.setTabVisible(1, self._has_two)
        self._side.tabBar().setVisible(self._has_two)
        self._image_part = QSplitter(Qt.Orientation.Horizontal)
        self._image_part.addWidget(views)
        self._image_part.addWidget(self._side)
        self._image_part.setStretchFactor(0, 1)
        self._image_part.setSizes([900, _CONTROLS_WIDTH])
        self._middle = QStackedWidget()
        self._middle.addWidget(self._image_part)
        self._middle.addWidget(self.other)
        self._rows_part = QSplitter(Qt.Orientation.Horizontal)
        self._rows_part.addWidget(self.table)
        self._rows_part.addWidget(self.plot)
        self._rows_part.setSizes([560, 460])
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.addWidget(self._middle)
        self.split.addWidget(self._rows_part)
        self.split.setStretchFactor(0, 1)
        self.split.setSizes([560, 240])
        self._rows_part.hide()
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
        self.plot.set_theme(theme)
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
        parts = (self.opening, self._pane_a, self._pane_b, self.views, self.profile)
        return all(part.is_idle for part in parts)

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
            self._pane_b.show_exhibit(b, self.sliders.position, keeps_looks=keeps)
            self._pane_b.title.setText(f"{self._names[1]}  ·  {b.name}")
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

    def _show_rows(self, exhibit: Exhibit, *, has_image: bool) -> None:
        rows = exhibit.rows or exhibit.points or exhibit.tracks
        self._rows_part.setVisible(rows is not None)
        own_is_table = exhibit.item.info.kind.is_tabular
        self._middle.setVisible(has_image or not own_is_table)
        if rows is not None:
            self.table.show_rows(rows.columns, rows.rows)
            self.plot.show_rows(rows.columns, rows.rows)

    def _fail(self, error: FlowError) -> None:
        self.failed.emit(error)

    # Two images

    def arrange(self, wanted: object) -> None:
        """Put two images side by side, or one over the other: an `Arrangement`."""
        arrangement = Arrangement(str(wanted))
        self.area.arrange(arrangement)
        self.header.show_arrangement(arrangement)

    def _link(self, is_on: bool) -> None:
        self.area.linking.is_on = is_on
        if is_on:
            self.area.linking.align()

    def _share_looks(self, changed: int) -> None:
        """Give the other image the same contrast, where that is wished."""
        if not (self._has_two and self.header.same.isChecked()):
            return
        panes = (self._pane_a, self._pane_b)
        source, other = panes[changed], panes[1 - changed]
        if source.looks == other.looks:
            return
        if len(source.looks) == len(other.looks):
            other.set_looks(source.looks)
            self.controls[1 - changed].show_looks()

    # Places

    def _go_to(self) -> None:
        position = self.sliders.position
        self._pane_a.go_to(position)
        self._pane_b.go_to(position)

    def _fit(self) -> None:
        self._pane_a.canvas.fit()
        if self._has_two and not self.header.linked.isChecked():
            self._pane_b.canvas.fit()

    def turn_cuts(self) -> None:
        """Show the cuts XZ and YZ, or the plane alone."""
        self.views.turn(is_on=not self.views.is_on)
        self.header.cuts.setChecked(self.views.is_on)

    def _show_depth(self, depth: object) -> None:
        assert isinstance(depth, Depth)
        for pane in (self._pane_a, self._pane_b):
            pane.set_depth(depth)

    def _is_drawn(self) -> bool:
        """Whether the plane that was asked for is shown; the next of a movie waits."""
        return self._pane_a.reading.is_idle and self._pane_b.reading.is_idle

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

    def _choose(self, row_number: int) -> None:
        chosen = None if row_number < 0 else row_number
        self.plot.choose(chosen)
        self.sliders.go_to(self._pane_a.choose_row(chosen))

    def _choose_from_plot(self, row_number: int) -> None:
        self.table.choose(row_number)
        self._choose(row_number)

    def _picked(self, row_number: int) -> None:
        chosen = None if row_number < 0 else row_number
        self.table.choose(chosen)
        self.plot.choose(chosen)

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
