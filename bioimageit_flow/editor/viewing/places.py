"""Where things are: positions along axes, parts that are in sight, lengths, words.

Coordinates are pixels of the full resolution, 0 at the centre of the first pixel. What
is drawn covers half a pixel around it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, hypot, log2
from typing import Final

from bioimageit_flow.model.data import DataInfo

WHOLE_PIXELS: Final = 2048 * 2048
"""Planes up to this size are read as a whole."""

_MARGIN: Final = 0.25
"""What is read beyond what is in sight, on each side."""

_MOST_PIXELS: Final = 4096


@dataclass(frozen=True, slots=True)
class View:
    """What is in sight.

    Attributes
    ----------
    left, top, right, bottom : float
        In pixels of the image.
    screen : float
        Pixels of the screen along its width.
    """

    left: float
    top: float
    right: float
    bottom: float
    screen: float


@dataclass(frozen=True, slots=True)
class Part:
    """Which pixels of a plane are read: rows, columns, every how many."""

    rows: tuple[int, int]
    columns: tuple[int, int]
    step: int

    def holds(self, other: "Part") -> bool:
        """Say whether another part is inside this one and no sharper."""
        return (
            self.rows[0] <= other.rows[0]
            and self.rows[1] >= other.rows[1]
            and self.columns[0] <= other.columns[0]
            and self.columns[1] >= other.columns[1]
            and self.step <= other.step
        )


def overview(height: int, width: int) -> Part:
    """Return the whole plane, as sharp as it is small enough."""
    step = 1
    while ceil(height / step) * ceil(width / step) > WHOLE_PIXELS / 4 and (
        height * width > WHOLE_PIXELS
    ):
        step *= 2
    return Part((0, height), (0, width), step)


def in_sight(view: View, height: int, width: int) -> Part | None:
    """Return the part to be read for a view; None if nothing is in sight.

    It is somewhat larger than what is in sight, so that small moves need nothing new,
    and as sharp as the screen.
    """
    if height * width <= WHOLE_PIXELS:
        return Part((0, height), (0, width), 1)
    wide, high = view.right - view.left, view.bottom - view.top
    if wide <= 0 or high <= 0 or view.screen <= 0:
        return None
    step = 2 ** max(0, floor(log2(max(wide / view.screen, 1))))
    step = max(step, 2 ** ceil(log2(max(max(wide, high) * 1.5 / _MOST_PIXELS, 1))))
    grid = step * 64
    top = max(0, floor((view.top - high * _MARGIN) / grid) * grid)
    left = max(0, floor((view.left - wide * _MARGIN) / grid) * grid)
    bottom = min(height, ceil((view.bottom + high * _MARGIN) / grid) * grid)
    right = min(width, ceil((view.right + wide * _MARGIN) / grid) * grid)
    if top >= bottom or left >= right:
        return None
    return Part((top, bottom), (left, right), step)


def sharp_enough(view: View, height: int, width: int) -> Part | None:
    """Return the part that must be there for a view: without the margin."""
    wanted = in_sight(view, height, width)
    if wanted is None or height * width <= WHOLE_PIXELS:
        return wanted
    rows = max(0, floor(view.top)), min(height, ceil(view.bottom))
    columns = max(0, floor(view.left)), min(width, ceil(view.right))
    return Part(rows, columns, wanted.step)


def scale_between(lower: DataInfo, upper: DataInfo) -> tuple[float, float]:
    """Return how many pixels of a lower image one of an upper covers, along y and x.

    By their pixel sizes where both are known and the images then cover the same field;
    else by their numbers of pixels, where the upper is an enlarged or reduced copy.
    """
    (low_y, low_x), (up_y, up_x) = _sizes(lower), _sizes(upper)
    if (low_y, low_x) == (up_y, up_x):
        return 1.0, 1.0
    by_count = low_y / up_y, low_x / up_x
    by_size = tuple(
        upper.pixel_size_um[axis] / lower.pixel_size_um[axis]
        if axis in upper.pixel_size_um and axis in lower.pixel_size_um
        else 0.0
        for axis in "yx"
    )
    if all(by_size):
        return by_size[0], by_size[1]
    is_copy = abs(by_count[0] / by_count[1] - 1) < 0.02
    return by_count if is_copy else (1.0, 1.0)


def _sizes(info: DataInfo) -> tuple[int, int]:
    axes = info.axes or "YX"
    return info.shape[axes.index("Y")], info.shape[axes.index("X")]


def axis_words(axis: str, index: int, info: DataInfo) -> str:
    """Return where one is along an axis: ``3 / 10`` with the distance or the time."""
    axes = info.axes or ""
    length = info.shape[axes.index(axis)] if axis in axes else 1
    said = f"{index + 1} / {length}"
    if axis == "Z" and "z" in info.pixel_size_um:
        said += f"  ·  {number(index * info.pixel_size_um['z'])} µm"
    if axis == "T" and info.time_step_s is not None:
        said += f"  ·  {duration(index * info.time_step_s)}"
    if axis == "C" and index < len(info.channels):
        said += f"  ·  {info.channels[index]}"
    return said


def point_words(x: float, y: float, info: DataInfo) -> str:
    """Return where a point is: the pixel, and micrometres where they are known."""
    said = f"x {floor(x + 0.5)}, y {floor(y + 0.5)} px"
    sizes = info.pixel_size_um
    if "x" in sizes and "y" in sizes:
        said += f"  ·  {number(x * sizes['x'])}, {number(y * sizes['y'])} µm"
    return said


def value_words(value: object) -> str:
    """Return the value of a pixel as it is shown."""
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:.5g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True, slots=True)
class Length:
    """How long a line is.

    Attributes
    ----------
    px : float
        In pixels.
    um : float or None
        In micrometres, where the pixel size is known.
    """

    px: float
    um: float | None

    def __str__(self) -> str:
        um = "" if self.um is None else f"  ·  {number(self.um)} µm"
        return f"{number(self.px)} px{um}"


def length_between(
    start: tuple[float, float],
    end: tuple[float, float],
    pixel_size_um: Mapping[str, float],
) -> Length:
    """Measure a line between two points (x, y) in pixels; pixels may be oblong."""
    wide, high = end[0] - start[0], end[1] - start[1]
    um = None
    if "x" in pixel_size_um and "y" in pixel_size_um:
        um = hypot(wide * pixel_size_um["x"], high * pixel_size_um["y"])
    return Length(hypot(wide, high), um)


def number(value: float) -> str:
    """Return a number for people: four digits that count."""
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if value == int(value) and abs(value) < 1e7:
        return str(int(value))
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"


def duration(seconds: float) -> str:
    """Return a time for people."""
    if seconds < 60:
        return f"{number(seconds)} s"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{int(hours)} h {int(minutes):02d} min"
    return f"{int(minutes)} min {int(rest):02d} s"
