import json
from pathlib import Path

import pytest

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
from bioimageit_flow.model.ids import JobId, RunId
from bioimageit_flow.model.journal_lines import event_of, line_of
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.run import JobState, RunState

JOB = JobId("0123")
EVENTS: list[RunEvent] = [
    Preparing("spots", "pulling 12 MB"),
    RunQueued("4567"),
    RunStarted(RunId("r"), Path("results/today"), {"spots": 3}, {"spots": "container"}),
    RunStarted(RunId("r"), Path("x"), {}, {}, is_resumed=True),
    JobStarted("spots", "a.tif", JOB),
    JobProgress("spots", "a.tif", 3, 10, "half", JOB),
    JobEnded("spots", "a.tif", JobState.DONE, 0.25, "", JOB),
    JobEnded("spots", "b.tif", JobState.FAILED, 1.0, "bad\nworse", JOB),
    JobRetried("spots", "b.tif", "bad", 2, 1.5, JOB),
    ProblemFound(Problem("unpaired", Severity.WARNING, "a meets none.", node="sum")),
    RunAsked("pause", "ada"),
    RunStopped("No image.", "Build it.", ("one", "two")),
    RunEnded(RunState.PARTIAL, 12.5),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_event_comes_back_from_its_line(event: RunEvent) -> None:
    line = json.loads(json.dumps(line_of(event)))

    assert event_of(line) == event


def test_every_kind_of_event_has_a_line() -> None:
    kinds = set(RunEvent.__args__)

    assert {type(event) for event in EVENTS} == kinds


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"event": "of a later version"},
        {"event": "job", "state": "running"},
        {"event": "run", "state": "asleep"},
        {"event": "request", "request": "explode"},
        {"event": "progress", "job": "1", "node": "n", "item": "i", "done": "x"},
    ],
)
def test_line_that_is_not_understood_is_no_event(line: dict[str, object]) -> None:
    assert event_of(line) is None
