"""Processes that hold something: who they are, and whether they still live.

A process id alone says little: it is given again to others, and means another process
on another machine or after a restart of this one. So a holder is named by machine,
start of the machine, process id and start of the process.
"""

import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

_HAS_TICKS = Path("/proc/self/stat").exists()

_SLACK_S = 0.001 if _HAS_TICKS else 2.0
"""How far two readings of one start may differ; more where the wall clock tells it."""


@dataclass(frozen=True, slots=True)
class Holder:
    """One process on one machine.

    Attributes
    ----------
    host : str
        Name of the machine.
    boot_id : str
        What tells one start of the machine from the next; empty where it has none.
    pid : int
        Process id.
    started : float
        When the process started: seconds since the start of the machine on Linux,
        where no change of the clock moves it; since 1970 elsewhere.
    """

    host: str
    boot_id: str
    pid: int
    started: float

    @property
    def is_here(self) -> bool:
        """Whether it is a process of this machine."""
        return self.host == this_host()

    def is_alive(self) -> bool | None:
        """Say whether the process lives; None for one of another machine."""
        return is_alive(self)

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


def is_alive(holder: Holder) -> bool | None:
    """Say whether a holder lives; None for one of another machine.

    A process that has ended and that nobody has taken note of (a zombie) is dead.
    """
    if not holder.is_here:
        return None
    if holder.boot_id != this_boot():
        return False
    if holder.pid == os.getpid():
        return _is_same_start(holder.started, this_process().started)
    try:
        process = psutil.Process(holder.pid)
        if process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
            return False
        return _is_same_start(holder.started, _started(process))
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:  # it is there, and belongs to somebody else
        return True


def this_process() -> Holder:
    """Return the holder that this process is."""
    pid = os.getpid()
    return Holder(this_host(), this_boot(), pid, _start_of(pid))


def holder_of(pid: int) -> Holder:
    """Return the holder that a process of this machine is.

    Raises
    ------
    psutil.NoSuchProcess
        If it has ended.
    """
    return Holder(this_host(), this_boot(), pid, _started(psutil.Process(pid)))


def this_host() -> str:
    """Return the name of this machine."""
    return platform.node() or "here"


@cache
def this_boot() -> str:
    """Return what tells this start of the machine from others; empty if unknown."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return ""


@cache
def _start_of(pid: int) -> float:
    return _started(psutil.Process(pid))


def _started(process: psutil.Process) -> float:
    if not _HAS_TICKS:
        return process.create_time()
    # psutil adds the time of the boot, which moves when the clock is set.
    try:
        text = Path(f"/proc/{process.pid}/stat").read_text("utf-8", "replace")
    except OSError as error:
        raise psutil.NoSuchProcess(process.pid) from error
    # See proc_pid_stat(5): the name, in brackets, may hold anything; field 22.
    ticks = int(text.rpartition(")")[2].split()[19])
    return ticks / os.sysconf("SC_CLK_TCK")


def _is_same_start(one: float, other: float) -> bool:
    return abs(one - other) < _SLACK_S
