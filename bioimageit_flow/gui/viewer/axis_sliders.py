"""Sliders for the axes of an image: time and depth, with seconds and micrometres."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSlider, QWidget

from bioimageit_flow.editor.viewing.places import axis_words
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.pieces import label
from bioimageit_flow.model.data import DataInfo


class AxisSliders(QWidget):
    """One slider per axis that is stepped along.

    Attributes
    ----------
    moved : Signal
        The position is another.
    """

    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(8, 2, 8, 2)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._sliders: dict[str, QSlider] = {}
        self._words: dict[str, QLabel] = {}
        self._info: DataInfo | None = None
        self.hide()

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
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._sliders, self._words = {}, {}
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
            self._grid.addWidget(title, row, 0)
            self._grid.addWidget(slider, row, 1)
            self._grid.addWidget(words, row, 2)
            self._sliders[axis], self._words[axis] = slider, words

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
