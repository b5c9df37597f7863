"""Putting a file in its place: whole and durable, or not at all.

A copy is written under a temporary name beside its target, fsynced, made read-only and
renamed; a file that is there already is never overwritten. A crash leaves at most a
temporary name, or a file that no store knows.

One file goes through all that at once (`place_copy`). Of many, all are written first
and then fsynced: the first fsync commits what the file system notes of all of them, so
that the others only wait for their bytes.
"""

import os
import stat
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.stores.fault_points import fault_point
from bioimageit_flow.stores.places import reading, writing

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

TEMPORARY = ".bioimageit-flow-"
"""How the name of a copy begins while it is being written."""

_CHUNK = 1 << 20
_HASHED_BESIDE = 8 * _CHUNK
"""From which size on a thread of its own hashes what this one writes."""

_HASHED_LATER = 8
"""How many pieces may wait for that: a busy machine lets a thread wait for its turn."""

_READ_ONLY = 0o444

Watch = Callable[[], None]
"""Called now and then; raises where the copy is not wanted any more."""


@dataclass(frozen=True, slots=True)
class Written:
    """A copy under its temporary name.

    Attributes
    ----------
    digest : Sha256
        Of its bytes, as they were read.
    """

    temporary: Path
    digest: Sha256
    is_folder: bool

    def make_durable(self) -> None:
        """Have the disk keep what is in it; folders are kept already."""
        if self.is_folder or os.name == "nt":  # where it was done while it was open
            return
        with writing(self.temporary):
            _sync_file(self.temporary)

    def keep(self, target: Path) -> None:
        """Give it its name, which is free; `sync_folder` is due.

        Raises
        ------
        TakenError
            If the name is taken meanwhile.
        """
        with writing(target):
            fault_point("copy written")
            _move(self.temporary, target, self.is_folder)
            fault_point("copy renamed")

    def discard(self) -> None:
        """Remove what is left of the temporary name."""
        with suppress(OSError):  # swept later
            remove(self.temporary)


def write_copy(
    source: Path, target: Path, *, is_durable: bool, watch: Watch = lambda: None
) -> Written:
    """Copy a file, or a folder that is one datum, to a temporary name.

    Parameters
    ----------
    source : Path
        A file or folder without links.
    target : Path
        Where it will go: it lies beside that until then.
    is_durable : bool
        Have the disk keep it at once; otherwise `Written.make_durable` is due.
    watch : callable
        Whether it is still wanted.

    Raises
    ------
    DataError
        If the source cannot be read, or is a link or a special file.
    StoreError
        If the disk is full or may not be written.
    """
    is_folder = _is_folder(source)
    with writing(target):
        _make_folders(target.parent)
    temporary = target.with_name(f"{TEMPORARY}{uuid4().hex[:16]}")
    is_synced = is_durable or os.name == "nt"
    try:
        if is_folder:
            _copy_folder(source, temporary, target, watch)
            digest = _hash_folder(temporary)
        else:
            digest = _copy_file(source, temporary, target, watch, is_synced=is_synced)
    except BaseException:
        with suppress(OSError):  # swept later
            remove(temporary)
        raise
    return Written(temporary, digest, is_folder)


def place_copy(source: Path, target: Path, *, sync: bool = True) -> Sha256:
    """Copy a file, or a folder that is one datum, to a place that is free.

    Parameters
    ----------
    source : Path
        A file or folder without links.
    target : Path
        Where it goes; missing folders are made.
    sync : bool
        Whether the new name is durable at once; otherwise `sync_folder` is due.

    Returns
    -------
    Sha256
        Of the bytes as they lie there.

    Raises
    ------
    DataError
        If the source cannot be read, or is a link or a special file.
    StoreError
        If the disk is full or may not be written, or the target is there already.
    """
    with writing(target):
        if os.path.lexists(target):
            raise FileExistsError
    written = write_copy(source, target, is_durable=True)
    try:
        written.keep(target)
        if sync:
            with writing(target):
                sync_folder(target.parent)
    finally:
        written.discard()
    return written.digest


def write_text(path: Path, pieces: Iterable[str]) -> None:
    """Write a small file of the program itself: whole and durable, or not at all.

    It takes the place of one that is there.

    Raises
    ------
    StoreError
        If the disk is full or may not be written.
    """
    unfinished = path.with_name(f"{TEMPORARY}{uuid4().hex[:16]}")
    with writing(path):
        try:
            with unfinished.open("x", encoding="utf-8", newline="\n") as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
            sync_folder(path.parent)
        except BaseException:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise


