import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.editor.settings import FILE, Settings, load_settings
from bioimageit_flow.editor.workspace import Workspace
from bioimageit_flow.errors import DataError, NewerVersionError, WorkflowError
from bioimageit_flow.session import Session
from bioimageit_flow.workflow import load_document

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "nuclei" / "nuclei.flow.yaml"


@pytest.fixture
def session(catalogue: Catalogue) -> Session:
    session = Session()
    session.catalogue = catalogue
    return session


@pytest.fixture
def workspace(session: Session, tmp_path: Path) -> Workspace:
    return Workspace(session, folder=tmp_path / "state")


def a_copy(folder: Path) -> Path:
    path = folder / "mine.flow.yaml"
    path.write_bytes(EXAMPLE.read_bytes())
    return path


def test_new_workflow_is_called_after_its_first_file(
    workspace: Workspace, tmp_path: Path
) -> None:
    editor, named = workspace.new(), workspace.new()
    named.set_about(name="Mine")

    for one in (editor, named):
        workspace.save(one, tmp_path / "count_spots.flow.yaml")
        workspace.save(one, tmp_path / "other.flow.yaml")

    assert editor.workflow.name == "count_spots"
    assert named.workflow.name == "Mine"


def test_new_workflow_has_nothing_to_lose(workspace: Workspace) -> None:
    editor = workspace.new()

    assert workspace.unsaved() == []
    editor.add_dataset()
    assert workspace.unsaved() == [editor]
    editor.undo()
    assert workspace.unsaved() == []


def test_saving_gives_the_file_and_clears_the_mark(
    workspace: Workspace, tmp_path: Path
) -> None:
    editor = workspace.new("Spots")
    editor.add_dataset("images")
    with pytest.raises(WorkflowError, match="no file yet"):
        workspace.save(editor)

    path = workspace.save(editor, tmp_path / "spots")

    assert path.name == "spots.flow.yaml"
    assert not editor.is_modified
    assert list(load_document(path).inputs) == ["images"]
    assert workspace.recent[0].path == path
    assert workspace.recent[0].name == "Spots"


