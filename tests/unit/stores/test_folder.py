"""The folder of an experiment: making and opening it."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bioimageit_flow.errors import DataError, StoreError
from bioimageit_flow.model.data import LocationState
from bioimageit_flow.model.ids import new_run_id
from bioimageit_flow.stores import (
    create_experiment,
    open_experiment,
    places,
)
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.layout import DATABASE, FOLDERS
from bioimageit_flow.stores.places import TakenError
from bioimageit_flow.testing.samples import location, raw_item

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


# Making and opening


def test_experiment_is_laid_out(tmp_path: Path) -> None:
    folder, store = create_experiment(tmp_path / "a" / "b", "Spots")
    with folder, closing(store):
        assert folder.path == tmp_path / "a" / "b"
        assert {DATABASE, *FOLDERS} <= set(everything_in(folder.path))
        assert store.facts().name == "Spots"
    assert not [one for one in everything_in(tmp_path) if one.endswith(".lock")]


def test_experiment_is_called_as_its_folder(tmp_path: Path) -> None:
    folder, store = create_experiment(tmp_path / "Wells of May")
    with folder, closing(store):
        assert store.facts().name == "Wells of May"


def test_experiment_is_opened_by_folder_or_file(tmp_path: Path) -> None:
    folder, store = create_experiment(tmp_path / "e")
    uuid = store.facts().uuid
    store.close()
    folder.close()
    for path in (tmp_path / "e", tmp_path / "e" / "experiment.db"):
        folder, store = open_experiment(path)
        with folder, closing(store):
            assert store.facts().uuid == uuid
            assert not folder.is_read_only


def test_experiment_may_be_opened_twice(tmp_path: Path) -> None:
    first, store = create_experiment(tmp_path / "e")
    second, again = open_experiment(tmp_path / "e")
    with first, closing(store), second, closing(again):
        store.add_raw_items([raw_item()])
        assert len(list(again.items())) == 1


def test_folder_with_files_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(StoreError, match=r"not empty: it has 'thesis.txt'.*new folder"):
        create_experiment(tmp_path)
    assert everything_in(tmp_path) == ["thesis.txt"]


def test_folder_with_hidden_files_only_is_taken(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").touch()
    folder, store = create_experiment(tmp_path)
    with folder, closing(store):
        assert store.facts().name == tmp_path.name


def test_interrupted_creation_can_be_repeated(tmp_path: Path) -> None:
    for name in FOLDERS:
        (tmp_path / name).mkdir()
    (tmp_path / DATABASE).touch()
    folder, store = create_experiment(tmp_path)
    with folder, closing(store):
        assert store.datasets() == []


def test_file_is_not_taken_for_a_folder(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(StoreError, match="is a file, not a folder"):
        create_experiment(file)
    with pytest.raises(StoreError, match=r"cannot be written|not an experiment"):
        create_experiment(file / "below")
    with pytest.raises(StoreError, match="is not an experiment"):
        open_experiment(file)


def test_making_it_again_is_refused(tmp_path: Path) -> None:
    folder, store = create_experiment(tmp_path)
    with folder, closing(store):
        store.add_raw_items([raw_item()])
        with pytest.raises(StoreError, match=r"an experiment in .* already"):
            create_experiment(tmp_path)
        assert len(list(store.items())) == 1


def test_what_is_no_experiment_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"is not an experiment: it has no experiment"):
        open_experiment(tmp_path)
    with pytest.raises(StoreError, match="is not there"):
        open_experiment(tmp_path / "nowhere")
    assert everything_in(tmp_path) == []


def test_failed_creation_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bioimageit_flow.stores import migrations

    def fail(*_: object) -> None:
        raise StoreError("No space is left.")

    monkeypatch.setattr(migrations, "create", fail)
    with pytest.raises(StoreError, match="No space"):
        create_experiment(tmp_path / "a" / "b")
    assert everything_in(tmp_path) == []
    (tmp_path / "mine").mkdir()
    with pytest.raises(StoreError, match="No space"):
        create_experiment(tmp_path / "mine")
    assert everything_in(tmp_path) == ["mine"]


# Reading only


def test_read_only_folder_refuses_writing(tmp_path: Path, source: Path) -> None:
    folder, store = create_experiment(tmp_path / "e")
    store.close()
    folder.close()
    before = everything_in(tmp_path)
    folder, store = open_experiment(tmp_path / "e", read_only=True)
    with folder, closing(store):
        assert store.facts().is_read_only
        with pytest.raises(StoreError, match=r"open for reading only.*Copy it"):
            folder.publish(source, "data/raw/a.bin")
        with pytest.raises(StoreError, match="open for reading only"):
            folder.new_run_folder(new_run_id())
    assert everything_in(tmp_path) == before


@contextmanager
def not_writable(root: Path) -> Iterator[None]:
    """Take the right to write from everybody, and be nobody if we are root."""
    for path in (root, *root.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        for path in (root, *root.rglob("*")):
            path.chmod(0o755)


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder into which other users may look, unlike ``tmp_path``."""
    root = Path(tempfile.mkdtemp())
    yield root
    shutil.rmtree(root)