def remove(path: Path) -> None:
    """Remove a file or folder that was published or is a leftover; missing is fine."""
    if path.is_dir() and not path.is_symlink():
        for folder, folders, names in os.walk(path, topdown=False):
            inside = [Path(folder, name) for name in (*folders, *names)]
            for one in inside:
                if one.is_symlink() or not one.is_dir():
                    _unlink(one)
            with suppress(OSError):
                Path(folder).rmdir()
    else:
        _unlink(path)


def sync_folder(folder: Path) -> None:
    """Make what happened to the names in a folder durable, where that can be asked."""
    flag = getattr(os, "O_DIRECTORY", None)
    if flag is None:  # Windows keeps names durable by itself
        return
    descriptor = os.open(folder, os.O_RDONLY | flag)
    try:
        with suppress(OSError):  # some network file systems know no fsync of folders
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_folder(source: Path) -> bool:
    with reading(source):
        mode = source.lstat().st_mode
    if stat.S_ISDIR(mode):
        return True
    if not stat.S_ISREG(mode):
        what = "a link" if stat.S_ISLNK(mode) else "a device, pipe or socket"
        raise DataError(
            f"'{source}' is {what}, not a file.",
            remedy="Give the file itself.",
        )
    return False


def _make_folders(folder: Path) -> None:
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for place in reversed(missing):
        place.mkdir(exist_ok=True)
        sync_folder(place.parent)


def _copy_file(
    source: Path, copy: Path, target: Path, watch: Watch, *, is_synced: bool
) -> Sha256:
    with reading(source):
        original = source.open("rb", buffering=0)
    with original:
        with reading(source):
            seen = os.fstat(original.fileno())
        chunk = min(_CHUNK, seen.st_size + 1)
        with writing(target):
            written = copy.open("xb", buffering=0)
            fault_point("copy begun")
        with written, _Hash(is_beside=seen.st_size >= _HASHED_BESIDE) as digest:
            while True:
                watch()
                with reading(source):
                    data = original.read(chunk)
                if not data:
                    break
                digest.take(data)
                with writing(target):
                    _write_all(written.fileno(), data)
            with writing(target):
                _finish(written.fileno(), copy, seen, is_synced=is_synced)
            return digest.value()


class _Hash:
    """The sha256 of what is copied; of much, in a thread beside the copying."""

    def __init__(self, *, is_beside: bool) -> None:
        self._digest = sha256()
        self._pool: Executor | None = None
        self._waiting: deque[Future[None]] = deque()
        if is_beside:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(1, "hash")

    def __enter__(self) -> "_Hash":
        return self

    def __exit__(self, *_error: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def take(self, data: bytes) -> None:
        """Add bytes; a few pieces may still be to be hashed then."""
        if self._pool is None:
            self._digest.update(data)
            return
        if len(self._waiting) >= _HASHED_LATER:
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(self._digest.update, data))

    def value(self) -> Sha256:
        """Return the hash of all of it."""
        for piece in self._waiting:
            piece.result()
        return Sha256(self._digest.hexdigest())


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _finish(
    descriptor: int, copy: Path, seen: os.stat_result, *, is_synced: bool
) -> None:
    """Give a copy the times of its source, and make it read-only."""
    times = (seen.st_atime_ns, seen.st_mtime_ns)
    os.utime(descriptor if os.utime in os.supports_fd else copy, ns=times)
    with suppress(PermissionError):  # some drives know no modes
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, _READ_ONLY)
        else:
            copy.chmod(_READ_ONLY)
    if is_synced:
        os.fsync(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _copy_folder(source: Path, copy: Path, target: Path, watch: Watch) -> None:
    with writing(target):
        copy.mkdir()
    with reading(source):
        entries = sorted(source.iterdir())
    for entry in entries:
        inside = copy / entry.name
        if _is_folder(entry):
            _copy_folder(entry, inside, target, watch)
        else:
            _copy_file(entry, inside, target, watch, is_synced=True)
    with writing(target):
        sync_folder(copy)


def _hash_folder(folder: Path) -> Sha256:
    from bioimageit_flow.formats import hash_content

    return hash_content(folder).sha256


def _move(temporary: Path, target: Path, is_folder: bool) -> None:
    """Rename without overwriting; the system call for that differs."""
    if os.name == "nt":
        temporary.rename(target)  # refuses by itself
        return
    if is_folder:
        target.mkdir()  # refuses; a folder may be renamed over an empty one
        temporary.rename(target)
        return
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:  # no hard links here: take the name first, then fill it
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        temporary.replace(target)


def _unlink(path: Path) -> None:
    with suppress(FileNotFoundError):
        if os.name == "nt":
            path.chmod(stat.S_IWRITE)
        path.unlink()
