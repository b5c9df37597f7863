"""A run that the window follows: what it has come to, from its journal."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bioimageit_flow.editor.running.marks import NodeMark, marks_of_run
from bioimageit_flow.model.events import RunStarted, RunStopped
from bioimageit_flow.model.run import RunState
from bioimageit_flow.session.run_tally import RunTally

if TYPE_CHECKING:
    from bioimageit_flow.session.following import Following

_MOST_POLLS = 2


@dataclass(slots=True)
class FollowedRun:
    """One run, followed until it ends or its process is gone.

    Attributes
    ----------
    following : Following
        Reads its journal.
    workflow : str
        Id of the workflow that it runs.
    tally : RunTally
        Its counts.
    message, remedy : str
        Why the run itself stopped; empty where it did not.
    begun : int
        How often it began: once, and again each time that it went on.
    """

    following: "Following"
    workflow: str
    clock: Callable[[], float] = time.monotonic
    tally: RunTally = field(init=False)
    message: str = ""
    remedy: str = ""
    begun: int = 0

    def __post_init__(self) -> None:
        self.tally = RunTally(self.clock)

    @property
    def id(self) -> str:
        """Id of the run."""
        return self.following.run

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come."""
        return self.following.is_over or self.following.is_lost

    @property
    def state(self) -> RunState:
        """How it stands."""
        if self.following.is_lost:
            return RunState.INTERRUPTED
        if self.message:
            return RunState.FAILED
        return self.tally.state

    def poll(self) -> bool:
        """Read what is new; say whether anything changed. Takes some milliseconds."""
        was_lost = self.following.is_lost
        is_changed = False
        for _ in range(_MOST_POLLS):  # a long journal is read in several steps
            events = self.following.poll()
            for event, age_s in zip(events, self.following.ages_s, strict=True):
                self.tally.take(event, age_s)
                match event:
                    case RunStarted():
                        self.begun += 1
                        self.message = self.remedy = ""  # of an earlier process
                    case RunStopped(text, remedy):
                        self.message, self.remedy = text, remedy
                    case _:
                        pass
            is_changed = is_changed or bool(events)
            if not events:
                break
        return is_changed or self.following.is_lost != was_lost

    def marks(self) -> dict[str, NodeMark]:
        """Return what the canvas shows at each node."""
        self.tally.state = self.state
        return marks_of_run(self.tally, self.clock())
