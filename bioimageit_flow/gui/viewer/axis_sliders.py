"""Sliders for the axes of an image: time and depth, with seconds and micrometres.

Each can be played as a movie, and the planes along Z laid into one.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)

from bioimageit_flow.editor.viewing.places import axis_words
from bioimageit_flow.editor.viewing.projecting import Depth
from bioimageit_flow.gui.icons import themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.pieces import clear, label, tool_button
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.gui.viewer.player import FASTEST, USUAL, Player
from bioimageit_flow.model.data import DataInfo


class AxisSliders(QWidget):
    """One slider per axis that is stepped along.

    Parameters
    ----------
    is_ready : callable
        Whether what was asked for is shown, so that a movie may go on.

    Attributes
    ----------
    moved : Signal
        The position is another.
    depth_chosen : Signal
        The planes along Z are to be shown otherwise; with a `Depth`.
    """

    moved = Signal()
    depth_chosen = Signal(object)

    def __init__(
        self,
        theme: Theme,
        is_ready: Callable[[], bool] = lambda: True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.player = Player(self._play_on, is_ready, self)
        self.player.changed.connect(self._show_playing)
        self.rate = QSpinBox(self)
        self.rate.setRange(1, FASTEST)
        self.rate.setValue(USUAL)
        self.rate.setSuffix(tr(" per second"))
        self.rate.setAccessibleName(tr("Planes a second"))
        self.rate.setToolTip(tr("How fast a movie is played"))
        self.rate.valueChanged.connect(self.player.set_rate)
        self.rate.hide()
        self.depth_box = QComboBox(self)
        for depth, title in (
            (Depth.SLICE, tr("One plane")),
            (Depth.MAXIMUM, tr("Maximum")),
            (Depth.MEAN, tr("Mean")),
            (Depth.MINIMUM, tr("Minimum")),
        ):
            self.depth_box.addItem(title, depth)
        self.depth_box.setAccessibleName(tr("How the depth is shown"))
        self.depth_box.setToolTip(
            tr("One plane, or all planes along the depth laid into one (P)")
        )
        self.depth_box.currentIndexChanged.connect(self._depth_taken)
        self.depth_box.hide()
        self._buttons: dict[str, QToolButton] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(8, 2, 8, 2)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(2, 1)
        self._sliders: dict[str, QSlider] = {}
        self._words: dict[str, QLabel] = {}
        self._info: DataInfo | None = None
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self._show_playing()

    @property
    def projection(self) -> Depth:
        """How the planes along Z are shown."""
        return Depth(self.depth_box.currentData())

    def next_depth(self) -> None:
        """Show the planes along Z in the next way."""
        if "Z" in self._sliders:
            count = self.depth_box.count()
            self.depth_box.setCurrentIndex((self.depth_box.currentIndex() + 1) % count)

    def play(self) -> bool:
        """Play along the first axis, or stop; False if there is none."""
        axis = self.player.axis if self.player.is_playing else next(iter(self), "")
        if not axis:
            return False
        self.player.toggle(axis)
        return True

    def play_button(self, axis: str) -> QToolButton:
        """Return the button that plays along an axis."""
        return self._buttons[axis]

    @property
    def position(self) -> dict[str, int]:
        """Where one is along each axis."""
        return {axis: slider.value() for axis, slider in self._sliders.items()}

    def slider(self, axis: str) -> QSlider:
        """Return the slider of an axis."""
        return self._sliders[axis]

    def show_axes(
        self, axes: Mapping[str, int], start: Mapping[str, int], info: DataInfo
    ) -> None:
        """Show other axes; where one was along an axis that stays is kept."""
        kept = self.position
        lengths = {axis: one.maximum() + 1 for axis, one in self._sliders.items()}
        self._info = info
        if lengths != dict(axes):
            self._rebuild(axes)
        for axis, slider in self._sliders.items():
            same = lengths.get(axis) == axes[axis]
            slider.blockSignals(True)
            slider.setValue(kept[axis] if same else start.get(axis, 0))
            slider.blockSignals(False)
        self._say()
        self.setVisible(bool(self._sliders))

    def __iter__(self) -> Iterator[str]:
        return iter(self._sliders)

    def step(self, axis: str, by: int) -> bool:
        """Go some planes along an axis; False if there is no such axis."""
        slider = self._sliders.get(axis)
        if slider is None:
            return False
        slider.setValue(slider.value() + by)
        return True

    def go_to(self, position: Mapping[str, int]) -> None:
        """Go to a position; axes that it does not name stay."""
        for axis, index in position.items():
            if axis in self._sliders:
                self._sliders[axis].setValue(index)

    def _rebuild(self, axes: Mapping[str, int]) -> None:
        self.player.stop()
        for kept in (self.rate, self.depth_box):
            self._grid.removeWidget(kept)
            kept.setParent(self)
            kept.hide()
        clear(self._grid)
        self._sliders, self._words, self._buttons = {}, {}, {}
        titles = {"T": tr("Time"), "Z": tr("Depth")}
        for row, (axis, length) in enumerate(axes.items()):
            slider = QSlider(Qt.Orientation.Horizontal)
            slider.setRange(0, length - 1)
            slider.setPageStep(max(1, length // 10))
            slider.setAccessibleName(titles.get(axis, axis))
            slider.valueChanged.connect(self._changed)
            words = label("", "muted")
            words.setMinimumWidth(150)
            title = label(axis.lower(), "section")
            title.setToolTip(titles.get(axis, axis))
            play = tool_button(
                tr("Play"),
                themed("play", self._theme),
                partial(self.player.toggle, axis),
            )
            self._grid.addWidget(title, row, 0)
            self._grid.addWidget(play, row, 1)
            self._grid.addWidget(slider, row, 2)
            self._grid.addWidget(words, row, 3)
            self._sliders[axis], self._words[axis] = slider, words
            self._buttons[axis] = play
            if axis == "Z":
                self._grid.addWidget(self.depth_box, row, 4)
                self.depth_box.show()
            if row == 0:
                self._grid.addWidget(self.rate, row, 5 if axis == "Z" else 4)
                self.rate.show()
        self._show_playing()
        if "Z" not in axes and self.projection is not Depth.SLICE:
            self.depth_box.setCurrentIndex(0)

    def _play_on(self, axis: str) -> None:
        slider = self._sliders.get(axis)
        if slider is None:
            self.player.stop()
            return
        at = slider.value()
        slider.setValue(slider.minimum() if at == slider.maximum() else at + 1)

    def _show_playing(self) -> None:
        for axis, made in self._buttons.items():
            is_playing = self.player.is_playing and self.player.axis == axis
            name = tr("Stop") if is_playing else tr("Play as a movie (Space)")
            made.setIcon(themed("pause" if is_playing else "play", self._theme))
            made.setToolTip(name)
            made.setAccessibleName(name)
        self._show_depth()

    def _depth_taken(self) -> None:
        self._show_depth()
        self.depth_chosen.emit(self.projection)

    def _show_depth(self) -> None:
        """All planes at once leave nothing to step along."""
        is_one = self.projection is Depth.SLICE
        for widgets in (self._sliders, self._words, self._buttons):
            if (found := widgets.get("Z")) is not None:
                found.setEnabled(is_one)
        if not is_one and self.player.axis == "Z":
            self.player.stop()

    def _changed(self) -> None:
        self._say()
        self.moved.emit()

    def _say(self) -> None:
        if self._info is None:
            return
        for axis, words in self._words.items():
            said = axis_words(axis, self._sliders[axis].value(), self._info)
            words.setText(said)
            self._sliders[axis].setAccessibleDescription(said)
