"""A process is killed at each step: nothing is lost, nothing is done twice."""

import re
import sys
from pathlib import Path

import pytest

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.ids import JobId, RunId
from bioimageit_flow.model.run import JobState
from bioimageit_flow.session import Run
from bioimageit_flow.stores.fault_points import POINTS
from bioimageit_flow.stores.protocol import Store
from tests.faults.scene import (
    IMAGES,
    KILLED,
    ROOT,
    assert_clean,
    hurt,
    line_of,
    new_scene,
    opened,
    outcome,
)

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="there is no such kill"),
]

IMPORTS = tuple(name for name in POINTS if name.startswith("import"))
SHARES = tuple(name for name in POINTS if name.startswith("share"))
RESUMES = ("run goes on",)
RUNS = tuple(name for name in POINTS if name not in (*IMPORTS, *RESUMES, *SHARES))

PASSINGS = {
    "copy begun": (1, 9),
    "copy written": (1, 9),
    "copy renamed": (1, 9),
    "result published": (1, 5),
    "result stamped": (1, 5),
    "jobs in transaction": (1, 3),
    "jobs committed": (1, 3),
    "journal line written": (1, 5, 12),
    "journal flushed": (1, 4),
}
"""At which passing of a place, where there are many."""

CASES = [(name, n) for name in RUNS for n in PASSINGS.get(name, (1,))]


def test_each_place_stands_in_the_program_once() -> None:
    found = [
        name
        for path in (ROOT / "bioimageit_flow").rglob("*.py")
        for name in re.findall(r'fault_point\("([^"]+)"\)', path.read_text("utf-8"))
    ]
    assert sorted(found) == sorted(POINTS)


@pytest.mark.parametrize(("point", "passing"), CASES)
def test_killed_run_goes_on_to_the_same_results(
    scene: Path, undisturbed: dict[str, object], point: str, passing: int
) -> None:
    killed = hurt(scene, "run", fault=f"{point}:{passing}:kill")
    assert killed.returncode == KILLED, killed.stderr

    with opened(scene) as experiment:
        (status,) = experiment.statuses()
        if status.state != "done":
            before = _done(experiment.store, status.id)
            run = experiment.resume(status.id)
            after = [job.id for job in run.jobs()]
            assert set(before) <= set(after)
            assert len(after) == len(set(after))
        else:
            run = experiment.find_run("last")
        assert len(experiment.store.runs()) == 1
        assert outcome(experiment, run) == undisturbed
        assert_clean(experiment)
        _assert_nothing_more(scene, run)


def _done(store: Store, run: RunId) -> list[JobId]:
    try:
        return [job.id for job in store.jobs(run) if job.state is JobState.DONE]
    except StoreError:  # it had not begun
        return []


def _assert_nothing_more(scene: Path, run: Run) -> None:
    """Nothing was made twice, and nothing was left where jobs work."""
    made = [item.id for job in run.jobs() for item in job.produced]
    assert len(made) == 2 * IMAGES + 1
    assert not list((scene / "work").glob("*"))


def test_run_killed_again_and_again_ends(
    scene: Path, undisturbed: dict[str, object]
) -> None:
    killed = hurt(scene, "run", fault="jobs committed:1:kill")
    assert killed.returncode == KILLED
    for fault in (
        "run goes on:1:kill",
        "copy renamed:1:kill",
        "jobs in transaction:1:kill",
        "jobs committed:1:kill",
        "run ends:1:kill",
        "run ended:1:kill",
    ):
        again = hurt(scene, "resume", fault=fault)
        assert again.returncode == KILLED, again.stderr
    with opened(scene) as experiment:
        run = experiment.find_run("last")
        assert outcome(experiment, run) == undisturbed
        assert_clean(experiment)
        kinds = [record.kind for record in experiment.store.records(run.summary.id)]
        assert kinds.count("resume") == 6


def test_killed_run_is_told_and_its_claims_are_free(scene: Path) -> None:
    hurt(scene, "run", fault="claimed:1:kill")
    with opened(scene) as experiment:
        found = experiment.check()
        codes = {one.code for one in found.problems}
        assert codes == {"run-interrupted", "claim"}
        assert all(one.fix for one in found.problems)
        mended = experiment.check(mend=True)
        assert {one.code for one in mended.mended} == {"claim"}
        assert {one.code for one in mended.problems} == {"run-interrupted"}
        assert experiment.store.claims() == []


@pytest.mark.parametrize("point", IMPORTS)
@pytest.mark.parametrize("passing", [1, 4])
def test_killed_import_leaves_nothing_half_and_is_repeated(
    scene: Path, point: str, passing: int
) -> None:
    n = 1 if point in ("import published", "import recorded") else passing
    killed = hurt(scene, "import", fault=f"{point}:{n}:kill")
    assert killed.returncode == KILLED, killed.stderr

    with opened(scene) as experiment:
        assert_clean(experiment)
        experiment.import_files([scene / "images"], dataset="more")
        names = [item.name for item in experiment.items("more")]
        assert names == sorted(path.name for path in (scene / "images").iterdir())
        assert_clean(experiment)
        files = list((experiment.path / "data" / "more").iterdir())
        assert len(files) == len(names)


@pytest.mark.parametrize("point", SHARES)
@pytest.mark.parametrize("passing", [1, 6])
def test_run_killed_while_it_shares_leaves_nothing_wrong(
    scene: Path,
    undisturbed: dict[str, object],
    tmp_path: Path,
    point: str,
    passing: int,
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    killed = hurt(scene, "share", str(shared), fault=f"{point}:{passing}:kill")
    assert killed.returncode == KILLED, killed.stderr

    other = tmp_path / "other"
    other.mkdir()
    new_scene(other)
    with opened(other) as experiment:
        run = experiment.run(
            line_of(experiment, other), bind={"images": "raw"}, share=shared
        )
        assert outcome(experiment, run) == undisturbed
        assert_clean(experiment)
    with opened(scene) as experiment:
        (status,) = experiment.statuses()
        run = experiment.resume(status.id)
        assert outcome(experiment, run) == undisturbed
        assert_clean(experiment)
