"""A folder of results that experiments share, known by fingerprint and by content.

It is laid out as::

    shared-results.json       says what the folder is
    results/ab/<sha256>.json  what came out for a fingerprint, and where it was made
    contents/ab/<sha256>      the bytes, as the tool wrote them
    .writing/<name>           what is being written

Several processes on several machines write it at a time: everything is written under a
name of its own and renamed; what killed ones left of that is swept a day later.
Nothing in it is fsynced and nothing is believed: a record
carries a hash over itself, a content is hashed after it was copied out, and what is not
as it should be is refused, removed where one may, and computed again. Everything in it
may be deleted at any time. Whoever may write the folder may add to all of it, and
whoever may read it can read what is added, whatever their umask says. Who may write it
can, however, claim that a job came to something else: it is for people who trust each
other.
"""

import errno
import json
import os
import shutil
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from bioimageit_flow.errors import DataError, StoreError
from bioimageit_flow.model.data import Content
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.shared import SharedResult
from bioimageit_flow.stores.fault_points import fault_point

VARIABLE = "BIOIMAGEIT_FLOW_SHARED"
"""Names the folder where neither the command nor the request does."""

MARK = "shared-results.json"
SCHEMA = "bioimageit-flow/shared-results/1"
_RESULTS, _CONTENTS = "results", "contents"
_WRITING = ".writing"
_LEFT_BEHIND_S = 24 * 3600
"""How old something half written is that nobody writes any more, in seconds."""

_MOST_RECORD_BYTES = 64 * 2**20
_CHUNK = 1 << 20
_FLAGS = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):
    _FLAGS |= getattr(os, _flag, 0)


class DamagedError(DataError):
    """A shared result is not what was written, and is of no use."""


class SharedResults:
    """The results in one shared folder. Made by `open`.

    Attributes
    ----------
    path : Path
        The folder, absolute.
    is_writable : bool
        Whether results can be added.
    """

    def __init__(self, path: Path, *, is_writable: bool) -> None:
        self.path = path
        self.is_writable = is_writable

    @classmethod
    def open(cls, path: Path) -> "SharedResults":
        """Open a shared folder; an empty one becomes one with its first result.

        Raises
        ------
        StoreError
            If it is not there, holds something else, or cannot be read.
        """
        path = path.expanduser().absolute()
        is_writable = os.access(path, os.W_OK | os.X_OK)
        try:
            if not path.is_dir():
                raise StoreError(
                    f"The folder for shared results {path} is not there.",
                    remedy="Make it, or see whether its disk is connected.",
                )
            mark = path / MARK
            if not mark.exists():
                if not all(map(_is_ours, path.iterdir())):
                    raise StoreError(
                        f"{path} holds something else than shared results.",
                        remedy="Choose a folder that is empty.",
                    )
                if not is_writable:
                    raise StoreError(
                        f"{path} holds no shared results, and may not be written.",
                        remedy="Choose another folder, or ask for the right to write.",
                    )
                return cls(path, is_writable=True)
            said = json.loads(mark.read_bytes())
            schema = said.get("schema") if isinstance(said, dict) else None
        except OSError as error:
            raise StoreError(
                f"The folder for shared results {path} cannot be read: "
                f"{error.strerror or error}.",
                remedy="Ask its owner for the right to read it.",
            ) from error
        except ValueError:
            schema = None
        if schema != SCHEMA:
            raise StoreError(
                f"{path} does not hold shared results that this version can read.",
                remedy="Choose another folder, or use the version that wrote it.",
            )
        return cls(path, is_writable=is_writable)

    def known(self, fingerprints: Iterable[Sha256]) -> dict[Sha256, SharedResult]:
        """Return what is recorded for fingerprints, and seems to be there.

        What is damaged, incomplete or out of reach is left out.
        """
        found: dict[Sha256, SharedResult] = {}
        for fingerprint in fingerprints:
            with suppress(DamagedError, OSError):
                result = self._record(fingerprint)
                if all(self._seems_there(one.content) for one in result.outputs):
                    found[fingerprint] = result
        return found

    def find(self, fingerprint: Sha256) -> SharedResult | None:
        """Return what is recorded for a fingerprint; None for nothing.

        Raises
        ------
        DamagedError
            If the record is damaged.
        OSError
            If the folder cannot be read.
        """
        try:
            return self._record(fingerprint)
        except FileNotFoundError:
            return None

    def copy_out(self, content: Content, target: Path) -> None:
        """Copy a content to a place that is free; who takes it has to hash it.

        Raises
        ------
        DamagedError
            If it is gone, cut off, or not a file or folder.
        OSError
            If it cannot be read, or the disk is full.
        """
        source = self._place(_CONTENTS, content.sha256)
        try:
            if content.is_folder:
                _copy_folder(source, target)
            else:
                _copy_file(source, target, content.size)
        except FileNotFoundError as error:
            raise DamagedError(f"the content {content.sha256[:12]} is gone") from error

    def add_content(self, source: Path, content: Content) -> None:
        """Copy a content into the folder, unless it seems to be there.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        target = self._place(_CONTENTS, content.sha256)
        if self._seems_there(content):
            return
        half = self._make_room(target)
        try:
            if content.is_folder:
                shutil.copytree(source, half)
                _open_to_all(half)
                with suppress(OSError):  # somebody was quicker
                    half.rename(target)
            else:
                shutil.copyfile(source, half)
                half.chmod(0o444)
                fault_point("share content copied")
                half.replace(target)
        finally:
            _remove(half)

    def add(self, result: SharedResult) -> None:
        """Record what came out for a fingerprint; its contents are there.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        place = self._place(_RESULTS, result.fingerprint, ".json")
        half = self._make_room(place)
        fault_point("share contents there")
        text = json.dumps(result.as_json(), ensure_ascii=False)
        _write(place, text.encode("utf-8"), half)

    def discard(self, fingerprint: Sha256, contents: Iterable[Content] = ()) -> None:
        """Remove what was found to be damaged, where that is allowed."""
        with suppress(OSError):
            self._place(_RESULTS, fingerprint, ".json").unlink(missing_ok=True)
        for content in contents:
            _remove(self._place(_CONTENTS, content.sha256))

    def sweep(self) -> None:
        """Remove what killed writers have left half written, a day later.

        A writer that still lives, stopped for a day, shares nothing more then.
        """
        probe = self.path / _WRITING / uuid4().hex
        with suppress(OSError):
            probe.touch()  # what time it is where the folder lies
            now_s = _newest_s(probe)
            for entry in list(probe.parent.iterdir()):
                with suppress(OSError):
                    if now_s - _newest_s(entry) > _LEFT_BEHIND_S:
                        _remove(entry)
        _remove(probe)

    def count(self) -> int:
        """Return how many results there are.

        Raises
        ------
        OSError
            If the folder cannot be read.
        """
        return sum(
            name.endswith(".json") and not name.startswith(".")
            for _, _, names in os.walk(self.path / _RESULTS)
            for name in names
        )

    def _make_room(self, place: Path) -> Path:
        """Make the folder of a place, in a folder that says what it is.

        Returns
        -------
        Path
            Where to write what will go to the place: on the same disk, and free.
        """
        writing, mark = self.path / _WRITING, self.path / MARK
        _make_folder(writing, self.path)
        if not mark.exists():
            data = json.dumps({"schema": SCHEMA}).encode()
            _write(mark, data, writing / uuid4().hex)
        _make_folder(place.parent, self.path)
        return writing / uuid4().hex

    def _record(self, fingerprint: Sha256) -> SharedResult:
        place = self._place(_RESULTS, fingerprint, ".json")
        with _opened(place) as file:
            data = file.read(_MOST_RECORD_BYTES + 1)
        try:
            if len(data) > _MOST_RECORD_BYTES:
                data = b""
            return SharedResult.from_json(json.loads(data), fingerprint)
        except (ValueError, TypeError, KeyError, AssertionError, RecursionError) as bad:
            raise DamagedError(
                f"The shared record {place} is damaged ({bad})."
            ) from bad

    def _seems_there(self, content: Content) -> bool:
        try:
            seen = self._place(_CONTENTS, content.sha256).lstat()
        except OSError:
            return False
        if content.is_folder:
            return stat.S_ISDIR(seen.st_mode)
        return stat.S_ISREG(seen.st_mode) and seen.st_size == content.size

    def _place(self, kind: str, sha256: Sha256, extension: str = "") -> Path:
        return self.path / kind / sha256[:2] / f"{sha256}{extension}"


