"""Disks of a shared folder that are full or read-only stop no run."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bioimageit_flow.formats import hash_content
from bioimageit_flow.model.run import JobState
from bioimageit_flow.stores.shared_results import SharedResults
from tests.faults.scene import IMAGES, assert_clean, line_of, new_scene, opened, outcome

JOBS = 2 * IMAGES + 1
BIND = {"images": "raw"}


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder to share results in, empty."""
    place = tmp_path / "shared"
    place.mkdir()
    return place


@pytest.mark.parametrize("size", [0, 40_000])
def test_full_disk_of_the_folder_stops_no_run(
    scene: Path, shared: Path, undisturbed: dict[str, object], size: int
) -> None:
    words = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(shared)]
    if shutil.which("mount") is None or subprocess.run(words, check=False).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        with opened(scene) as experiment:
            first = scene / "first"
            first.write_bytes(b"the folder is begun with it")
            SharedResults.open(shared).add_content(first, hash_content(first))
            room = os.statvfs(shared)
            ballast = bytes(room.f_bavail * room.f_frsize - size)
            (shared / "ballast").write_bytes(ballast)
            run = experiment.run(line_of(experiment, scene), bind=BIND, share=shared)
            assert outcome(experiment, run) == undisturbed
            assert_clean(experiment)
    finally:
        subprocess.run(["umount", str(shared)], check=True)


def test_read_only_folder_is_taken_from(
    scene: Path, tmp_path: Path, shared: Path
) -> None:
    with opened(scene) as experiment:
        experiment.run(line_of(experiment, scene), bind=BIND, share=shared)
    other = tmp_path / "other"
    other.mkdir()
    new_scene(other)
    filled = shared
    words = ["mount", "--bind", str(filled), str(filled)]
    if shutil.which("mount") is None or subprocess.run(words, check=False).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(filled)], check=True)
        before = len(list((filled / "results").rglob("*.json")))
        with opened(other) as experiment:
            run = experiment.run(line_of(experiment, other), bind=BIND, share=filled)
            assert run.summary.counts == {JobState.REUSED: JOBS}
            more = experiment.run(
                line_of(experiment, other),
                bind=BIND,
                share=filled,
                set={"add.amount": 7},
            )
            assert more.summary.counts[JobState.DONE] >= IMAGES
            assert_clean(experiment)
        assert len(list((filled / "results").rglob("*.json"))) == before
    finally:
        subprocess.run(["umount", str(filled)], check=True)
