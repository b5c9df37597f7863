"""An image in memory: pixels with the names and sizes of their axes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

Pixels = NDArray[Any]
"""An array of any pixel type."""


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """Pixels with what is known about their axes.

    Attributes
    ----------
    array : numpy.ndarray
        One dimension per letter of `axes`, in native byte order.
    axes : str
        Different letters of ``TZCYXS`` in the order in which the file has them (``S``
        are the samples of an RGB pixel); no axis but Y and X has length one.
    pixel_size_um : mapping of str to float
        Micrometres per pixel of ``x``, ``y``, ``z`` as far as known.
    time_step_s : float or None
        Seconds between frames.
    channels : tuple of str
        Names of the channels, one per channel, or none.
    """

    array: Pixels
    axes: str
    pixel_size_um: Mapping[str, float] = field(default_factory=dict)
    time_step_s: float | None = None
    channels: tuple[str, ...] = ()
