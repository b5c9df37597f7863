"""Small pictures of any item: its image with its objects upon it."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from bioimageit_flow.editor.viewing.exhibit import Exhibit
from bioimageit_flow.editor.viewing.frames import LabelLook
from bioimageit_flow.editor.viewing.label_colours import colours_of
from bioimageit_flow.editor.viewing.opening import open_exhibit
from bioimageit_flow.editor.viewing.places import Part
from bioimageit_flow.model.data import Item

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment

Rgb = NDArray[np.uint8]

_RING: Final = tuple(
    (y, x) for y in range(-3, 4) for x in range(-3, 4) if 4.5 < y * y + x * x < 10.5
)


def small_picture(experiment: "Experiment", item: Item, size: int = 192) -> Rgb | None:
    """Return a picture of an item with what it lies upon; None if it has no place.

    Labels lie over their image with outlines, points are circles in it.

    Parameters
    ----------
    size : int
        Pixels of the longer side, at most.

    Raises
    ------
    DataError
        If the item's file is gone, changed or damaged.
    """
    exhibit = open_exhibit(experiment, item)
    try:
        return picture_of(exhibit, size)
    finally:
        exhibit.close()


def picture_of(exhibit: Exhibit, size: int = 192) -> Rgb | None:
    """Return a small picture of what is open already; see `small_picture`."""
    base = exhibit.base
    if base is None:
        return None
    position = exhibit.start
    step = max(1, -(-max(base.height, base.width) // size))
    part = Part((0, base.height), (0, base.width), step)
    looks = exhibit.first_looks(position)
    is_labels = exhibit.item.info.kind.is_pixels and exhibit.labels is not None
    own_is_labels = is_labels and exhibit.item.id == _id_of_labels(exhibit)
    look = LabelLook(own_is_labels, outline=exhibit.image is not None, opacity=1.0)
    frame = exhibit.frame(position, part, looks, look)
    if frame is None:
        return None
    if frame.image is not None:
        picture = np.ascontiguousarray(frame.image.pixels).copy()
    else:
        assert frame.labels is not None
        return np.ascontiguousarray(frame.labels.pixels[..., :3])
    if frame.labels is not None and frame.labels.pixels.shape[:2] == picture.shape[:2]:
        over = frame.labels.pixels
        mask = over[..., 3] > 0
        picture[mask] = over[..., :3][mask]
    objects = exhibit.points or exhibit.tracks
    shows_points = exhibit.item.info.kind.is_tabular and objects is not None
    if shows_points and objects is not None and objects.is_placed:
        rows = objects.visible(position)
        xs, ys = objects.positions(rows)
        _draw_rings(picture, xs / step, ys / step, objects.track_numbers(rows))
    return picture


def _id_of_labels(exhibit: Exhibit) -> object:
    labels = exhibit.related.labels
    return None if labels is None else labels.item.id


def _draw_rings(
    picture: Rgb,
    xs: NDArray[np.float64],
    ys: NDArray[np.float64],
    numbers: NDArray[np.int64],
) -> None:
    height, width = picture.shape[:2]
    colours = colours_of(numbers)
    for down, right in _RING:
        rows = np.round(ys).astype(int) + down
        columns = np.round(xs).astype(int) + right
        inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        picture[rows[inside], columns[inside]] = colours[inside]
