"""Leftovers of a crash are swept, and nothing else is."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bioimageit_flow.errors import StoreError
from bioimageit_flow.stores import create_experiment, open_experiment
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.presence import Presence, guard
from bioimageit_flow.stores.publishing import TEMPORARY, remove
from bioimageit_flow.stores.sweeping import intent
from bioimageit_flow.testing.samples import job_record, produced, raw_item, run_record

CRASHING = """
import os, sys
from pathlib import Path
from bioimageit_flow.stores import open_experiment
from bioimageit_flow.stores.sweeping import intent

place, source = map(Path, sys.argv[1:])
folder, store = open_experiment(place)
folder.publish(source, "results/run/node/port/unrecorded.bin")
folder.publish(source, "results/other/node/port/unrecorded.bin")
(folder.path / "results/run/node/port/.bioimageit-flow-0123").write_bytes(b"half")
with intent(folder.cache) as listed:
    listed.add("data/raw/unrecorded.bin")
    folder.publish(source, "data/raw/unrecorded.bin")
    (folder.path / "data/raw/.bioimageit-flow-4567").mkdir()
    (folder.path / "data/raw/.bioimageit-flow-4567/0").write_bytes(b"half")
    listed.add("data/raw/recorded.bin")
    print("ready", flush=True)
    if sys.stdin.readline() == "crash\\n":
        os._exit(9)
store.close()
folder.close()
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.bin"
    path.write_bytes(b"bytes")
    return path


@pytest.fixture
def place(tmp_path: Path, source: Path) -> Path:
    """An experiment with recorded files and with files that people put there."""
    path = tmp_path / "experiment"
    folder, store = create_experiment(path)
    with folder, closing(store):
        new, run = raw_item("recorded.bin"), run_record(folder="run")
        folder.publish(source, "data/raw/recorded.bin")
        store.add_raw_items([new])
        store.begin_run(run)
        results = "results/run/node/port"
        outputs = [
            produced("recorded.bin", path=f"{results}/recorded.bin"),
            produced("tree.zarr", path=f"{results}/tree.zarr"),
        ]
        store.commit_jobs([job_record(run.id, [new.item.id], outputs=outputs)])
        folder.publish(source, f"{results}/recorded.bin")
        folder.publish(source, f"{results}/recorded.bin.stamp.json")
        tree = source.parent / "tree.zarr"
        (tree / "0").mkdir(parents=True)
        (tree / "0" / "chunk").write_bytes(b"chunk")
        folder.publish(tree, f"{results}/tree.zarr")
    (path / results / "notes.txt").write_text("mine")
    (path / "data" / "raw" / "mine.tif").write_bytes(b"mine")
    (path / "data" / "raw" / "mine.tif").chmod(0o444)
    (path / "data" / "empty").mkdir()
    return path


def files_in(path: Path) -> set[str]:
    top = (path / "data", path / "results")
    return {
        one.relative_to(path).as_posix()
        for folder in top
        for one in folder.rglob("*")
        if one.is_file()
    }


