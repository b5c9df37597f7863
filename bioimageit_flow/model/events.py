"""What a run tells while it works, and what it says at its end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bioimageit_flow.model.ids import JobId, RunId
from bioimageit_flow.model.problem import Problem
from bioimageit_flow.model.run import FailureCause, JobState, RunState

NO_JOB = JobId("")
"""Where it is not known which job."""


@dataclass(frozen=True, slots=True)
class Preparing:
    """Something is being got ready: an image pulled, an environment installed."""

    node: str
    text: str


Request = Literal["cancel", "pause", "continue"]
"""What can be asked of a run that works."""


@dataclass(frozen=True, slots=True)
class RunQueued:
    """The run waits until another run of its experiment has ended."""

    after: str


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run has begun, or goes on.

    Attributes
    ----------
    is_resumed : bool
        Whether it began earlier; jobs that ended then are not told again.
    expected : mapping of str to int
        Number of jobs of each node as planned.
    runtimes : mapping of str to str
        What each node runs in, in words.
    """

    run: RunId
    folder: Path
    expected: Mapping[str, int]
    runtimes: Mapping[str, str]
    is_resumed: bool = False


@dataclass(frozen=True, slots=True)
class JobStarted:
    """A job has begun."""

    node: str
    item: str
    job: JobId = NO_JOB


@dataclass(frozen=True, slots=True)
class JobProgress:
    """A job tells how far it has come."""

    node: str
    item: str
    done: int
    of: int
    text: str = ""
    job: JobId = NO_JOB


@dataclass(frozen=True, slots=True)
class JobEnded:
    """A job has ended and is recorded."""

    node: str
    item: str
    state: JobState
    elapsed_s: float = 0.0
    message: str = ""
    job: JobId = NO_JOB


@dataclass(frozen=True, slots=True)
class JobRetried:
    """An attempt of a job failed; the job will be tried again.

    Attributes
    ----------
    job : JobId
        The attempt that failed.
    attempt : int
        The number of the next attempt; the first was 1.
    wait_s : float
        How long it waits before it starts.
    """

    node: str
    item: str
    message: str
    attempt: int
    wait_s: float
    job: JobId = NO_JOB


@dataclass(frozen=True, slots=True)
class ProblemFound:
    """Something did not pair, or is worth knowing."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class RunAsked:
    """Somebody asked the run to stop, to pause or to go on."""

    what: Request
    by: str = ""


@dataclass(frozen=True, slots=True)
class RunStopped:
    """The run itself could not begin or go on.

    Attributes
    ----------
    problems : tuple of str
        What stands in its way, one sentence each, where there are several.
    """

    message: str
    remedy: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The run is over."""

    state: RunState
    elapsed_s: float = 0.0


RunEvent = (
    Preparing
    | RunQueued
    | RunStarted
    | JobStarted
    | JobProgress
    | JobEnded
    | JobRetried
    | ProblemFound
    | RunAsked
    | RunStopped
    | RunEnded
)

Observer = Callable[[RunEvent], None]
"""Called in the thread that drives the run, in order."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One job that failed.

    Attributes
    ----------
    message : str
        Why, in one sentence, with the last useful lines of its log.
    log : Path
        Its log.
    """

    node: str
    item: str
    cause: FailureCause
    message: str
    log: Path


@dataclass(slots=True)
class NodeReport:
    """How the jobs of a node ended."""

    done: int = 0
    reused: int = 0
    failed: int = 0
    cancelled: int = 0
    blocked: int = 0

    @property
    def ended(self) -> int:
        """Jobs that ended in whatever way."""
        return self.done + self.reused + self.failed + self.cancelled


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a run ended.

    Attributes
    ----------
    folder : Path
        Where its results lie.
    nodes : mapping of str to NodeReport
        By node, in the order in which they ran.
    failures : tuple of Failure
        Every job that failed.
    problems : tuple of Problem
        What did not pair.
    """

    run: RunId
    name: str
    state: RunState
    folder: Path
    elapsed_s: float
    nodes: Mapping[str, NodeReport]
    failures: tuple[Failure, ...] = ()
    problems: tuple[Problem, ...] = ()
    runtimes: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values."""
        return {
            "run": self.run,
            "name": self.name,
            "state": str(self.state),
            "folder": str(self.folder),
            "elapsed_s": round(self.elapsed_s, 3),
            "runtimes": dict(self.runtimes),
            "nodes": {
                name: {
                    "done": node.done,
                    "reused": node.reused,
                    "failed": node.failed,
                    "cancelled": node.cancelled,
                    "blocked": node.blocked,
                }
                for name, node in self.nodes.items()
            },
            "failures": [
                {
                    "node": failure.node,
                    "item": failure.item,
                    "cause": str(failure.cause),
                    "message": failure.message,
                    "log": str(failure.log),
                }
                for failure in self.failures
            ],
            "problems": [problem.as_json() for problem in self.problems],
        }
