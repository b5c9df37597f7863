"""Small pictures of items, kept in the experiment's cache."""

from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from bioimageit_flow.formats import make_thumbnail
from bioimageit_flow.formats.thumbnail import SIZE, VERSION
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.naming import safe_name

_FOLDER = "thumbnails"


def thumbnail_of(cache: Path, item: Item, source: Path, size: int = SIZE) -> bytes:
    """Return a small picture of an item as PNG, made now or before.

    Parameters
    ----------
    cache : Path
        The folder of what can be made again; where it cannot be written, nothing is
        kept.
    item : Item
        An image or a label image.
    source : Path
        Where its content lies.
    size : int
        Pixels of the longer side.

    Raises
    ------
    DataError
        If it is no image, or is damaged.
    """
    sha = item.content.sha256
    name = safe_name(f"{item.selector or 'image'}-{item.info.kind}-{size}-{VERSION}")
    path = cache / _FOLDER / sha[:2] / sha / f"{name}.png"
    with suppress(OSError):
        known = path.read_bytes()
        if known:
            return known
    made = make_thumbnail(source, item.selector, kind=item.info.kind, size=size)
    with suppress(OSError):  # a read-only experiment, or a full disk
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{token_hex(8)}.png")
        try:
            part.write_bytes(made)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return made
