"""Desks: folders in which jobs work one after another.

Making the folders of a job and removing them again costs more than many a job, so the
folders of a job that ended well are cleared and given to the next job of the same tool.
Whatever does not look as it was made (a folder that became a link, something left over,
other rights) is removed instead.
"""

import os
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock

_RIGHTS = 0o755
_SPECIAL = stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX

Key = tuple[object, ...]
"""What two jobs must have in common to work at the same desk."""


class Desks:
    """Cleared folders that wait for the next job of their kind.

    Parameters
    ----------
    place : Path
        Where jobs work; removed by the caller at the end.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._free: dict[Key, list[Path]] = {}
        self._lock = Lock()

    def take(self, key: Key, folder: Path) -> Path:
        """Return a cleared folder for a job, or the one that it has to make itself."""
        with self._lock:
            free = self._free.get(key)
            return free.pop() if free else folder

    def give_back(self, key: Key, folder: Path) -> None:
        """Take a folder that was cleared."""
        with self._lock:
            self._free.setdefault(key, []).append(folder)


def clear_desk(folder: Path, inputs: Collection[str], outputs: Collection[str]) -> bool:
    """Remove what a job left in its folder; say whether another may work there.

    Parameters
    ----------
    inputs, outputs : collection of str
        The ports that have a folder below ``in`` and ``out``.
    """
    place = os.fspath(folder)
    try:
        return (
            _holds(place, {"in", "out"}, {"job.json"})
            and _holds(f"{place}/in", inputs, [f"{port}.list" for port in inputs])
            and _holds(f"{place}/out", outputs, ())
            and all(_empty(f"{place}/in/{port}") for port in inputs)
            and all(_empty(f"{place}/out/{port}") for port in outputs)
        )
    except OSError:
        return False


def _holds(place: str, folders: Collection[str], files: Collection[str]) -> bool:
    """Say whether a folder has just these folders, and no other files than these."""
    found = 0
    for entry in _entries(place):
        if entry.name in folders:
            seen = entry.stat(follow_symlinks=False)
            if not _is_as_made(seen):
                return False
            found += 1
        elif entry.name not in files or not entry.is_file(follow_symlinks=False):
            return False
    return found == len(folders)


def _is_as_made(seen: os.stat_result) -> bool:
    mode = seen.st_mode
    is_own = not hasattr(os, "getuid") or seen.st_uid == os.getuid()
    is_plain = stat.S_ISDIR(mode) and mode & _RIGHTS == _RIGHTS and not mode & _SPECIAL
    return is_plain and is_own


def _empty(place: str) -> bool:
    """Remove the files and links of a folder; False where it has folders."""
    for entry in _entries(place):
        if entry.is_dir(follow_symlinks=False):
            return False
        with suppress(FileNotFoundError):
            os.unlink(entry.path)  # noqa: PTH108 - for each file of each job
    return True


def _entries(place: str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(place) as entries:
        yield from list(entries)
