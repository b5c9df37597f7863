"""The processes of one job that runs without a container.

A job's first process leads a session of its own where the system has sessions. What a
job leaves running is found by its home folder, which no other process has.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

_KILL_WITHIN_S = 5.0


class ProcessTree:
    """A job's first process and all that come of it.

    Parameters
    ----------
    pid : int
        Of the first process, which leads its session.
    home : str
        Value of ``HOME`` in the job's environment.
    before : iterable of int
        Processes that ran before the job.
    """

    def __init__(self, pid: int, home: str, before: Iterable[int]) -> None:
        self._pid = pid
        self._home = home
        self._before = frozenset(before)

    def memory(self) -> int:
        """Return the resident bytes of the first process and its descendants.

        What several processes share is counted for each of them.
        """
        return sum(_rss(pid) for pid in self._descendants())

    def memory_without_sharing(self) -> int:
        """Return the same, with shared memory counted once where the system says."""
        return sum(_fair_share(pid) for pid in self._descendants())

    def kill(self) -> None:
        """Kill every process of the job, the first one included."""
        self._kill_session()
        self.kill_strays()

    def kill_strays(self) -> None:
        """Kill what a job left running after its first process ended."""
        self._kill_session()
        give_up = time.monotonic() + _KILL_WITHIN_S
        while strays := self._strays():
            for stray in strays:
                with suppress(psutil.Error):
                    stray.kill()
            psutil.wait_procs(strays, timeout=1)
            if time.monotonic() > give_up:
                return

    def _kill_session(self) -> None:
        if sys.platform == "win32":
            for pid in reversed(self._descendants()):
                with suppress(psutil.Error):
                    psutil.Process(pid).kill()
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._pid, signal.SIGKILL)

    def _strays(self) -> list[psutil.Process]:
        """Return the processes that live in the job's home."""
        found = []
        for pid in psutil.pids():
            if pid in self._before or pid == self._pid:
                continue
            with suppress(psutil.Error, OSError):
                process = psutil.Process(pid)
                if process.environ().get("HOME") == self._home:
                    found.append(process)
        return found

    def _descendants(self) -> list[int]:
        found = [self._pid]
        for pid in found:
            found.extend(_children(pid))
        return found


_LISTS_CHILDREN = Path("/proc/thread-self/children").exists()


def _children(pid: int) -> list[int]:
    """Return the processes that a process started."""
    if not _LISTS_CHILDREN:  # then all processes have to be looked at
        with suppress(psutil.Error):
            return [child.pid for child in psutil.Process(pid).children()]
        return []
    found: list[int] = []
    with suppress(OSError):  # it may end just now
        for task in Path(f"/proc/{pid}/task").iterdir():
            found.extend(
                int(child) for child in (task / "children").read_text().split()
            )
    return found


def _rss(pid: int) -> int:
    with suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0


def _fair_share(pid: int) -> int:
    with suppress(psutil.Error):
        memory = psutil.Process(pid).memory_full_info()
        return int(getattr(memory, "pss", 0) or memory.uss)
    return 0
