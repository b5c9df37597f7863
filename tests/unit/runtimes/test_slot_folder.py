import os
from pathlib import Path

import pytest

from bioimageit_flow.errors import DataError
from bioimageit_flow.runtimes.slot_folder import (
    SlotFolder,
    put_program,
    why_not_staged,
)

pytestmark = pytest.mark.skipif(not hasattr(os, "chown"), reason="containers only")


@pytest.fixture
def slot(tmp_path: Path) -> SlotFolder:
    return SlotFolder(tmp_path, None, None)


def job_folder(tmp_path: Path, name: str = "job") -> Path:
    folder = tmp_path / name
    for part in ("in/image", "out/result", "out/table"):
        (folder / part).mkdir(parents=True)
    (folder / "in/image.list").write_text("listed", "utf-8")
    (folder / "job.json").write_text(name, "utf-8")
    return folder


def seen(slot: SlotFolder) -> list[str]:
    job = slot.path / "job"
    return sorted(
        str(path.relative_to(job)) for path in job.rglob("*") if path.is_file()
    )


def test_job_finds_its_files_and_gets_them_back(
    slot: SlotFolder, tmp_path: Path
) -> None:
    folder = job_folder(tmp_path)
    source = tmp_path / "source.tif"
    source.write_bytes(b"pixels")
    (folder / "in/image/0.tif").symlink_to(source)
    slot.enter(folder)
    assert seen(slot) == ["in/image.list", "in/image/0.tif", "job.json"]
    staged = slot.path / "job/in/image/0.tif"
    assert not staged.is_symlink()
    assert staged.samefile(source)
    (slot.path / "job/out/result/0.tif").write_bytes(b"result")
    slot.leave(folder)
    assert (folder / "out/result/0.tif").read_bytes() == b"result"
    assert (folder / "in/image/0.tif").read_bytes() == b"pixels"
    assert sorted(path.name for path in folder.iterdir()) == ["in", "job.json", "out"]
    assert seen(slot) == []
    assert list((slot.path / "job/out").iterdir()) == []


def test_mounted_folders_stay_the_same(slot: SlotFolder, tmp_path: Path) -> None:
    numbers = [bind.source.stat().st_ino for bind in slot.binds()]
    for name in ("a", "b"):
        folder = job_folder(tmp_path, name)
        slot.enter(folder)
        slot.leave(folder)
    assert [bind.source.stat().st_ino for bind in slot.binds()] == numbers


def test_folder_as_input_is_linked_file_by_file(
    slot: SlotFolder, tmp_path: Path
) -> None:
    source = tmp_path / "image.ome.zarr"
    (source / "0").mkdir(parents=True)
    (source / "0" / "chunk").write_bytes(b"chunk")
    folder = job_folder(tmp_path)
    (folder / "in/image/0.ome.zarr").symlink_to(source)
    slot.enter(folder)
    chunk = slot.path / "job/in/image/0.ome.zarr/0/chunk"
    assert chunk.samefile(source / "0" / "chunk")
    slot.leave(folder)
    assert (source / "0" / "chunk").read_bytes() == b"chunk"


def test_what_a_job_leaves_unreadable_comes_back(
    slot: SlotFolder, tmp_path: Path
) -> None:
    folder = job_folder(tmp_path)
    slot.enter(folder)
    out = slot.path / "job/out"
    (out / "more").mkdir()
    (out / "result/inner").mkdir()
    (out / "result/inner").chmod(0)
    (out / "result").chmod(0)
    slot.leave(folder)
    assert {path.name for path in (folder / "out").iterdir()} == {
        *("result", "table", "more")
    }
    assert list((folder / "out/result/inner").iterdir()) == []


def test_missing_input_is_named_and_the_job_gets_its_folder_back(
    slot: SlotFolder, tmp_path: Path
) -> None:
    folder = job_folder(tmp_path)
    (folder / "in/image/0.tif").symlink_to(tmp_path / "gone.tif")
    with pytest.raises(DataError, match=r"gone\.tif is not there"):
        slot.enter(folder)
    slot.leave(folder)
    assert (folder / "out/result").is_dir()


def test_very_many_files_are_not_linked_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bioimageit_flow.runtimes.slot_folder.MANY_FILES", 3)
    folder = job_folder(tmp_path)
    source = tmp_path / "image.ome.zarr"
    source.mkdir()
    (folder / "in/image/0.ome.zarr").symlink_to(source)
    for number in range(5):
        reason = why_not_staged(folder)
        assert bool(reason) == (number > 3)
        (source / str(number)).write_text("x", "utf-8")
    assert "image.ome.zarr" in reason


def test_program_is_readable_by_any_user(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        put_program(tmp_path / "flow")
    finally:
        os.umask(before)
    paths = list((tmp_path / "flow").rglob("*"))
    names = {path.name for path in paths}
    assert {"start.py", "worker.sh", "worker.py", "job.py"} <= names
    for path in paths:
        assert path.stat().st_mode & 0o044 == 0o044
