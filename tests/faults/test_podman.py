"""Podman by its Docker-compatible socket: warm workers, faults, nothing left behind."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bioimageit_flow.model.run import FailureCause, JobState, RunState
from tests.faults.contained import new_contained_scene, opened, workflow_of
from tests.faults.scene import assert_clean
from tests.integration.runtimes import BASE

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("podman") is None or os.getuid() != 0,
    reason="needs Podman, and root's rights for it",
)
START_WITHIN_S = 60.0


class OwnPodman:
    """A Podman with storage of its own that listens on a socket."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bip-", dir="/tmp"))
        place = [f"--root={self.folder}/root", f"--runroot={self.folder}/run"]
        self._podman = ["podman", *place]
        self.url = f"unix://{self.folder}/s"
        serve = ["system", "service", "--time=0", self.url]
        self._service = subprocess.Popen(
            [*self._podman, *serve],
            cwd=self.folder,  # where it notes what ran out of memory
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(int(10 * START_WITHIN_S)):
            if (self.folder / "s").exists():
                return
            with suppress(subprocess.TimeoutExpired):
                self._service.wait(0.1)
                break
        raise AssertionError("Podman's service did not start")

    def run(self, *words: str, **more: object) -> str:
        """Run a command of it; return what it says."""
        done = subprocess.run(
            [*self._podman, *words],
            check=True,
            capture_output=True,
            text=True,
            **more,  # type: ignore[call-overload]
        )
        return str(done.stdout)

    def close(self) -> None:
        """End it, and remove everything."""
        self._service.terminate()
        self._service.wait(START_WITHIN_S)
        self.run("unmount", "--all", "--force")
        mounts = Path("/proc/self/mounts").read_text("utf-8").splitlines()
        for place in reversed([line.split()[1] for line in mounts]):
            if Path(place).is_relative_to(self.folder):
                subprocess.run(["umount", "--lazy", place], check=True)
        shutil.rmtree(self.folder)


@pytest.fixture(scope="module")
def podman() -> Iterator[OwnPodman]:
    """A Podman that has the base image."""
    own = OwnPodman()
    try:
        image = f"{BASE.image}:{BASE.tag}"
        archive = own.folder / "base.tar"
        subprocess.run(["docker", "save", "-o", str(archive), image], check=True)
        own.run("load", "-i", str(archive))
        archive.unlink()
        yield own
    finally:
        own.close()


def test_warm_workers_of_podman_bear_what_goes_wrong(
    podman: OwnPodman, tmp_path: Path
) -> None:
    new_contained_scene(tmp_path, [*["fine"] * 4, "crash", "hang", "leak", "fine"])
    with opened(tmp_path, engine=podman.url) as experiment:
        run = experiment.run(workflow_of(experiment), bind={"tables": "raw"}, jobs=2)
        assert run.state is RunState.PARTIAL
        assert run.summary.counts == {JobState.DONE: 5, JobState.FAILED: 3}
        assert run.report is not None
        causes = {one.item.split("_")[1]: one.cause for one in run.report.failures}
        assert causes["hang.csv"] is FailureCause.TIME_LIMIT
        assert causes["leak.csv"] is FailureCause.OUT_OF_MEMORY
        assert causes["crash.csv"] is FailureCause.RUNTIME
        done = [job for job in run.jobs() if job.state is JobState.DONE]
        assert any("warm worker (fork)" in job.runtime.detail for job in done)
        for path in (tmp_path / "experiment" / "results").rglob("*"):
            assert path.stat().st_uid == os.getuid()
        assert podman.run("ps", "--all", "--quiet") == ""
        assert_clean(experiment)
