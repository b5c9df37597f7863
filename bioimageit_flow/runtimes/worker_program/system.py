"""Processes, memory and files, as the system tells of them (Linux)."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNALLED = 128

_SET_CHILD_SUBREAPER = 36


def exit_code(status: int) -> int:
    """Return how a process ended, as a shell tells it."""
    if os.WIFSIGNALED(status):
        return SIGNALLED + os.WTERMSIG(status)
    return os.WEXITSTATUS(status)


def remove(path: Path) -> None:
    """Remove a file or a folder, whatever its modes are."""
    if path.is_symlink() or not path.is_dir():
        path.unlink()
        return
    pending = [path]
    while pending:
        folder = pending.pop()
        folder.chmod(stat.S_IRWXU)
        with os.scandir(folder) as entries:
            pending += [
                Path(e.path) for e in entries if e.is_dir(follow_symlinks=False)
            ]
    shutil.rmtree(path)


def adopt_orphans() -> None:
    """Become the parent of every descendant that loses its own (Linux)."""
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")


def all_processes() -> list[int]:
    """Return every living process in sight."""
    numbers = [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit()]
    return [number for number in numbers if _state(number) not in ("", "Z")]


def _state(pid: int) -> str:
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[0]


def descendants(pid: int) -> list[int]:
    """Return every process that comes of one, ended ones too."""
    found: list[int] = []
    for child in _children(pid):
        found.append(child)
        found.extend(descendants(child))
    return found


def _children(pid: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                for child in (task / "children").read_text("ascii").split():
                    yield int(child)


def oom_kills() -> int:
    """Return how many processes the kernel has killed here for want of memory."""
    for name in ("memory.events", "memory/memory.oom_control"):
        with contextlib.suppress(OSError, ValueError):
            for line in Path("/sys/fs/cgroup", name).read_text("ascii").splitlines():
                if line.startswith("oom_kill "):
                    return int(line.split()[1])
    return 0


def has_shared_memory() -> bool:
    """Say whether something of System V's shared memory, queues or locks is there.

    It would outlive the processes that made it.
    """
    for name in ("shm", "msg", "sem"):
        with contextlib.suppress(OSError):
            lines = Path("/proc/sysvipc", name).read_bytes().splitlines()
            if lines[1:]:  # below the heading
                return True
    return False


def _memory_kib(field: str) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/self/status").read_text("utf-8").splitlines():
            if line.startswith(field):
                return int(line.split()[1])
    return 0


def rss_kib() -> int:
    """Return the resident memory of this process."""
    return _memory_kib("VmRSS:")


def peak_kib() -> int:
    """Return the most resident memory that this process has had."""
    return _memory_kib("VmHWM:")


def cpu_s() -> float:
    """Return the processor time of this process and its children."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system
