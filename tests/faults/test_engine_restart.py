"""The container engine itself is killed or restarted in mid-run."""

import gc
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest

from bioimageit_flow.model.events import JobEnded, RunEvent
from bioimageit_flow.model.run import JobState, RunState
from bioimageit_flow.session import Run
from tests.faults.contained import new_contained_scene, opened, workflow_of
from tests.faults.own_engine import OwnEngine
from tests.faults.scene import KILLED, ROOT, assert_clean, environment
from tests.integration.runtimes import BASE

pytestmark = [
    pytest.mark.container,
    pytest.mark.skipif(sys.platform != "linux", reason="starts a dockerd of its own"),
    # The SDK leaves connections that break in mid-answer to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

JOBS = 8
BIND = {"tables": "raw"}
Isolation = Literal["worker", "job"]


@pytest.fixture(scope="module")
def own_engine() -> Iterator[OwnEngine]:
    """An engine with the base image, for the tests of this file."""
    if why_not := OwnEngine.why_not():
        pytest.skip(why_not)
    engine = OwnEngine()
    try:
        engine.start()
        engine.load(f"{BASE.image}:{BASE.tag}")
        yield engine
    finally:
        engine.close()


@pytest.fixture(autouse=True)
def collected(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """See to it that what was not closed is met within its test."""
    yield
    caplog.get_records("call").clear()  # whose errors keep it alive
    gc.collect()


@pytest.fixture
def folder(tmp_path: Path, own_engine: OwnEngine) -> Path:
    """A scene of slow jobs."""
    scene = tmp_path / "scene"
    new_contained_scene(scene, ["slow"] * JOBS)
    return scene


def after_two(act: Callable[[], None]) -> Callable[[RunEvent], None]:
    """Return an observer that acts once, when two jobs have ended."""
    ended: list[RunEvent] = []

    def observe(event: RunEvent) -> None:
        if isinstance(event, JobEnded):
            ended.append(event)
            if len(ended) == 2:
                act()

    return observe


def assert_whole(run: Run, engine: OwnEngine) -> None:
    """All is there, once, and nothing is left in the engine."""
    assert run.state is RunState.DONE
    assert {
        result.name: result.read_table().column("double")[0]
        for result in run.results("wayward", "result")
    } == {f"{n:02d}_slow.csv": 2 * n for n in range(1, JOBS + 1)}
    assert len(run.results("wayward", "result")) == JOBS
    assert engine.containers() == []
    assert engine.processes() == []


@pytest.mark.parametrize("isolation", ["worker", "job"])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_run_goes_on_when_its_engine_was_restarted(
    own_engine: OwnEngine, folder: Path, how: signal.Signals, isolation: Isolation
) -> None:
    def restart() -> None:
        own_engine.end(how)
        own_engine.start()

    with opened(folder, engine=own_engine.url) as experiment:
        run = experiment.run(
            workflow_of(experiment),
            bind=BIND,
            jobs=2,
            isolation=isolation,
            observe=after_two(restart),
        )
        assert_whole(run, own_engine)
        assert run.summary.counts == {JobState.DONE: JOBS}
        assert_clean(experiment)


def test_run_whose_engine_stays_away_ends_and_is_completed_later(
    own_engine: OwnEngine, folder: Path
) -> None:
    def kill() -> None:
        own_engine.end(signal.SIGKILL)

    with opened(folder, engine=own_engine.url, return_within_s=0.0) as experiment:
        run = experiment.run(
            workflow_of(experiment), bind=BIND, jobs=2, observe=after_two(kill)
        )
        assert run.state is RunState.PARTIAL
        assert run.report is not None
        assert all(
            "container engine" in failure.message for failure in run.report.failures
        )
        assert_clean(experiment)
        done = {job.id for job in run.jobs() if job.state is JobState.DONE}
        assert len(done) >= 2

    own_engine.start()
    with opened(folder, engine=own_engine.url) as experiment:
        again = experiment.resume("last", only_failed=True)
        assert_whole(again, own_engine)
        assert done <= {job.id for job in again.jobs()}
        assert_clean(experiment)


def test_run_that_was_killed_together_with_its_engine_goes_on(
    own_engine: OwnEngine, folder: Path
) -> None:
    words = [sys.executable, "-m", "tests.faults.contained", str(folder), "run"]
    killed = subprocess.run(
        words,
        cwd=ROOT,
        env=environment(folder, "jobs committed:2:kill")
        | {"DOCKER_HOST": own_engine.url},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert killed.returncode == KILLED, killed.stderr
    own_engine.end(signal.SIGKILL)
    own_engine.start()

    with opened(folder, engine=own_engine.url) as experiment:
        before = [job.id for job in experiment.find_run("last").jobs()]
        run = experiment.resume("last")
        assert_whole(run, own_engine)
        assert set(before) <= {job.id for job in run.jobs()}
        assert_clean(experiment)


def test_cancel_is_heard_while_the_engine_is_away(
    own_engine: OwnEngine, folder: Path
) -> None:
    with opened(folder, engine=own_engine.url) as experiment:

        def kill_and_cancel() -> None:
            own_engine.end(signal.SIGKILL)
            experiment.ask("last", "cancel")

        run = experiment.run(
            workflow_of(experiment),
            bind=BIND,
            jobs=2,
            observe=after_two(kill_and_cancel),
        )
        assert run.state is RunState.CANCELLED
        assert_clean(experiment)
    own_engine.start()
    with opened(folder, engine=own_engine.url) as experiment:
        assert_whole(experiment.resume("last"), own_engine)
