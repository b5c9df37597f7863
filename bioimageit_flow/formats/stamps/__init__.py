"""Stamps in output files: what made a file, in the file itself.

A stamp is written into the file where its format has a place that other readers leave
alone: a structured annotation of OME-TIFF, a text chunk of PNG, the metadata element of
SVG, the attributes of OME-Zarr. Beside every other file lies a side-car,
``<name>.flow.json``.

A stamp can be taken out again: the file is then, byte for byte, what the tool wrote.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bioimageit_flow.formats.refusal import Refusal, naming
from bioimageit_flow.formats.stamps import png, side_car, svg, tiff, zarr
from bioimageit_flow.formats.stamps.change import Change
from bioimageit_flow.formats.stamps.side_car import SIDE_CAR, side_car_of
from bioimageit_flow.formats.stamps.text import stamp_from_text
from bioimageit_flow.model.stamp import STAMP_SCHEMA, Stamp

__all__ = [
    "SIDE_CAR",
    "is_stamped_copy",
    "read_side_car",
    "read_stamp",
    "side_car_of",
    "unstamped_copy",
    "write_stamp",
]

_BY_FORMAT = {"ome-tiff": tiff, "png": png, "svg": svg, "ome-zarr": zarr}


def write_stamp(path: Path, format: str, stamp: Stamp) -> Path | None:
    """Write a stamp into a file, or beside it.

    Parameters
    ----------
    path : Path
        A file, or a folder that is one datum; changed in place where its format has a
        place for a stamp and nothing stands against it.
    format : str
        What the file is, a key of `FORMATS`.

    Returns
    -------
    Path or None
        The side-car, where the stamp lies beside the file.

    Raises
    ------
    DataError
        If nothing can be written there; the file is then as it was.
    """
    place = _BY_FORMAT.get(format)
    if place is not None:
        with naming(path):
            if place.write(path, stamp.text()):
                return None
    with naming(path):
        return side_car.write(path, stamp.text())


def read_stamp(path: Path) -> Stamp | None:
    """Return the stamp in a file or beside it; None where there is none.

    What the file is is told by its content, so that its name does not matter.

    Raises
    ------
    DataError
        If it cannot be read, or there is a stamp that makes no sense.
    """
    with naming(path):
        found = _find(path)
        text = side_car.read(path) if found is None else found.text
        return None if text is None else stamp_from_text(text)


def read_side_car(path: Path) -> Stamp | None:
    """Return the stamp that a file is itself, a side-car; None where it is none.

    Its name does not matter.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    with naming(path):
        text = side_car.text_of(path)
        if text is None or STAMP_SCHEMA not in text:
            return None
        try:
            return stamp_from_text(text)
        except Refusal:
            return None  # a file about stamps, or some other


def is_stamped_copy(path: Path, content: str) -> bool:
    """Say whether a file is this content with a stamp in it.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    with naming(path):
        found = _find(path)
    if found is None:
        return False
    with naming(path):
        return stamp_from_text(found.text).content == content


def unstamped_copy(path: Path, target: Path) -> bool:
    """Copy a file as it was before it was stamped.

    Parameters
    ----------
    target : Path
        Where the copy goes; must not exist.

    Returns
    -------
    bool
        Whether there was a stamp in it; nothing is copied where there was none.

    Raises
    ------
    DataError
        If it cannot be read, or the copy cannot be written.
    """
    with naming(path):
        found = _find(path)
        if found is None:
            return False
        found.copy(path, target)
        return True


def _find(path: Path) -> Change | None:
    """Return what a stamp has changed in a file; None where there is none in it."""
    if path.is_dir():
        return zarr.find(path)
    with path.open("rb") as stream:
        head = stream.read(1024)
        with _as_no_stamp():
            if tiff.claims(head):
                return tiff.find(stream)
            if png.claims(head):
                return png.find(stream)
            if svg.claims(head):
                return svg.find(stream)
    return None


@contextmanager
def _as_no_stamp() -> Iterator[None]:
    """Say in a sentence that a damaged file has no stamp that can be read."""
    try:
        yield
    except (ValueError, OverflowError, EOFError) as error:
        raise Refusal(f"is damaged where its stamp would be: {error}") from error
