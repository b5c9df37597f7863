"""Everything that is shown of one item: its pixels, what lies upon them, its rows.

An exhibit is opened and read in a thread beside the window; it keeps what was read
last, so that another contrast or a step back reads nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bioimageit_flow.editor.viewing.contrast import (
    ChannelLook,
    Histogram,
    Limits,
    Rgb,
    composite,
    histogram_of,
    looks_of,
)
from bioimageit_flow.editor.viewing.frames import Drawn, Frame, LabelLook
from bioimageit_flow.editor.viewing.label_colours import overlay
from bioimageit_flow.editor.viewing.objects import Objects
from bioimageit_flow.editor.viewing.pieces import Pieces, Position
from bioimageit_flow.editor.viewing.places import WHOLE_PIXELS, Part, scale_between
from bioimageit_flow.editor.viewing.projecting import Depth
from bioimageit_flow.editor.viewing.shapes import Shapes
from bioimageit_flow.model.data import DataInfo, Item
from bioimageit_flow.session.viewing import ImageSource, Piece, Related

ON_AT_FIRST: Final = 12
"""How many channels are laid over each other until somebody turns on more."""


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
    shapes : Shapes or None
        Outlines upon the image.
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
    shapes: Shapes | None = None
    looks: list[ChannelLook] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pieces: Pieces = field(default_factory=Pieces)

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
        """How many channels there are, each of which can be shown."""
        return self.image.length("C") if self.image else 0

    def close(self) -> None:
        """Let go of the files."""
        for source in (self.image, self.labels):
            if source is not None:
                source.close()
        self.pieces.clear()

    # Pixels

    def first_looks(
        self, position: Position, depth: Depth = Depth.SLICE
    ) -> list[ChannelLook]:
        """Return the looks with contrast that follows from some of the pixels.

        Of an image with very many channels only the first are on.
        """
        image = self.image
        if image is None:
            return []
        if image.is_rgb:
            is_bytes = image.info.dtype == "uint8"
            limits = (
                Limits(0.0, 255.0)
                if is_bytes
                else self.pieces.limits(image, position, 0, depth)
            )
            return [ChannelLook("RGB", limits=limits)]
        looks = [
            replace(look, is_on=channel < ON_AT_FIRST)
            for channel, look in enumerate(looks_of(self.channels, image.info.channels))
        ]
        return self.with_limits(looks, position, depth)

    def with_limits(
        self,
        looks: Sequence[ChannelLook],
        position: Position,
        depth: Depth = Depth.SLICE,
    ) -> list[ChannelLook]:
        """Return looks with contrast for channels that are on and have none yet."""
        image, find = self.image, self.pieces.limits
        return [
            replace(look, limits=find(image, position, channel, depth))
            if image is not None and look.is_on and look.limits is None
            else look
            for channel, look in enumerate(looks)
        ]

    def frame(
        self,
        position: Position,
        part: Part,
        looks: Sequence[ChannelLook],
        label_look: LabelLook,
        go_on: Callable[[Frame], bool] | None = None,
        depth: Depth = Depth.SLICE,
    ) -> Frame | None:
        """Read and draw a part; None if it was stopped.

        Parameters
        ----------
        go_on : callable, optional
            Given what is there already, now and then; False stops.
        depth : Depth
            How the planes along Z are laid into one. Labels are laid into one by
            their highest numbers, whatever the image shows.
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

            assert self.image is not None
            read = self.pieces.read(self.image, position, part, channel, depth, tell)
            if read is None:
                return None
            planes.append(read)
        image = self._drawn(planes, looks) if planes else None
        labels = self._labels_drawn(position, part, label_look, go_on, depth)
        arrays = [piece.array for piece in planes]
        counts: list[Histogram] = []
        for channel, array in enumerate(arrays):
            is_read = not channel or looks[channel].is_on
            counts.append(histogram_of(array) if is_read else counts[0])
        return Frame(part, image, labels, arrays, counts)

    def value_at(
        self,
        position: Position,
        x: int,
        y: int,
        depth: Depth = Depth.SLICE,
        channels: Sequence[int] | None = None,
    ) -> tuple[list[object], int | None]:
        """Return the values of channels at a pixel, by default of all, and the label.

        Parameters
        ----------
        channels : sequence of int, optional
            Which channels are asked for.
        """
        values: list[object] = []
        image = self.image
        for channel in range(self.channels) if channels is None else channels:
            assert image is not None
            piece = self.pieces.look_up(image, position, (y, x), channel, depth)
            if piece is not None:
                value = piece.array[0, 0]
                values += value.tolist() if self.is_rgb else [value.item()]
        return values, self.label_at(position, x, y, depth)

    @property
    def is_rgb(self) -> bool:
        """Whether the image has samples instead of channels."""
        return self.image is not None and self.image.is_rgb

    def label_at(
        self, position: Position, x: float, y: float, depth: Depth = Depth.SLICE
    ) -> int | None:
        """Return the label at a point of the base image; None where there is none."""
        if self.labels is None or self.base is None:
            return None
        scale_y, scale_x = self.label_scale
        place = int((y + 0.5) / scale_y), int((x + 0.5) / scale_x)
        piece = self.pieces.look_up(self.labels, position, place, 0, _labels_by(depth))
        found = None if piece is None else int(piece.array.flat[0])
        return found or None

    def place_of_label(
        self, label: int, position: Position, depth: Depth = Depth.SLICE
    ) -> tuple[float, float] | None:
        """Return the middle (x, y) of a label on the plane of a position."""
        source = self.labels
        if source is None:
            return None
        step = 1
        while source.height * source.width / step**2 > WHOLE_PIXELS:
            step *= 2
        part = Part((0, source.height), (0, source.width), step)
        piece = self.pieces.read(source, position, part, 0, _labels_by(depth))
        if piece is None:
            return None
        rows, columns = (piece.array == label).nonzero()
        if not rows.size:
            return None
        scale_y, scale_x = self.label_scale
        x = (columns.mean() + 0.5) * piece.step_x * scale_x - 0.5
        y = (rows.mean() + 0.5) * piece.step_y * scale_y - 0.5
        return float(x), float(y)

    @property
    def label_scale(self) -> tuple[float, float]:
        """How many pixels of the image one of the labels covers, along y and x."""
        if self.image is None or self.labels is None:
            return 1.0, 1.0
        return scale_between(self.image.info, self.labels.info)

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
        depth: Depth,
    ) -> Drawn | None:
        source = self.labels
        if source is None or not (look.is_on or self.image is None):
            return None
        scale_y, scale_x = self.label_scale
        wanted = part
        if (scale_y, scale_x) != (1.0, 1.0):
            rows = int(part.rows[0] / scale_y), -int(-part.rows[1] // scale_y)
            columns = int(part.columns[0] / scale_x), -int(-part.columns[1] // scale_x)
            wanted = Part(rows, columns, max(1, int(part.step / scale_y)))
        stop = None if go_on is None else lambda _piece: go_on(_nothing(part))
        by = _labels_by(depth)
        piece = self.pieces.read(source, position, wanted, 0, by, stop)
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


def _labels_by(depth: Depth) -> Depth:
    """Return how labels are laid into one: means and minima of numbers say nothing."""
    return Depth.SLICE if depth is Depth.SLICE else Depth.MAXIMUM


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
