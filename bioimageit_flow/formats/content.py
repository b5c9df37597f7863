r"""The hash by which a content is known.

Of a file: the sha256 of its bytes. Of a folder: one line per file,

    ["relative/path",size,"sha256"]\n

canonical JSON in UTF-8, sorted by the UTF-8 bytes of the path, and the sha256 of all
lines. Paths have forward slashes and no leading ``./``; empty folders do not count;
links and special files in a folder are refused, as they are no bytes of it.
"""

import os
import stat
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from bioimageit_flow.formats.refusal import Refusal, naming
from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.data import Content
from bioimageit_flow.model.ids import Sha256

CHUNK_BYTES = 2**20

Progress = Callable[[int], None]
"""Called with the number of bytes that were read since the last call."""


def hash_content(path: Path, *, on_bytes: Progress | None = None) -> Content:
    """Return the content of a file or folder.

    Parameters
    ----------
    path : Path
        Of a file, or of a folder that is one datum.
    on_bytes : callable, optional
        Told about progress.

    Raises
    ------
    DataError
        If it is missing or unreadable, changes while it is read, or is a folder that
        is empty or holds links or special files.
    """
    with naming(path):
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return _hash_folder(path, on_bytes)
        if not stat.S_ISREG(mode):
            raise Refusal("is a device, pipe or socket", "Name a file instead.")
        digest, size = _hash_file(path, on_bytes)
        return Content(digest, size)


def _hash_file(path: Path, on_bytes: Progress | None) -> tuple[Sha256, int]:
    digest, size = sha256(), 0
    buffer = bytearray(CHUNK_BYTES)
    view = memoryview(buffer)
    with path.open("rb", buffering=0) as stream:
        before = os.fstat(stream.fileno())
        while read := stream.readinto(buffer):
            digest.update(view[:read])
            size += read
            if on_bytes is not None:
                on_bytes(read)
        after = os.fstat(stream.fileno())
    if size != before.st_size or before.st_mtime_ns != after.st_mtime_ns:
        raise Refusal(
            "changed while it was read", "Wait until it is written, then try again."
        )
    return Sha256(digest.hexdigest()), size


def _hash_folder(folder: Path, on_bytes: Progress | None) -> Content:
    digest, total = sha256(), 0
    files = sorted(_files(folder), key=lambda pair: pair[0].encode())
    if not files:
        raise Refusal("is a folder without files", "Name a folder that has data.")
    for name, path in files:
        file_digest, size = _hash_file(path, on_bytes)
        digest.update(f"{canonical_json([name, size, file_digest])}\n".encode())
        total += size
    return Content(Sha256(digest.hexdigest()), total, is_folder=True)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Go through the files below a folder, with their relative POSIX paths."""
    waiting = [("", folder)]
    while waiting:
        prefix, place = waiting.pop()
        with os.scandir(place) as entries:
            for entry in entries:
                name = f"{prefix}{entry.name}"
                if not _is_utf8(name):
                    raise Refusal("holds a file whose name is not UTF-8", "Rename it.")
                if entry.is_symlink() or not (entry.is_dir() or entry.is_file()):
                    raise Refusal(
                        f"holds {name!r}, which is a link or no file",
                        "Replace it by the file itself.",
                    )
                path = place / entry.name
                if entry.is_dir():
                    waiting.append((f"{name}/", path))
                else:
                    yield name, path


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
