"""Which process carries a run, and whether it still does.

The process that carries a run holds a lock on a file in the run's folder, so that there
is one, and says in another file who it is. The operating system lets go of the lock
when the process ends, however it ends, and knows whether the process is still there. Of
a process on another machine the time of its file tells, which it touches.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from bioimageit_flow.errors import StoreError
from bioimageit_flow.stores.fault_points import fault_point
from bioimageit_flow.stores.holders import Holder, this_process
from bioimageit_flow.stores.places import writing

LOCK, PROCESS = "lock", "process.json"

BEAT_S = 10.0
"""How often the process shows that it is alive."""

_LOST_S = 90.0
_carried: set[Path] = set()
"""What this process carries: asking the system for those locks again is no proof."""


@dataclass(slots=True)
class Beat:
    """Shows that the process which carries a run is alive."""

    path: Path
    _next: float = 0.0

    def show(self) -> None:
        """Touch the file, if it is time."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + BEAT_S
            with suppress(OSError):
                os.utime(self.path)


@contextmanager
def carrying(folder: Path) -> Iterator[Beat]:
    """Carry the run whose folder this is.

    Raises
    ------
    StoreError
        If another process does, or the folder cannot be written.
    """
    lock = FileLock(folder / LOCK, thread_local=False)
    if folder in _carried or _is_beating_elsewhere(folder):
        raise _taken(folder)
    with writing(folder):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise _taken(folder) from None
    _carried.add(folder)
    try:
        name_carrier(folder, this_process())
        fault_point("process named")
        yield Beat(folder / PROCESS)
    finally:
        _carried.discard(folder)
        with suppress(OSError):
            (folder / PROCESS).unlink()
        lock.release()


def name_carrier(folder: Path, holder: Holder) -> None:
    """Write down which process carries a run, or is about to.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    path = folder / PROCESS
    with writing(path):
        new = path.with_name(f"{PROCESS}.{os.getpid()}")
        new.write_text(json.dumps(asdict(holder)), encoding="utf-8")
        new.replace(path)


def is_carried(folder: Path) -> bool:
    """Say whether a process carries the run whose folder this is."""
    if folder in _carried:
        return True
    holder = carrier_of(folder)
    if holder is None:
        return False
    if holder.is_here:
        return holder.is_alive() is not False
    return _is_beating_elsewhere(folder)


def carrier_of(folder: Path) -> Holder | None:
    """Return the process that carries a run or did so when it was killed."""
    try:
        facts = json.loads((folder / PROCESS).read_text(encoding="utf-8"))
        return Holder(**facts)
    except (OSError, ValueError, TypeError):
        return None


def _is_beating_elsewhere(folder: Path) -> bool:
    holder = carrier_of(folder)
    if holder is None or holder.is_here:
        return False
    try:
        return time.time() - (folder / PROCESS).stat().st_mtime < _LOST_S
    except OSError:
        return False


def _taken(folder: Path) -> StoreError:
    holder = carrier_of(folder)
    where = f" by process {holder.pid} on {holder.host}" if holder else ""
    return StoreError(
        f"The run {folder.name[:8]} is being carried out{where}.",
        remedy="Follow it with `bioimageit-flow watch`, or stop it with "
        "`bioimageit-flow cancel`.",
    )
