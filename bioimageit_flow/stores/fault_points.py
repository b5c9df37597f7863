"""Named places where a test makes the program fail; elsewhere they cost nothing.

What keeps its word when it is killed has to be killed at every step. The variable
``BIOIMAGEIT_FLOW_FAULT`` names the place, at which passing of it, and what happens
there: ``copy written:2:kill``. It is read once; only tests set it.
"""

import errno
import os
import signal
from dataclasses import dataclass
from threading import Lock

VARIABLE = "BIOIMAGEIT_FLOW_FAULT"

POINTS = (
    "process named",
    "journal opened",
    "inputs frozen",
    "run folder made",
    "run recorded",
    "run goes on",
    "claimed",
    "copy begun",
    "copy written",
    "copy renamed",
    "result published",
    "result stamped",
    "names settled",
    "jobs in transaction",
    "jobs committed",
    "journal line written",
    "journal flushed",
    "run ends",
    "run ended",
    "import noted",
    "import published",
    "import recorded",
    "share content copied",
    "share contents there",
    "share record written",
)
"""All of them; each stands in the program once."""


@dataclass(slots=True)
class _Fault:
    """What is to happen."""

    point: str
    passings: int
    action: str
    lock: Lock

    def reach(self, point: str) -> None:
        """Pass a place, and do what is to be done there."""
        if point != self.point:
            return
        with self.lock:
            self.passings -= 1
            is_due = self.passings == 0
        if not is_due:
            return
        match self.action:
            case "kill":
                os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
            case "stop":
                os.kill(os.getpid(), getattr(signal, "SIGSTOP", signal.SIGTERM))
            case "no space":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            case action:
                raise ValueError(f"{VARIABLE} names no action: {action!r}")


def _read(text: str | None) -> _Fault | None:
    if not text:
        return None
    point, passings, action = text.split(":")
    if point not in POINTS:
        raise ValueError(f"{VARIABLE} names no place: {point!r}")
    return _Fault(point, int(passings), action, Lock())


_fault = _read(os.environ.get(VARIABLE))


def fault_point(name: str) -> None:
    """Pass a named place of `POINTS`."""
    if _fault is not None:
        _fault.reach(name)
