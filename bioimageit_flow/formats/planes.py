"""Images read plane by plane, so that memory does not grow with the image."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from math import prod
from typing import Protocol, runtime_checkable

import numpy as np

from bioimageit_flow.formats.image import Image, Pixels
from bioimageit_flow.formats.memory import require_memory
from bioimageit_flow.formats.sample import Sample
from bioimageit_flow.model.data import DataInfo

Index = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Planes:
    """One image of an open file.

    Attributes
    ----------
    info : DataInfo
        Its axes are some of T, Z, C in any order, then YX, then S for RGB samples.
    read : callable
        Returns the plane (YX, or YXS) at an index along the axes before Y.
    """

    info: DataInfo
    read: Callable[[Index], Pixels]

    @property
    def stack(self) -> str:
        """The axes before Y."""
        axes = self.info.axes or ""
        return axes[: axes.index("Y")]

    @property
    def plane_bytes(self) -> int:
        """Bytes of one plane."""
        shape = self.info.shape[len(self.stack) :]
        return prod(shape) * np.dtype(self.info.dtype).itemsize

    @property
    def count(self) -> int:
        """Number of planes."""
        return prod(self.info.shape[: len(self.stack)])

    def __iter__(self) -> Iterator[Pixels]:
        """Go through the planes, the last axis before Y fastest."""
        for index in np.ndindex(self.info.shape[: len(self.stack)]):
            yield self.read(index)


@runtime_checkable
class PlaneReader(Protocol):
    """An `ImageReader` that need not read an image as a whole."""

    def open_planes(
        self, sample: Sample, selector: str, least: int | None = None
    ) -> AbstractContextManager[Planes]:
        """Open one image of a file.

        Parameters
        ----------
        selector : str
            ``series=N`` counted from 0, or empty for the only image.
        least : int, optional
            Where the file has smaller copies of the image: open the smallest whose
            width and height are at least this.
        """


def whole_image(planes: Planes, max_bytes: int | None) -> Image:
    """Read all planes into memory.

    Raises
    ------
    Refusal
        If they do not fit.
    """
    info = planes.info
    assert info.axes is not None
    require_memory((planes.count + 1) * planes.plane_bytes, max_bytes)
    array = np.empty(info.shape, np.dtype(info.dtype))
    for index in np.ndindex(info.shape[: len(planes.stack)]):
        array[index] = planes.read(index)
    return Image(
        array,
        info.axes,
        pixel_size_um=info.pixel_size_um,
        time_step_s=info.time_step_s,
        channels=info.channels,
    )
