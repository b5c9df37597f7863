"""Beside an image: its channels with colours and contrast, and what lies upon it."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QColor, QDoubleValidator, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QLineEdit,
    QScrollArea,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bioimageit_flow.editor.viewing.contrast import (
    ChannelLook,
    Limits,
    Pixels,
    auto_look,
)
from bioimageit_flow.editor.viewing.exhibit import Exhibit
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.pieces import button, clear, column, holder, label, line, row
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.gui.viewer.contrast_bar import ContrastBar
from bioimageit_flow.gui.viewer.pane import Pane


class ChannelRow(QWidget):
    """One channel: on or off, colour, contrast.

    Parameters
    ----------
    changed : callable
        Given the new look.
    """

    def __init__(
        self,
        look: ChannelLook,
        name: str,
        theme: Theme,
        changed: Callable[[ChannelLook], None],
    ) -> None:
        super().__init__()
        self.look = look
        self.plane: Pixels | None = None
        self._theme, self._changed = theme, changed
        self.check = QCheckBox(name)
        self.check.setChecked(look.is_on)
        self.check.toggled.connect(lambda is_on: self._set(is_on=is_on))
        self.colour = QToolButton()
        self.colour.setAccessibleName(tr("Colour of {name}", name=name))
        self.colour.setToolTip(self.colour.accessibleName())
        self.colour.clicked.connect(self._ask_colour)
        self.bar = ContrastBar(theme)
        self.bar.changed.connect(lambda low, high: self._set(limits=Limits(low, high)))
        self.low = self._field(tr("Black at"))
        self.high = self._field(tr("Full colour at"))
        auto = button(tr("Auto"), lambda: self.auto(), role="quiet")
        auto.setToolTip(tr("Contrast between the darkest and the brightest few pixels"))
        full = button(tr("Full"), lambda: self.auto(full=True), role="quiet")
        full.setToolTip(tr("Contrast from the darkest to the brightest pixel"))
        self.setLayout(
            column(
                row(self.check, None, self.colour),
                self.bar,
                row(self.low, auto, full, self.high, gap=2),
                gap=3,
            )
        )
        self.show_look(look)

    def show_look(self, look: ChannelLook) -> None:
        """Show another look, without telling anybody."""
        self.look = look
        self.check.blockSignals(True)
        self.check.setChecked(look.is_on)
        self.check.blockSignals(False)
        shown = QPixmap(16, 16)
        shown.fill(QColor(self._theme.strong_border))
        painter = QPainter(shown)
        painter.fillRect(1, 1, 14, 14, QColor(look.colour))
        painter.end()
        self.colour.setIcon(QIcon(shown))
        self.bar.set_colour(look.colour)
        if look.limits is not None:
            self.bar.set_limits(look.limits)
            self._show_limits(look.limits)

    def auto(self, *, full: bool = False) -> None:
        """Let the contrast follow from the pixels in sight."""
        if self.plane is not None:
            self._take(auto_look(self.look, self.plane, full=full))

    def _field(self, name: str) -> QLineEdit:
        made = QLineEdit()
        made.setValidator(QDoubleValidator(made))
        made.setMinimumWidth(48)
        made.setAccessibleName(name)
        made.setToolTip(name)
        made.editingFinished.connect(self._typed)
        return made

    def _show_limits(self, limits: Limits) -> None:
        for field, value in ((self.low, limits.low), (self.high, limits.high)):
            field.setText(_locale().toString(value, "g", 5))

    def _typed(self) -> None:
        low, is_low = _locale().toDouble(self.low.text())
        high, is_high = _locale().toDouble(self.high.text())
        if is_low and is_high and low < high:
            if (self.low.isModified() or self.high.isModified()) and (
                self.look.limits != Limits(low, high)
            ):
                self._set(limits=Limits(low, high))
        elif self.look.limits is not None:
            self._show_limits(self.look.limits)

    def _ask_colour(self) -> None:
        title = self.colour.accessibleName()
        chosen = QColorDialog.getColor(QColor(self.look.colour), self, title)
        if chosen.isValid():
            self._set(colour=chosen.name())

    def _set(self, **facts: object) -> None:
        self._take(replace(self.look, **facts))  # type: ignore[arg-type]

    def _take(self, look: ChannelLook) -> None:
        self.show_look(look)
        self._changed(look)


class LayerControls(QScrollArea):
    """How a pane shows its exhibit.

    Parameters
    ----------
    pane : Pane
        What is controlled.
    looks_chosen : callable
        Told when somebody has chosen other looks of the channels.
    """

    def __init__(
        self, pane: Pane, theme: Theme, looks_chosen: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__()
        self.pane, self._theme, self._looks_chosen = pane, theme, looks_chosen
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Layers"))
        self.rows: list[ChannelRow] = []
        self._built_for: Exhibit | None = None
        inner = QWidget()
        self._layout = QVBoxLayout(inner)
        self._layout.setContentsMargins(10, 8, 10, 8)
        self._layout.setSpacing(8)
        self.setWidget(inner)
        self.objects: dict[str, QCheckBox] = {}
        self.outline: QCheckBox | None = None
        self.opacity: QSlider | None = None
        self.labels_on: QCheckBox | None = None
        pane.looks_changed.connect(self._follow)
        pane.planes_changed.connect(self._show_histograms)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.rebuild()

    def rebuild(self) -> None:
        """Show what the pane shows now."""
        clear(self._layout)
        self.rows, self.objects = [], {}
        self.outline = self.opacity = self.labels_on = None
        exhibit = self._built_for = self.pane.exhibit
        if exhibit is None:
            return
        if self.pane.looks:
            self._layout.addWidget(label(tr("Channels"), "section"))
        for number, look in enumerate(self.pane.looks):
            name = look.name or (
                tr("Channel {number}", number=number + 1)
                if len(self.pane.looks) > 1
                else tr("Brightness")
            )
            made = ChannelRow(look, name, self._theme, self._listener(number))
            self.rows.append(made)
            self._layout.addWidget(made)
        if exhibit.labels is not None:
            self._add_labels()
        lying = (exhibit.points, exhibit.tracks, exhibit.shapes)
        if any(one is not None for one in lying):
            self._add_objects()
        for note in exhibit.notes:
            self._layout.addWidget(label(note, "warning", wraps=True))
        self._layout.addStretch(1)
        self._show_histograms()

    def show_looks(self) -> None:
        """Show the looks that the pane has, in the rows that are there."""
        for made, look in zip(self.rows, self.pane.looks, strict=False):
            made.show_look(look)

    def _follow(self) -> None:
        """Show other looks; rows of the same image stay where they were scrolled to."""
        is_same = self._built_for is not None and self._built_for is self.pane.exhibit
        if is_same and len(self.rows) == len(self.pane.looks):
            self.show_looks()
            self._show_histograms()
        else:
            self.rebuild()

    def _listener(self, number: int) -> Callable[[ChannelLook], None]:
        def changed(look: ChannelLook) -> None:
            looks = list(self.pane.looks)
            looks[number] = look
            self.pane.set_looks(looks)
            self._looks_chosen()

        return changed

    def _add_labels(self) -> None:
        look = self.pane.label_look
        self.labels_on = QCheckBox(tr("Labels"))
        self.labels_on.setChecked(look.is_on)
        self.labels_on.toggled.connect(lambda is_on: self._set_labels(is_on=is_on))
        self.outline = QCheckBox(tr("Outlines only"))
        self.outline.setChecked(look.outline)
        self.outline.toggled.connect(lambda is_on: self._set_labels(outline=is_on))
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(5, 100)
        self.opacity.setValue(round(look.opacity * 100))
        self.opacity.setAccessibleName(tr("Opacity of the labels"))
        self.opacity.setToolTip(self.opacity.accessibleName())
        self.opacity.valueChanged.connect(
            lambda value: self._set_labels(opacity=value / 100)
        )
        inner = column(row(self.labels_on, None, self.outline), self.opacity, gap=3)
        self._layout.addWidget(line())
        self._layout.addWidget(label(tr("Objects"), "section"))
        self._layout.addWidget(holder(inner))

    def _set_labels(self, **facts: object) -> None:
        look = replace(self.pane.label_look, **facts)  # type: ignore[arg-type]
        self.pane.set_label_look(look)

    def _add_objects(self) -> None:
        exhibit, look = self.pane.exhibit, self.pane.objects_look
        assert exhibit is not None
        some = exhibit.points or exhibit.tracks
        for name, title, is_there in (
            ("points", tr("Points"), some is not None),
            ("tracks", tr("Tracks"), some is not None and some.has_tracks),
            ("shapes", tr("Shapes"), exhibit.shapes is not None),
        ):
            if is_there:
                made = QCheckBox(title)
                made.setChecked(getattr(look, name))
                made.toggled.connect(partial(self._show_kind, name))
                self.objects[name] = made
        self._layout.addWidget(line())
        self._layout.addWidget(holder(row(*self.objects.values(), None)))

    def _show_kind(self, name: str, is_on: bool) -> None:
        look = replace(self.pane.objects_look, **{name: is_on})
        self.pane.set_objects_look(look)

    def _show_histograms(self) -> None:
        frame = self.pane.frame
        if frame is None:
            return
        for made, plane, counts in zip(
            self.rows, frame.planes, frame.histograms, strict=False
        ):
            if made.look.is_on:
                made.plane = plane
                made.bar.set_histogram(counts)


def _locale() -> QLocale:
    found = QLocale()
    found.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    return found
