import os
import sys
from pathlib import Path

import pytest

from bioimageit_flow.errors import DataError
from bioimageit_flow.runtimes.staging import (
    MAX_LINKS,
    Bind,
    _chmod,
    hand_over,
    input_binds,
    take_back,
)

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="files are shared in other ways on Windows"
)


@pytest.fixture
def job(tmp_path: Path) -> Path:
    folder = tmp_path / "job"
    (folder / "in" / "image").mkdir(parents=True)
    (folder / "in" / "image" / "0.tif").write_bytes(b"image")
    (folder / "in" / "tables").mkdir()
    return folder


def _targets(binds: list[Bind]) -> dict[str, Path]:
    assert all(bind.is_read_only for bind in binds)
    return {bind.target: bind.source for bind in binds}


def test_files_are_mounted_as_one_folder(job: Path) -> None:
    assert _targets(input_binds(job, is_foreign=False)) == {"/job/in": job / "in"}


def test_job_without_inputs_has_no_mounts(tmp_path: Path) -> None:
    assert input_binds(tmp_path, is_foreign=False) == []


def test_links_are_mounted_where_they_stand(job: Path, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    table, zarr = tmp_path / "far" / "t.csv", tmp_path / "far" / "z.zarr"
    table.write_bytes(b"table")
    zarr.mkdir()
    tables = job / "in" / "tables"
    (tables / "0.csv").symlink_to(table)
    (tables / "1.csv").write_bytes(b"copied")
    (tables / "2.zarr").symlink_to(zarr)
    (job / "in" / "tables.list").write_text("/job/in/tables/0.csv\n", "utf-8")
    assert _targets(input_binds(job, is_foreign=False)) == {
        "/job/in/image": job / "in" / "image",
        "/job/in/tables/0.csv": table,
        "/job/in/tables/1.csv": tables / "1.csv",
        "/job/in/tables/2.zarr": zarr,
        "/job/in/tables.list": job / "in" / "tables.list",
    }


def test_link_to_nothing_names_what_is_gone(job: Path, tmp_path: Path) -> None:
    (job / "in" / "tables" / "0.csv").symlink_to(tmp_path / "gone.csv")
    with pytest.raises(DataError, match=r"gone\.csv is not there"):
        input_binds(job, is_foreign=False)


def test_very_many_links_become_files(job: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_bytes(b"table")
    tables = job / "in" / "tables"
    for number in range(MAX_LINKS + 5):
        (tables / f"{number}.csv").symlink_to(table)
    input_binds(job, is_foreign=False)
    links = [path for path in tables.iterdir() if path.is_symlink()]
    assert len(links) == MAX_LINKS
    assert {path.read_bytes() for path in tables.iterdir()} == {b"table"}


def test_private_inputs_are_copied_for_another_user(job: Path, tmp_path: Path) -> None:
    private, shared = tmp_path / "private.csv", tmp_path / "shared.csv"
    for path, mode in ((private, 0o600), (shared, 0o644)):
        path.write_text(path.name, "utf-8")
        path.chmod(mode)
    tables = job / "in" / "tables"
    (tables / "0.csv").symlink_to(private)
    (tables / "1.csv").symlink_to(shared)
    (tables / "2.csv").hardlink_to(private)
    tables.chmod(0o700)
    (job / "in").chmod(0o700)
    found = _targets(input_binds(job, is_foreign=True))
    assert found["/job/in/tables/0.csv"] == tables / "0.csv"
    assert found["/job/in/tables/1.csv"] == shared
    for number in (0, 2):
        copy = tables / f"{number}.csv"
        assert copy.read_text("utf-8") == "private.csv"
        assert copy.stat().st_mode & 0o004
    assert private.stat().st_mode & 0o777 == 0o600
    assert (job / "in").stat().st_mode & 0o005 == 0o005


def test_private_folder_items_are_copied_for_another_user(
    job: Path, tmp_path: Path
) -> None:
    zarr = tmp_path / "image.zarr"
    (zarr / "0").mkdir(parents=True)
    chunk = zarr / "0" / "0.0"
    chunk.write_bytes(b"chunk")
    chunk.chmod(0o600)
    staged = job / "in" / "image" / "1.zarr"
    staged.symlink_to(zarr)
    input_binds(job, is_foreign=True)
    assert not staged.is_symlink()
    assert (staged / "0" / "0.0").read_bytes() == b"chunk"
    assert (staged / "0" / "0.0").stat().st_mode & 0o004
    assert chunk.stat().st_mode & 0o777 == 0o600


def test_output_is_taken_back_readable(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "sub").mkdir(parents=True)
    (out / "sub" / "file").write_bytes(b"x")
    (out / "sub" / "file").chmod(0o000)
    (out / "setuid").write_bytes(b"x")
    (out / "setuid").chmod(0o6755)
    outside = tmp_path / "outside"
    outside.write_bytes(b"x")
    outside.chmod(0o400)
    (out / "link").symlink_to(outside)
    os.mkfifo(out / "pipe")
    (out / "sub").chmod(0o000)
    take_back(out, None)
    assert (out / "sub" / "file").stat().st_mode & 0o777 == 0o600
    assert (out / "setuid").stat().st_mode & 0o7777 == 0o755
    assert outside.stat().st_mode & 0o777 == 0o400


def test_output_folder_that_is_gone_is_no_fault_of_ours(tmp_path: Path) -> None:
    take_back(tmp_path / "removed by the job", None)


@pytest.mark.skipif(
    sys.platform == "win32" or os.getuid() != 0, reason="only root gives files away"
)
def test_output_is_handed_over_and_taken_back(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "port").mkdir(parents=True)
    outside = tmp_path / "outside"
    outside.write_bytes(b"x")
    (out / "link").symlink_to(outside)
    hand_over(out, 65532, 65533)
    assert (out.stat().st_uid, (out / "port").stat().st_gid) == (65532, 65533)
    assert (out / "link").lstat().st_uid == 65532
    take_back(out, (0, 0))
    assert {path.lstat().st_uid for path in (out, *out.iterdir())} == {0}
    assert outside.stat().st_uid == 0


def test_mode_is_never_changed_through_a_link(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.write_text("of the caller")
    private.chmod(0o600)
    link = tmp_path / "swapped"
    link.symlink_to(private)
    _chmod(link, 0o666)  # as if a file had just been exchanged for the link
    assert private.stat().st_mode & 0o777 == 0o600
    file = tmp_path / "file"
    file.touch(mode=0o000)
    _chmod(file, 0o640)
    assert file.stat().st_mode & 0o777 == 0o640
