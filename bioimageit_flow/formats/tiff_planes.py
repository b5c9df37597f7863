"""The planes of an image in a TIFF, read page by page where the file is laid out so."""

from dataclasses import replace
from math import prod
from typing import BinaryIO, Literal

import numpy as np
from tifffile import TiffPageSeries

from bioimageit_flow.formats.axes import flow_axes
from bioimageit_flow.formats.image import Pixels
from bioimageit_flow.formats.memory import require_memory
from bioimageit_flow.formats.planes import Index, Planes
from bioimageit_flow.formats.refusal import EXPORT_AGAIN, Refusal
from bioimageit_flow.model.data import DataInfo

ByteOrder = Literal["<", ">"]


def tiff_planes(
    stream: BinaryIO,
    order: ByteOrder,
    series: TiffPageSeries,
    info: DataInfo,
    least: int | None,
) -> Planes:
    """Return the planes of an image of an open TIFF.

    Parameters
    ----------
    stream : binary file
        The file.
    order : str
        Its byte order, ``<`` or ``>``.
    series : TiffPageSeries
        The image, with its pyramid.
    info : DataInfo
        What is known of the image.
    least : int or None
        Take the smallest copy that is at least so wide and high.
    """
    level = _level(series, least)
    axes, shape = flow_axes(level.axes, level.shape)
    stack = [axis for axis in axes if axis not in "YXS"]
    ordered = "".join(stack) + "YX" + ("S" if "S" in axes else "")
    info = replace(
        info,
        axes=ordered,
        shape=tuple(shape[axes.index(axis)] for axis in ordered),
        dtype=level.dtype.name,
    )
    plane = info.shape[len(stack) :]
    sizes = info.shape[: len(stack)]
    if ordered != axes or prod(level.keyframe.shape) != prod(plane):
        return _stored_at_once(stream, order, level, info, axes, shape)

    def read(index: Index) -> Pixels:
        number = int(np.ravel_multi_index(index, sizes)) if index else 0
        page = level.pages[number] if number < len(level.pages) else None
        if page is None:  # a hole, which tifffile fills with zeros as well
            return np.zeros(plane, level.dtype)
        try:
            return np.asarray(page.asarray()).reshape(plane)
        except (ValueError, RuntimeError) as error:
            reason = " ".join(str(error).split())[:200]
            raise Refusal(
                f"has a page that cannot be decoded: {reason}", EXPORT_AGAIN
            ) from error

    if prod(sizes) > 1 and len(level.pages) != prod(sizes):
        return _stored_at_once(stream, order, level, info, axes, shape)
    return Planes(info, read)


def _level(series: TiffPageSeries, least: int | None) -> TiffPageSeries:
    best: TiffPageSeries = series
    for level in series.levels[1:]:
        sizes = dict(zip(level.axes, level.shape, strict=True))
        fits = len(level.axes) == len(series.axes)
        if (
            least is not None
            and fits
            and min(sizes.get("Y", 0), sizes.get("X", 0)) >= least
        ):
            best = level
    return best


def _stored_at_once(
    stream: BinaryIO,
    order: ByteOrder,
    level: TiffPageSeries,
    info: DataInfo,
    axes: str,
    shape: tuple[int, ...],
) -> Planes:
    """Return planes of an image whose pages are not its planes.

    They follow one another in the file (ImageJ's hyperstacks beyond 4 GiB), or the
    image has to be read as a whole.
    """
    start, ordered = level.dataoffset, info.axes or ""
    dtype = level.dtype.newbyteorder(order)
    if start is not None and ordered == axes:
        plane = info.shape[ordered.index("Y") :]
        sizes = info.shape[: ordered.index("Y")]
        count = prod(plane)

        def read(index: Index) -> Pixels:
            number = int(np.ravel_multi_index(index, sizes)) if index else 0
            stream.seek(start + number * count * dtype.itemsize)
            data = stream.read(count * dtype.itemsize)
            return np.frombuffer(data, dtype).reshape(plane).astype(level.dtype)

        return Planes(info, read)
    require_memory(prod(shape) * dtype.itemsize)
    array = np.asarray(level.asarray()).reshape(shape)
    array = array.transpose([axes.index(axis) for axis in ordered])
    return Planes(info, lambda index: array[index])
