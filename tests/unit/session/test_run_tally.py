from pathlib import Path

import pytest

from bioimageit_flow.model.events import (
    JobEnded,
    JobProgress,
    JobStarted,
    Preparing,
    RunAsked,
    RunStarted,
)
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.run import JobState
from bioimageit_flow.session.run_tally import RunTally


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tally(clock: Clock) -> RunTally:
    tally = RunTally(clock)
    tally.take(RunStarted(RunId("r"), Path(), {"a": 4, "b": 1}, {"a": "container"}))
    return tally


def end(tally: RunTally, node: str, item: str, state: JobState) -> None:
    tally.take(JobEnded(node, item, state))


def test_counts_by_state(tally: RunTally) -> None:
    for number, state in enumerate(JobState):
        tally.take(JobStarted("a", f"i{number}"))
        end(tally, "a", f"i{number}", state)

    node = tally.nodes["a"]
    assert (node.done, node.reused, node.failed, node.cancelled) == (1, 1, 1, 1)
    assert node.running == 0
    assert node.is_over
    assert (tally.ended, tally.expected) == (4, 5)
    assert node.counts() == [(1, "reused"), (1, "failed"), (1, "cancelled")]


def test_job_that_never_began_leaves_running_ones_alone(tally: RunTally) -> None:
    tally.take(JobStarted("a", "slow"))

    end(tally, "a", "known", JobState.REUSED)
    end(tally, "a", "refused", JobState.FAILED)

    assert tally.running == 1


def test_more_jobs_than_planned_raise_the_number(tally: RunTally) -> None:
    for number in range(3):
        end(tally, "b", f"i{number}", JobState.DONE)

    assert tally.nodes["b"].expected == 3


def test_node_that_was_not_planned_is_counted(tally: RunTally) -> None:
    end(tally, "late", "i", JobState.DONE)

    assert tally.nodes["late"].ended == 1


def test_time_left_follows_the_pace_of_real_work(tally: RunTally, clock: Clock) -> None:
    end(tally, "a", "known", JobState.REUSED)
    tally.take(JobStarted("a", "first"))
    assert tally.nodes["a"].eta_s(clock()) is None
    clock.now_s += 10
    end(tally, "a", "first", JobState.DONE)

    assert tally.nodes["a"].eta_s(clock()) == pytest.approx(20)


def test_jobs_that_share_a_result_are_a_part_of_the_pace(
    tally: RunTally, clock: Clock
) -> None:
    tally.take(JobStarted("a", "first"))
    clock.now_s += 10
    end(tally, "a", "first", JobState.DONE)
    end(tally, "a", "twin", JobState.REUSED)

    assert tally.nodes["a"].eta_s(clock()) == pytest.approx(10)


def test_progress_of_a_job_counts_as_a_part(tally: RunTally, clock: Clock) -> None:
    tally.take(JobStarted("b", "i"))
    clock.now_s += 3
    tally.take(JobProgress("b", "i", 1, 4, "plane 1"))

    assert tally.nodes["b"].completed == pytest.approx(0.25)
    assert tally.nodes["b"].eta_s(clock()) == pytest.approx(9)
    assert tally.activity == "b: plane 1"

    end(tally, "b", "i", JobState.DONE)
    assert tally.nodes["b"].completed == 1
    assert tally.nodes["b"].eta_s(clock()) is None


def test_progress_beyond_the_end_is_the_end(tally: RunTally) -> None:
    tally.take(JobProgress("b", "i", 9, 4))
    tally.take(JobProgress("a", "i", 1, 0))

    assert tally.nodes["b"].completed == 1
    assert tally.nodes["a"].completed == 0


def test_preparing_is_over_when_the_run_starts() -> None:
    tally = RunTally(Clock())
    tally.take(Preparing("a", "pulling"))
    assert tally.preparing == ("a", "pulling")

    tally.take(RunStarted(RunId("r"), Path(), {}, {}))

    assert tally.preparing is None


def test_time_left_does_not_count_a_pause(tally: RunTally, clock: Clock) -> None:
    tally.take(JobStarted("a", "first"))
    clock.now_s += 10
    tally.take(RunAsked("pause"))
    clock.now_s += 10
    end(tally, "a", "first", JobState.DONE)  # what runs at a pause still ends
    clock.now_s += 1000
    tally.take(RunAsked("continue"))

    assert tally.nodes["a"].eta_s(clock()) == pytest.approx(3 * 20)


def test_pause_that_nothing_stood_still_in_is_work(
    tally: RunTally, clock: Clock
) -> None:
    tally.take(JobStarted("a", "first"))
    tally.take(JobStarted("a", "second"))
    clock.now_s += 10
    end(tally, "a", "first", JobState.DONE)
    tally.take(RunAsked("pause"))
    clock.now_s += 10
    tally.take(RunAsked("continue"))

    assert tally.nodes["a"].eta_s(clock()) == pytest.approx(3 * 20)
