"""Parts of planes, at the sharpness that is wanted, so that any image can be looked at.

An image may be far larger than memory. What is read is a rectangle of one plane with
every n-th pixel, from the smallest copy in its pyramid that is sharp enough, block by
block.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np

from bioimageit_flow.formats.image import Pixels
from bioimageit_flow.formats.planes import Index, Planes
from bioimageit_flow.formats.sample import Sample
from bioimageit_flow.model.data import DataInfo

BAND_PIXELS = 16 * 2**20
"""How many pixels are decoded between two looks at whether to go on."""

ReadPart = Callable[[Index, slice, slice], Pixels]
"""Index along the axes before Y, rows, columns -> YX or YXS; slices may have steps."""


@dataclass(frozen=True, slots=True)
class Level:
    """One copy of an image in its pyramid.

    Attributes
    ----------
    height, width : int
        Of a plane, in pixels of this copy.
    block : tuple of int
        Rows and columns of what is decoded at once.
    read : callable
        Returns a part of a plane.
    """

    height: int
    width: int
    block: tuple[int, int]
    read: ReadPart


@dataclass(frozen=True, slots=True)
class Regions:
    """One image of an open file, of which any part can be read.

    Attributes
    ----------
    info : DataInfo
        Of the full resolution; its axes are some of T, Z, C in any order, then YX,
        then S for RGB samples.
    levels : tuple of Level
        The full resolution first, then smaller copies.
    """

    info: DataInfo
    levels: tuple[Level, ...]

    @property
    def stack(self) -> str:
        """The axes before Y."""
        axes = self.info.axes or ""
        return axes[: axes.index("Y")]


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a plane, as it is wanted.

    Attributes
    ----------
    index : tuple of int
        Along the axes before Y.
    rows, columns : tuple of int
        From and to (exclusive), in pixels of the full resolution.
    step : int
        At least every how many pixels one is wanted; 1 for all.
    """

    index: Index
    rows: tuple[int, int]
    columns: tuple[int, int]
    step: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A part of a plane, as it was read.

    Attributes
    ----------
    array : numpy.ndarray
        YX, or YXS for RGB.
    top, left : float
        Upper left corner, in pixels of the full resolution.
    step_y, step_x : float
        What one pixel of it covers, in pixels of the full resolution.
    rows_done : int
        How many of its rows are filled; less than all while it is being read.
    """

    array: Pixels
    top: float
    left: float
    step_y: float
    step_x: float
    rows_done: int


@runtime_checkable
class RegionReader(Protocol):
    """An `ImageReader` that reads parts of planes."""

    def open_regions(
        self, sample: Sample, selector: str
    ) -> AbstractContextManager[Regions]:
        """Open one image of a file; `selector` as for `PlaneReader`."""


def regions_of_planes(planes: Planes) -> Regions:
    """Return the parts of an image that is read plane by plane; one plane is kept."""
    height, width = planes.info.shape[len(planes.stack) :][:2]
    kept: dict[Index, Pixels] = {}

    def read(index: Index, rows: slice, columns: slice) -> Pixels:
        plane = kept.get(index)
        if plane is None:
            kept.clear()
            plane = kept[index] = planes.read(index)
        return plane[rows, columns]

    return Regions(planes.info, (Level(height, width, (height, width), read),))


def read_window(
    regions: Regions, window: Window, go_on: Callable[[Piece], bool] | None = None
) -> Piece | None:
    """Read a part of a plane.

    Parameters
    ----------
    regions : Regions
        The image.
    window : Window
        What is wanted; what lies outside the image is left out.
    go_on : callable, optional
        Given the piece as far as it is filled, band after band; False stops.

    Returns
    -------
    Piece or None
        None if it was stopped, or if nothing of the window is inside.
    """
    height, width = regions.levels[0].height, regions.levels[0].width
    level = _fitting(regions, window.step)
    scale_y, scale_x = height / level.height, width / level.width
    step = max(1, round(window.step / max(scale_y, scale_x)))
    top, bottom = _span(window.rows, scale_y, level.height, step)
    left, right = _span(window.columns, scale_x, level.width, step)
    rows, columns = -(-(bottom - top) // step), -(-(right - left) // step)
    if rows <= 0 or columns <= 0:
        return None
    samples = regions.info.shape[-1:] if (regions.info.axes or "")[-1:] == "S" else ()
    array = np.zeros((rows, columns, *samples), np.dtype(regions.info.dtype))
    place = (top * scale_y, left * scale_x, step * scale_y, step * scale_x)
    band = _band(level, right - left, step)
    for first in range(0, rows, band):
        last = min(first + band, rows)
        array[first:last] = level.read(
            window.index,
            slice(top + first * step, min(top + last * step, bottom), step),
            slice(left, right, step),
        )
        piece = Piece(array, *place, rows_done=last)
        if last < rows and go_on is not None and not go_on(piece):
            return None
    return Piece(array, *place, rows_done=rows)


def corrected(regions: Regions, info: DataInfo, in_file: DataInfo) -> Regions:
    """Return an image with what somebody said that its header should have said.

    Parameters
    ----------
    regions : Regions
        The image, as the file has it.
    info, in_file : DataInfo
        The facts that hold, and those of the header, with axes in the order of the
        file.
    """
    letters = dict(zip(in_file.axes or "", info.axes or "", strict=False))
    axes = "".join(letters.get(axis, axis) for axis in regions.info.axes or "")
    facts = replace(
        regions.info,
        kind=info.kind,
        axes=axes,
        pixel_size_um=info.pixel_size_um,
        time_step_s=info.time_step_s,
        channels=info.channels,
    )
    return replace(regions, info=facts)


def _fitting(regions: Regions, step: int) -> Level:
    """Return the smallest copy that is as sharp as wanted, or nearly so."""
    first = best = regions.levels[0]
    for level in regions.levels[1:]:
        coarseness = max(first.height / level.height, first.width / level.width)
        if coarseness <= step * 1.1:
            best = level
    return best


def _span(
    wanted: tuple[int, int], scale: float, length: int, step: int
) -> tuple[int, int]:
    """Return from where to where in a copy, on its grid of steps."""
    first = max(0, int(wanted[0] / scale)) // step * step
    return first, min(length, -int(-wanted[1] // scale))


def _band(level: Level, width: int, step: int) -> int:
    """Return how many rows of the result are read at once: whole rows of blocks."""
    per_block = max(1, level.block[0] // step)
    blocks = max(1, BAND_PIXELS // max(1, width * level.block[0]))
    return per_block * blocks
