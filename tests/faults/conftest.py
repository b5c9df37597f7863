import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.scene import (
    ROOT,
    Begin,
    command,
    environment,
    line_of,
    new_scene,
    opened,
    outcome,
)


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where jobs work: a folder of each test."""
    place = tmp_path / "scene" / "work"
    monkeypatch.setenv("BIOIMAGEIT_FLOW_WORK", str(place))
    return place


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """The folder of a scene, with an experiment that nothing happened to yet."""
    folder = tmp_path / "scene"
    folder.mkdir()
    new_scene(folder)
    return folder


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Begin processes of scenes; none of them outlives its test, however that ends."""
    begun: list[subprocess.Popen[str]] = []

    def begin(
        folder: Path, act: str, *words: str, fault: str = ""
    ) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            command(folder, act, *words),
            cwd=ROOT,
            env=environment(folder, fault),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        begun.append(process)
        return process

    yield begin
    for process in begun:
        process.kill()  # also one that is stopped
        process.communicate()


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What a run comes to that nothing happens to."""
    folder = tmp_path_factory.mktemp("undisturbed")
    new_scene(folder)
    with pytest.MonkeyPatch.context() as patch, opened(folder) as experiment:
        patch.setenv("BIOIMAGEIT_FLOW_WORK", str(folder / "work"))
        run = experiment.run(line_of(experiment, folder), bind={"images": "raw"})
        return outcome(experiment, run)
