"""Two runs of one experiment that want the same results at the same time."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from bioimageit_flow.model.run import JobState
from bioimageit_flow.session import Experiment
from tests.faults.scene import (
    IMAGES,
    KILLED,
    ROOT,
    assert_clean,
    command,
    environment,
    hurt,
    opened,
    outcome,
)

JOBS = 2 * IMAGES + 1


def started(scene: Path, fault: str = "") -> "subprocess.Popen[str]":
    """Start a run in a process of its own."""
    return subprocess.Popen(
        command(scene, "run"),
        cwd=ROOT,
        env=environment(scene, fault),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def times_made(experiment: Experiment) -> Counter[str]:
    """Count how often each fingerprint was computed."""
    return Counter(
        job.fingerprint
        for run in experiment.store.runs()
        for job in experiment.store.jobs(run.id)
        if job.state is JobState.DONE
    )


def test_runs_at_the_same_time_do_each_job_once(
    scene: Path, undisturbed: dict[str, object]
) -> None:
    processes = [started(scene) for _ in range(3)]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    with opened(scene) as experiment:
        for run in experiment.runs():
            assert outcome(experiment, run) == undisturbed
        assert len(experiment.runs()) == 3
        made = times_made(experiment)
        assert len(made) == JOBS
        assert set(made.values()) == {1}
        assert experiment.store.claims() == []
        assert_clean(experiment)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such kill")
def test_what_a_killed_run_claimed_is_done_by_the_other(
    scene: Path, undisturbed: dict[str, object]
) -> None:
    killed = hurt(scene, "run", fault="claimed:1:kill")
    assert killed.returncode == KILLED
    process = started(scene)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    with opened(scene) as experiment:
        second, first = experiment.runs()
        assert outcome(experiment, second) == undisturbed
        again = experiment.resume(first.summary.id)
        assert outcome(experiment, again) == undisturbed
        assert {job.state for job in again.jobs()} == {JobState.REUSED}
        assert set(times_made(experiment).values()) == {1}
        assert_clean(experiment)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such kill")
def test_run_killed_beside_others_is_mended_by_its_resumption(
    scene: Path, undisturbed: dict[str, object]
) -> None:
    """Nobody sweeps while somebody works in the experiment: here this process does."""
    with opened(scene) as experiment:
        killed = hurt(scene, "run", fault="copy written:4:kill")
        assert killed.returncode == KILLED
        with opened(scene) as other:
            assert other.folder.swept == ()
        run = experiment.resume("last")
        assert outcome(experiment, run) == undisturbed
    with opened(scene) as experiment:
        assert experiment.folder.swept == ()
        assert_clean(experiment)
