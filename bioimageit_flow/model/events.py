"""What a run tells while it works, and what it says at its end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.problem import Problem
from bioimageit_flow.model.run import FailureCause, JobState, RunState


@dataclass(frozen=True, slots=True)
class Preparing:
    """Something is being got ready: an image pulled, an environment installed."""

    node: str
    text: str


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run has begun.

    Attributes
    ----------
    expected : mapping of str to int
        Number of jobs of each node as planned.
    runtimes : mapping of str to str
        What each node runs in, in words.
    """

    run: RunId
    folder: Path
    expected: Mapping[str, int]
    runtimes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class JobStarted:
    """A job has begun."""

    node: str
    item: str


@dataclass(frozen=True, slots=True)
class JobProgress:
    """A job tells how far it has come."""

    node: str
    item: str
    done: int
    of: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class JobEnded:
    """A job has ended and is recorded."""

    node: str
    item: str
    state: JobState
    elapsed_s: float = 0.0
    message: str = ""


@dataclass(frozen=True, slots=True)
class ProblemFound:
    """Something did not pair, or is worth knowing."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The run is over."""

    state: RunState


RunEvent = (
    Preparing
    | RunStarted
    | JobStarted
    | JobProgress
    | JobEnded
    | ProblemFound
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
