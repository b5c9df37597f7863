from typing import cast

import pytest

from bioimageit_flow.engine import ended_jobs
from bioimageit_flow.engine.ended_jobs import LONGEST_S, TOGETHER_S, EndedJobs
from bioimageit_flow.engine.work import JobFinished


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(ended_jobs, "time", clock)
    return clock


def job() -> JobFinished:
    return cast("JobFinished", object())


def test_nobody_waits_where_nothing_else_can_run(clock: Clock) -> None:
    ended, first = EndedJobs(), job()
    ended.add([first])

    assert ended.take(is_busy=False) == [first]
    assert not ended


def test_jobs_that_end_together_are_recorded_together(clock: Clock) -> None:
    ended, jobs = EndedJobs(), [job(), job()]
    ended.add(jobs[:1])
    assert ended.take(is_busy=True) == []
    clock.now += TOGETHER_S / 2
    ended.add(jobs[1:])
    assert ended.take(is_busy=True) == []
    assert 0 < ended.patience_s(1.0) <= TOGETHER_S / 2

    clock.now += TOGETHER_S

    assert ended.patience_s(1.0) == 0
    assert ended.take(is_busy=True) == jobs


def test_slow_transactions_carry_more_jobs_up_to_a_limit(clock: Clock) -> None:
    ended = EndedJobs()
    ended.recorded(0.03)
    ended.add([job()])
    clock.now += 0.11
    assert ended.take(is_busy=True) == []
    clock.now += 0.02
    assert len(ended.take(is_busy=True)) == 1

    ended.recorded(60.0)
    ended.add([job()])
    assert ended.patience_s(10.0) <= LONGEST_S


def test_without_ended_jobs_one_waits_as_long_as_one_likes(clock: Clock) -> None:
    assert EndedJobs().patience_s(0.2) == 0.2
