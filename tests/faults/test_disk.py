"""Faults of the disk and of the store's file: full, read-only, locked."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bioimageit_flow.errors import FlowError, StoreError
from bioimageit_flow.model.events import JobEnded, JobStarted, RunEvent
from bioimageit_flow.model.run import FailureCause, JobState, RunState
from bioimageit_flow.session import Experiment
from bioimageit_flow.stores import sql
from tests.faults.scene import assert_clean, line_of, new_scene, opened, outcome

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="mounts a small file system of its own"
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A scene whose experiment lies on a file system of 3 MiB."""
    folder = tmp_path / "scene"
    place = folder / "experiment"
    place.mkdir(parents=True)
    words = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(words, check=False).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(place)], check=True)


def filled(place: Path, left: int) -> Path:
    """Fill the disk of a place up to some bytes; return the file that does."""
    ballast = place / "ballast"
    room = os.statvfs(place)
    ballast.write_bytes(bytes(room.f_bavail * room.f_frsize - left))
    return ballast


@pytest.mark.parametrize("left", [0, 8_192, 40_960, 131_072])
def test_full_disk_loses_nothing(
    small_disk: Path, undisturbed: dict[str, object], left: int
) -> None:
    new_scene(small_disk)
    with opened(small_disk) as experiment:
        ballast = filled(experiment.path, left)
        error = _error_of(experiment, small_disk)
        ballast.unlink()

        runs = experiment.store.runs()
        if runs:
            run = experiment.resume(runs[0].id, only_failed=True)
        else:  # there was no room even for its beginning
            run = experiment.run(
                line_of(experiment, small_disk), bind={"images": "raw"}
            )
        assert error is not None
        assert error.remedy
        assert outcome(experiment, run) == undisturbed
        assert_clean(experiment)


def _error_of(experiment: Experiment, folder: Path) -> FlowError | None:
    """Run, and return what went wrong with the run as a whole or with its jobs."""
    try:
        run = experiment.run(line_of(experiment, folder), bind={"images": "raw"})
    except FlowError as error:
        return error
    failed = [job for job in run.jobs() if job.state is JobState.FAILED]
    assert {job.cause for job in failed} <= {
        FailureCause.NO_SPACE,
        FailureCause.RUNTIME,
    }
    if run.state is RunState.DONE:
        return None
    return StoreError(failed[0].message, remedy="Make room, then go on with the run.")


def test_full_disk_takes_no_half_import(small_disk: Path) -> None:
    new_scene(small_disk, images=1)
    with opened(small_disk) as experiment:
        big = small_disk / "big.tif"
        shutil.copy(small_disk / "images" / "image_001.ome.tif", big)
        ballast = filled(experiment.path, 4_096)
        with pytest.raises(StoreError, match="No space"):
            experiment.import_files([small_disk / "images", big], dataset="more")
        ballast.unlink()
        assert_clean(experiment)
        experiment.import_files([small_disk / "images", big], dataset="more")
        assert len(list(experiment.items("more"))) == 2
        assert_clean(experiment)


def test_read_only_disk_is_read_and_refuses_runs(small_disk: Path) -> None:
    new_scene(small_disk)
    with opened(small_disk) as experiment:
        experiment.run(line_of(experiment, small_disk), bind={"images": "raw"})
    place = small_disk / "experiment"
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    try:
        with opened(small_disk) as experiment:
            assert_clean(experiment)
            with pytest.raises(StoreError, match="reading only"):
                experiment.run(line_of(experiment, small_disk), bind={"images": "raw"})
            with pytest.raises(StoreError, match="reading only"):
                experiment.check(mend=True)
            assert len(experiment.store.runs()) == 1
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(place)], check=True)
    with opened(small_disk) as experiment:
        assert_clean(experiment)


def test_results_that_turn_read_only_in_mid_run_lose_nothing(
    small_disk: Path, undisturbed: dict[str, object]
) -> None:
    new_scene(small_disk)
    results = str(small_disk / "experiment" / "results")
    ended: list[object] = []

    def observe(event: RunEvent) -> None:
        if isinstance(event, JobEnded):
            ended.append(event)
            if len(ended) == 2:
                subprocess.run(["mount", "--bind", results, results], check=True)
                words = ["mount", "-o", "remount,bind,ro", results]
                subprocess.run(words, check=True)

    with opened(small_disk) as experiment:
        try:
            run = experiment.run(
                line_of(experiment, small_disk),
                bind={"images": "raw"},
                jobs=1,
                observe=observe,
            )
        finally:
            subprocess.run(["umount", results], check=True)
        assert run.state is RunState.PARTIAL
        again = experiment.resume("last", only_failed=True)
        assert outcome(experiment, again) == undisturbed
        assert_clean(experiment)


def test_locked_store_is_waited_for_and_then_refused_in_words(
    scene: Path, undisturbed: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = sql.SqlStore.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "busy_timeout_s", 0.2)
    database = scene / "experiment" / "experiment.db"
    with (
        opened(scene) as experiment,
        closing(sqlite3.connect(database, isolation_level=None)) as other,
    ):
        locked: list[RunEvent] = []

        def observe(event: RunEvent) -> None:
            if not locked and isinstance(event, JobStarted):
                locked.append(event)
                other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreError, match="stayed locked by another program"):
            experiment.run(
                line_of(experiment, scene), bind={"images": "raw"}, observe=observe
            )
        other.execute("ROLLBACK")
        run = experiment.resume("last")
        assert outcome(experiment, run) == undisturbed
        assert_clean(experiment)
