"""A clock that goes backwards or leaps ahead: order is that of events, nobody waits."""

import os
import signal
import sys
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import count
from pathlib import Path
from typing import Self

import pytest

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.run import JobState, RunState
from tests.faults.scene import (
    Begin,
    assert_clean,
    line_of,
    opened,
    outcome,
)

_START = datetime(2031, 6, 1, tzinfo=UTC)
_steps = count()


class BackwardClock(datetime):
    """Each look at it is an hour earlier than the one before."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        moment = _START - timedelta(hours=next(_steps))
        return cls.fromtimestamp(moment.timestamp(), tz)


class LeapingClock(datetime):
    """Each look at it is a day later than the one before."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        moment = _START + timedelta(days=next(_steps))
        return cls.fromtimestamp(moment.timestamp(), tz)


def _set_clock(monkeypatch: pytest.MonkeyPatch, clock: type[datetime]) -> None:
    for name, module in list(sys.modules.items()):
        if (
            name.startswith("bioimageit_flow")
            and vars(module).get("datetime") is datetime
        ):
            monkeypatch.setattr(module, "datetime", clock)
    monkeypatch.setattr("time.time", lambda: clock.now(UTC).timestamp())


@pytest.fixture
def backward(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock of this process go backwards."""
    _set_clock(monkeypatch, BackwardClock)


@pytest.fixture
def leaping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock of this process leap ahead."""
    _set_clock(monkeypatch, LeapingClock)


def test_run_ends_as_ever_and_in_order(
    scene: Path, undisturbed: dict[str, object], backward: None
) -> None:
    with opened(scene) as experiment:
        first = experiment.run(line_of(experiment, scene), bind={"images": "raw"})
        assert outcome(experiment, first) == undisturbed
        starts = [job.started for job in first.jobs() if job.started]
        assert starts != sorted(starts)
        assert first.summary.elapsed_s is not None
        assert 0 <= first.summary.elapsed_s < 600
        assert all(job.elapsed_s >= 0 for job in first.jobs())

        second = experiment.run(line_of(experiment, scene), bind={"images": "raw"})
        assert second.state is RunState.DONE
        assert second.summary.started < first.summary.started
        assert [run.summary.id for run in experiment.runs()] == [
            second.summary.id,
            first.summary.id,
        ]
        assert experiment.find_run("last").summary.id == second.summary.id
        assert_clean(experiment)


def test_changes_keep_their_order(scene: Path, backward: None) -> None:
    with opened(scene) as experiment:
        item = next(iter(experiment.items("raw")))
        for value in ("one", "two", "three"):
            experiment.annotate([item], {"said": value})
        assert experiment.store.item(item.id).annotations["said"] == "three"
        experiment.store.undo(user="ada")
        assert experiment.store.item(item.id).annotations["said"] == "two"
        assert_clean(experiment)


def test_leaps_ahead_end_no_run_and_no_job(
    scene: Path, undisturbed: dict[str, object], leaping: None
) -> None:
    with opened(scene) as experiment:
        run = experiment.run(line_of(experiment, scene), bind={"images": "raw"})
        assert outcome(experiment, run) == undisturbed
        assert run.summary.elapsed_s is not None
        assert run.summary.elapsed_s < 600
        assert all(job.elapsed_s < 600 for job in run.jobs())
        assert experiment.store.claims() == []
        assert_clean(experiment)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such stop")
def test_run_that_was_stopped_for_long_and_one_that_did_not_wait_are_both_whole(
    scene: Path, undisturbed: dict[str, object], leaping: None, begin: Begin
) -> None:
    """For the second run the first, which lives and is stopped, is silent for days."""
    first = begin(scene, "run", fault="claimed:1:stop")
    try:
        assert os.waitpid(first.pid, os.WUNTRACED)[1] & 0xFF == 0x7F
        with opened(scene) as experiment:
            assert len(experiment.store.claims()) > 0
            with pytest.raises(StoreError, match="is being carried out"):
                experiment.resume("last")
            second = experiment.run(line_of(experiment, scene), bind={"images": "raw"})
            assert outcome(experiment, second) == undisturbed
            assert {job.state for job in second.jobs()} == {JobState.DONE}
    finally:
        first.send_signal(signal.SIGCONT)
    _, errors = first.communicate(timeout=120)
    assert first.returncode == 0, errors
    with opened(scene) as experiment:
        for run in experiment.runs():
            assert outcome(experiment, run) == undisturbed
        made = [
            item.location.path
            for run in experiment.runs()
            for job in run.jobs()
            if job.state is JobState.DONE
            for item in job.produced
            if item.location is not None
        ]
        assert len(made) == len(set(made))
        assert_clean(experiment)
