"""Publishing: whole and durable, or not at all."""

import errno
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import pytest

from bioimageit_flow.errors import DataError, StoreError
from bioimageit_flow.formats import hash_content
from bioimageit_flow.model.data import LocationState
from bioimageit_flow.stores import (
    create_experiment,
    publishing,
)
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.places import TakenError
from bioimageit_flow.testing.samples import raw_item

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[ExperimentFolder]:
    with ExperimentFolder.create(tmp_path / "experiment") as folder:
        yield folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.bin"
    path.write_bytes(b"bytes")
    os.utime(path, ns=(1_600_000_000_000_000_000, 1_500_000_000_123_456_789))
    return path


def everything_in(path: Path) -> list[str]:
    return sorted(one.relative_to(path).as_posix() for one in path.rglob("*"))


def test_published_file_is_whole_and_read_only(
    folder: ExperimentFolder, source: Path
) -> None:
    place = folder.publish(source, "results/run/node/port/0.bin")
    path = folder.resolve(place)
    status = path.stat()
    assert path == folder.path / "results" / "run" / "node" / "port" / "0.bin"
    assert path.read_bytes() == b"bytes"
    assert place.verify_sha256 == hash_content(source).sha256
    assert (place.size, place.inode) == (5, status.st_ino)
    assert place.mtime_ns == status.st_mtime_ns == 1_500_000_000_123_456_789
    assert place.state is LocationState.PRESENT
    assert not place.is_referenced
    assert stat.S_IMODE(status.st_mode) & 0o222 == 0
    assert len(list(path.parent.iterdir())) == 1
    assert source.read_bytes() == b"bytes"


def test_published_file_is_never_overwritten(
    folder: ExperimentFolder, source: Path
) -> None:
    place = folder.publish(source, "data/raw/a.bin")
    source.write_bytes(b"other")
    with pytest.raises(TakenError, match="is there already"):
        folder.publish(source, "data/raw/a.bin")
    assert folder.resolve(place).read_bytes() == b"bytes"
    assert len(list((folder.path / "data/raw").iterdir())) == 1


