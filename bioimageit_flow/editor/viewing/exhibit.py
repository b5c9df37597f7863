"""Everything that is shown of one item: its pixels, what lies upon them, its rows.

An exhibit is opened and read in a thread beside the window; it keeps what was read
last, so that another contrast or a step back reads nothing.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Final

from bioimageit_flow.editor.viewing.contrast import (
    ChannelLook,
    Limits,
    Rgb,
    composite,
    histogram_of,
    limits_of,
    looks_of,
)
from bioimageit_flow.editor.viewing.frames import Drawn, Frame, LabelLook
from bioimageit_flow.editor.viewing.label_colours import overlay
from bioimageit_flow.editor.viewing.objects import Objects
from bioimageit_flow.editor.viewing.places import WHOLE_PIXELS, Part
from bioimageit_flow.model.data import DataInfo, Item
from bioimageit_flow.session.viewing import (
    ImageSource,
    Piece,
    Related,
    Window,
)

Position = Mapping[str, int]
"""Where one is along the axes ``T``, ``Z``, ``C`` that an image has."""

KEPT_BYTES: Final = 64 * 2**20
MAX_CHANNELS: Final = 12

_PATCH: Final = 256
_PATCHES: Final = 4


@dataclass(slots=True)
class Exhibit:
    """One item with what belongs to it, open.

    Attributes
    ----------
    item : Item
        What was asked for.
    related : Related
        The files.
    image, labels : ImageSource or None
        Sources of pixels.
    points, tracks, rows : Objects or None
        Objects with places; the rows of the table.
    looks : list of ChannelLook
        How the channels are shown at first.
    """

    item: Item
    related: Related
    image: ImageSource | None = None
    labels: ImageSource | None = None
    points: Objects | None = None
    tracks: Objects | None = None
    rows: Objects | None = None
    looks: list[ChannelLook] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _kept: "OrderedDict[tuple[object, ...], Piece]" = field(default_factory=OrderedDict)
    _lock: RLock = field(default_factory=RLock)

    @property
    def name(self) -> str:
        """What people call the item."""
        return self.item.name

    @property
    def base(self) -> ImageSource | None:
        """The pixels at the bottom, whose coordinates all others are given in."""
        return self.image or self.labels

    @property
    def info(self) -> DataInfo:
        """What is known of the pixels at the bottom; else of the item."""
        return self.item.info if self.base is None else self.base.info

    @property
    def axes(self) -> dict[str, int]:
        """Axes that one steps along, with their lengths; never channels."""
        lengths: dict[str, int] = {}
        for source in (self.image, self.labels):
            if source is not None:
                for axis in source.stack:
                    if axis != "C" and source.length(axis) > 1:
                        lengths.setdefault(axis, source.length(axis))
        order = "TZ"
        return {axis: lengths[axis] for axis in order if axis in lengths}

    @property
    def start(self) -> dict[str, int]:
        """Where one is at first: the middle of Z, the beginning of time."""
        return {
            axis: length // 2 if axis == "Z" else 0
            for axis, length in self.axes.items()
        }

    @property
    def channels(self) -> int:
        """How many channels are laid over each other."""
        return min(self.image.length("C"), MAX_CHANNELS) if self.image else 0

    def close(self) -> None:
        """Let go of the files."""
        for source in (self.image, self.labels):
            if source is not None:
                source.close()
        with self._lock:
            self._kept.clear()

    # Pixels

    def first_looks(self, position: Position) -> list[ChannelLook]:
        """Return the looks with contrast that follows from some of the pixels."""
        image = self.image
        if image is None:
            return []
        if image.is_rgb:
            is_bytes = image.info.dtype == "uint8"
            limits = Limits(0.0, 255.0) if is_bytes else self._limits(position, 0)
            return [ChannelLook("RGB", limits=limits)]
        return [
            ChannelLook(look.name, look.colour, self._limits(position, channel))
            for channel, look in enumerate(looks_of(self.channels, image.info.channels))
        ]

    def frame(
        self,
        position: Position,
        part: Part,
        looks: Sequence[ChannelLook],
        label_look: LabelLook,
        go_on: Callable[[Frame], bool] | None = None,
    ) -> Frame | None:
        """Read and draw a part; None if it was stopped.

        Parameters
        ----------
        go_on : callable, optional
            Given what is there already, now and then; False stops.
        """
        planes: list[Piece] = []
        for channel in range(self.channels):
            if not looks[channel].is_on and channel:
                planes.append(planes[0])
                continue

            def tell(piece: Piece, before: list[Piece] = planes) -> bool:
                if go_on is None:
                    return True
                is_first = not before
                part_frame = Frame(
                    part,
                    self._drawn([*before, piece], looks) if is_first else None,
                    None,
                    is_whole=False,
                )
                return go_on(part_frame)

            read = self._read(self.image, position, part, channel, tell)
            if read is None:
                return None
            planes.append(read)
        image = self._drawn(planes, looks) if planes else None
        labels = self._labels_drawn(position, part, label_look, go_on)
        arrays = [piece.array for piece in planes]
        counts = [histogram_of(array) for array in arrays]
        return Frame(part, image, labels, arrays, counts)

    def value_at(
        self, position: Position, x: int, y: int
    ) -> tuple[list[object], int | None]:
        """Return the values of the channels at a pixel, and the label there."""
        values: list[object] = []
        part = Part((y, y + 1), (x, x + 1), 1)
        for channel in range(self.channels):
            piece = self._look_up(self.image, position, part, channel)
            if piece is not None:
                value = piece.array[0, 0]
                values += value.tolist() if self.is_rgb else [value.item()]
        return values, self.label_at(position, x, y)

    @property
    def is_rgb(self) -> bool:
        """Whether the image has samples instead of channels."""
        return self.image is not None and self.image.is_rgb

    def label_at(self, position: Position, x: float, y: float) -> int | None:
        """Return the label at a point of the base image; None where there is none."""
        if self.labels is None or self.base is None:
            return None
        scale_y, scale_x = self._label_scale()
        column, row = int((x + 0.5) / scale_x), int((y + 0.5) / scale_y)
        part = Part((row, row + 1), (column, column + 1), 1)
        piece = self._look_up(self.labels, position, part, 0)
        found = None if piece is None else int(piece.array.flat[0])
        return found or None

    def place_of_label(
        self, label: int, position: Position
    ) -> tuple[float, float] | None:
        """Return the middle (x, y) of a label on the plane of a position."""
        source = self.labels
        if source is None:
            return None
        step = 1
        while source.height * source.width / step**2 > WHOLE_PIXELS:
            step *= 2
        part = Part((0, source.height), (0, source.width), step)
        piece = self._read(source, position, part, 0)
        if piece is None:
            return None
        rows, columns = (piece.array == label).nonzero()
        if not rows.size:
            return None
        scale_y, scale_x = self._label_scale()
        x = (columns.mean() + 0.5) * piece.step_x * scale_x - 0.5
        y = (rows.mean() + 0.5) * piece.step_y * scale_y - 0.5
        return float(x), float(y)

    # Inside

    def _drawn(self, pieces: Sequence[Piece], looks: Sequence[ChannelLook]) -> Drawn:
        some = list(looks[: len(pieces)])
        done = pieces[-1].rows_done
        arrays = [piece.array[:done] for piece in pieces]
        return _placed(composite(arrays, some), pieces[0])

    def _labels_drawn(
        self,
        position: Position,
        part: Part,
        look: LabelLook,
        go_on: Callable[[Frame], bool] | None,
    ) -> Drawn | None:
        source = self.labels
        if source is None or not (look.is_on or self.image is None):
            return None
        scale_y, scale_x = self._label_scale()
        wanted = part
        if (scale_y, scale_x) != (1.0, 1.0):
            rows = int(part.rows[0] / scale_y), -int(-part.rows[1] // scale_y)
            columns = int(part.columns[0] / scale_x), -int(-part.columns[1] // scale_x)
            wanted = Part(rows, columns, max(1, int(part.step / scale_y)))
        stop = None if go_on is None else lambda _piece: go_on(_nothing(part))
        piece = self._read(source, position, wanted, 0, stop)
        if piece is None:
            return None
        plane = piece.array[..., 0] if piece.array.ndim == 3 else piece.array
        pixels = overlay(
            plane,
            outline=look.outline,
            chosen=look.chosen,
            opacity=1.0 if self.image is None else look.opacity,
        )
        return _placed(pixels, piece, scale_y, scale_x)

    def _label_scale(self) -> tuple[float, float]:
        from bioimageit_flow.editor.viewing.places import scale_between

        if self.image is None or self.labels is None:
            return 1.0, 1.0
        return scale_between(self.image.info, self.labels.info)

    def _read(
        self,
        source: ImageSource | None,
        position: Position,
        part: Part,
        channel: int,
        go_on: Callable[[Piece], bool] | None = None,
    ) -> Piece | None:
        assert source is not None
        index = _index(source, position, channel)
        key = (id(source), index, part)
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
                return known
        piece = source.read(Window(index, part.rows, part.columns, part.step), go_on)
        if piece is not None:
            self._keep(key, piece)
        return piece

    def _look_up(
        self, source: ImageSource | None, position: Position, part: Part, channel: int
    ) -> Piece | None:
        """Return one pixel, of what was read before or else of the file."""
        assert source is not None
        index = _index(source, position, channel)
        row, column = part.rows[0], part.columns[0]
        if not (0 <= row < source.height and 0 <= column < source.width):
            return None
        with self._lock:
            for (of, at, known), piece in reversed(self._kept.items()):
                assert isinstance(known, Part)
                if of == id(source) and at == index and known.holds(part):
                    y, x = row - int(piece.top), column - int(piece.left)
                    pixel = piece.array[y : y + 1, x : x + 1]
                    return Piece(pixel, float(row), float(column), 1.0, 1.0, 1)
        return source.read(Window(index, part.rows, part.columns, 1))

    def _keep(self, key: tuple[object, ...], piece: Piece) -> None:
        with self._lock:
            self._kept[key] = piece
            total = sum(one.array.nbytes for one in self._kept.values())
            while total > KEPT_BYTES and len(self._kept) > 1:
                _, gone = self._kept.popitem(last=False)
                total -= gone.array.nbytes

    def _limits(self, position: Position, channel: int) -> Limits:
        """Return limits from the plane, or from patches of a large one."""
        import numpy as np

        image = self.image
        assert image is not None
        index = _index(image, position, channel)
        height, width = image.height, image.width
        if height * width <= WHOLE_PIXELS:
            part = Part((0, height), (0, width), 1)
            piece = self._read(image, position, part, channel)
            pixels = np.zeros((1,)) if piece is None else piece.array
        else:
            patches = []
            for row in range(_PATCHES):
                for column in range(_PATCHES):
                    y = (2 * row + 1) * height // (2 * _PATCHES)
                    x = (2 * column + 1) * width // (2 * _PATCHES)
                    rows, columns = (y, y + _PATCH), (x, x + _PATCH)
                    one = image.read(Window(index, rows, columns, 1))
                    if one is not None:
                        patches.append(one.array.ravel())
            pixels = np.concatenate(patches) if patches else np.zeros((1,))
        if pixels.dtype == np.bool_:
            return Limits(0.0, 1.0)
        return limits_of(pixels)


def _index(source: ImageSource, position: Position, channel: int) -> tuple[int, ...]:
    """Return the index of a plane; what an image lacks is left out."""
    wanted = {**position, "C": channel}
    return tuple(
        min(max(0, wanted.get(axis, 0)), source.length(axis) - 1)
        for axis in source.stack
    )


def _placed(
    pixels: Rgb, piece: Piece, scale_y: float = 1.0, scale_x: float = 1.0
) -> Drawn:
    height, width = pixels.shape[:2]
    return Drawn(
        pixels,
        piece.left * scale_x,
        piece.top * scale_y,
        width * piece.step_x * scale_x,
        height * piece.step_y * scale_y,
    )


def _nothing(part: Part) -> Frame:
    return Frame(part, None, None, is_whole=False)
