"""Archives from strangers: what a zip file may hold, and taking it out safely.

Nothing is taken out before every entry was looked at, nothing lands outside of the
folder asked for, and nothing is run. A path that is absolute, climbs, or has a name
that some system reserves is refused; so are links, devices, encrypted entries, and
files that are far larger than what they came in.
"""

import hashlib
import os
import re
import shutil
import stat
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from uuid import uuid4

from bioimageit_flow.errors import DataError

MAX_ENTRIES = 100_000
MAX_PATH = 240
MAX_RATIO = 100
HARMLESS = 50_000_000
"""Bytes that need no ratio: a small file that is mostly zeros is no attack.

It holds for the whole, and for all files together that exceed the ratio on their own:
honest data beside them hide no bomb.
"""

_CHUNK = 1 << 20
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_MOMENT = (1980, 1, 1, 0, 0, 0)


class Archive:
    """A zip file that was looked at and found harmless.

    Use `opened`, which looks.
    """

    def __init__(self, path: Path, file: zipfile.ZipFile) -> None:
        self.path = path
        self._file = file
        self.entries: Mapping[str, zipfile.ZipInfo] = {
            info.filename: info for info in file.infolist() if not info.is_dir()
        }

    def read(self, name: str, *, most: int = 16_000_000) -> bytes:
        """Return a small file.

        Raises
        ------
        DataError
            If it is not there, damaged, or larger than it may be.
        """
        if name not in self.entries:
            raise DataError(
                f"{self.path.name} has no {name}: it is no shared workflow.",
                remedy="Open an archive made by `bioimageit-flow share`.",
            )
        if self.entries[name].file_size > most:
            raise DataError(f"{name} in {self.path.name} is far too large.")
        with self._opened(name) as source:
            content = source.read(most + 1)
        if len(content) > most:
            raise DataError(f"{name} in {self.path.name} is far too large.")
        return content

    def extract(self, name: str, target: Path) -> str:
        """Write one file, which must not be there; returns its sha256."""
        info = self.entries[name]
        digest, size = hashlib.sha256(), 0
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._opened(name) as source, target.open("xb") as file:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if size > info.file_size:
                    raise self._damaged(name)
                digest.update(chunk)
                file.write(chunk)
        if size != info.file_size:
            raise self._damaged(name)
        is_program = (info.external_attr >> 16) & 0o111
        target.chmod(0o755 if is_program else 0o644)
        return digest.hexdigest()

    @contextmanager
    def _opened(self, name: str) -> Iterator[zipfile.ZipExtFile]:
        try:
            with self._file.open(self.entries[name]) as source:
                yield source  # type: ignore[misc]
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as e:
            raise self._damaged(name) from e

    def _damaged(self, name: str) -> DataError:
        return DataError(
            f"{name} in {self.path.name} is damaged.", remedy="Ask for it anew."
        )


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open an archive after every entry was looked at.

    Raises
    ------
    DataError
        If it cannot be read, is no zip file, or holds what it should not; nothing was
        written then.
    """
    try:
        file = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise DataError(
            f"There is no file {path}.", remedy="Check the path."
        ) from error
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise DataError(
            f"{path} is not a zip archive that can be read ({error}).",
            remedy="It may be cut off: ask for it anew.",
        ) from error
    with file:
        _look(path, file.infolist())
        yield Archive(path, file)


def _look(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise _refused(path, f"it holds {len(entries)} files")
    seen: set[str] = set()
    total = packed = swollen = 0
    for info in entries:
        complaint = _complaint(info)
        if complaint:
            raise _refused(path, f"{_shown(info.filename)!r} {complaint}")
        key = info.filename.rstrip("/").casefold()
        if key in seen:
            raise _refused(path, f"{_shown(info.filename)!r} is in it twice")
        seen.add(key)
        total += info.file_size
        packed += info.compress_size
        if info.file_size > MAX_RATIO * info.compress_size:
            swollen += info.file_size
    for key in seen:
        for parent in PurePosixPath(key).parents:
            if str(parent) in seen and not any(
                info.is_dir()
                for info in entries
                if info.filename.rstrip("/").casefold() == str(parent)
            ):
                raise _refused(path, f"{_shown(key)!r} lies below a file")
    if packed > path.stat().st_size:
        raise _refused(path, "its entries overlap")
    if total > HARMLESS and total > MAX_RATIO * packed:
        raise _refused(path, f"{total} bytes would come out of {packed}")
    if swollen > HARMLESS:
        raise _refused(
            path,
            f"{swollen} bytes would come out of files in it that are packed to less "
            f"than one part in {MAX_RATIO}",
            "This program never packs data so. Only if you trust whoever packed it: "
            "take it out with another program, and name the folder.",
        )
    free = shutil.disk_usage(path.parent if path.parent.exists() else Path()).free
    if total > free:
        raise _refused(
            path, f"it needs {total} bytes, and the disk has {free}", "Free some space."
        )


def _complaint(info: zipfile.ZipInfo) -> str:
    name = info.filename
    parts = name.rstrip("/").split("/")
    mode = info.external_attr >> 16
    if info.flag_bits & 0x1:
        return "is encrypted"
    if name != info.orig_filename or _UNSAFE.search(name) or len(name) > MAX_PATH:
        return "is no name that every system can have"
    if name.startswith("/") or any(part in ("", ".", "..") for part in parts):
        return "leads out of the archive"
    if any(part.endswith((" ", ".")) or _RESERVED.fullmatch(part) for part in parts):
        return "is a name that some systems reserve"
    if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and stat.S_IFMT(mode):
        return "is a link or a device, not a file"
    return ""


def _refused(path: Path, why: str, remedy: str = "") -> DataError:
    return DataError(
        f"{path.name} was not opened: {why}.",
        remedy=remedy or "Whoever made it did not use this program; do not trust it.",
    )


def _shown(name: str) -> str:
    return name if len(name) <= 80 else f"{name[:77]}..."


@contextmanager
def written(path: Path) -> Iterator[zipfile.ZipFile]:
    """Write an archive, all or nothing.

    Raises
    ------
    DataError
        If it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{uuid4().hex[:8]}.tmp")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as file:
            yield file
        temporary.replace(path)
    except OSError as error:
        raise DataError(
            f"The archive {path} cannot be written ({error.strerror or error}).",
            remedy="Choose another folder, or free some space.",
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def put(
    file: zipfile.ZipFile, name: str, content: Path | bytes | Iterable[bytes]
) -> dict[str, object]:
    """Add a file under a name; returns its size and sha256.

    The same content gives the same archive: no date, no owner. Data and images are
    stored as they are, so that what is large is never refused for being packed well.
    """
    info = zipfile.ZipInfo(name, _MOMENT)
    is_program = isinstance(content, Path) and os.access(content, os.X_OK)
    info.external_attr = (stat.S_IFREG | (0o755 if is_program else 0o644)) << 16
    is_bulky = name.startswith(("data/", "images/"))
    info.compress_type = zipfile.ZIP_STORED if is_bulky else zipfile.ZIP_DEFLATED
    digest, size = hashlib.sha256(), 0
    with file.open(info, "w", force_zip64=True) as target:
        for chunk in _chunks(content):
            target.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return {"size": size, "sha256": digest.hexdigest()}


def _chunks(content: Path | bytes | Iterable[bytes]) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
    elif isinstance(content, Path):
        with content.open("rb") as source:
            while chunk := source.read(_CHUNK):
                yield chunk
    else:
        yield from content
