"""Faults of what surrounds a run: work folder, journal, limits, places of files."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bioimageit_flow.engine.journal import JOURNAL
from bioimageit_flow.errors import StoreError, WorkflowError
from bioimageit_flow.model.events import JobEnded, RunEvent
from bioimageit_flow.model.run import FailureCause, RunState
from bioimageit_flow.session import Experiment
from tests.faults.scene import (
    IMAGES,
    KILLED,
    ROOT,
    Begin,
    assert_clean,
    command,
    environment,
    hurt,
    line_of,
    opened,
    outcome,
)

BIND = {"images": "raw"}

needs_posix = pytest.mark.skipif(
    sys.platform == "win32", reason="there is no such kill and no such limit"
)


@pytest.fixture
def mounted(work: Path) -> Iterator[Callable[..., None]]:
    """Mount a small file system where jobs work."""
    work.mkdir(parents=True)

    def mount(*options: str) -> None:
        words = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(work)]
        if shutil.which("mount") is None or subprocess.run(words).returncode:
            pytest.skip("nothing may be mounted here")

    try:
        yield mount
    finally:
        subprocess.run(["umount", str(work)], check=False, capture_output=True)


def after_one(act: Callable[[], object]) -> Callable[[RunEvent], None]:
    """Return an observer that acts once, when a job has ended."""
    ended: list[RunEvent] = []

    def observe(event: RunEvent) -> None:
        if isinstance(event, JobEnded):
            ended.append(event)
            if len(ended) == 1:
                act()

    return observe


def test_work_folder_that_is_read_only_is_named_and_nothing_is_recorded(
    scene: Path, work: Path, mounted: Callable[..., None]
) -> None:
    mounted("ro")
    with opened(scene) as experiment:
        with pytest.raises(StoreError, match=r"Jobs cannot work in .*/work") as refused:
            experiment.run(line_of(experiment, scene), bind=BIND)
        assert "BIOIMAGEIT_FLOW_WORK" in refused.value.remedy
        assert experiment.runs() == []
        assert_clean(experiment)


def test_work_folder_that_is_full_fails_jobs_and_loses_nothing(
    scene: Path,
    work: Path,
    mounted: Callable[..., None],
    undisturbed: dict[str, object],
) -> None:
    mounted("size=64k")
    with opened(scene) as experiment:

        def fill() -> None:
            room = os.statvfs(work)
            (work / "ballast").write_bytes(bytes(room.f_bavail * room.f_frsize))

        run = experiment.run(
            line_of(experiment, scene), bind=BIND, jobs=1, observe=after_one(fill)
        )
        assert run.state is RunState.PARTIAL
        assert run.report is not None
        causes = {one.cause for one in run.report.failures}
        assert causes == {FailureCause.NO_SPACE}
        (work / "ballast").unlink()
        again = experiment.resume("last", only_failed=True)
        assert outcome(experiment, again) == undisturbed
        assert_clean(experiment)


def test_raw_file_that_became_a_folder_is_named(scene: Path) -> None:
    with opened(scene) as experiment:
        (path, *_) = sorted((experiment.path / "data" / "raw").iterdir())
        path.chmod(0o644)
        path.unlink()
        path.mkdir()
        with pytest.raises(WorkflowError, match=f"{path.name} was changed"):
            experiment.run(line_of(experiment, scene), bind=BIND)
        (problem, *_) = experiment.check().problems
        assert path.name in problem.text


def cut(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:-20])


def garble(path: Path) -> None:
    data = path.read_bytes()
    strange = b'{}\n[]\n{"event": 7}\n' + b"[" * 5000 + b"\n"
    path.write_bytes(data[:-40] + b"\x00\xff{[" + data[-36:] + b"\n" + strange)


@needs_posix
@pytest.mark.parametrize("damage", [Path.unlink, cut, garble])
def test_journal_that_was_lost_or_cut_stops_no_run_from_going_on(
    scene: Path, undisturbed: dict[str, object], damage: Callable[[Path], None]
) -> None:
    killed = hurt(scene, "run", fault="jobs committed:2:kill")
    assert killed.returncode == KILLED, killed.stderr
    with opened(scene) as experiment:
        (status,) = experiment.statuses()
        damage(experiment.folder.run_folder(status.id) / JOURNAL)
        run = experiment.resume(status.id)
        assert outcome(experiment, run) == undisturbed
        assert_clean(experiment)
        assert experiment.status().state == RunState.DONE


@needs_posix
def test_two_that_go_on_with_one_run_do_not_do_it_twice(
    scene: Path, undisturbed: dict[str, object], begin: Begin
) -> None:
    hurt(scene, "run", fault="jobs committed:1:kill")
    processes = [begin(scene, "resume") for _ in range(3)]
    said = [process.communicate(timeout=120)[1] for process in processes]
    codes = [process.returncode for process in processes]
    assert 0 in codes, said
    for code, text in zip(codes, said, strict=True):
        assert code == 0 or "is being carried out" in text or "is done" in text, text
    with opened(scene) as experiment:
        run = experiment.find_run("last")
        assert outcome(experiment, run) == undisturbed
        made = [item.id for job in run.jobs() for item in job.produced]
        assert len(made) == 2 * IMAGES + 1
        assert_clean(experiment)


@needs_posix
def test_few_open_files_are_enough(scene: Path, undisturbed: dict[str, object]) -> None:
    words = " ".join(map(str, command(scene, "run")))
    done = subprocess.run(
        ["sh", "-c", f"ulimit -n 64; exec {words}"],
        cwd=ROOT,
        env=environment(scene),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    with opened(scene) as experiment:
        assert outcome(experiment, experiment.find_run("last")) == undisturbed
        assert_clean(experiment)


@needs_posix
def test_experiment_that_was_moved_in_mid_run_is_whole_where_it_is(
    scene: Path, undisturbed: dict[str, object]
) -> None:
    ended = hurt(scene, "move")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout
    for told in ended.stdout.splitlines():
        assert "was moved" in told or "cannot be read any more" in told
    assert not (scene / "experiment").exists()
    (scene / "moved").rename(scene / "experiment")
    with opened(scene) as experiment:
        _assert_whole_after_resume(experiment, undisturbed)


def _assert_whole_after_resume(
    experiment: Experiment, undisturbed: dict[str, object]
) -> None:
    run = experiment.resume("last", only_failed=True)
    assert outcome(experiment, run) == undisturbed
    assert_clean(experiment)
