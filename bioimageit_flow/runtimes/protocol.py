"""The seam to whatever runs a job's process: container engine or environment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import Protocol

from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.model.run import FailureCause, RuntimeUsed


class Readiness(StrEnum):
    """Whether a runtime can run a tool."""

    READY = "ready"
    OBTAINABLE = "obtainable"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Availability:
    """What a runtime says of a tool without downloading or changing anything.

    Attributes
    ----------
    used : RuntimeUsed or None
        What the tool would run in, where that is known already.
    reason : str
        Why it is not ready, as a sentence.
    remedy : str
        What to do about it, as a sentence.
    gpus : int or None
        How many GPUs its jobs can use; None where that is not known.
    """

    readiness: Readiness
    used: RuntimeUsed | None = None
    reason: str = ""
    remedy: str = ""
    gpus: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """How the folders of a job look from inside the job.

    Attributes
    ----------
    tool, job : str
        ``/tool`` and ``/job`` in a container, host paths in an environment.
    python : str
        What the program ``python`` in a command becomes.
    follows_links : bool
        Whether a staged input may be a symbolic link to a file or folder elsewhere
        (absolute, made by the engine, never by a job).
    """

    tool: str
    job: str
    python: str
    follows_links: bool


@dataclass(frozen=True, slots=True)
class JobProcess:
    """One process to run.

    Attributes
    ----------
    name : str
        Unique among the jobs of this machine; names the container.
    used : RuntimeUsed
        What `Runtime.prepare` returned; the process runs in just that, whatever a tag
        or a lock file says by now.
    folder : Path
        The job's folder: ``in/`` and ``job.json`` are read-only to the job, ``out/`` is
        writable, with one empty folder per output port. A runtime may add a temporary
        folder of its own, which is gone when `Runtime.execute` returns.
    command : tuple of str
        Argument list, as the `Layout` has it.
    memory_bytes, time_s, cpu, gpu, network
        Limits and rights. ``cpu`` and ``gpu`` are numbers of processors and of GPUs.
    gpu_ids : tuple of str
        Which GPUs, where that was said; else any.
    log : Path
        Where stdout and stderr go as they are, at most `MAX_LOG_BYTES`: of more, the
        beginning and the end are kept.
    labels : mapping of str to str
        What the container is labelled with, such as ``run``; a runtime puts its prefix
        before the keys.
    cancel : Event
        Set by the caller to stop the process.
    on_line : callable
        Called with each line of output as it comes, from any thread: at most
        `MAX_LINE` characters, without control characters; blank lines are left out.
        What it raises stops the process and is raised by `Runtime.execute`.
    """

    name: str
    tool: InstalledTool
    used: RuntimeUsed
    folder: Path
    command: tuple[str, ...]
    log: Path
    memory_bytes: int
    time_s: float
    cpu: int = 1
    gpu: int = 0
    gpu_ids: tuple[str, ...] = ()
    network: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    cancel: Event = field(default_factory=Event)
    on_line: Callable[[str], None] = lambda _line: None


MAX_LOG_BYTES = 10 * 2**20
MAX_LINE = 4096
NOT_STARTED = 127
"""Exit code of a command whose program is not there, as in a shell."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a process ended.

    Attributes
    ----------
    exit_code : int or None
        None when it was stopped before it ended by itself. As in a shell: `NOT_STARTED`
        when the program is not there, 128 + n when signal n ended it.
    elapsed_s, cpu_s : float or None
        Wall seconds of the process, without the making of its container; processor
        seconds, where known.
    peak_memory : int or None
        Bytes that counted against the memory limit, where known (files that the system
        keeps in memory for a container are among them).
    cause : FailureCause or None
        Set where the runtime knows why it failed (memory, time); None otherwise.
    cancelled : bool
        Whether the caller stopped it.
    worker : str
        How the warm worker ran it (``fork``, ``reuse``, ``spawn`` or ``command``);
        empty where the job had a container or process of its own.
    note : str
        What else is to be recorded of how it was run, such as that a worker died.
    """

    exit_code: int | None
    elapsed_s: float
    cpu_s: float | None = None
    peak_memory: int | None = None
    cause: FailureCause | None = None
    cancelled: bool = False
    worker: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of ``doctor``: what was looked at, how it is, how to mend it."""

    topic: str
    is_good: bool
    text: str
    remedy: str = ""


Report = Callable[[str], None]
"""Called with a line for people while something takes long (a pull, an install)."""


class Runtime(Protocol):
    """What can run a tool's process.

    A plug-in is a callable without parameters that returns one (a class, mostly), as
    entry point of the group ``bioimageit_flow.runtimes``; it should pass the contract
    tests in `bioimageit_flow.testing.runtime`.
    """

    @property
    def name(self) -> str:
        """``container``, ``environment``, or the name of the plug-in."""

    @property
    def is_isolated(self) -> bool:
        """Whether a job is kept from the rest of the machine."""

    def availability(self, tool: InstalledTool) -> Availability:
        """Say whether a tool can run here. Downloads and changes nothing.

        Never raises, and answers within some two seconds.
        """

    def prepare(
        self, tool: InstalledTool, report: Report, cancel: Event
    ) -> RuntimeUsed:
        """Get whatever the tool needs (pull an image, install an environment).

        Raises
        ------
        RuntimeUnavailableError
            If it cannot be had; says why and what to do.
        Cancelled
            If `cancel` was set meanwhile.
        """

    def layout(self, tool: InstalledTool, folder: Path) -> Layout:
        """Say how a job's folders look from inside. Only after `prepare`."""

    def begin_run(
        self, run: str, tools: Sequence[tuple[InstalledTool, RuntimeUsed]]
    ) -> None:
        """Be told that jobs of a run come, which may be served by warm workers.

        Jobs whose label ``run`` names no begun run, or whose tool is not among its
        tools, have a container or process of their own. Starts nothing.

        Parameters
        ----------
        tools : sequence of tuple
            The tools in the order of the workflow, with what `prepare` returned.
        """

    def end_run(self, run: str) -> None:
        """End whatever was kept for a run; nothing of it is left. Never raises."""

    def execute(self, process: JobProcess) -> Outcome:
        """Run one process to its end. Called from several threads at a time.

        When it returns or raises, no process of the job is left, what it wrote belongs
        to the caller, and its log is complete.

        Raises
        ------
        RuntimeUnavailableError
            If the engine or the environment fails, as opposed to the process.
        DataError
            If a staged input is not there.
        """

    def diagnose(self) -> list[Finding]:
        """Say what this machine can do; never raises."""

    def close(self) -> None:
        """Let go of connections and stray processes."""
