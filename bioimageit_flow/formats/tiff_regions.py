"""Parts of the planes of a TIFF: tiles, strips, or bytes where they lie."""

from dataclasses import replace
from math import prod
from pathlib import Path

import numpy as np
import zarr
from tifffile import TiffPageSeries

from bioimageit_flow.formats.axes import flow_axes
from bioimageit_flow.formats.image import Pixels
from bioimageit_flow.formats.library import Foreign
from bioimageit_flow.formats.planes import Index
from bioimageit_flow.formats.regions import Level, Regions
from bioimageit_flow.formats.tiff_planes import ByteOrder
from bioimageit_flow.model.data import DataInfo

MAX_BLOCK_BYTES = 64 * 2**20
"""What is decoded at once is at most this; larger units are read plane by plane."""


def tiff_regions(
    path: Path, order: ByteOrder, series: TiffPageSeries, info: DataInfo
) -> Regions | None:
    """Return the parts of an image of an open TIFF.

    None stands for one whose planes are compressed as a whole: it has no parts.
    """
    axes, shape = flow_axes(series.axes, series.shape)
    ordered = _ordered(axes)
    levels = [_level(path, order, series, number) for number in _usable(series)]
    kept = [level for level in levels if level is not None]
    if levels[0] is None:
        return None
    facts = replace(
        info,
        axes=ordered,
        shape=tuple(shape[axes.index(axis)] for axis in ordered),
        dtype=series.dtype.name,
    )
    return Regions(facts, tuple(kept))


def _usable(series: TiffPageSeries) -> list[int]:
    """Return the copies that are like the image, the largest first."""
    numbers = [0]
    for number, level in enumerate(series.levels[1:], 1):
        is_alike = level.axes == series.axes and level.dtype == series.dtype
        if is_alike and prod(level.shape) < prod(series.levels[numbers[-1]].shape):
            numbers.append(number)
    return numbers


def _level(
    path: Path, order: ByteOrder, series: TiffPageSeries, number: int
) -> Level | None:
    level = series.levels[number]
    axes, shape = flow_axes(level.axes, level.shape)
    ordered = _ordered(axes)
    sizes = dict(zip(axes, shape, strict=True))
    turn = [axes.index(axis) for axis in ordered]
    page = level.keyframe
    if not page.is_tiled and level.dataoffset is not None and page.compression == 1:
        if page.bitspersample not in (8, 16, 32, 64):
            return None
        dtype = level.dtype.newbyteorder(order)
        mapped = _Mapped(path, dtype, int(level.dataoffset), shape, turn)
        return Level(sizes["Y"], sizes["X"], (256, sizes["X"]), mapped)
    block = _block(page.chunks, page.axes)
    if prod(page.chunks) * level.dtype.itemsize > MAX_BLOCK_BYTES:
        return None
    array: Foreign = zarr.open_array(series.aszarr(level=number), mode="r")
    in_blocks = _InBlocks(array, _letters(level, axes), axes, turn)
    return Level(sizes["Y"], sizes["X"], block, in_blocks)


def _block(chunks: tuple[int, ...], axes: str) -> tuple[int, int]:
    sizes = dict(zip(axes, chunks, strict=False))
    return max(1, sizes.get("Y", 1)), max(1, sizes.get("X", 1))


class _Mapped:
    """Reads parts of bytes that follow one another, without keeping any of them."""

    def __init__(
        self,
        path: Path,
        dtype: np.dtype[np.generic],
        offset: int,
        shape: tuple[int, ...],
        turn: list[int],
    ) -> None:
        self._path, self._dtype, self._offset = path, dtype, offset
        self._shape, self._turn = shape, turn

    def __call__(self, index: Index, rows: slice, columns: slice) -> Pixels:
        # A map per part: what was looked at does not stay in memory.
        mapped: Pixels = np.memmap(
            self._path, self._dtype, "r", self._offset, self._shape
        )
        place: tuple[int | slice, ...] = (*index, rows, columns)
        part: Pixels = mapped.transpose(self._turn)[place]
        return np.array(part, self._dtype.newbyteorder("="))


class _InBlocks:
    """Reads parts of tiles or strips, which are decoded as far as they are needed."""

    def __init__(
        self, array: Foreign, letters: list[str | None], axes: str, turn: list[int]
    ) -> None:
        self._array, self._letters = array, letters
        ordered = [axes[place] for place in turn]
        self._stack = ordered[: ordered.index("Y")]
        kept = [one for one in letters if one in ("Y", "X", "S")]
        self._turn = [kept.index(one) for one in ordered if one in ("Y", "X", "S")]

    def __call__(self, index: Index, rows: slice, columns: slice) -> Pixels:
        wanted: dict[str | None, slice | int] = {None: 0, "Y": rows, "X": columns}
        wanted["S"] = slice(None)
        wanted |= dict(zip(self._stack, index, strict=True))
        place = tuple(wanted[one] for one in self._letters)
        return np.asarray(self._array[place]).transpose(self._turn)


def _letters(level: TiffPageSeries, axes: str) -> list[str | None]:
    """Return our letter of each dimension of the array; None where it is left out."""
    ours = iter(axes)
    return [
        next(ours) if length != 1 or letter in "YX" else None
        for letter, length in zip(level.axes, level.shape, strict=True)
    ]


def _ordered(axes: str) -> str:
    stack = "".join(axis for axis in axes if axis not in "YXS")
    return stack + "YX" + ("S" if "S" in axes else "")
