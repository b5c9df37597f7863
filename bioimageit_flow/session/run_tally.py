"""Counts of a run while it works, from its events alone."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import assert_never

from bioimageit_flow.model.events import (
    JobEnded,
    JobProgress,
    JobRetried,
    JobStarted,
    Preparing,
    ProblemFound,
    RunAsked,
    RunEnded,
    RunEvent,
    RunQueued,
    RunStarted,
    RunStopped,
)
from bioimageit_flow.model.run import JobState, RunState


@dataclass(slots=True)
class NodeTally:
    """How far one node has come.

    Attributes
    ----------
    expected : int
        Number of jobs as planned, or as many as have come, where that is more.
    begun_s : float or None
        When its first job began, on the clock of the tally; later by as long as the
        run stood still at a pause.
    fractions : dict of str to float
        How far running jobs have come, of those that tell, by item.
    items : Counter of str
        Items whose jobs run now.
    gone_wrong : Counter of str
        Items whose jobs failed.
    before : int
        Jobs that had ended when the first began: they took none of the time since.
    """

    expected: int = 0
    runtime: str = ""
    done: int = 0
    reused: int = 0
    failed: int = 0
    cancelled: int = 0
    begun_s: float | None = None
    fractions: dict[str, float] = field(default_factory=dict)
    items: Counter[str] = field(default_factory=Counter)
    gone_wrong: Counter[str] = field(default_factory=Counter)
    before: int = 0

    def again(self, expected: int, runtime: str) -> "NodeTally":
        """Return what is left of it when its run goes on after an interruption."""
        return NodeTally(
            expected,
            runtime,
            done=self.done,
            reused=self.reused,
            failed=self.failed,
            gone_wrong=self.gone_wrong,
        )

    @property
    def running(self) -> int:
        """Jobs that run now."""
        return self.items.total()

    @property
    def ended(self) -> int:
        """Jobs that ended in whatever way."""
        return self.done + self.reused + self.failed + self.cancelled

    @property
    def is_over(self) -> bool:
        """Whether every job that was planned has ended."""
        return self.ended >= self.expected

    @property
    def completed(self) -> float:
        """Jobs that ended, with the part of those that run and tell how far."""
        return min(self.ended + sum(self.fractions.values()), float(self.expected))

    def eta_s(self, now_s: float) -> float | None:
        """Return the seconds left at the pace so far; None while nothing is known.

        Jobs that were reused before the first one began say nothing about the pace;
        those that take the result of another on their way are a part of it.
        """
        worked = self.completed - self.before
        if self.begun_s is None or worked <= 0 or self.is_over:
            return None
        return (self.expected - self.completed) * (now_s - self.begun_s) / worked

    def counts(self) -> list[tuple[int, str]]:
        """Return what deserves to be said beside the number of jobs that ended."""
        named = [
            (self.reused, "reused"),
            (self.failed, "failed"),
            (self.cancelled, "cancelled"),
        ]
        return [(number, word) for number, word in named if number]


@dataclass(slots=True)
class RunTally:
    """Counts of a run.

    Parameters
    ----------
    clock : callable
        Seconds of a clock that never goes back.

    Attributes
    ----------
    nodes : dict of str to NodeTally
        In the order of the plan.
    preparing : tuple of str, str
        The node that is being got ready, and what is done for it.
    activity : str
        What a job told last.
    state : RunState
        Also queued and paused.
    """

    clock: Callable[[], float]
    nodes: dict[str, NodeTally] = field(default_factory=dict)
    preparing: tuple[str, str] | None = None
    activity: str = ""
    begun_s: float = 0.0
    ended_s: float | None = None
    state: RunState = RunState.RUNNING
    _idle_since_s: float | None = None

    def __post_init__(self) -> None:
        self.begun_s = self.clock()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the run began, or went on; none pass once it has ended."""
        end_s = self.clock() if self.ended_s is None else self.ended_s
        return end_s - self.begun_s

    @property
    def running(self) -> int:
        """Jobs that run now."""
        return sum(node.running for node in self.nodes.values())

    @property
    def expected(self) -> int:
        """All jobs."""
        return sum(node.expected for node in self.nodes.values())

    @property
    def ended(self) -> int:
        """Jobs that ended in whatever way."""
        return sum(node.ended for node in self.nodes.values())

    @property
    def failed(self) -> int:
        """Jobs that failed."""
        return sum(node.failed for node in self.nodes.values())

    def take(self, event: RunEvent, age_s: float = 0.0) -> None:
        """Count one event.

        Parameters
        ----------
        age_s : float
            How long ago it was told: who looks at a run that began before does not
            take it for one that does everything at once.
        """
        at_s = self.clock() - age_s
        match event:
            case Preparing(node, text):
                self.preparing = (node, text)
            case RunStarted():
                self._begun(event, at_s)
            case JobStarted(node, item):
                self._started(self._node(node), item, at_s)
            case JobProgress():
                self._progressed(event)
            case JobEnded():
                self._ended(event)
                if self._idle_since_s is not None:  # what ran at the pause still ends
                    self._idle_since_s = at_s
            case JobRetried(node, item):
                self._node(node).fractions.pop(item, None)
                self._stopped(self._node(node), item)
            case RunQueued():
                self.state = RunState.QUEUED
            case RunAsked("pause"):
                self.state = RunState.PAUSED
                if self._idle_since_s is None:
                    self._idle_since_s = at_s
            case RunAsked():
                self.state = RunState.RUNNING
                self._went_on(at_s)
            case RunEnded(state):
                self.state, self.ended_s = state, at_s
            case ProblemFound() | RunStopped():
                pass
            case _:
                assert_never(event)

    def _begun(self, event: RunStarted, at_s: float) -> None:
        self.preparing, self.state = None, RunState.RUNNING
        self.begun_s, self.ended_s, self._idle_since_s = at_s, None, None
        before = self.nodes if event.is_resumed else {}
        self.nodes = {
            name: before.get(name, NodeTally()).again(
                number, event.runtimes.get(name, "")
            )
            for name, number in event.expected.items()
        }

    def _went_on(self, at_s: float) -> None:
        """Take the time of a pause, in which nothing ran, out of the pace of nodes."""
        since_s, self._idle_since_s = self._idle_since_s, None
        if since_s is None or self.running:
            return
        for node in self.nodes.values():
            if node.begun_s is not None:
                node.begun_s += at_s - since_s

    def _node(self, name: str) -> NodeTally:
        return self.nodes.setdefault(name, NodeTally())

    def _started(self, node: NodeTally, item: str, at_s: float) -> None:
        node.items[item] += 1
        if node.gone_wrong[item] > 0:  # it is tried again
            node.gone_wrong[item] -= 1
            node.failed -= 1
        if node.begun_s is None:
            node.begun_s, node.before = at_s, node.ended

    def _progressed(self, event: JobProgress) -> None:
        if event.of > 0:
            fraction = min(max(event.done / event.of, 0.0), 1.0)
            self._node(event.node).fractions[event.item] = fraction
        self.activity = f"{event.node}: {event.text}" if event.text else self.activity

    def _ended(self, event: JobEnded) -> None:
        node = self._node(event.node)
        node.fractions.pop(event.item, None)
        match event.state:
            case JobState.DONE:
                node.done += 1
            case JobState.REUSED:
                node.reused += 1
            case JobState.FAILED:
                node.failed += 1
                node.gone_wrong[event.item] += 1
            case JobState.CANCELLED:
                node.cancelled += 1
            case _:
                assert_never(event.state)
        self._stopped(node, event.item)
        node.expected = max(node.expected, node.ended + node.running)

    @staticmethod
    def _stopped(node: NodeTally, item: str) -> None:
        if node.items[item] > 0:  # a reused or refused job never began
            node.items[item] -= 1
