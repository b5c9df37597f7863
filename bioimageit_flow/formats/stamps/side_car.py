"""A stamp beside a file, for formats that have no place for it."""

from pathlib import Path

from bioimageit_flow.formats.refusal import Refusal
from bioimageit_flow.formats.stamps.change import replacing
from bioimageit_flow.formats.stamps.text import MAX_STAMP_BYTES

SIDE_CAR = ".flow.json"
"""What the name of a side-car has beyond the name of the file."""


def side_car_of(path: Path) -> Path:
    """Return where the side-car of a file lies."""
    return path.with_name(f"{path.name}{SIDE_CAR}")


def write(path: Path, text: str) -> Path:
    """Write the side-car of a file; return it."""
    place = side_car_of(path)
    with replacing(place) as unfinished:
        unfinished.write_text(f"{text}\n", encoding="ascii", newline="\n")
    return place


def read(path: Path) -> str | None:
    """Return the text beside a file; None where there is none."""
    place = side_car_of(path)
    try:
        size = place.stat().st_size
    except FileNotFoundError:
        return None
    if size > MAX_STAMP_BYTES:
        raise Refusal(f"has a side-car of {size} bytes, which is no stamp")
    return place.read_text(encoding="utf-8", errors="replace")


def text_of(path: Path) -> str | None:
    """Return the text of a file that may be a side-car itself, whatever its name."""
    if path.is_dir() or not 0 < path.stat().st_size <= MAX_STAMP_BYTES:
        return None
    with path.open("rb") as stream:
        if stream.read(1) != b"{":
            return None
        return f"{{{stream.read().decode('utf-8', 'replace')}"
