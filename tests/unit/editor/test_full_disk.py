"""A disk that is full or read-only: one sentence each, nothing lost, work goes on."""

import errno
import os
from pathlib import Path

import pytest

from bioimageit_flow.editor.workspace import Workspace
from bioimageit_flow.errors import WorkflowError


def read_only(self: Path, *_args: object, **_kwargs: object) -> None:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(folder=tmp_path / "state")


def test_saving_on_a_read_only_disk_is_refused_in_a_sentence(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "spots.flow.yaml"
    editor = workspace.new()
    editor.add_dataset("images")
    workspace.save(editor, path)
    before = path.read_bytes()
    editor.add_dataset("more")
    for method in ("open", "unlink", "replace"):
        monkeypatch.setattr(Path, method, read_only)
    with pytest.raises(WorkflowError, match=r"cannot be saved .*\(Read-only") as caught:
        editor.save()
    monkeypatch.undo()

    assert caught.value.remedy
    assert path.read_bytes() == before
    assert editor.is_modified
    workspace.end()


def test_a_journal_that_cannot_be_written_is_told_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    workspace.message.connect(lambda text, _remedy: told.append(text))
    editor = workspace.new()
    write = Path.write_text

    def full(self: Path, *args: str, **kwargs: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self))

    monkeypatch.setattr(Path, "write_text", full)
    for number in range(3):
        editor.add_dataset(f"d{number}")
    assert len(told) == 1
    assert "against a crash (No space left" in told[0]

    monkeypatch.setattr(Path, "write_text", write)
    editor.add_dataset("there")
    monkeypatch.setattr(Path, "write_text", full)
    editor.add_dataset("again")
    assert len(told) == 2
    monkeypatch.undo()
    workspace.end()