@posix_only
def test_folder_that_may_not_be_written_opens_read_only(public: Path) -> None:
    folder, store = create_experiment(public / "e")
    store.add_raw_items([raw_item()])
    store.close()
    folder.close()
    with not_writable(public):
        folder, store = open_experiment(public / "e")
        with folder, closing(store):
            assert folder.is_read_only
            assert len(list(store.items())) == 1
            with pytest.raises(StoreError, match="open for reading only"):
                store.add_raw_items([raw_item()])
        with pytest.raises(StoreError, match=r"cannot be written: Permission"):
            create_experiment(public / "e" / "new")


@posix_only
def test_crashed_experiment_that_may_not_be_written_says_what_to_do(
    public: Path, tmp_path: Path
) -> None:
    folder, store = create_experiment(tmp_path / "e")
    with folder, closing(store):
        store.add_raw_items([raw_item()])
        for name in ("experiment.db", "experiment.db-wal"):
            shutil.copy(folder.path / name, public / name)
    with (
        not_writable(public),
        pytest.raises(StoreError, match=r"cannot be opened.*where it can be written"),
    ):
        open_experiment(public)


# Locations


def test_location_resolves_inside_or_as_referenced(folder: ExperimentFolder) -> None:
    of = raw_item().item.content
    assert folder.resolve(location(of, "data/a b.tif")) == folder.path / "data/a b.tif"
    elsewhere = (folder.path.parent / "x.tif").absolute()
    assert folder.resolve(location(of, str(elsewhere))) == elsewhere
    with pytest.raises(StoreError, match="no place inside"):
        folder.resolve(location(of, "../../etc/passwd"))


def test_looking_again_sees_the_file_as_it_is(
    folder: ExperimentFolder, source: Path
) -> None:
    place = folder.publish(source, "data/raw/a.bin")
    stale = replace(place, size=1, mtime_ns=1, inode=1, state=LocationState.CLEANED)
    path = folder.resolve(place)
    assert folder.look(path, stale) == place
    folder.withdraw(place)
    with pytest.raises(DataError, match="cannot be read"):
        folder.look(path, place)


def test_run_has_a_folder_of_its_own(folder: ExperimentFolder) -> None:
    run = new_run_id()
    path = folder.new_run_folder(run)
    assert path == folder.path / "runs" / run
    assert path.is_dir()
    with pytest.raises(TakenError):
        folder.new_run_folder(run)


# Places


def test_network_drives_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psutil

    class Partition:
        def __init__(self, mountpoint: Path, fstype: str, opts: str = "rw") -> None:
            self.mountpoint, self.fstype, self.opts = str(mountpoint), fstype, opts

    def with_disks(*disks: Partition) -> None:
        monkeypatch.setattr(psutil, "disk_partitions", lambda all: list(disks))

    root = Partition(Path(tmp_path.anchor), "ext4")
    with_disks(root)
    assert not places.is_on_network(tmp_path / "e")
    with_disks(Partition(tmp_path, "nfs4"), root)
    assert places.is_on_network(tmp_path / "e")
    with_disks(Partition(tmp_path / "other", "nfs4"), root)
    assert not places.is_on_network(tmp_path / "e")
    with_disks(Partition(tmp_path, "NTFS", "rw,remote"), root)
    assert places.is_on_network(tmp_path / "e")
