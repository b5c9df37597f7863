"""Files that are removed or changed behind our back."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.model.events import JobEnded, RunEvent
from bioimageit_flow.model.problem import Severity
from bioimageit_flow.model.run import RunState
from bioimageit_flow.session import Check, Experiment
from bioimageit_flow.stores.publishing import TEMPORARY
from tests.faults.scene import (
    IMAGES,
    KILLED,
    assert_clean,
    hurt,
    line_of,
    opened,
    outcome,
)


def remove(path: Path) -> None:
    path.chmod(0o644)
    path.unlink()


def change(path: Path) -> None:
    """Change a file; its size stays."""
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[-1] ^= 0xFF
    path.write_bytes(data)


def shorten(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1])


def results_of(experiment: Experiment, node: str) -> list[Path]:
    """Return what is published; another job may be writing under a temporary name."""
    (folder,) = (experiment.path / "results").glob(f"*/{node}/*")
    names = sorted(one.name for one in folder.iterdir())
    whole = [one for one in names if not one.startswith(TEMPORARY)]
    return [folder / one for one in whole if not one.endswith(".json")]


@pytest.mark.parametrize("hurt", [remove, change, shorten])
def test_result_that_is_gone_in_mid_run_is_made_again(
    scene: Path, undisturbed: dict[str, object], hurt: Callable[[Path], None]
) -> None:
    done: list[RunEvent] = []

    def observe(event: RunEvent) -> None:
        if isinstance(event, JobEnded) and event.node == "add" and not done:
            done.append(event)
            hurt(results_of(experiment, "add")[0])

    with opened(scene) as experiment:
        first = experiment.run(
            line_of(experiment, scene), bind={"images": "raw"}, jobs=1, observe=observe
        )
        assert done
        assert first.state is RunState.PARTIAL
        run = experiment.resume("last", only_failed=True)
        assert contents(outcome(experiment, run)) == contents(undisturbed)
        experiment.check(content=True, mend=True)
        assert_clean(experiment)


def test_results_below_one_that_was_made_again_stand(
    scene: Path, undisturbed: dict[str, object]
) -> None:
    ended: list[RunEvent] = []
    cancel = Event()

    def observe(event: RunEvent) -> None:
        if isinstance(event, JobEnded) and event.node == "measure":
            ended.append(event)
            cancel.set()

    with opened(scene) as experiment:
        experiment.run(
            line_of(experiment, scene),
            bind={"images": "raw"},
            jobs=1,
            observe=observe,
            cancel=cancel,
        )
        assert ended
        remove(results_of(experiment, "add")[0])
        run = experiment.resume("last")
        assert contents(outcome(experiment, run)) == contents(undisturbed)
        names = [result.name for result in run.results("measure", "table")]
        assert len(names) == len(set(names)) == IMAGES
        experiment.check(mend=True)
        assert_clean(experiment)


def contents(outcome: dict[str, object]) -> list[object]:
    """Leave out names: what was changed by somebody is not overwritten."""
    jobs = outcome["jobs"]
    assert isinstance(jobs, list)
    found: list[object] = [
        (node, state, fingerprint, sorted(sha for _, _, sha in made))
        for node, state, fingerprint, made, _ in jobs
    ]
    return sorted(found, key=str)


def test_result_that_is_gone_and_was_made_again_is_no_loss(
    scene: Path, undisturbed: dict[str, object]
) -> None:
    with opened(scene) as experiment:
        first = experiment.run(line_of(experiment, scene), bind={"images": "raw"})
        gone = results_of(experiment, "add")[0]
        remove(gone)
        found = experiment.check()
        assert [one.code for one in found.problems] == ["file-missing"]
        assert gone.name in found.problems[0].text
        assert not found.is_clean

        second = experiment.run(line_of(experiment, scene), bind={"images": "raw"})

        assert outcome(experiment, second) == undisturbed
        assert outcome(experiment, first)["jobs"] == undisturbed["jobs"]
        found = experiment.check(content=True)
        assert [one.severity for one in found.problems] == [Severity.INFO]
        assert found.is_clean
        mended = experiment.check(mend=True)
        assert [one.code for one in mended.mended] == ["file-missing"]
        assert experiment.check(content=True).problems == []


@pytest.mark.parametrize(("hurt", "content"), [(shorten, False), (change, True)])
def test_changed_result_is_found(
    scene: Path, hurt: Callable[[Path], None], *, content: bool
) -> None:
    with opened(scene) as experiment:
        experiment.run(line_of(experiment, scene), bind={"images": "raw"})
        hurt(results_of(experiment, "add")[1])
        (problem,) = experiment.check(content=content).problems
        assert problem.code == "file-changed"
        assert "image_002" in problem.text


def test_raw_image_that_is_gone_is_named_before_anything_runs(
    scene: Path, undisturbed: dict[str, object]
) -> None:
    with opened(scene) as experiment:
        (path, *_) = sorted((experiment.path / "data" / "raw").iterdir())
        saved = path.read_bytes()
        remove(path)
        with pytest.raises(WorkflowError, match=path.name):
            experiment.run(line_of(experiment, scene), bind={"images": "raw"})
        (problem,) = experiment.check().problems
        assert (problem.code, problem.item) == ("file-missing", path.name)
        path.write_bytes(saved)
        run = experiment.run(line_of(experiment, scene), bind={"images": "raw"})
        assert outcome(experiment, run) == undisturbed
        assert_clean(experiment)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such kill")
def test_results_stay_where_the_store_is_older_than_they_are(
    scene: Path, undisturbed: dict[str, object]
) -> None:
    """A backup of the store was put back, and the process was killed after that."""
    database = scene / "experiment" / "experiment.db"
    with opened(scene) as experiment:
        pass
    backup = database.read_bytes()
    hurt(scene, "run", check=True)
    database.write_bytes(backup)
    killed = hurt(scene, "run", fault="jobs committed:1:kill")
    assert killed.returncode == KILLED

    results = scene / "experiment" / "results"
    before = {path for path in results.rglob("*") if path.is_file()}
    with opened(scene) as experiment:
        again = experiment.resume("last")
        assert outcome(experiment, again) == undisturbed
        found = experiment.check(content=True)
    old = results / _unknown(found)
    assert {one.code for one in found.problems} == {"unknown-run"}
    assert {path for path in before if old in path.parents} <= set(results.rglob("*"))

    shutil.rmtree(old)
    with opened(scene) as experiment:
        assert_clean(experiment)


def _unknown(found: Check) -> str:
    (problem,) = found.problems
    return str(problem.text).partition("results/")[2].partition(":")[0]
