"""Which item a user means by a text."""

from pathlib import Path

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.data import Item
from bioimageit_flow.stores.protocol import Store

_SHOWN = 6


def find_item(store: Store, place: Path, text: str) -> Item:
    """Return the item with this id (or its beginning), name or path.

    A name that several datasets have is told apart by its dataset: ``raw/a.tif``.

    Raises
    ------
    StoreError
        If there is none, or several.
    """
    found = store.find_items(text)
    if not found:
        dataset, _, name = text.rpartition("/")
        named = store.find_items(name) if dataset else []
        found = [one for one in named if one.dataset == dataset]
    if not found:
        raise StoreError(
            f"There is no item {text!r} in {place}.",
            remedy="`bioimageit-flow items` lists them.",
        )
    if len(found) > 1:
        shown = ", ".join(f"{one.id[:8]} (of {one.dataset})" for one in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise StoreError(
            f"{text!r} names {len(found)} items: {shown}{more}.",
            remedy="Give the id of one of them, or its dataset as in 'raw/a.tif'.",
        )
    return found[0]
