"""Two runs of one experiment that want the same results at the same time."""

import os
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bioimageit_flow.model.events import JobRetried, RunEvent
from bioimageit_flow.model.run import JobState
from bioimageit_flow.session import Experiment, Run
from bioimageit_flow.testing.in_process import Function, InProcessJob
from tests.faults.scene import (
    IMAGES,
    KILLED,
    Begin,
    assert_clean,
    hurt,
    opened,
    outcome,
)
from tests.integration.engine.lab import FUNCTIONS, Lab

JOBS = 2 * IMAGES + 1


def times_made(experiment: Experiment) -> Counter[str]:
    """Count how often each fingerprint was computed."""
    return Counter(
        job.fingerprint
        for run in experiment.store.runs()
        for job in experiment.store.jobs(run.id)
        if job.state is JobState.DONE
    )


def test_runs_at_the_same_time_do_each_job_once(
    scene: Path, undisturbed: dict[str, object], begin: Begin
) -> None:
    processes = [begin(scene, "run") for _ in range(3)]
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
    scene: Path, undisturbed: dict[str, object], begin: Begin
) -> None:
    killed = hurt(scene, "run", fault="claimed:1:kill")
    assert killed.returncode == KILLED
    process = begin(scene, "run")
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


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    place = tmp_path / "lab"
    place.mkdir()
    lab = Lab(place)
    yield lab
    lab.close()


def fails_once(function: Function) -> Function:
    """Return a tool that fails at its first job."""
    calls: list[InProcessJob] = []

    def call(job: InProcessJob) -> int | None:
        calls.append(job)
        return 1 if len(calls) == 1 else function(job)

    return call


def test_what_another_run_makes_before_a_retry_is_not_made_again(lab: Lab) -> None:
    lab.functions["test/add"] = fails_once(FUNCTIONS["test/add"])
    lab.add_tool_retry("add", {"on": ["tool error"], "times": 1, "wait_s": 0})
    lab.import_images(1)
    others: list[Run] = []

    def observe(event: RunEvent) -> None:
        if isinstance(event, JobRetried):  # the other run does all of it meanwhile
            others.append(lab.experiment.run(lab.line(), bind={"images": "raw"}))

    run = lab.run(lab.line(), observe=observe)
    (other,) = others
    assert (str(run.state), str(other.state)) == ("done", "done")
    assert lab.calls == ["test/add", "test/add", "test/measure", "test/join"]
    assert lab.values(run) == lab.values(other) == [11]
    failed, *taken = run.jobs()
    assert failed.state is JobState.FAILED
    assert {job.state for job in taken} == {JobState.REUSED}
    assert taken[0].supersedes == failed.id
    assert set(times_made(lab.experiment).values()) == {1}
    assert lab.experiment.store.claims() == []
    assert_clean(lab.experiment)


def test_equal_jobs_of_a_run_are_done_once_though_others_come_between(
    lab: Lab,
) -> None:
    numbers = [1, 2, 1, 3, 1]
    files = [lab.image(one, f"{n}.ome.tif") for n, one in enumerate(numbers)]
    lab.experiment.import_files(files, dataset="raw")
    run = lab.run(lab.line(), jobs=1)
    assert Counter(lab.calls) == {"test/add": 3, "test/measure": 3, "test/join": 1}
    assert lab.values(run) == [number + 10 for number in numbers]
    assert set(times_made(lab.experiment).values()) == {1}
    assert_clean(lab.experiment)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such stop")
def test_run_that_was_stopped_for_long_takes_what_others_made_meanwhile(
    scene: Path, undisturbed: dict[str, object], begin: Begin
) -> None:
    stopped = begin(scene, "stop in the midst")
    os.waitpid(stopped.pid, os.WUNTRACED)
    with closing(sqlite3.connect(scene / "experiment" / "experiment.db")) as database:
        long_ago = "2001-01-01T00:00:00.000000+00:00"
        claims = database.execute("UPDATE claims SET renewed = ?", [long_ago])
        # What runs, which follows the one job that is done, and those like that one.
        assert claims.rowcount == 1 + (IMAGES - 1)
        database.commit()
    other = begin(scene, "run")
    _, errors = other.communicate(timeout=120)
    assert other.returncode == 0, errors

    stopped.send_signal(signal.SIGCONT)
    _, errors = stopped.communicate(timeout=120)
    assert stopped.returncode == 0, errors
    with opened(scene) as experiment:
        for run in experiment.runs():
            assert outcome(experiment, run) == undisturbed
            assert sum(run.summary.counts.values()) == JOBS
        made = times_made(experiment)
        assert len(made) == JOBS
        # Only what was already running when it was stopped is made by both.
        assert sum(made.values()) == JOBS + 1
        assert experiment.store.claims() == []
        assert_clean(experiment)
