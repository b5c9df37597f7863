"""The process that talks: starts jobs, waits for them, cleans up after them."""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import sys
import threading
import time
import traceback
import warnings
from pathlib import Path

from bioimageit_flow.runtimes.worker_program.job import News, be_a_job, load
from bioimageit_flow.runtimes.worker_program.server import Server
from bioimageit_flow.runtimes.worker_program.system import (
    adopt_orphans,
    all_processes,
    descendants,
    exit_code,
    has_shared_memory,
    oom_kills,
    remove,
    rss_kib,
)

TYPE_CHECKING = False  # that of typing costs an import
if TYPE_CHECKING:
    import resource
    from collections.abc import Callable
    from typing import Any

KILL_WITHIN_S = 5.0
LESSONS = 3
"""From how many jobs the worker learns what it should have imported beforehand."""
BROKEN = 70


class Worker:
    """The process that talks; it runs nothing of the tool but its imports.

    Parameters
    ----------
    settings : dict
        ``function`` (``module:name``, or empty), ``mode`` (``fork``, ``reuse`` or
        ``spawn``), ``preload`` (list of modules), ``tool`` (its folder), ``scratch``
        (folders to empty between jobs) and ``is_alone`` (whether everything else in
        sight is of the job: in a container).
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._requests = os.dup(0)
        self._events = os.dup(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(2, 1)
        os.close(null)
        self._received = b""
        self._function: Callable[..., object] | None = None
        self._server: Server | None = None
        self._lessons: News | None = None
        self._lessons_left = LESSONS
        self._wakes, wake = os.pipe()
        for end in (self._wakes, wake):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        # A container's processes have a number space of their own, with an init first.
        self._is_alone = bool(settings["is_alone"]) and os.getppid() <= 1
        if not self._is_alone:
            adopt_orphans()

    def serve(self) -> None:
        """Import what is asked for, then run jobs until told to stop."""
        started = time.monotonic()
        mode = self._settings["mode"]
        try:
            mode = self._prepare(mode)
        except BaseException:  # noqa: BLE001 - whatever a library does when imported
            self._tell(event="error", text=traceback.format_exc(limit=-1)[-2000:])
            return
        self._empty_scratch()
        # Said of threads of C libraries, which know how to be forked.
        warnings.filterwarnings("ignore", "This process .* is multi-threaded")
        gc.collect()
        gc.freeze()  # what a child does not touch stays shared with it
        took = round(time.monotonic() - started, 4)
        self._tell(event="ready", mode=mode, preload_s=took, rss_kib=rss_kib())
        while True:
            request = self._next_request()
            if request is None or request.get("do") != "run":
                break
            self._run(request, mode)
        self._kill_others(keep=0)

    def _prepare(self, mode: str) -> str:
        sys.path[0] = self._settings["tool"]
        if mode == "reuse":
            self._server = Server(self._settings, (self._requests, self._events))
            return mode
        if mode == "fork":
            self._function = load(self._settings)
            if threading.active_count() > 1:  # a child would have their locks alone
                return "spawn"
        return mode

    # One job

    def _run(self, request: dict[str, Any], mode: str) -> None:
        kills = self._count_kills()
        begun = time.monotonic()
        if self._server is not None:
            ended = self._serve_from_same_process(request)
        else:
            ended = self._run_in_child(request, mode)
        elapsed_s = time.monotonic() - begun
        self._kill_others(keep=0 if self._server is None else self._server.pid)
        self._empty_scratch()
        ended["was_short_of_memory"] = self._count_kills() > kills
        if self._is_alone and has_shared_memory():
            ended["is_over"] = True  # it goes with the container, and not before
        os.write(2, request["end"].encode())
        self._tell(event="done", elapsed_s=round(elapsed_s, 4), **ended)
        if self._lessons is not None:
            self._learn(self._lessons)

    def _learn(self, lessons: News) -> None:
        """Import what a job had to import, so that the next ones need not."""
        self._lessons_left -= 1
        self._lessons = None
        wanted = {name.partition(".")[0] for name in self._settings["preload"]}
        names = [name for name in lessons.read() if name.partition(".")[0] in wanted]
        for name in names:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        if names:
            gc.collect()
            gc.freeze()

    def _run_in_child(self, request: dict[str, Any], mode: str) -> dict[str, Any]:
        base = rss_kib()
        function = self._function if mode == "fork" else None
        self._lessons = News() if function is not None and self._lessons_left else None
        child = os.fork()
        if child == 0:
            os.close(self._requests)
            os.close(self._events)
            be_a_job(request, function, self._lessons)
        self._tell(event="started", pid=child)
        status, used = self._wait(child)
        return {
            "exit": exit_code(status),
            "cpu_s": round(used.ru_utime + used.ru_stime, 4),
            "peak_kib": used.ru_maxrss,
            "rss_growth_kib": max(0, used.ru_maxrss - base),
        }

    def _serve_from_same_process(self, request: dict[str, Any]) -> dict[str, Any]:
        server = self._server
        assert server is not None
        self._tell(event="started", pid=server.pid)
        server.send(request)
        while True:
            ready, _, _ = select.select([server.answers, self._requests], [], [])
            if server.answers in ready:
                break
            self._read_requests()
        answer = server.receive()
        if answer is not None:
            return answer
        status, used = self._wait(server.pid)
        return {
            "exit": exit_code(status),
            "cpu_s": None,
            "peak_kib": used.ru_maxrss,
            "rss_growth_kib": 0,
            "is_over": True,  # and with it this worker
        }

    def _wait(self, child: int) -> tuple[int, resource.struct_rusage]:
        """Wait for a child, and leave at once where nobody is left to tell."""
        while True:
            pid, status, used = os.wait4(child, os.WNOHANG)
            if pid:
                return status, used
            ready, _, _ = select.select([self._requests, self._wakes], [], [])
            if self._wakes in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wakes, 4096)
            if self._requests in ready:
                self._read_requests()

    # What is around a job

    def _kill_others(self, keep: int) -> None:
        """Kill every process but this one and one more, and see them gone."""
        give_up = time.monotonic() + KILL_WITHIN_S
        while self._kill_once(keep):
            if time.monotonic() > give_up:
                self._tell(event="error", text="a process of a job cannot be killed")
                os._exit(BROKEN)
            time.sleep(0.0005)

    def _kill_once(self, keep: int) -> bool:
        """Kill what is there now; return whether there was something."""
        if self._is_alone and not keep:
            try:
                os.kill(-1, signal.SIGKILL)  # all but the first process and this one
            except ProcessLookupError:
                return False
            return True
        kept = {1, os.getpid(), keep}
        others = all_processes() if self._is_alone else descendants(os.getpid())
        found = [pid for pid in others if pid not in kept]
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        return bool(found)

    def _empty_scratch(self) -> None:
        for place in self._settings["scratch"]:
            with contextlib.suppress(FileNotFoundError, PermissionError):
                for path in list(Path(place).iterdir()):
                    remove(path)

    def _count_kills(self) -> int:
        return oom_kills() if self._is_alone else 0

    # Words

    def _next_request(self) -> dict[str, Any] | None:
        while b"\n" not in self._received:
            self._read_requests()
        line, _, self._received = self._received.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def _read_requests(self) -> None:
        data = os.read(self._requests, 65536)
        if not data:
            self._kill_others(keep=0)
            os._exit(0)
        self._received += data

    def _tell(self, **event: object) -> None:
        os.write(self._events, json.dumps(event).encode() + b"\n")
