"""What happens in the process of a job: the tool's function, or its command."""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import signal
import sys
import threading
import traceback
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

NOT_STARTED = 127
SIGNALLED = 128
BROKEN = 70

_TAKES_ANY_KEYWORD = 0x08


class News:
    """Tells a worker from its child which modules a job has imported."""

    def __init__(self) -> None:
        self._known = set(sys.modules)
        self._out, self._in = os.pipe()

    def write(self) -> None:
        """Tell, in the child; at most as much as a pipe holds."""
        names = [name for name in list(sys.modules) if name not in self._known]
        os.set_blocking(self._in, False)
        with contextlib.suppress(OSError):
            os.write(self._in, "\n".join(names).encode()[:32768])

    def read(self) -> list[str]:
        """Return the names, in the worker, once the child has ended."""
        os.close(self._in)
        told = os.read(self._out, 65536).decode("utf-8", "replace")
        os.close(self._out)
        return told.split("\n")


def be_a_job(
    request: dict[str, Any],
    function: Callable[..., object] | None,
    news: News | None,
) -> NoReturn:
    """Do what a request asks for, and end."""
    code = BROKEN
    try:
        settle()
        enter(request)
        if function is None or not is_call_of(function, request["command"]):
            code = run_command(request["command"])
        else:
            reseed()
            code = call(function, request)
            end_as_python_does()
            if news is not None:
                news.write()
    except BaseException:  # noqa: BLE001 - a job must never return from here
        traceback.print_exc()
    finally:
        flush()
        os._exit(code)


def settle() -> None:
    """Become a process of its own after a fork, the first to go when memory ends."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")


def enter(request: dict[str, Any]) -> None:
    """Go to the job's home, as its working folder and as that of temporary files."""
    home = request["home"]
    os.chdir(home)
    os.environ.update({"HOME": home, "TMPDIR": home})
    if "tempfile" in sys.modules:
        sys.modules["tempfile"].tempdir = None  # type: ignore[attr-defined]


def load(settings: dict[str, Any]) -> Callable[..., object]:
    """Import what the tool wants beforehand, and its function."""
    for name in settings["preload"]:
        importlib.import_module(name)
    module, _, name = settings["function"].partition(":")
    found: Callable[..., object] = getattr(importlib.import_module(module), name)
    return found


def is_call_of(function: Callable[..., object], command: list[str]) -> bool:
    """Say whether a function stands for a command.

    One that takes ports and parameters always does. One that takes nothing is the
    ``main`` of a script, and does where the command starts that script.
    """
    if keywords(function) != set():
        return True
    script = getattr(sys.modules[function.__module__], "__file__", None) or ""
    return len(command) > 1 and os.path.realpath(command[1]) == os.path.realpath(script)


def keywords(function: Callable[..., object]) -> set[str] | None:
    """Return the names that a function takes; None if it takes all."""
    code = getattr(function, "__code__", None)
    if code is None or code.co_flags & _TAKES_ANY_KEYWORD:
        return None
    return set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def call(function: Callable[..., object], request: dict[str, Any]) -> int:
    """Call a tool's function and return the exit code that its program would have."""
    sys.argv = request["command"][1:]
    try:
        taken = keywords(function)
        code = function() if taken == set() else function(**arguments(request, taken))
    except SystemExit as error:
        code = error.code
        if isinstance(code, str):
            sys.stderr.write(f"{code}\n")
            code = 1
    except BaseException as error:  # noqa: BLE001 - as the interpreter does
        seen = error.__traceback__
        traceback.print_exception(type(error), error, seen and seen.tb_next)
        code = SIGNALLED + signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1
    return code & 0xFF if isinstance(code, int) else 0


def arguments(request: dict[str, Any], taken: set[str] | None) -> dict[str, Any]:
    """Return the keyword arguments of a tool's function, from the job's description."""
    place = Path(request["job"])
    job = json.loads(place.read_text("utf-8"))
    groups = set(request["groups"])
    given: dict[str, Any] = dict(job["parameters"])
    for port, names in job["inputs"].items():
        paths = [Path(name) for name in names]
        if port in groups:
            given[port] = paths
        elif paths:
            given[port] = paths[0]
    given.update({port: Path(name) for port, name in job["outputs"].items()})
    extra = {"job": place, "annotations": place, "seed": job["seed"], "cpu": job["cpu"]}
    for name, value in extra.items():
        if taken is not None and name in taken:
            given.setdefault(name, value)
    return given


def run_command(command: list[str]) -> int:
    """Become another program; return only if that fails."""
    sys.stdout.flush()
    try:
        os.execvp(command[0], command)
    except (OSError, ValueError) as error:
        os.write(2, f"cannot start {command[0]}: {error}\n".encode())
    return NOT_STARTED


def reseed() -> None:
    """Give a child random numbers of its own, as a new process has; Python has done."""
    numbers = sys.modules.get("numpy.random")
    if numbers is not None:
        numbers.seed()


def end_as_python_does() -> None:
    """Wait for threads, run what was registered, write what is not written yet."""
    shutdown = getattr(threading, "_shutdown", None)
    if shutdown is not None:
        shutdown()
    atexit._run_exitfuncs()
    # Objects from before the fork are frozen and not listed.
    for thing in gc.get_objects():
        if isinstance(thing, io.IOBase):
            with contextlib.suppress(Exception):
                thing.flush()


def flush() -> None:
    """Write out what was printed."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