def test_name_taken_at_the_last_moment_is_not_overwritten(
    folder: ExperimentFolder, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = folder.path / "data" / "raw" / "a.bin"
    copy = publishing._copy_file

    def copy_while_another_publishes(*args: Any, **more: Any) -> Any:  # noqa: ANN401
        digest = copy(*args, **more)
        target.write_bytes(b"theirs")
        return digest

    monkeypatch.setattr(publishing, "_copy_file", copy_while_another_publishes)
    with pytest.raises(TakenError):
        folder.publish(source, "data/raw/a.bin")
    assert [one.name for one in target.parent.iterdir()] == ["a.bin"]
    assert target.read_bytes() == b"theirs"


def test_publishing_works_without_hard_links(
    folder: ExperimentFolder, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    place = folder.publish(source, "data/raw/a.bin")
    assert folder.resolve(place).read_bytes() == b"bytes"
    with pytest.raises(TakenError):
        folder.publish(source, "data/raw/a.bin")
    assert len(list((folder.path / "data/raw").iterdir())) == 1


def test_folder_is_published_as_one_datum(
    folder: ExperimentFolder, tmp_path: Path
) -> None:
    source = tmp_path / "image.zarr"
    (source / "0" / "c").mkdir(parents=True)
    (source / "zarr.json").write_text("{}")
    (source / "0" / "c" / "1").write_bytes(b"chunk")
    place = folder.publish(source, "data/raw/image.zarr")
    path = folder.resolve(place)
    assert everything_in(path) == everything_in(source)
    assert place.verify_sha256 == hash_content(source).sha256
    assert place.size == 7
    with pytest.raises(TakenError):
        folder.publish(source, "data/raw/image.zarr")
    folder.withdraw(place)
    assert everything_in(folder.path / "data") == ["raw"]


@pytest.mark.parametrize(
    "target",
    [
        "../a.bin",
        "data/../../a.bin",
        "data/../experiment.db",
        "/etc/a.bin",
        "data//a.bin",
        "data/./a.bin",
        "data\\..\\a.bin",
        "C:/a.bin",
        "data/C:a.bin",
        "data",
        "",
        "a.bin",
        "runs/a/b",
        ".cache/a",
        "experiment.db",
        "data/a\0b",
    ],
)
def test_target_outside_is_refused(
    folder: ExperimentFolder, source: Path, target: str
) -> None:
    before = everything_in(folder.path.parent)
    with pytest.raises(StoreError, match="no place inside the experiment"):
        folder.publish(source, target)
    assert everything_in(folder.path.parent) == before


@posix_only
def test_link_that_leads_out_is_not_followed(
    folder: ExperimentFolder, source: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder.path / "results" / "run").symlink_to(outside)
    with pytest.raises(StoreError, match="no place inside"):
        folder.publish(source, "results/run/a.bin")
    assert list(outside.iterdir()) == []


@posix_only
def test_data_may_lie_on_a_larger_disk(
    folder: ExperimentFolder, source: Path, tmp_path: Path
) -> None:
    larger = tmp_path / "larger"
    larger.mkdir()
    (folder.path / "data").rmdir()
    (folder.path / "data").symlink_to(larger)
    folder.publish(source, "data/raw/a.bin")
    assert (larger / "raw" / "a.bin").read_bytes() == b"bytes"


@posix_only
def test_links_and_special_files_are_no_results(
    folder: ExperimentFolder, source: Path, tmp_path: Path
) -> None:
    link, pipe, tree = tmp_path / "link", tmp_path / "pipe", tmp_path / "tree"
    link.symlink_to(source)
    os.mkfifo(pipe)
    tree.mkdir()
    (tree / "link").symlink_to(source)
    for path in (link, tree):
        with pytest.raises(DataError, match="is a link, not a file"):
            folder.publish(path, "results/run/a")
    with pytest.raises(DataError, match="pipe"):
        folder.publish(pipe, "results/run/a")
    with pytest.raises(DataError, match=r"'.*nowhere' cannot be read"):
        folder.publish(tmp_path / "nowhere", "results/run/a")
    assert everything_in(folder.path / "results") in ([], ["run"])


FULL = (errno.ENOSPC, "No space is left on the disk")
QUOTA = (errno.EDQUOT, "No space is left on the disk")
FROZEN = (errno.EROFS, "cannot be written: Read-only file system")
BROKEN = (errno.EIO, "cannot be written: Input/output error")


@pytest.mark.parametrize(
    ("step", "code", "words"),
    [
        *((step, *FULL) for step in ("write", "fsync", "mkdir", "utime")),
        *((step, *BROKEN) for step in ("write", "fsync", "mkdir", "link")),
        ("write", *QUOTA),
        ("mkdir", *FROZEN),
    ],
)
def test_failed_publishing_leaves_nothing(
    folder: ExperimentFolder,
    source: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    code: int,
    words: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, step, fail)
    if step == "link":  # then the name is taken first
        monkeypatch.setattr(os, "open", fail)
    with pytest.raises(StoreError, match=words):
        folder.publish(source, "results/run/a.bin")
    monkeypatch.undo()
    assert not [one for one in folder.path.rglob("*") if one.is_file()]


@posix_only
def test_real_full_disk_is_named(source: Path, tmp_path: Path) -> None:
    """On a file system of 1 MiB, where this process may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)]
    if not shutil.which("mount") or subprocess.run(mount, stderr=DEVNULL).returncode:
        pytest.skip("may not mount a file system")
    try:
        source.write_bytes(os.urandom(2**21))
        folder, store = create_experiment(disk / "e")
        with folder, closing(store):
            with pytest.raises(StoreError, match="No space is left on the disk"):
                folder.publish(source, "data/raw/a.bin")
            assert everything_in(folder.path / "data") == ["raw"]
            filler = disk / "filler"
            with pytest.raises(OSError, match="No space"):
                filler.write_bytes(bytes(2**21))
            with pytest.raises(StoreError, match="No space is left"):
                store.add_raw_items([raw_item(f"{n}.tif") for n in range(2000)])
            assert list(store.items()) == []
            filler.unlink()
            store.add_raw_items([raw_item()])
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_large_file_is_hashed_beside_its_copying(
    folder: ExperimentFolder, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_HASHED_BESIDE", 1)
    monkeypatch.setattr(publishing, "_CHUNK", 1000)
    source.write_bytes(bytes(range(256)) * 100)

    place = folder.publish(source, "data/raw/a.bin")

    assert folder.resolve(place).read_bytes() == source.read_bytes()
    assert place.verify_sha256 == hash_content(source).sha256


def test_copy_that_is_not_wanted_any_more_leaves_nothing(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_CHUNK", 2)
    passings: list[None] = []

    def stop() -> None:
        passings.append(None)
        if len(passings) == 2:
            raise KeyboardInterrupt

    target = tmp_path / "there" / "a.bin"
    with pytest.raises(KeyboardInterrupt):
        publishing.write_copy(source, target, is_durable=False, watch=stop)

    assert everything_in(tmp_path / "there") == []
