"""Results that experiments share: taken when they are whole, refused when not."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bioimageit_flow.engine import sharing
from bioimageit_flow.errors import DataError, StoreError
from bioimageit_flow.formats import hash_content
from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.run import JobRecord, JobState
from bioimageit_flow.session import Experiment, Run
from bioimageit_flow.session.prov import export_prov
from bioimageit_flow.stores import shared_results
from bioimageit_flow.stores.bodies import same
from bioimageit_flow.stores.shared_results import SharedResults
from tests.faults.scene import (
    IMAGES,
    KILLED,
    Begin,
    assert_clean,
    hurt,
    line_of,
    new_scene,
    opened,
    outcome,
)

JOBS = 2 * IMAGES + 1
BIND = {"images": "raw"}


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder to share results in, empty."""
    place = tmp_path / "shared"
    place.mkdir()
    return place


@pytest.fixture
def filled(scene: Path, shared: Path) -> Path:
    """One to which an experiment has given all its results."""
    with opened(scene) as experiment:
        run_in(experiment, scene, shared)
    return shared


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A scene with another experiment over the same images."""
    folder = tmp_path / "other"
    folder.mkdir()
    new_scene(folder)
    return folder


def run_in(experiment: Experiment, folder: Path, shared: Path | str) -> Run:
    workflow = line_of(experiment, folder)
    return experiment.run(workflow, bind=BIND, share=shared)


def states(run: Run) -> dict[JobState, int]:
    return dict(run.summary.counts)


def records(shared: Path) -> list[Path]:
    return sorted((shared / "results").rglob("*.json"))


def contents(shared: Path) -> list[Path]:
    return sorted(one for one in (shared / "contents").rglob("*") if one.is_file())


def test_another_experiment_computes_nothing_and_says_where_it_came_from(
    scene: Path, other: Path, filled: Path, undisturbed: dict[str, object]
) -> None:
    with opened(scene) as experiment:
        made = experiment.find_run("last")
        origins = {job.fingerprint: job for job in made.jobs()}
        bodies = {
            str(record.body["job"]): record.body
            for record in experiment.store.records(made.summary.id)
            if record.kind == "job"
        }
    with opened(other) as experiment:
        plan = experiment.plan(line_of(experiment, other), bind=BIND, share=filled)
        assert sum(node.shared for node in plan.nodes) == JOBS
        assert sum(node.new + node.waiting for node in plan.nodes) == 0
        run = run_in(experiment, other, filled)

        assert states(run) == {JobState.REUSED: JOBS}
        assert outcome(experiment, run) == undisturbed
        for job in run.jobs():
            origin = job.shared
            assert origin is not None
            maker = origins[job.fingerprint]
            assert origin.record["job"] == maker.id
            assert same(origin.record, bodies[maker.id])
            assert origin.experiment == str(scene / "experiment")
            assert job.reused_from is None
        assert_clean(experiment)
        for item in experiment.store.items():
            if "results/" in item.dataset:
                step = experiment.store.step(item.id)
                assert step.job is not None
                assert step.job.shared is not None

        # What was taken is the experiment's own, and is known without the folder.
        shutil.rmtree(filled)
        again = experiment.run(line_of(experiment, other), bind=BIND)
        assert states(again) == {JobState.REUSED: JOBS}
        assert all(job.reused_from is not None for job in again.jobs())
        assert_clean(experiment)


def test_prov_names_the_job_that_made_what_was_taken(
    scene: Path, other: Path, filled: Path
) -> None:
    with opened(scene) as experiment:
        makers = {f"uuid:{job.id}" for job in experiment.find_run("last").jobs()}
    with opened(other) as experiment:
        run = run_in(experiment, other, filled)
        plain = json.loads(export_prov(run))
        taken = {f"uuid:{job.id}" for job in run.jobs()}
    told = plain["wasInformedBy"].values()
    assert {one["prov:informed"] for one in told} == taken
    assert {one["prov:informant"] for one in told} == makers
    for maker in makers:
        facts = plain["activity"][maker]
        assert facts["flow:experiment"] == str(scene / "experiment")
        assert facts["flow:sharedFolder"] == str(filled)
        assert "made by" in facts["prov:label"]
        assert f"uuid:{json.loads(facts['flow:record'])['job']}" == maker


def test_taken_results_bear_the_stamp_of_their_own_workflow(
    scene: Path, other: Path, filled: Path
) -> None:
    def files(folder: Path) -> dict[str, bytes]:
        results = folder / "experiment" / "results"
        return {
            str(path.relative_to(results)).partition("/")[2]: path.read_bytes()
            for path in results.rglob("*")
            if path.is_file()
        }

    with opened(other) as experiment:
        run_in(experiment, other, filled)
    assert files(scene) == files(other)


def cut_off(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(b"")


def flip(path: Path) -> None:
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x01
    path.write_bytes(data)


def link_away(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


def to_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def to_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def remove(path: Path) -> None:
    path.unlink()


def swap(paths: list[Path]) -> None:
    """Exchange the first two files: each is whole, and in the wrong place."""
    one, two = paths[:2]
    first = one.read_bytes()
    for path, data in ((one, two.read_bytes()), (two, first)):
        path.chmod(0o644)
        path.write_bytes(data)


DAMAGE = [cut_off, empty, flip, remove, link_away, to_folder, to_pipe]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("which", [records, contents])
def test_damaged_entries_are_refused_and_mended(
    other: Path,
    filled: Path,
    undisturbed: dict[str, object],
    damage: Callable[[Path], None],
    which: Callable[[Path], list[Path]],
) -> None:
    for path in which(filled):
        damage(path)
    with opened(other) as experiment:
        run = run_in(experiment, other, filled)
        assert outcome(experiment, run) == undisturbed
        assert states(run) == {JobState.DONE: JOBS}
        assert_clean(experiment)
        # The run has put whole ones in their place.
        _assert_whole(other.parent / "third", filled, undisturbed, damage)


def _assert_whole(
    third: Path,
    shared: Path,
    undisturbed: dict[str, object],
    damage: Callable[[Path], None],
) -> None:
    third.mkdir()
    new_scene(third)
    with opened(third) as experiment:
        run = run_in(experiment, third, shared)
        assert outcome(experiment, run) == undisturbed
        if damage is not to_folder:  # somebody's folder is not removed
            assert states(run) == {JobState.REUSED: JOBS}


@pytest.mark.parametrize("which", [records, contents])
def test_entries_in_the_place_of_others_are_refused(
    other: Path,
    filled: Path,
    undisturbed: dict[str, object],
    which: Callable[[Path], list[Path]],
) -> None:
    swap(which(filled))
    with opened(other) as experiment:
        run = run_in(experiment, other, filled)
        assert outcome(experiment, run) == undisturbed
        assert states(run)[JobState.DONE] >= 1
        assert_clean(experiment)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "../../../../escaped"),
        ("name", ".."),
        ("port", "../out"),
        ("port", "elsewhere"),
        ("content", "../" * 20 + "etc/hostname"),
        ("size", -1),
        ("size", 10**18),
        ("info", {}),
    ],
)
def test_forged_outputs_lead_nowhere(
    other: Path,
    filled: Path,
    undisturbed: dict[str, object],
    name: str,
    value: object,
) -> None:
    for path in records(filled):
        facts = json.loads(path.read_text("utf-8"))
        facts["outputs"][0][name] = value
        facts.pop("sha256")
        facts["sha256"] = canonical_hash(facts)
        path.write_text(json.dumps(facts), encoding="utf-8")
    before = set(other.parent.rglob("*"))
    with opened(other) as experiment:
        run = run_in(experiment, other, filled)
        assert outcome(experiment, run) == undisturbed
        assert states(run) == {JobState.DONE: JOBS}
        assert_clean(experiment)
    new = {path.name for path in set(other.parent.rglob("*")) - before}
    assert "escaped" not in new


def test_competing_experiments_leave_whole_results(
    tmp_path: Path, shared: Path, undisturbed: dict[str, object], begin: Begin
) -> None:
    folders = [tmp_path / f"one-{n}" for n in range(4)]
    for folder in folders:
        folder.mkdir()
        new_scene(folder)
    processes = [begin(folder, "share", str(shared)) for folder in folders]
    for process in processes:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    for folder in folders:
        with opened(folder) as experiment:
            assert outcome(experiment, experiment.find_run("last")) == undisturbed
            assert_clean(experiment)
    assert len(records(shared)) == JOBS
    assert list((shared / ".writing").iterdir()) == []
    last = tmp_path / "last"
    last.mkdir()
    new_scene(last)
    with opened(last) as experiment:
        run = run_in(experiment, last, shared)
        assert states(run) == {JobState.REUSED: JOBS}


def test_forced_and_fresh_runs_take_nothing(other: Path, filled: Path) -> None:
    with opened(other) as experiment:
        workflow = line_of(experiment, other)
        fresh = experiment.run(workflow, bind=BIND, share=filled, reuse=False)
        assert states(fresh) == {JobState.DONE: JOBS}
    with opened(other) as experiment:
        forced = experiment.run(workflow, bind=BIND, share=filled, force=["join"])
        assert _of(forced, "join").state is JobState.DONE


def _of(run: Run, node: str) -> JobRecord:
    (job,) = [one for one in run.jobs() if one.node == node]
    return job


def test_resumed_run_uses_the_folder_it_began_with(
    other: Path, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIOIMAGEIT_FLOW_SHARED", str(filled))
    with opened(other) as experiment:
        asked = experiment.run(line_of(experiment, other), bind=BIND)
        assert states(asked) == {JobState.REUSED: JOBS}
        without = experiment.run(
            line_of(experiment, other), bind=BIND, share="", reuse=False
        )
        assert states(without) == {JobState.DONE: JOBS}


def test_folder_that_is_not_there_or_holds_something_else_is_refused(
    scene: Path, tmp_path: Path
) -> None:
    with opened(scene) as experiment:
        with pytest.raises(StoreError, match="is not there"):
            run_in(experiment, scene, tmp_path / "nowhere")
        with pytest.raises(StoreError, match="something else"):
            run_in(experiment, scene, scene)
        newer = tmp_path / "newer"
        newer.mkdir()
        text = '{"schema": "bioimageit-flow/shared-results/9"}'
        (newer / "shared-results.json").write_text(text)
        with pytest.raises(StoreError, match="this version"):
            run_in(experiment, scene, newer)
        assert experiment.runs() == []


def test_folder_that_goes_away_in_mid_run_costs_nothing(
    scene: Path, shared: Path, undisturbed: dict[str, object]
) -> None:
    gone: list[object] = []

    def observe(event: object) -> None:
        if type(event).__name__ == "JobEnded" and not gone:
            gone.append(event)
            shutil.rmtree(shared)

    with opened(scene) as experiment:
        run = experiment.run(
            line_of(experiment, scene), bind=BIND, share=shared, observe=observe
        )
        assert outcome(experiment, run) == undisturbed
        assert_clean(experiment)


def test_what_only_this_experiment_cannot_take_stays_for_the_others(
    other: Path,
    filled: Path,
    undisturbed: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = {path: path.stat().st_ino for path in contents(filled)}
    n_records = len(records(filled))
    discarded: list[object] = []

    def refuse(*_: object) -> None:
        raise DataError("this version does not read such files")

    with opened(other) as experiment, monkeypatch.context() as patch:
        patch.setattr(sharing, "collect_outputs", refuse)
        patch.setattr(SharedResults, "discard", lambda *all_: discarded.append(all_))
        run = run_in(experiment, other, filled)
        assert outcome(experiment, run) == undisturbed
        assert states(run) == {JobState.DONE: JOBS}
        assert_clean(experiment)
    assert discarded == []
    assert len(records(filled)) == n_records
    assert {path: path.stat().st_ino for path in contents(filled)} == before


def test_only_the_bytes_that_are_bad_are_removed(
    other: Path, filled: Path, undisturbed: dict[str, object]
) -> None:
    bad, *good = contents(filled)
    flip(bad)
    before = {path: path.stat().st_ino for path in good}
    with opened(other) as experiment:
        run = run_in(experiment, other, filled)
        assert outcome(experiment, run) == undisturbed
        assert states(run)[JobState.DONE] >= 1
        assert_clean(experiment)
    assert {path: path.stat().st_ino for path in good} == before
    assert hash_content(bad).sha256 == bad.name


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such kill")
def test_killed_writer_leaves_nothing_that_stays(
    scene: Path,
    other: Path,
    shared: Path,
    undisturbed: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    killed = hurt(scene, "share", str(shared), fault="share content copied:2:kill")
    assert killed.returncode == KILLED
    assert len(list((shared / ".writing").iterdir())) >= 1
    monkeypatch.setattr(shared_results, "_LEFT_BEHIND_S", -1)
    with opened(other) as experiment:
        run = run_in(experiment, other, shared)
        assert outcome(experiment, run) == undisturbed
        assert_clean(experiment)
    assert list((shared / ".writing").iterdir()) == []