def start(place: Path, source: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", CRASHING, str(place), str(source)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_leftovers_of_a_crash_are_swept(place: Path, source: Path) -> None:
    before = files_in(place)
    process = start(place, source)
    assert len(files_in(place)) == len(before) + 5
    process.communicate("crash\n", timeout=60)
    assert process.returncode == 9
    folder, store = open_experiment(place)
    with folder, closing(store):
        # A run is recorded before its first result: that store is older than it.
        unknown = "results/other/node/port/unrecorded.bin"
        assert files_in(place) == before | {unknown}
        assert set(folder.swept) == {
            "data/raw/.bioimageit-flow-4567",
            "data/raw/unrecorded.bin",
            "results/run/node/port/.bioimageit-flow-0123",
            "results/run/node/port/unrecorded.bin",
        }
    assert (place / "data" / "empty").exists()
    assert not list((place / ".cache").rglob("*.lock"))
    assert not list((place / ".cache").rglob("*.jsonl"))


def test_nothing_is_swept_while_somebody_works_here(place: Path, source: Path) -> None:
    with start(place, source) as crashed:
        crashed.communicate("crash\n", timeout=60)
    with Worker(place):
        folder, store = open_experiment(place)
        with folder, closing(store):
            assert folder.swept == ()
            assert "results/run/node/port/unrecorded.bin" in files_in(place)
    folder, store = open_experiment(place)
    with folder, closing(store):
        assert len(folder.swept) == 4


class Worker:
    """Another process that works in an experiment and then leaves in good order."""

    def __init__(self, place: Path) -> None:
        code = (
            "import sys; from pathlib import Path; "
            "from bioimageit_flow.stores.presence import Presence; "
            "sign = Presence(Path(sys.argv[1])); "
            "print('ready', flush=True); sys.stdin.readline(); sign.leave()"
        )
        command = [sys.executable, "-c", code, str(place / ".cache" / "open")]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> "Worker":
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate("leave\n", timeout=60)
        assert self._process.returncode == 0


def test_nothing_is_swept_after_a_good_end(place: Path, source: Path) -> None:
    process = start(place, source)
    process.communicate("end\n", timeout=60)
    assert process.returncode == 0
    folder, store = open_experiment(place)
    with folder, closing(store):
        assert folder.swept == ()
        assert "results/run/node/port/unrecorded.bin" in files_in(place)


def test_nothing_is_swept_while_this_process_works_here(
    place: Path, source: Path
) -> None:
    first, store = open_experiment(place)
    with first, closing(store):
        first.publish(source, "results/run/node/port/soon.bin")
        with start(place, source) as crashed:
            crashed.communicate("crash\n", timeout=60)
        second, again = open_experiment(place)
        with second, closing(again):
            assert second.swept == ()
            assert "results/run/node/port/soon.bin" in files_in(place)


def test_nothing_is_swept_by_reading_only(place: Path, source: Path) -> None:
    with start(place, source) as crashed:
        crashed.communicate("crash\n", timeout=60)
    before = files_in(place)
    folder, store = open_experiment(place, read_only=True)
    with folder, closing(store):
        assert folder.swept == ()
    assert files_in(place) == before


def test_list_of_an_import_cannot_lead_out(place: Path) -> None:
    listed = place / ".cache" / "importing" / "a.jsonl"
    listed.parent.mkdir()
    precious = place.parent / "precious"
    precious.touch(mode=0o444)
    lines = ['"../precious"', '"data/../../precious"', '"data/raw/mine.tif', "7", "{"]
    listed.write_text("\n".join([*lines, '"experiment.db"', '"results/x"']))
    sign = place / ".cache" / "open" / "elsewhere@1.00000000.lock"
    sign.touch()
    folder, store = open_experiment(place)
    with folder, closing(store):
        assert folder.swept == ()
    assert precious.exists()
    assert not listed.exists()
    assert not sign.exists()


def test_cache_may_be_deleted_while_working(place: Path) -> None:
    folder, store = open_experiment(place)
    with folder, closing(store):
        remove(place / ".cache")
        store.add_raw_items([raw_item()])
        with intent(folder.cache) as listed:
            listed.add("data/raw/x")
    folder, store = open_experiment(place)
    with folder, closing(store):
        assert folder.swept == ()


def test_network_drive_takes_one_machine_at_a_time(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bioimageit_flow.stores.folder.is_on_network", lambda _: True)
    sign = place / ".cache" / "open" / "other-machine@77.0a0b0c0d.lock"
    sign.touch()
    with pytest.raises(StoreError, match=r"written on the machine other-machine") as e:
        open_experiment(place)
    assert str(sign) in e.value.remedy
    folder, store = open_experiment(place, read_only=True)
    store.close()
    folder.close()
    sign.unlink()
    folder, store = open_experiment(place)
    with folder, closing(store):
        journal = store._database._journal  # type: ignore[attr-defined]
        assert journal == "DELETE"
        store.add_raw_items([raw_item()])
        assert not (place / "experiment.db-wal").exists()


def test_guard_lets_one_in_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bioimageit_flow.stores import presence

    monkeypatch.setattr(presence, "_GUARD_TIMEOUT_S", 0.05)
    signs = tmp_path / "e" / ".cache" / "open"
    with (
        guard(signs),
        pytest.raises(StoreError, match=r"has been opening .*Wait"),
        guard(signs),
    ):
        pytest.fail("two came in")
    with guard(signs):
        Presence(signs).leave()


def test_full_disk_at_opening_is_named(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("filelock.FileLock.acquire", fail)
    with pytest.raises(StoreError, match="No space is left"):
        open_experiment(place)


def test_temporary_names_are_hidden() -> None:
    assert TEMPORARY.startswith(".")


def test_remove_leaves_what_a_link_points_to(tmp_path: Path) -> None:
    tree, precious = tmp_path / "tree", tmp_path / "precious"
    tree.mkdir()
    precious.mkdir()
    (precious / "file").touch()
    (tree / "link").symlink_to(precious)
    remove(tree)
    assert not tree.exists()
    assert (precious / "file").exists()


def test_entering_twice_is_entering_once(place: Path) -> None:
    with ExperimentFolder.open(place) as folder:
        folder.enter(set)
        folder.enter(set)
        assert len(list(folder.signs.glob("*.lock"))) == 1
    assert list(folder.signs.glob("*.lock")) == []
