"""What a tool left in its output folder: plain files and folders, or it is refused.

Nothing that a tool writes is trusted. Links could lead to the caller's other files,
pipes and devices could hold up whoever reads them, holes could fill a disk when they
are copied, and names could steer a terminal or lead elsewhere on another system.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bioimageit_flow.errors import DataError
from bioimageit_flow.formats.refusal import shown as quoted
from bioimageit_flow.model.units import format_bytes

MAX_FILES = 1_000_000
"""In one output that is a folder: an OME-Zarr of a terabyte has fewer."""

MAX_DEPTH = 32
MOST_HOLES = 2**30
"""Bytes that a file may claim without having written them."""

_LONGEST_NAME = 60
_REMEDY = "Mend the tool."
_KINDS = (
    (stat.S_ISLNK, "a link"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


def make_plain(port: str, path: Path) -> None:
    """See to it that an output is a plain file, or a folder of such.

    A file with a second name (a hard link) is replaced by a copy, so that nobody can
    change it through the other one.

    Raises
    ------
    DataError
        In one sentence, if it is or holds anything else.
    """
    for n, entry in enumerate(_walk(port, path)):
        if n >= MAX_FILES:
            raise DataError(
                f"output {port!r} holds more than {MAX_FILES:,} files", remedy=_REMEDY
            )
        _check_name(port, entry.path)
        _check_kind(port, entry)
        if stat.S_ISREG(entry.status.st_mode):
            _check_holes(port, entry)
            if entry.status.st_nlink > 1:
                _own(entry.path)


def shown(name: str) -> str:
    """Return a file name as it can be shown: quoted, nothing invisible, not long."""
    return quoted(name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…")


def entries_of(port: str, place: Path, most: int) -> list[Path]:
    """Return what lies in the folder of a port, in the order of names.

    Raises
    ------
    DataError
        If it is more than `most`.
    """
    found: list[Path] = []
    with os.scandir(place) as entries:
        for entry in entries:
            found.append(place / entry.name)
            if len(found) > most:
                raise DataError(
                    f"output {port!r} has more than {most:,} files", remedy=_REMEDY
                )
    return sorted(found)


@dataclass(frozen=True, slots=True)
class _Entry:
    path: Path
    status: os.stat_result


def _walk(port: str, path: Path) -> Iterator[_Entry]:
    """Yield an output and all that is in it; follows no link."""
    pending = [(path, 0)]
    while pending:
        place, depth = pending.pop()
        entry = _Entry(place, place.lstat())
        yield entry
        if not stat.S_ISDIR(entry.status.st_mode):
            continue
        if depth >= MAX_DEPTH:
            raise DataError(
                f"output {port!r} has folders within folders, deeper than {MAX_DEPTH}",
                remedy=_REMEDY,
            )
        with os.scandir(place) as inner:
            pending.extend((place / one.name, depth + 1) for one in inner)


def _check_name(port: str, path: Path) -> None:
    name = path.name
    try:
        name.encode()
    except UnicodeEncodeError:
        raise DataError(
            f"output {port!r} has a file whose name is not UTF-8 text, {shown(name)}",
            remedy=_REMEDY,
        ) from None
    if "\\" in name or not all(map(str.isprintable, name)):
        raise DataError(
            f"output {port!r} has a file whose name has control characters or "
            f"backslashes, {shown(name)}",
            remedy=_REMEDY,
        )


def _check_kind(port: str, entry: _Entry) -> None:
    mode = entry.status.st_mode
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return
    what = next((words for test, words in _KINDS if test(mode)), "no file")
    raise DataError(
        f"output {port!r}: {shown(entry.path.name)} is {what}, not a file of its own",
        remedy=_REMEDY,
    )


def _check_holes(port: str, entry: _Entry) -> None:
    blocks = getattr(entry.status, "st_blocks", None)
    if blocks is None or entry.status.st_size - blocks * 512 <= MOST_HOLES:
        return
    # File systems that compress write fewer blocks for what is there; nobody writes a
    # gibibyte of zeros for a result.
    raise DataError(
        f"output {port!r}: {shown(entry.path.name)} claims "
        f"{format_bytes(entry.status.st_size)} and holds {format_bytes(blocks * 512)}",
        remedy=_REMEDY,
    )


def _own(path: Path) -> None:
    """Replace a file by a copy of it, which has no other name."""
    copy = path.with_name(f".{path.name[:100]}.own")
    try:
        shutil.copyfile(path, copy, follow_symlinks=False)
        copy.replace(path)
    except BaseException:
        with suppress(OSError):
            copy.unlink()
        raise
