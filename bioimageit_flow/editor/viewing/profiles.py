"""Intensities along a line, read at full sharpness however large the image is."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor, hypot
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bioimageit_flow.editor.viewing.exhibit import Exhibit
from bioimageit_flow.editor.viewing.pieces import Position
from bioimageit_flow.editor.viewing.places import WHOLE_PIXELS, Part
from bioimageit_flow.editor.viewing.projecting import Depth
from bioimageit_flow.session.viewing import ImageSource, Piece

Numbers = NDArray[np.float64]
Point = tuple[float, float]

_SEGMENT_PX: Final = 512


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Intensities along a line.

    Attributes
    ----------
    distances : numpy.ndarray
        From the beginning of the line, in `unit`.
    unit : str
        ``µm`` where the pixel size is known, else ``px``.
    values : list of numpy.ndarray
        Per channel, or per sample of RGB; NaN outside the image.
    """

    distances: Numbers
    unit: str
    values: list[Numbers]

    def as_text(self, names: list[str]) -> str:
        """Return rows with tabs between, to be pasted into a spreadsheet."""
        lines = ["\t".join([f"distance_{self.unit.replace('µ', 'u')}", *names])]
        for place, distance in enumerate(self.distances):
            cells = (f"{one[place]:.6g}" for one in self.values)
            lines.append("\t".join([f"{distance:.6g}", *cells]))
        return "\n".join(lines) + "\n"


def profile(
    exhibit: Exhibit,
    position: Position,
    start: Point,
    end: Point,
    depth: Depth = Depth.SLICE,
    go_on: Callable[[], bool] = lambda: True,
) -> Profile | None:
    """Read the intensities along a line, one sample per pixel.

    Between pixels they are interpolated, bilinearly.

    Parameters
    ----------
    start, end : tuple of float
        x and y in pixels, 0 at the middle of the first.

    Returns
    -------
    Profile or None
        None if there is no image, or if it was broken off.
    """
    source = exhibit.base
    if source is None:
        return None
    wide, high = end[0] - start[0], end[1] - start[1]
    steps = max(1, ceil(hypot(wide, high)))
    along = np.linspace(0.0, 1.0, steps + 1)
    xs, ys = start[0] + along * wide, start[1] + along * high
    values: list[Numbers] = []
    for channel in range(max(1, exhibit.channels)):
        found: list[Numbers] = []
        is_small = source.height * source.width <= WHOLE_PIXELS
        size = len(xs) if is_small else _SEGMENT_PX
        for first in range(0, len(xs), size):
            if not go_on():
                return None
            some = slice(first, first + size)
            part = _part_around(source, xs[some], ys[some], is_whole=is_small)
            piece = (
                None
                if part is None
                else exhibit.pieces.read(source, position, part, channel, depth)
            )
            found.append(_sampled(piece, xs[some], ys[some], source))
        whole = np.concatenate(found)
        values += list(whole.T) if whole.ndim == 2 else [whole]
    sizes = exhibit.info.pixel_size_um
    is_known = "x" in sizes and "y" in sizes
    length = hypot(wide * sizes["x"], high * sizes["y"]) if is_known else 0.0
    distances = along * (length if is_known else hypot(wide, high))
    return Profile(distances, "µm" if is_known else "px", values)


def _part_around(
    source: ImageSource, xs: Numbers, ys: Numbers, *, is_whole: bool
) -> Part | None:
    """Return what has to be read; the whole plane where it is kept anyway."""
    if is_whole:
        return Part((0, source.height), (0, source.width), 1)
    top, left = max(0, floor(ys.min())), max(0, floor(xs.min()))
    bottom = min(source.height, ceil(ys.max()) + 1)
    right = min(source.width, ceil(xs.max()) + 1)
    if top >= bottom or left >= right:
        return None
    return Part((top, bottom), (left, right), 1)


def _sampled(
    piece: Piece | None, xs: Numbers, ys: Numbers, source: ImageSource
) -> Numbers:
    inside = (xs >= -0.5) & (xs <= source.width - 0.5)
    inside &= (ys >= -0.5) & (ys <= source.height - 0.5)
    if piece is None:
        return np.full(len(xs), np.nan)
    array = piece.array
    if np.iscomplexobj(array):
        array = np.abs(array)
    rows, columns = array.shape[:2]
    y = np.clip(ys - piece.top, 0, rows - 1)
    x = np.clip(xs - piece.left, 0, columns - 1)
    y0, x0 = np.floor(y).astype(int), np.floor(x).astype(int)
    y1, x1 = np.minimum(y0 + 1, rows - 1), np.minimum(x0 + 1, columns - 1)
    down, right = y - y0, x - x0
    if array.ndim == 3:
        array = array[..., :3]
        down, right = down[:, np.newaxis], right[:, np.newaxis]
    above = array[y0, x0] * (1 - right) + array[y0, x1] * right
    below = array[y1, x0] * (1 - right) + array[y1, x1] * right
    values: Numbers = (above * (1 - down) + below * down).astype(np.float64)
    values[~inside] = np.nan
    return values
