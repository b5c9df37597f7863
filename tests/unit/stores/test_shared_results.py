"""A folder of shared results is for all who may write it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bioimageit_flow.formats import hash_content
from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.shared import SharedOrigin, SharedResult
from bioimageit_flow.stores import shared_results
from bioimageit_flow.stores.shared_results import SharedResults


@pytest.fixture
def narrow() -> Iterator[None]:
    """A process whose files are for nobody else."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.skipif(os.name == "nt", reason="it knows no such modes")
@pytest.mark.usefixtures("narrow")
def test_whoever_may_write_the_folder_may_add_to_what_others_made(
    tmp_path: Path,
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2775)
    (tmp_path / "file").write_bytes(b"pixels")
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    (tmp_path / "folder" / "inside" / "0").write_bytes(b"chunk")
    parts = {"tool": "test/add@1.0.0"}
    origin = SharedOrigin("", "", "", "", "", "", {})

    results = SharedResults.open(shared)
    for name in ("file", "folder"):
        results.add_content(tmp_path / name, hash_content(tmp_path / name))
    results.add(SharedResult(canonical_hash(parts), parts, (), origin))

    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    places = [*shared.iterdir(), *shared.glob("*/*"), *shared.glob("*/*/*")]
    made = [one for one in places if one.is_dir() and len(one.name) != 64]
    assert len(made) == 6
    assert {mode(one) for one in made} == {0o2775}
    files = [one for one in shared.rglob("*") if one.is_file()]
    assert len(files) == 4
    assert all(mode(one) & 0o444 == 0o444 for one in files)
    (folder,) = [one for one in places if one.is_dir() and len(one.name) == 64]
    assert {mode(one) & 0o055 for one in (folder, folder / "inside")} == {0o055}


def test_looking_into_an_empty_folder_changes_nothing(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (tmp_path / "file").write_bytes(b"pixels")
    content = hash_content(tmp_path / "file")

    results = SharedResults.open(shared)
    assert (results.count(), results.find(content.sha256)) == (0, None)
    assert list(shared.iterdir()) == []

    results.add_content(tmp_path / "file", content)
    (tmp_path / "file").unlink()
    SharedResults.open(shared).copy_out(content, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == b"pixels"
    names = {one.name for one in shared.iterdir()}
    assert names == {"shared-results.json", "contents", ".writing"}
    assert list((shared / ".writing").iterdir()) == []


def test_what_killed_writers_left_is_swept_once_it_is_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    (shared / ".writing" / "folder" / "inside").mkdir(parents=True)
    (shared / ".writing" / "folder" / "inside" / "0").write_bytes(b"half a ch")
    (shared / ".writing" / "file").write_bytes(b"half a fi")
    os.utime(shared / ".writing" / "file", (0, 0))  # copied with its old time
    (tmp_path / "whole").write_bytes(b"pixels")
    results = SharedResults.open(shared)
    content = hash_content(tmp_path / "whole")
    results.add_content(tmp_path / "whole", content)

    results.sweep()  # somebody may be writing them now
    left = {one.name for one in (shared / ".writing").iterdir()}
    assert left == {"folder", "file"}

    monkeypatch.setattr(shared_results, "_LEFT_BEHIND_S", -1)
    results.sweep()
    assert list((shared / ".writing").iterdir()) == []
    results.copy_out(content, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == b"pixels"
