"""Small pictures of items, for a notebook and a window."""

from typing import TYPE_CHECKING

from bioimageit_flow.model.data import Item

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment

SIZE = 256
"""Pixels of the longer side."""


def thumbnail(experiment: "Experiment", item: Item, size: int = SIZE) -> bytes:
    """Return a small picture of an image or label image, as PNG (8-bit RGB).

    It is kept in the experiment's cache, so that the second look is quick.

    Raises
    ------
    DataError
        If the item has no pixels, or its file is gone, changed or damaged.
    """
    from bioimageit_flow.stores.layout import CACHE
    from bioimageit_flow.stores.thumbnails import thumbnail_of

    source, _ = experiment.whereabouts(item.content)
    return thumbnail_of(experiment.path / CACHE, item, source, size)
