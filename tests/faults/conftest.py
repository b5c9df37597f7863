from pathlib import Path

import pytest

from tests.faults.scene import line_of, new_scene, opened, outcome


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


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What a run comes to that nothing happens to."""
    folder = tmp_path_factory.mktemp("undisturbed")
    new_scene(folder)
    with pytest.MonkeyPatch.context() as patch, opened(folder) as experiment:
        patch.setenv("BIOIMAGEIT_FLOW_WORK", str(folder / "work"))
        run = experiment.run(line_of(experiment, folder), bind={"images": "raw"})
        return outcome(experiment, run)
