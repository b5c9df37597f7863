"""Pieces of planes that were read last, so that a step back reads nothing."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Final

import numpy as np

from bioimageit_flow.editor.viewing.contrast import Limits, limits_of
from bioimageit_flow.editor.viewing.places import WHOLE_PIXELS, Part
from bioimageit_flow.editor.viewing.projecting import Depth, project
from bioimageit_flow.session.viewing import ImageSource, Piece, Window

KEPT_BYTES: Final = 64 * 2**20

_PATCH: Final = 256
_PATCHES: Final = 4

Position = Mapping[str, int]
"""Where one is along the axes ``T``, ``Z``, ``C`` that an image has."""

Index = tuple[int, ...]
GoOn = Callable[[Piece], bool]


@dataclass(slots=True)
class Pieces:
    """Reads parts of planes, or of whole stacks laid into one, and keeps some.

    It may be used from several threads.
    """

    _kept: "OrderedDict[tuple[int, Index, Depth, Part], Piece]" = field(
        default_factory=OrderedDict
    )
    _lock: RLock = field(default_factory=RLock)

    def clear(self) -> None:
        """Let go of all."""
        with self._lock:
            self._kept.clear()

    def read(
        self,
        source: ImageSource,
        position: Position,
        part: Part,
        channel: int,
        depth: Depth = Depth.SLICE,
        go_on: GoOn | None = None,
    ) -> Piece | None:
        """Return a part of a plane; None if it was broken off.

        Parameters
        ----------
        depth : Depth
            How the planes along Z are laid into one, where there are several.
        go_on : callable, optional
            Given what there is already, now and then; False breaks off.
        """
        index = index_of(source, position, channel)
        depth = depth_of(source, depth)
        if depth is not Depth.SLICE:
            index = index_of(source, {**position, "Z": 0}, channel)
        key = (id(source), index, depth, part)
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
                return known
        window = Window(index, part.rows, part.columns, part.step)
        if depth is Depth.SLICE:
            piece = source.read(window, go_on)
        else:
            piece = self._projected(source, window, depth, go_on)
        if piece is not None:
            self._keep(key, piece)
        return piece

    def look_up(
        self,
        source: ImageSource,
        position: Position,
        place: tuple[int, int],
        channel: int,
        depth: Depth = Depth.SLICE,
    ) -> Piece | None:
        """Return one pixel (row, column) of what was read before, or else of the file.

        Pixels of stacks laid into one are known where they were read before only.
        """
        row, column = place
        if not (0 <= row < source.height and 0 <= column < source.width):
            return None
        index = index_of(source, position, channel)
        depth = depth_of(source, depth)
        if depth is not Depth.SLICE:
            index = index_of(source, {**position, "Z": 0}, channel)
        part = Part((row, row + 1), (column, column + 1), 1)
        with self._lock:
            for (of, at, how, known), piece in reversed(self._kept.items()):
                is_same = of == id(source) and at == index and how is depth
                if is_same and _covers(known, part, sharp=depth is Depth.SLICE):
                    y = int((row - piece.top) / piece.step_y)
                    x = int((column - piece.left) / piece.step_x)
                    pixel = piece.array[y : y + 1, x : x + 1]
                    if pixel.size:
                        return Piece(pixel, float(row), float(column), 1.0, 1.0, 1)
        if depth is not Depth.SLICE:
            return None
        return source.read(Window(index, part.rows, part.columns, 1))

    def limits(
        self,
        source: ImageSource,
        position: Position,
        channel: int,
        depth: Depth = Depth.SLICE,
    ) -> Limits:
        """Return contrast limits from the plane, or from patches of a large one."""
        height, width = source.height, source.width
        if height * width <= WHOLE_PIXELS:
            part = Part((0, height), (0, width), 1)
            piece = self.read(source, position, part, channel, depth)
            pixels = np.zeros((1,)) if piece is None else piece.array
        else:
            index = index_of(source, position, channel)
            patches = []
            for row in range(_PATCHES):
                for column in range(_PATCHES):
                    y = (2 * row + 1) * height // (2 * _PATCHES)
                    x = (2 * column + 1) * width // (2 * _PATCHES)
                    rows, columns = (y, y + _PATCH), (x, x + _PATCH)
                    one = source.read(Window(index, rows, columns, 1))
                    if one is not None:
                        patches.append(one.array.ravel())
            pixels = np.concatenate(patches) if patches else np.zeros((1,))
        if pixels.dtype == np.bool_:
            return Limits(0.0, 1.0)
        return limits_of(pixels)

    def _projected(
        self, source: ImageSource, window: Window, depth: Depth, go_on: GoOn | None
    ) -> Piece | None:
        place = source.stack.index("Z")

        def plane(number: int) -> Piece | None:
            index = (*window.index[:place], number, *window.index[place + 1 :])
            at = Window(index, window.rows, window.columns, window.step)
            return source.read(at)

        return project(depth, source.length("Z"), plane, go_on)

    def _keep(self, key: tuple[int, Index, Depth, Part], piece: Piece) -> None:
        with self._lock:
            self._kept[key] = piece
            total = sum(one.array.nbytes for one in self._kept.values())
            while total > KEPT_BYTES and len(self._kept) > 1:
                _, gone = self._kept.popitem(last=False)
                total -= gone.array.nbytes


def index_of(source: ImageSource, position: Position, channel: int) -> Index:
    """Return the index of a plane; what an image lacks is left out."""
    wanted = {**position, "C": channel}
    return tuple(
        min(max(0, wanted.get(axis, 0)), source.length(axis) - 1)
        for axis in source.stack
    )


def depth_of(source: ImageSource, depth: Depth) -> Depth:
    """Return how a source is shown: one without a depth is always one plane."""
    return depth if "Z" in source.stack else Depth.SLICE


def _covers(known: Part, wanted: Part, *, sharp: bool) -> bool:
    if sharp:
        return known.holds(wanted)
    return (
        known.rows[0] <= wanted.rows[0]
        and known.rows[1] >= wanted.rows[1]
        and known.columns[0] <= wanted.columns[0]
        and known.columns[1] >= wanted.columns[1]
    )
