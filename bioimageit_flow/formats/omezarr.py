"""OME-Zarr: a folder that is one datum. JSON by hand, pixels by zarr-python."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from bioimageit_flow.formats.image import Image, Pixels
from bioimageit_flow.formats.library import Foreign
from bioimageit_flow.formats.omezarr_header import (
    Level,
    ZarrImage,
    is_zarr,
    read_images,
)
from bioimageit_flow.formats.planes import Index, Planes, whole_image
from bioimageit_flow.formats.refusal import EXPORT_AGAIN, Refusal
from bioimageit_flow.formats.regions import Level as RegionLevel
from bioimageit_flow.formats.regions import Regions
from bioimageit_flow.formats.sample import Sample
from bioimageit_flow.formats.selector import chosen_series
from bioimageit_flow.model.data import DataInfo

SLAB_BYTES = 256 * 2**20
"""A chunk of several planes is kept decoded up to this size."""


class OmeZarrReader:
    """Reads OME-Zarr 0.1 to 0.5: images, series, plates, labels."""

    version = "ome-zarr/1"
    libraries: tuple[str, ...] = ("zarr",)

    def claims(self, sample: Sample) -> bool:
        """Say whether a folder is a Zarr."""
        return sample.is_folder and is_zarr(sample.path)

    def probe(self, sample: Sample) -> DataInfo:
        """Return what the JSON says; several images are `DataInfo.series`."""
        infos = tuple(image.info for image in read_images(sample.path))
        return replace(infos[0], series=infos) if len(infos) > 1 else infos[0]

    def verify(self, sample: Sample) -> None:
        """Nothing more to check: a missing chunk is lawful and means no data."""

    def read_image(self, sample: Sample, selector: str, max_bytes: int | None) -> Image:
        """Return the pixels of one image at its full resolution."""
        with self.open_planes(sample, selector) as planes:
            return whole_image(planes, max_bytes)

    @contextmanager
    def open_planes(
        self, sample: Sample, selector: str, least: int | None = None
    ) -> Iterator[Planes]:
        """Open one image, or a smaller copy of it."""
        images = read_images(sample.path)
        image = images[chosen_series(selector, len(images))]
        level = _level(image, least)
        yield _planes(image, level)

    @contextmanager
    def open_regions(self, sample: Sample, selector: str) -> Iterator[Regions]:
        """Open one image with its pyramid, to read parts of planes."""
        images = read_images(sample.path)
        image = images[chosen_series(selector, len(images))]
        levels = tuple(_parts(image, level) for level in image.levels)
        yield Regions(image.info, levels)


def _parts(image: ZarrImage, level: Level) -> RegionLevel:
    """Return one resolution, of which parts are read; it is opened when needed."""
    axes = image.info.axes
    assert axes is not None
    stack = axes[: axes.index("Y")]
    kept = [axis for axis in level.letters if axis in axes]
    sizes = dict(zip(level.letters, level.shape, strict=True))
    chunks = dict(zip(level.letters, level.chunks, strict=True))
    flat = [axis for axis in kept if axis not in stack]
    turn = [flat.index(axis) for axis in axes if axis not in stack]
    opened: list[Foreign] = []

    def read(index: Index, rows: slice, columns: slice) -> Pixels:
        if not opened:
            opened.append(_open(level))
        wanted: dict[str, slice | int] = dict(zip(stack, index, strict=True))
        wanted |= {"Y": rows, "X": columns}
        place = tuple(
            wanted.get(axis, slice(None)) if axis in axes else 0
            for axis in level.letters
        )
        try:
            return np.asarray(opened[0][place]).transpose(turn)
        except Exception as error:
            raise _unreadable(error) from error

    return RegionLevel(sizes["Y"], sizes["X"], (chunks["Y"], chunks["X"]), read)


def _level(image: ZarrImage, least: int | None) -> Level:
    """Return the smallest level that is large enough."""
    best = image.levels[0]
    for level in image.levels[1:]:
        sizes = dict(zip(level.letters, level.shape, strict=True))
        if least is not None and min(sizes["Y"], sizes["X"]) >= least:
            best = level
    return best


def _open(level: Level) -> Foreign:
    import zarr

    try:
        return zarr.open_array(str(level.path), mode="r")
    except Exception as error:
        raise _unreadable(error) from error


def _planes(image: ZarrImage, level: Level) -> Planes:
    info, axes = image.info, image.info.axes
    assert axes is not None
    array = _open(level)
    stack = axes[: axes.index("Y")]
    sizes = dict(zip(level.letters, level.shape, strict=True))
    chunks = dict(zip(level.letters, level.chunks, strict=True))
    info = replace(info, shape=tuple(sizes[axis] for axis in axes))
    kept = [axis for axis in level.letters if axis in axes]
    turn = [kept.index(axis) for axis in axes]
    plane = sizes["Y"] * sizes["X"] * np.dtype(info.dtype).itemsize
    depth = chunks[stack[-1]] if stack else 1
    if depth * plane > SLAB_BYTES:
        depth = 1
    held: dict[Index, Pixels] = {}

    def read(index: Index) -> Pixels:
        start = index[-1] // depth * depth if index else 0
        key = (*index[:-1], start)
        if key not in held:
            held.clear()
            wanted: dict[str, slice] = {
                axis: slice(at, at + 1) for axis, at in zip(stack, index, strict=True)
            }
            if index:
                wanted[stack[-1]] = slice(start, start + depth)
            held[key] = _read(array, level.letters, wanted, kept).transpose(turn)
        slab = held[key]
        return slab[(*(0 for _ in index[:-1]), index[-1] - start)] if index else slab

    return Planes(info, read)


def _read(
    array: Foreign, letters: str, wanted: dict[str, slice], kept: list[str]
) -> Pixels:
    """Read a block with the axes that are kept; the others have length one."""
    place = tuple(
        wanted.get(axis, slice(None)) if axis in kept else 0 for axis in letters
    )
    try:
        return np.asarray(array[place])
    except Exception as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> Refusal:
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    return Refusal(f"cannot be read as Zarr: {reason}", EXPORT_AGAIN)


READER = OmeZarrReader()