def _is_ours(entry: Path) -> bool:
    """Say whether something may be left by a process that began such a folder."""
    return entry.name in (_RESULTS, _CONTENTS, _WRITING)


def _make_folder(place: Path, root: Path) -> None:
    """Make a folder, and those that lead to it, with the rights of the shared one."""
    if place.is_dir():
        return
    if place.parent != root:
        _make_folder(place.parent, root)
    place.mkdir(exist_ok=True)
    seen = root.stat()
    with suppress(OSError):  # some drives know no owners, or no modes
        if hasattr(os, "chown"):  # first: rights are of the group that it is for
            os.chown(place, -1, seen.st_gid)
        place.chmod(stat.S_IMODE(seen.st_mode))


def _open_to_all(folder: Path) -> None:
    """Let everybody read a folder that was copied from where a tool wrote it."""
    with suppress(PermissionError):  # some drives know no modes
        for place, _, names in os.walk(folder):
            Path(place).chmod(0o755)
            for name in names:
                Path(place, name).chmod(0o644)


def _opened(path: Path) -> BinaryIO:
    """Open a regular file; a link or device in its place is damage."""
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise DamagedError(f"{path} is a link") from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise DamagedError(f"{path} is no file")
    return os.fdopen(descriptor, "rb")


def _copy_file(source: Path, target: Path, size: int) -> None:
    with _opened(source) as file, target.open("xb") as copy:
        left = size
        while left and (data := file.read(min(_CHUNK, left))):
            copy.write(data)
            left -= len(data)
        if left or file.read(1):
            raise DamagedError(f"the content {source.name[:12]} is cut off or too long")


def _copy_folder(source: Path, target: Path) -> None:
    if not stat.S_ISDIR(source.lstat().st_mode):
        raise DamagedError(f"the content {source.name[:12]} is no folder")
    target.mkdir(exist_ok=True)
    for entry in os.scandir(source):
        inside = target / entry.name
        if entry.is_dir(follow_symlinks=False):
            _copy_folder(Path(entry.path), inside)
        else:
            size = entry.stat(follow_symlinks=False).st_size
            _copy_file(Path(entry.path), inside, size)


def _write(place: Path, data: bytes, half: Path) -> None:
    """Write a small file whole or not at all, by way of one half written."""
    try:
        half.write_bytes(data)
        with suppress(PermissionError):  # some drives know no modes
            half.chmod(0o644)
        fault_point("share record written")
        half.replace(place)
    finally:
        with suppress(OSError):
            half.unlink(missing_ok=True)


def _newest_s(path: Path) -> float:
    """Return when something, or anything in it, last changed; nobody can set that."""
    inside = [one.lstat().st_ctime for one in path.rglob("*")]
    return max(path.lstat().st_ctime, *inside) if inside else path.lstat().st_ctime


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
