"""Experiments on a database server: competing, killed, and the server itself gone."""

from pathlib import Path

import pytest

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.events import JobEnded
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
from tests.faults.test_competing import JOBS, times_made
from tests.private_postgres import PrivateServer


@pytest.fixture
def scene(tmp_path: Path, postgres_server: PrivateServer) -> Path:
    """The folder of a scene whose experiment is on the server."""
    folder = tmp_path / "scene"
    folder.mkdir()
    new_scene(folder, store=postgres_server.url())
    return folder


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
        made = times_made(experiment)
        assert len(made) == JOBS
        assert set(made.values()) == {1}
        assert experiment.store.claims() == []
        assert_clean(experiment)


@pytest.mark.parametrize(
    "fault", ["claimed:1:kill", "copy written:4:kill", "jobs in transaction:3:kill"]
)
def test_killed_runs_go_on(
    scene: Path, undisturbed: dict[str, object], fault: str
) -> None:
    assert hurt(scene, "run", fault=fault).returncode == KILLED
    with opened(scene) as experiment:
        run = experiment.resume("last")
        assert outcome(experiment, run) == undisturbed
        assert_clean(experiment)


def test_run_that_loses_the_server_goes_on_when_it_is_back(
    scene: Path, undisturbed: dict[str, object], postgres_server: PrivateServer
) -> None:
    ended = 0

    def cut(event: object) -> None:
        nonlocal ended
        if isinstance(event, JobEnded):
            ended += 1
            if ended == IMAGES // 2:
                postgres_server.stop()

    with opened(scene) as experiment:
        workflow = line_of(experiment, scene)
        try:
            with pytest.raises(StoreError) as caught:
                experiment.run(workflow, bind={"images": "raw"}, observe=cut)
        finally:
            postgres_server.start()
        assert "--resume" in caught.value.remedy
        assert postgres_server.url() in caught.value.message
        run = experiment.resume("last")
        assert outcome(experiment, run) == undisturbed
        assert_clean(experiment)
