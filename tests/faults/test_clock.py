"""A clock that goes backwards: order is that of events, and nobody waits for it."""

import sys
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import count
from pathlib import Path
from typing import Self

import pytest

from bioimageit_flow.model.run import RunState
from tests.faults.scene import assert_clean, line_of, opened, outcome

_START = datetime(2031, 6, 1, tzinfo=UTC)
_steps = count()


class BackwardClock(datetime):
    """Each look at it is an hour earlier than the one before."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        moment = _START - timedelta(hours=next(_steps))
        return cls.fromtimestamp(moment.timestamp(), tz)


@pytest.fixture
def backward(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock of this process go backwards."""
    for name, module in list(sys.modules.items()):
        if (
            name.startswith("bioimageit_flow")
            and vars(module).get("datetime") is datetime
        ):
            monkeypatch.setattr(module, "datetime", BackwardClock)
    monkeypatch.setattr("time.time", lambda: _START.timestamp() - 3600.0 * next(_steps))


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
