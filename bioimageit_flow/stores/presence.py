"""Who works in an experiment: a locked file per process.

A process that has opened an experiment for writing holds a lock on a file of its own
under ``.cache/open/``. The operating system lets go of the lock when the process ends,
however it ends; so a file that is there but not locked tells of a crash.
"""

import logging
import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.naming import safe_name
from bioimageit_flow.stores.places import writing

_log = logging.getLogger(__name__)

_NAME = re.compile(r"(?P<host>.+)@(?P<pid>[0-9]+)\.[0-9a-f]+\.lock")
_GUARD_TIMEOUT_S = 120.0
_held: set[Path] = set()
"""Locks of this process: asking the system for them again is no proof."""


@dataclass(frozen=True, slots=True)
class Others:
    """Signs of other processes.

    Attributes
    ----------
    alive : tuple of Path
        Signs that somebody holds.
    dead : tuple of Path
        Signs of processes that ended without taking them away.
    """

    alive: tuple[Path, ...]
    dead: tuple[Path, ...]


class Presence:
    """The sign that this process works in an experiment.

    Parameters
    ----------
    folder : Path
        Where signs lie.
    """

    def __init__(self, folder: Path) -> None:
        host = safe_name(platform.node() or "here", limit=60)
        self.path = folder / f"{host}@{os.getpid()}.{uuid4().hex[:8]}.lock"
        self._lock = FileLock(self.path, thread_local=False)
        with writing(self.path):
            self._lock.acquire(timeout=0)
        _held.add(self.path)

    def others(self, *, shared_with_hosts: bool) -> Others:
        """Look who else works here; `guard` must be held.

        Parameters
        ----------
        shared_with_hosts : bool
            Whether other machines may write here; their locks may be invisible, so
            that their signs count as alive.
        """
        alive, dead = [], []
        for path in sorted(self.path.parent.glob("*.lock")):
            match = _NAME.fullmatch(path.name)
            if path == self.path or not match:
                continue
            is_here = match["host"] == host_of(self.path)
            if path in _held or (shared_with_hosts and not is_here) or _is_locked(path):
                alive.append(path)
            else:
                dead.append(path)
        return Others(tuple(alive), tuple(dead))

    def leave(self) -> None:
        """Take the sign away."""
        _held.discard(self.path)
        self._lock.release()
        with suppress(OSError):
            self.path.unlink()


def host_of(sign: Path) -> str:
    """Return the machine that a sign is of."""
    return sign.name.rpartition("@")[0]


@contextmanager
def guard(folder: Path) -> Iterator[None]:
    """Let one process at a time come in and sweep.

    Raises
    ------
    StoreError
        If another process takes too long, or the folder cannot be written.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "guard", thread_local=False)
        try:
            lock.acquire(timeout=_GUARD_TIMEOUT_S)
        except Timeout as error:
            raise StoreError(
                f"Another program has been opening {folder.parent.parent} for "
                f"{_GUARD_TIMEOUT_S:g} s.",
                remedy="Wait for it, or end it, then retry.",
            ) from error
    try:
        yield
    finally:
        lock.release()


def _is_locked(path: Path) -> bool:
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return True
    lock.release()
    return False
