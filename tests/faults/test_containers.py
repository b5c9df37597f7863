"""Containers that die, hang, leak or are lost together with their engine."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bioimageit_flow.model.events import JobEnded, RunEvent, RunStarted
from bioimageit_flow.model.run import FailureCause, JobState, RunState
from bioimageit_flow.runtimes.images import LABEL
from bioimageit_flow.session import Experiment, Run
from tests.e2e.engine_needed import require_container
from tests.faults.contained import ENGINE, new_contained_scene, opened, workflow_of
from tests.faults.scene import KILLED, ROOT, assert_clean, environment


@pytest.fixture
def make_scene(tmp_path: Path) -> Callable[..., Path]:
    """Make a scene with tables of these tricks; skipped without an engine."""

    def make(*tricks: str) -> Path:
        folder = tmp_path / "scene"
        new_contained_scene(folder, tricks)
        with opened(folder) as experiment:
            require_container(experiment.session, "test/wayward")
        return folder

    return make


def run_in(experiment: Experiment, **more: object) -> Run:
    workflow = workflow_of(experiment)
    bind = {"tables": "raw"}
    return experiment.run(workflow, bind=bind, **more)  # type: ignore[arg-type]


def doubles(run: Run) -> dict[str, object]:
    """Return what came out, by the name of the result."""
    return {
        result.name: result.read_table().column("double")[0]
        for result in run.results("wayward", "result")
    }


def containers_of(run: str) -> list[str]:
    words = ["docker", "ps", "-aq", "--filter", f"label={LABEL}.run={run}"]
    return subprocess.check_output(words, text=True).split()


def after(count: int, act: Callable[[str], None]) -> Callable[[RunEvent], None]:
    """Return an observer that acts once, when so many jobs have ended."""
    seen: Counter[str] = Counter()
    runs: list[str] = []

    def observe(event: RunEvent) -> None:
        if isinstance(event, RunStarted):
            runs.append(event.run)
        if isinstance(event, JobEnded):
            seen["ended"] += 1
            if seen["ended"] == count:
                act(runs[0])

    return observe


def test_wayward_jobs_fail_alone(make_scene: Callable[..., Path]) -> None:
    folder = make_scene(*["fine"] * 6, "crash", "hang", "leak", *["fine"] * 3)
    with opened(folder) as experiment:
        run = run_in(experiment, jobs=2)
        assert run.state is RunState.PARTIAL
        assert run.summary.counts == {JobState.DONE: 9, JobState.FAILED: 3}
        assert doubles(run) == {
            f"{n:02d}_fine.csv": 2 * n for n in (*range(1, 7), *range(10, 13))
        }
        assert run.report is not None
        causes = {one.item.split("_")[1]: one.cause for one in run.report.failures}
        assert causes["hang.csv"] is FailureCause.TIME_LIMIT
        assert causes["leak.csv"] is FailureCause.OUT_OF_MEMORY
        assert "crash.csv" in causes
        assert containers_of(run.summary.id) == []
        assert_clean(experiment)


def test_killed_containers_cost_nothing_but_time(
    make_scene: Callable[..., Path],
) -> None:
    folder = make_scene(*["slow"] * 8)

    def kill_all(run: str) -> None:
        names = containers_of(run)
        assert names
        subprocess.run(["docker", "kill", *names], check=True, capture_output=True)

    with opened(folder) as experiment:
        run = run_in(experiment, jobs=2, observe=after(2, kill_all))
        assert run.state is RunState.DONE
        assert doubles(run) == {f"{n:02d}_slow.csv": 2 * n for n in range(1, 9)}
        assert containers_of(run.summary.id) == []
        assert_clean(experiment)


def hurt(folder: Path, act: str, fault: str = "") -> "subprocess.CompletedProcess[str]":
    """Let a process run the workflow of a scene, and something happen to it."""
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.contained", str(folder), act],
        cwd=ROOT,
        env=environment(folder, fault),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def assert_goes_on(folder: Path) -> None:
    """Go on with the last run of a scene of eight slow jobs; all is as it should be."""
    with opened(folder) as experiment:
        run = experiment.resume(experiment.status().id, only_failed=True)
        assert run.state is RunState.DONE
        assert doubles(run) == {f"{n:02d}_slow.csv": 2 * n for n in range(1, 9)}
        assert containers_of(run.summary.id) == []
        assert_clean(experiment)


@pytest.mark.skipif(not ENGINE.exists(), reason="the engine's socket is elsewhere")
def test_run_goes_on_after_its_engine_was_lost(
    make_scene: Callable[..., Path],
) -> None:
    folder = make_scene(*["slow"] * 8)
    lost = hurt(folder, "lose engine")
    assert lost.returncode == 0, lost.stderr
    with opened(folder) as experiment:
        assert experiment.status().state in (RunState.PARTIAL, RunState.FAILED)
    assert_goes_on(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such kill")
def test_containers_of_a_killed_run_are_removed_when_it_goes_on(
    make_scene: Callable[..., Path],
) -> None:
    folder = make_scene(*["slow"] * 8)
    killed = hurt(folder, "run", fault="jobs committed:2:kill")
    assert killed.returncode == KILLED, killed.stderr
    assert_goes_on(folder)
