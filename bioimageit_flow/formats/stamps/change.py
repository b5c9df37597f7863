"""What a stamp has changed in a file, and the way back."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Edit:
    """Some bytes of a stamped file, and what stood there before.

    Attributes
    ----------
    start, stop : int
        Where they are; a `stop` of None is the end of the file.
    original : bytes
        What takes their place in the file as it was.
    """

    start: int
    stop: int | None
    original: bytes = b""


@dataclass(frozen=True, slots=True)
class Change:
    """The stamp of a file, with what takes it out again.

    Attributes
    ----------
    text : str
        The stamp.
    edits : tuple of Edit
        In the order of the file.
    inside : str
        The file of a folder that was changed; empty for a file.
    """

    text: str
    edits: tuple[Edit, ...]
    inside: str = ""

    def copy(self, source: Path, target: Path) -> None:
        """Copy a file or folder as it was before."""
        if not self.inside:
            _copy_with(self.edits, source, target)
            return
        shutil.copytree(source, target, copy_function=_link_or_copy)
        (target / self.inside).unlink()
        _copy_with(self.edits, source / self.inside, target / self.inside)


def _copy_with(edits: tuple[Edit, ...], source: Path, target: Path) -> None:
    with source.open("rb") as old, target.open("xb") as new:
        for edit in edits:
            _copy_bytes(old, new, edit.start - old.tell())
            new.write(edit.original)
            if edit.stop is None:
                return
            old.seek(edit.stop)
        shutil.copyfileobj(old, new, _CHUNK)


def _copy_bytes(old: BinaryIO, new: BinaryIO, count: int) -> None:
    while count > 0:
        data = old.read(min(count, _CHUNK))
        if not data:
            return
        new.write(data)
        count -= len(data)


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path to write, which then takes the place of a file; or nothing does."""
    unfinished = path.with_name(f".{token_hex(8)}.part")
    try:
        yield unfinished
        with suppress(OSError):
            unfinished.chmod(path.stat().st_mode & 0o777)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def make_own(path: Path) -> None:
    """See to it that a file can be changed in place, and that nobody else has it.

    A tool may have linked its output to another file, which must stay as it is.
    """
    status = path.stat()
    if status.st_nlink > 1:
        with replacing(path) as copy:
            shutil.copyfile(path, copy)
    if not os.access(path, os.W_OK):
        path.chmod(status.st_mode | 0o200)
