"""A runtime without processes: tools are Python functions of this process.

For tests of whatever stands above runtimes: it starts nothing, so that thousands of
jobs take a second. It passes `RuntimeContract`; what only processes can have (limits of
memory, isolation) it lacks, and a function is stopped only where it prints a line.
"""

import inspect
import json
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any

from bioimageit_flow.errors import Cancelled, FlowError, RuntimeUnavailableError
from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.model.run import FailureCause, RuntimeUsed
from bioimageit_flow.runtimes.job_output import JobOutput
from bioimageit_flow.runtimes.protocol import (
    Availability,
    Finding,
    JobProcess,
    Layout,
    Outcome,
    Readiness,
    Report,
)


class JobStopped(Exception):
    """Raised in a function whose job was cancelled or ran out of time."""


@dataclass(frozen=True, slots=True)
class InProcessJob:
    """What a function is given of its job.

    Attributes
    ----------
    command : tuple of str
        Argument list, as a process would get it.
    folder : Path
        The job's folder.
    say : callable
        Print a line. Raises `JobStopped` when the job is to stop.
    """

    process: JobProcess
    command: tuple[str, ...]
    folder: Path
    say: Callable[[str], None]

    @property
    def description(self) -> dict[str, Any]:
        """What ``job.json`` says."""
        text = (self.folder / "job.json").read_text("utf-8")
        found: dict[str, Any] = json.loads(text)
        return found

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters by name."""
        found: dict[str, Any] = self.description["parameters"]
        return found

    def inputs(self, port: str) -> list[Path]:
        """Return the staged inputs of a port, in order."""
        return [Path(path) for path in self.description["inputs"].get(port, ())]

    def output(self, port: str) -> Path:
        """Return the path to write on a port."""
        return Path(self.description["outputs"][port])


Function = Callable[[InProcessJob], int | None]
"""A tool: returns an exit code (None is 0), or raises as a program would fail."""


def called_with_paths(run: Callable[..., None]) -> Function:
    """Make a tool of a ``run`` function, as Python tools have one.

    It is called with ports and parameters as keyword arguments: a `Path` for an item
    and for an output, a list of paths for a group.

    Parameters
    ----------
    run : callable
        Such as ``run(*, image: Path, smoothed: Path, sigma: float) -> None``.
    """
    annotations = inspect.get_annotations(run, eval_str=True)

    def function(job: InProcessJob) -> None:
        description = job.description
        given: dict[str, Any] = dict(description["parameters"])
        for port, paths in description["inputs"].items():
            staged = [Path(path) for path in paths]
            if annotations.get(port) in (list[Path], tuple[Path, ...]):
                given[port] = staged
            elif staged:
                given[port] = staged[0]
        given |= {port: Path(path) for port, path in description["outputs"].items()}
        run(**given)

    return function


@dataclass(slots=True)
class InProcessRuntime:
    """Runs tools as functions of this process.

    Parameters
    ----------
    functions : mapping of str to Function
        By tool id (``toolbox/name``). A tool without one is unavailable.
    name : str
        By which it is chosen; ``container`` makes it the first choice of ``auto``.
    is_isolated : bool
        What it claims; it isolates nothing.
    identities : mapping of str to str
        By tool id, what is recorded as used; a change of it changes fingerprints.
    failures : mapping of str to str
        By tool id, why `prepare` fails: as for an image that cannot be pulled.
    gpus : int or None
        What it claims to have.
    """

    functions: Mapping[str, Function]
    name: str = "in-process"
    is_isolated: bool = True
    identities: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    gpus: int | None = None

    def availability(self, tool: InstalledTool) -> Availability:
        """Say whether the tool has a function."""
        if tool.tool.id not in self.functions:
            return Availability(
                Readiness.UNAVAILABLE,
                reason=f"The tool {tool.ref} has no function here.",
                remedy="Give InProcessRuntime one.",
            )
        if tool.tool.id in self.failures:
            reason = f"What {tool.ref} needs has to be fetched."
            return Availability(Readiness.OBTAINABLE, reason=reason)
        return Availability(Readiness.READY, gpus=self.gpus, used=self._used(tool))

    def prepare(
        self, tool: InstalledTool, report: Report, cancel: Event
    ) -> RuntimeUsed:
        """Say what is used; there is nothing to get."""
        if cancel.is_set():
            raise Cancelled(f"Stopped before getting what {tool.ref} needs.")
        found = self.availability(tool)
        if found.readiness is Readiness.UNAVAILABLE:
            raise RuntimeUnavailableError(found.reason, remedy=found.remedy)
        report(f"Getting what {tool.ref} needs")
        if tool.tool.id in self.failures:
            raise RuntimeUnavailableError(
                self.failures[tool.tool.id], remedy="Take another runtime."
            )
        return self._used(tool)

    def layout(self, tool: InstalledTool, folder: Path) -> Layout:
        """Say how a job's folders look: as they are."""
        return Layout(
            tool=str(tool.folder),
            job=str(folder),
            python="python",
            follows_links=True,
        )

    def begin_run(
        self, run: str, tools: Sequence[tuple[InstalledTool, RuntimeUsed]]
    ) -> None:
        """Functions are always warm."""

    def end_run(self, run: str) -> None:
        """Nothing is kept for a run."""

    def execute(self, process: JobProcess) -> Outcome:
        """Call the tool's function, in the calling thread."""
        if process.cancel.is_set():
            return Outcome(exit_code=None, elapsed_s=0.0, cancelled=True)
        started = time.monotonic()
        function = self.functions[process.tool.tool.id]
        errors: list[Exception] = []

        def on_line(line: str) -> None:
            try:
                process.on_line(line)
            except Exception as error:
                errors.append(error)
                raise JobStopped from error

        with JobOutput(process.log, on_line) as output:
            say = partial(_say, output, process, started)
            job = InProcessJob(process, process.command, process.folder, say)
            code: int | None
            try:
                code = _exit_code(function, job, output)
            except JobStopped:
                code = None
        if errors:
            raise errors[0]
        is_late = code is None and not process.cancel.is_set()
        return Outcome(
            exit_code=code,
            elapsed_s=time.monotonic() - started,
            cause=FailureCause.TIME_LIMIT if is_late else None,
            cancelled=code is None and not is_late,
        )

    def diagnose(self) -> list[Finding]:
        """Say how many tools there are."""
        return [Finding(self.name, True, f"{len(self.functions)} tools as functions.")]

    def close(self) -> None:
        """Nothing is kept open."""

    def _used(self, tool: InstalledTool) -> RuntimeUsed:
        digest = sha256(tool.ref.encode()).hexdigest()
        identity = self.identities.get(tool.tool.id, f"image sha256:{digest}")
        return RuntimeUsed(self.name, identity, f"function of {tool.ref}")


def _say(output: JobOutput, process: JobProcess, started: float, text: str) -> None:
    output.feed(f"{text}\n".encode())
    if process.cancel.is_set() or time.monotonic() - started > process.time_s:
        raise JobStopped


def _exit_code(function: Function, job: InProcessJob, output: JobOutput) -> int:
    """Call a function and return the exit code that a process of it would have."""
    try:
        return function(job) or 0
    except (JobStopped, FlowError):
        raise  # stopped; or a test lets the runtime itself fail
    except SystemExit as error:
        if isinstance(error.code, int | None):
            return error.code or 0
        output.feed(f"{error.code}\n".encode(), 2)
        return 1
    except Exception:  # noqa: BLE001 - as the interpreter does with a script
        output.feed(traceback.format_exc().encode(), 2)
        return 1
