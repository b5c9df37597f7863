"""What tells whether another program has changed a file."""

import hashlib
from pathlib import Path

Stamp = tuple[int, int, str]
"""Time, size and hash of a file."""


def is_same(one: Path, other: Path) -> bool:
    """Say whether two paths are one file."""
    try:
        return one.samefile(other)
    except OSError:
        return one.absolute() == other.absolute()


def stamp_of(path: Path, known: Stamp | None = None) -> Stamp | None:
    """Return time, size and hash of a file; the hash only where the others differ."""
    try:
        status = path.stat()
        if known is not None and known[:2] == (status.st_mtime_ns, status.st_size):
            return known
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size, digest)
