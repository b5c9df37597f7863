"""One image with what lies upon it: reads what is in sight, shows it, tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import floor
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bioimageit_flow.editor.viewing.contrast import ChannelLook
from bioimageit_flow.editor.viewing.exhibit import ON_AT_FIRST, Exhibit
from bioimageit_flow.editor.viewing.frames import Frame, LabelLook
from bioimageit_flow.editor.viewing.objects import Objects
from bioimageit_flow.editor.viewing.places import (
    WHOLE_PIXELS,
    Part,
    in_sight,
    overview,
    point_words,
    sharp_enough,
    value_words,
)
from bioimageit_flow.editor.viewing.projecting import Depth
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.pieces import label
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.gui.viewer.canvas import Canvas
from bioimageit_flow.gui.viewer.objects_upon import ObjectsLook, show_objects
from bioimageit_flow.gui.viewer.reading import Reading, Tell

_PICK_PX: Final = 14
"""How far from a point a click still means it, on the screen."""

_NEAR: Final = 220.0
"""Pixels of the image in sight when an object was asked for."""

_Shown = tuple[list[ChannelLook], Frame]


class Pane(QWidget):
    """Shows one exhibit.

    Attributes
    ----------
    looks_changed : Signal
        The channels have other looks, such as the first limits.
    planes_changed : Signal
        Other pixels are in sight; for histograms.
    said : Signal
        Where the mouse is, and what is there.
    row_picked : Signal
        The object of a row of the linked table was clicked; -1 for none.
    failed : Signal
        With the error.
    """

    looks_changed = Signal()
    planes_changed = Signal()
    said = Signal(str)
    row_picked = Signal(int)
    failed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.exhibit: Exhibit | None = None
        self.looks: list[ChannelLook] = []
        self.label_look = LabelLook()
        self.objects_look = ObjectsLook()
        self.projection = Depth.SLICE
        self.frame: Frame | None = None
        self._position: dict[str, int] = {}
        self._part: Part | None = None
        self._overview_at: dict[str, int] | None = None
        self._row: int | None = None
        self.title = label("", "section")
        self.title.setContentsMargins(8, 3, 8, 3)
        self.title.hide()
        self.canvas = Canvas(theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.title)
        layout.addWidget(self.canvas, 1)
        self.reading = Reading(self._show, self.failed.emit, self)
        self._asking = Reading(self._say_value, lambda _error: None, self)
        self._picking = Reading(self._pick, self.failed.emit, self)
        self.canvas.view_changed.connect(self._look_again)
        self.canvas.hovered.connect(self._hover)
        self.canvas.clicked.connect(self._click)
        self.canvas.left.connect(lambda: self.said.emit(""))

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.canvas.set_theme(theme)

    def release(self) -> None:
        """End the threads, stop the timer, close the files."""
        for reading in (self.reading, self._asking, self._picking):
            reading.release()
        self.canvas.release()
        if self.exhibit is not None:
            self.exhibit.close()
            self.exhibit = None

    @property
    def position(self) -> dict[str, int]:
        """Where one is along the axes."""
        return dict(self._position)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being read."""
        return all(one.is_idle for one in (self.reading, self._asking, self._picking))

    @property
    def looks_known(self) -> bool:
        """Whether it is known how the channels look, or there are none."""
        return bool(self.looks) or (
            self.exhibit is not None and self.exhibit.image is None
        )

    # What is shown

    def show_exhibit(
        self,
        exhibit: Exhibit,
        position: Mapping[str, int],
        *,
        keeps_looks: bool = False,
    ) -> None:
        """Show another item.

        Parameters
        ----------
        keeps_looks : bool
            Whether contrast and colours stay, where the channels are as many.
        """
        old, self.exhibit = self.exhibit, exhibit
        if old is not None and old is not exhibit:
            self.reading.release()
            self._asking.release()
            self._picking.release()
            old.close()
        same = keeps_looks and len(self.looks) == max(1, exhibit.channels)
        if not (same and exhibit.image is not None):
            self.looks = []
        self._position, self._part, self._row = dict(position), None, None
        self._overview_at = None
        self.label_look = replace(self.label_look, chosen=None)
        self.canvas.mark(None)
        for name in ("overview", "image", "labels"):
            self.canvas.show_picture(name, None)
        base = exhibit.base
        if base is not None:
            size = exhibit.info.pixel_size_um.get("x")
            self.canvas.set_size(base.height, base.width, size)
            self.canvas.setAccessibleName(tr("Image {name}", name=exhibit.name))
        self._show_objects()
        self.redraw()

    def go_to(self, position: Mapping[str, int]) -> None:
        """Show other planes."""
        if dict(position) != self._position:
            self._position = dict(position)
            self._show_objects()
            self._mark_row()
            self.redraw()

    def set_looks(self, looks: Sequence[ChannelLook]) -> None:
        """Show the channels with other limits or colours, or fewer of them."""
        self.looks = list(looks)
        self._overview_at = None
        self._part = None
        self.redraw()

    def set_label_look(self, look: LabelLook) -> None:
        """Show the labels otherwise."""
        self.label_look = look
        self.redraw()

    def set_objects_look(self, look: ObjectsLook) -> None:
        """Show or hide points, tracks and shapes."""
        self.objects_look = look
        self._show_objects()

    def set_depth(self, depth: Depth) -> None:
        """Show one plane, or all along Z laid into one; contrast follows anew."""
        if depth is self.projection:
            return
        self.projection = depth
        self.looks = [
            look for look in self.looks if self.exhibit and self.exhibit.is_rgb
        ]
        self._overview_at = None
        self._show_objects()
        self.redraw()

    def redraw(self) -> None:
        """Read and draw what is in sight."""
        exhibit = self.exhibit
        base = exhibit.base if exhibit is not None else None
        if exhibit is None or base is None:
            return
        part = in_sight(self.canvas.sight, base.height, base.width)
        self._ask(part or overview(base.height, base.width))

    def _ask(self, part: Part) -> None:
        exhibit, position, look = self.exhibit, dict(self._position), self.label_look
        assert exhibit is not None
        looks, depth = list(self.looks), self.projection

        def work(tell: Tell) -> object:
            known = (
                exhibit.with_limits(looks, position, depth)
                if looks
                else exhibit.first_looks(position, depth)
            )
            frame = exhibit.frame(
                position, part, known, look, lambda frame: tell((known, frame)), depth
            )
            return None if frame is None else (known, frame)

        self._part = part
        self.reading.ask(work)

    def _look_again(self) -> None:
        """Read anew where what was read is not sharp or large enough any more."""
        base = self.exhibit.base if self.exhibit is not None else None
        if base is None:
            return
        needed = sharp_enough(self.canvas.sight, base.height, base.width)
        if needed is not None and (self._part is None or not self._part.holds(needed)):
            self.redraw()

    def _show(self, result: _Shown) -> None:
        exhibit = self.exhibit
        if exhibit is None or exhibit.base is None:
            return
        looks, frame = result
        is_overview = self._is_overview(frame.part)
        if frame.image is not None:
            name = "overview" if is_overview else "image"
            self.canvas.show_picture(name, frame.image)
            if is_overview:
                self.canvas.show_picture("image", None)
        if not frame.is_whole:
            return
        self.canvas.show_picture("labels", frame.labels)
        self.frame = frame
        if self.looks != looks:
            self.looks = list(looks)
            self.looks_changed.emit()
        self.planes_changed.emit()
        if is_overview:
            self._overview_at = dict(self._position)
        elif self._overview_at != self._position:
            self.canvas.show_picture("overview", None)

    def _is_overview(self, part: Part) -> bool:
        """Say whether a part is all of a large plane, to stay below sharper ones."""
        base = self.exhibit.base if self.exhibit is not None else None
        if base is None or base.height * base.width <= WHOLE_PIXELS:
            return False
        return part.rows == (0, base.height) and part.columns == (0, base.width)

    # Objects

    @property
    def linked(self) -> Objects | None:
        """The rows that a table beside the image shows."""
        if self.exhibit is None:
            return None
        return self.exhibit.rows or self.exhibit.points or self.exhibit.tracks

    def choose_row(self, row: int | None, *, centre: bool = True) -> dict[str, int]:
        """Mark the object of a row; return the position that it is at.

        Parameters
        ----------
        centre : bool
            Whether to bring it into the middle.
        """
        self._row = row
        objects = self.linked
        if row is None or objects is None:
            self._mark_row()
            return {}
        place = objects.place(row)
        position = {
            axis: max(0, floor(at + 0.5))
            for axis in ("T", "Z")
            if place is not None and (at := place.along(axis)) is not None
        }
        if centre and place is not None:
            self.canvas.centre(place.x, place.y, _NEAR)
        self._position.update(
            {axis: at for axis, at in position.items() if axis in self._position}
        )
        self._mark_row()
        if place is None and centre:
            self._find_label(row)
        self.redraw()
        self._show_objects()
        return position

    def _mark_row(self) -> None:
        objects, row = self.linked, self._row
        place = objects.place(row) if objects is not None and row is not None else None
        number = objects.label(row) if objects is not None and row is not None else None
        has_labels = self.exhibit is not None and self.exhibit.labels is not None
        if number is not None and has_labels:
            self.label_look = replace(self.label_look, chosen=number)
            self.canvas.mark(None)
            return
        self.label_look = replace(self.label_look, chosen=None)
        self.canvas.mark(place.x if place else None, place.y if place else None)

    def _find_label(self, row: int) -> None:
        """Bring the object of a row without a place into the middle, by its label."""
        exhibit, objects = self.exhibit, self.linked
        number = objects.label(row) if objects is not None else None
        if exhibit is None or number is None:
            return
        position, depth = dict(self._position), self.projection
        self._picking.ask(lambda _tell: exhibit.place_of_label(number, position, depth))

    def _show_objects(self) -> None:
        at = dict(self._position)
        if self.projection is not Depth.SLICE:
            at.pop("Z", None)
        show_objects(self.canvas, self.exhibit, at, self.objects_look)

    # The mouse

    def _hover(self, x: float, y: float) -> None:
        exhibit, base = self.exhibit, self.exhibit.base if self.exhibit else None
        if exhibit is None or base is None:
            return
        column, row = floor(x + 0.5), floor(y + 0.5)
        if not (0 <= row < base.height and 0 <= column < base.width):
            self.said.emit("")
            return
        position, words = dict(self._position), point_words(x, y, exhibit.info)
        depth, shown = self.projection, None
        if exhibit.channels > ON_AT_FIRST:
            shown = [n for n, look in enumerate(self.looks) if look.is_on]
        self._asking.ask(
            lambda _tell: (
                words,
                *exhibit.value_at(position, column, row, depth, shown),
            )
        )

    def _say_value(self, found: tuple[str, list[object], int | None]) -> None:
        words, values, number = found
        parts = [words]
        if values:
            parts.append("  ".join(value_words(value) for value in values))
        if number is not None:
            parts.append(tr("label {number}", number=number))
        self.said.emit("  ·  ".join(parts))

    def _click(self, x: float, y: float) -> None:
        exhibit, objects = self.exhibit, self.linked
        if exhibit is None:
            return
        position = dict(self._position)
        if objects is not None and objects.is_placed and not objects.has_labels:
            within = _PICK_PX / max(self.canvas.zoom, 1e-9)
            self._picked(objects.nearest(x, y, position, within))
            return
        if exhibit.labels is not None:
            depth = self.projection
            self._picking.ask(
                lambda _tell: exhibit.label_at(position, x, y, depth) or 0
            )

    def _pick(self, found: int | tuple[float, float]) -> None:
        """Take the label that was clicked, or the place of one that was asked for."""
        if isinstance(found, tuple):
            self.canvas.centre(*found, _NEAR)
            return
        objects = self.linked
        row = (
            objects.row_of_label(found, self._position)
            if objects is not None and found
            else None
        )
        if row is None:
            self.label_look = replace(self.label_look, chosen=found or None)
            self.redraw()
        self._picked(row)

    def _picked(self, row: int | None) -> None:
        self.choose_row(row, centre=False)
        self.redraw()
        self.row_picked.emit(-1 if row is None else row)
