"""A warm worker, seen from outside: runs one job at a time and is told how it ended."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event
from typing import Any, Literal, Protocol

from bioimageit_flow.errors import Cancelled, FlowError
from bioimageit_flow.model.run import FailureCause
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.runtimes.job_output import JobOutput
from bioimageit_flow.runtimes.protocol import JobProcess, Outcome
from bioimageit_flow.runtimes.worker_line import WorkerLine

_LOOK_EVERY_S = 0.05
_KILLED = 128 + 9
_LEAKED = 0.5
"""Share of its memory limit that a worker may hold between jobs."""

Stop = FailureCause | Literal["cancelled"]


class NoWorkerError(FlowError):
    """A tool cannot be kept warm here; it runs without."""


class WorkerLostError(FlowError):
    """A worker ended, or was removed, in the middle of a job."""


class Body(Protocol):
    """What a worker lives in: a container, or a process of this machine."""

    @property
    def has_kernel_limit(self) -> bool:
        """Whether the system itself holds the job to its memory limit."""

    def send_job(self, line: WorkerLine, request: dict[str, object]) -> None:
        """Hand a request to the worker."""

    def begin_job(self, pid: int) -> None:
        """Be told which process does the job, by its number where the worker is."""

    def look(self) -> None:
        """Look at what the job uses now."""

    def is_short_of_memory(self) -> bool:
        """Whether the current job took more memory than it may, as far as known."""

    def usage(self) -> tuple[float | None, int | None]:
        """Processor seconds and most memory of the current job, where known."""

    def kill(self) -> None:
        """End it with all its processes; may be repeated, never raises."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What a worker says when it can begin.

    Attributes
    ----------
    mode : str
        How it runs jobs, which need not be what was asked for.
    rss_bytes : int
        Memory that it holds.
    """

    mode: str
    preload_s: float
    rss_bytes: int


class Worker:
    """A worker that is ready, or on its way.

    Parameters
    ----------
    line : WorkerLine
        To talk with it.
    body : Body
        What it lives in.
    """

    def __init__(self, line: WorkerLine, body: Body) -> None:
        self._line = line
        self.body = body
        self.ready = Ready("", 0.0, 0)
        self.is_usable = True
        self.used_at = 0.0

    def wait_until_ready(
        self, within_s: float, cancel: Event, is_wanted: Callable[[], bool]
    ) -> None:
        """Wait for the imports.

        Raises
        ------
        NoWorkerError
            If it cannot begin; says why.
        Cancelled
            If nobody waits for it any more.
        """
        give_up = time.monotonic() + within_s
        while True:
            try:
                event = self._line.next_event(_LOOK_EVERY_S)
            except TimeoutError:
                if cancel.is_set() or not is_wanted():
                    raise Cancelled("Stopped before the worker was ready.") from None
                if time.monotonic() > give_up:
                    raise NoWorkerError("its libraries take too long to load") from None
                continue
            except EOFError:
                said = self._line.last_words() or "it ended without a word"
                raise NoWorkerError(said.splitlines()[-1]) from None
            match event:
                case {"event": "ready", "mode": str(mode)}:
                    preload_s = float(event.get("preload_s", 0))
                    rss = int(event.get("rss_kib", 0)) * 1024
                    self.ready = Ready(mode, preload_s, rss)
                    return
                case {"event": "error", "text": str(text)}:
                    raise NoWorkerError(text.strip().splitlines()[-1])

    def run(self, process: JobProcess, request: dict[str, object]) -> Outcome:
        """Run one job to its end.

        Afterwards `is_usable` says whether the worker can take another.

        Raises
        ------
        WorkerLostError
            If the worker, as opposed to the job, has ended.
        """
        end = f"\x1eend-of-job-{secrets.token_hex(16)}\n"
        with JobOutput(process.log, process.on_line) as output:
            self._line.listen_to(output, end)
            started = time.monotonic()
            self.is_usable = False
            try:
                self.body.send_job(self._line, request | {"do": "run", "end": end})
                outcome = self._watch(process, started)
            except (OSError, EOFError) as error:
                if not self.body.is_short_of_memory():
                    raise WorkerLostError("a worker ended during a job") from error
                cause = FailureCause.OUT_OF_MEMORY
                outcome = self._outcome(None, started, cause=cause)
            finally:
                if not self.is_usable:
                    self.body.kill()
                self._line.wait_for_output()
        if self._line.error is not None:
            raise self._line.error
        return outcome

    def _watch(self, process: JobProcess, started: float) -> Outcome:
        while True:
            try:
                event = self._line.next_event(_LOOK_EVERY_S)
            except TimeoutError:
                self.body.look()
                stop = self._reason_to_stop(process, started)
                if stop is not None:
                    cause = stop if isinstance(stop, FailureCause) else None
                    outcome = self._outcome(None, started, cause=cause)
                    return replace(outcome, cancelled=stop == "cancelled")
                continue
            match event:
                case {"event": "started", "pid": int(pid)}:
                    self.body.begin_job(pid)
                case {"event": "done", "exit": int(code)}:
                    return self._ended(process, started, code, event)
                case {"event": "error", "text": str(text)}:
                    raise EOFError(text)

    def _reason_to_stop(self, process: JobProcess, started: float) -> Stop | None:
        if process.cancel.is_set() or self._line.error is not None:
            return "cancelled"
        is_late = time.monotonic() - started > process.time_s
        # Who waits for a child that the kernel has killed waits in vain.
        if self.body.is_short_of_memory() and (
            is_late or not self.body.has_kernel_limit
        ):
            return FailureCause.OUT_OF_MEMORY
        return FailureCause.TIME_LIMIT if is_late else None

    def _ended(
        self, process: JobProcess, started: float, code: int, facts: dict[str, Any]
    ) -> Outcome:
        self.body.look()
        is_short = bool(facts.get("was_short_of_memory"))
        if code == _KILLED and not is_short:
            is_short = self.body.is_short_of_memory()
        grown = int(facts.get("rss_growth_kib", 0)) * 1024
        if self.ready.mode == "reuse":
            rss = self.ready.rss_bytes + max(0, grown)
            self.ready = replace(self.ready, rss_bytes=rss)
        self.is_usable = not (
            is_short
            or facts.get("is_over")
            or self._line.error is not None
            or self.ready.rss_bytes > _LEAKED * process.memory_bytes
        )
        cause = FailureCause.OUT_OF_MEMORY if is_short and code != 0 else None
        return self._outcome(code, started, facts, cause)

    def _outcome(
        self,
        code: int | None,
        started: float,
        facts: dict[str, Any] | None = None,
        cause: FailureCause | None = None,
    ) -> Outcome:
        facts = facts or {}
        cpu_s, peak = self.body.usage()
        if "peak_kib" in facts:
            peak = int(facts["peak_kib"]) * 1024
        if facts.get("cpu_s") is not None:
            cpu_s = float(facts["cpu_s"])
        return Outcome(
            exit_code=code,
            elapsed_s=float(facts.get("elapsed_s", time.monotonic() - started)),
            cpu_s=cpu_s,
            peak_memory=peak,
            cause=cause,
            worker=self.ready.mode,
        )

    def close(self) -> None:
        """End the worker and let go of it."""
        self.is_usable = False
        self.body.kill()
        self._line.close()


def request_of(process: JobProcess, job: str, home: str) -> dict[str, object]:
    """Return what a worker is told of a job.

    Parameters
    ----------
    job : str
        Path of ``job.json``, as the job sees it.
    home : str
        The job's home folder, as the job sees it.
    """
    groups = [
        name for name, port in process.tool.tool.inputs.items() if port.takes == "group"
    ]
    return {
        "job": job,
        "home": home,
        "command": list(process.command),
        "groups": groups,
    }


def worker_settings(tool: Tool, folder: str, mode: str) -> dict[str, object]:
    """Return what a worker is told of its tool.

    Parameters
    ----------
    folder : str
        The tool's folder, as the worker sees it.
    mode : str
        ``fork``, ``reuse`` or ``spawn``.
    """
    spec = tool.worker
    return {
        "mode": mode,
        "function": "" if spec is None else spec.function,
        "preload": [] if spec is None else list(spec.preload),
        "tool": folder,
    }