def test_opening_and_saving_changes_nothing_but_places(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = a_copy(tmp_path)
    editor = workspace.open(path)
    assert not editor.is_modified

    workspace.save(editor)

    before = EXAMPLE.read_text().partition("layout:")[0]
    assert path.read_text().partition("layout:")[0] == before


def test_open_file_is_opened_once(workspace: Workspace, tmp_path: Path) -> None:
    path = a_copy(tmp_path)

    assert workspace.open(path) is workspace.open(str(path))
    assert len(workspace.editors) == 1


def test_file_that_is_no_workflow_opens_no_tab(
    workspace: Workspace, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.flow.yaml"
    bad.write_text("schema: bioimageit-flow/workflow/9\n")
    with pytest.raises(NewerVersionError):
        workspace.open(bad)
    with pytest.raises(WorkflowError):
        workspace.open(tmp_path / "gone.flow.yaml")
    with pytest.raises(WorkflowError):
        workspace.open(tmp_path)

    assert workspace.editors == []
    assert workspace.recent == ()


def test_change_by_another_program_is_noticed(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = a_copy(tmp_path)
    editor = workspace.open(path)
    assert workspace.changed_on_disk() == []

    path.write_text(EXAMPLE.read_text().replace("sigma: 0.3", "sigma: 0.7"))
    assert workspace.changed_on_disk() == [editor]

    workspace.reload(editor)
    assert editor.document.nodes["smooth"].parameters["sigma"] == 0.7
    assert workspace.changed_on_disk() == []
    assert not editor.is_modified
    editor.undo()
    assert editor.document.nodes["smooth"].parameters["sigma"] == 0.3


def test_touched_file_with_the_same_content_is_no_change(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = a_copy(tmp_path)
    workspace.open(path)
    os.utime(path, (1, 1))

    assert workspace.changed_on_disk() == []


def test_keeping_mine_asks_once(workspace: Workspace, tmp_path: Path) -> None:
    path = a_copy(tmp_path)
    editor = workspace.open(path)
    path.unlink()
    assert workspace.changed_on_disk() == [editor]

    workspace.keep_mine(editor)

    assert editor.is_modified
    assert path.exists() is False


def test_reload_of_a_broken_file_keeps_what_is_seen(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = a_copy(tmp_path)
    editor = workspace.open(path)
    path.write_text("nonsense: [")
    with pytest.raises(WorkflowError):
        workspace.reload(editor)
    assert "smooth" in editor.scene.nodes


CRASH = """
import os, signal, sys
from pathlib import Path
from bioimageit_flow.editor.workspace import Workspace
workspace = Workspace(folder=Path(sys.argv[1]))
editor = workspace.open(sys.argv[2])
editor.set_parameter("smooth", "sigma", 0.8)
untitled = workspace.new("Fresh")
untitled.add_dataset("pictures")
untitled.add_tool("skimage/gaussian", connect_from=("pictures", None))
saved = workspace.new("Saved")
saved.add_dataset("x")
workspace.save(saved, Path(sys.argv[2]).with_name("saved.flow.yaml"))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_editor_loses_nothing(session: Session, tmp_path: Path) -> None:
    path = a_copy(tmp_path)
    command = [sys.executable, "-c", CRASH, str(tmp_path / "state"), str(path)]
    ended = subprocess.run(command, capture_output=True, check=False, cwd=ROOT)
    assert ended.returncode == -signal.SIGKILL, ended.stderr

    workspace = Workspace(session, folder=tmp_path / "state")
    offers = {one.title: one for one in workspace.recoveries()}
    assert set(offers) == {"Nuclei of two conditions", "Fresh"}

    mine = workspace.recover(offers["Nuclei of two conditions"])
    fresh = workspace.recover(offers["Fresh"])

    assert mine.path == path
    assert mine.is_modified
    assert mine.document.nodes["smooth"].parameters["sigma"] == 0.8
    assert list(fresh.scene.wires) == ["pictures -> gaussian.image"]
    assert fresh.path is None
    assert fresh.is_modified
    assert workspace.recoveries() == []
    workspace.end()
    assert Workspace(session, folder=tmp_path / "state").recoveries() == []


def test_living_editor_is_not_offered(session: Session, tmp_path: Path) -> None:
    one = Workspace(session, folder=tmp_path / "state")
    one.new("Alive").add_dataset()
    other = Workspace(session, folder=tmp_path / "state")

    assert other.recoveries() == []
    one.end()
    other.end()


def test_damaged_journal_does_not_stop_the_start(
    session: Session, tmp_path: Path
) -> None:
    left = tmp_path / "state" / "journal" / "1-dead"
    left.mkdir(parents=True)
    (left / "a.journal.json").write_text("{")
    (left / "b.journal.json").write_text('{"document": {}}')

    workspace = Workspace(session, folder=tmp_path / "state")
    assert workspace.recoveries() == []
    kept = workspace.damaged_journals()
    assert sorted(one.read_text() for one in kept) == ["{", '{"document": {}}']
    assert workspace.damaged_journals() == []
    workspace.end()
    again = Workspace(session, folder=tmp_path / "state")
    assert again.recoveries() == []
    assert again.damaged_journals() == []
    assert all(one.is_file() for one in kept)
    again.end()


def test_closing_forgets_the_journal(session: Session, tmp_path: Path) -> None:
    workspace = Workspace(session, folder=tmp_path / "state")
    editor = workspace.new()
    editor.add_dataset()
    assert list((tmp_path / "state").rglob("*.journal.json"))

    workspace.close(editor)

    assert not list((tmp_path / "state").rglob("*.journal.json"))
    workspace.end()


def test_settings_survive(session: Session, tmp_path: Path) -> None:
    first = Workspace(session, folder=tmp_path)
    first.change_settings(theme="dark", font_scale=1.25)
    first.toggle_favourite("skimage/gaussian@1.0.0")
    first.note_use("skimage/median")
    first.set_keys("edit.undo", "Ctrl+U")

    again = Workspace(session, folder=tmp_path)

    assert again.settings.theme == "dark"
    assert again.settings.font_scale == 1.25
    assert again.settings.favourites == ("skimage/gaussian",)
    assert again.settings.recent_tools == ("skimage/median",)
    assert again.keys()["edit.undo"] == "Ctrl+U"
    assert again.toggle_favourite("skimage/gaussian") is False


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00", "[" * 100_000])
def test_damaged_settings_are_set_aside(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)

    assert load_settings(tmp_path) == Settings()


def test_one_bad_setting_does_not_cost_the_others(tmp_path: Path) -> None:
    entry = {"theme": "light", "font_scale": 99, "favourites": 3, "new": True}
    (tmp_path / FILE).write_text(json.dumps(entry))

    assert load_settings(tmp_path) == Settings(theme="light")


def test_recent_files_are_bounded_and_forgotten(
    workspace: Workspace, tmp_path: Path
) -> None:
    for number in range(25):
        editor = workspace.new(f"W{number}")
        workspace.save(editor, tmp_path / f"w{number}.flow.yaml")
        workspace.close(editor)
    assert len(workspace.recent) == 20
    first = workspace.recent[0]
    workspace.keep_picture(first.path, b"png")
    assert workspace.picture_path(first.path).read_bytes() == b"png"

    workspace.forget_recent(first.path)

    assert first not in workspace.recent
    assert not workspace.picture_path(first.path).exists()


def test_workflow_goes_from_one_workspace_to_another(
    session: Session, workspace: Workspace, tmp_path: Path
) -> None:
    editor = workspace.open(a_copy(tmp_path))
    archive = tmp_path / "nuclei.flow.zip"
    workspace.share(editor, archive)
    with pytest.raises(WorkflowError, match="is a shared workflow"):
        workspace.open(archive)

    other = Workspace(session, folder=tmp_path / "other")
    opened, done = other.open_shared(archive, tmp_path / "received")

    assert dict(opened.document.nodes) == dict(editor.document.nodes)
    assert len(done.known) == 7
    assert not done.added
    with pytest.raises(DataError, match="is there already"):
        other.open_shared(archive, tmp_path / "received")
