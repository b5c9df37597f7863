"""Importing files: what becomes of each."""

import os
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import tifffile

from bioimageit_flow.errors import DataError, StoreError
from bioimageit_flow.formats import hash_content
from bioimageit_flow.model.data import Imported
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.stores import create_experiment, import_batches
from bioimageit_flow.stores.protocol import NewRawItem
from tests.unit.stores.lab import Lab

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX file names")


def test_file_is_copied_probed_and_recorded(lab: Lab) -> None:
    path = lab.image("a.tif")
    report = lab.take(path, annotations={"condition": "drug", "n": 1})
    (item,) = lab.items()
    assert report.is_complete
    assert report.items == (item,)
    assert [one.path for one in report.imported] == [str(path)]
    assert (item.name, item.dataset) == ("a.tif", "raw")
    assert item.origin == Imported(str(path))
    assert item.annotations == {"condition": "drug", "n": 1}
    assert (item.info.kind, item.info.axes, item.info.shape) == (
        Kind.IMAGE,
        "YX",
        (8, 8),
    )
    assert item.content == hash_content(path)
    location = lab.store.location(item.content.sha256)
    assert location is not None
    assert location.path == "data/raw/a.tif"
    assert not location.is_referenced
    assert lab.folder.resolve(location).read_bytes() == path.read_bytes()


def test_file_is_referenced_in_place(lab: Lab) -> None:
    path = lab.image("a b.tif")
    lab.take(path, reference=True)
    (item,) = lab.items()
    location = lab.store.location(item.content.sha256)
    assert location is not None
    assert location.path == str(path)
    assert location.is_referenced
    assert location.verify_sha256 == item.content.sha256
    assert lab.folder.resolve(location) == path
    assert lab.in_data() == []


def test_reference_inside_the_experiment_moves_with_it(lab: Lab) -> None:
    path = lab.folder.path / "data" / "mine" / "a.tif"
    path.parent.mkdir()
    path.write_bytes(lab.image("a.tif").read_bytes())
    lab.take(path, reference=True)
    location = lab.store.location(lab.items()[0].content.sha256)
    assert location is not None
    assert location.path == "data/mine/a.tif"
    assert location.is_referenced
    assert lab.folder.resolve(location) == path


STRANGE = [
    "with space.tif",
    "'quote\" `$(x)`.tif",
    "-leading-dash.tif",
    "Zellkern-ß-核.tif",
    "con.tif",
    "semi;colon&%.tif",
    "new\nline.tif",
    "x" * 200 + ".tif",
]


@posix_only
@pytest.mark.parametrize("name", STRANGE)
def test_strange_names_are_kept_and_published_safely(lab: Lab, name: str) -> None:
    lab.take(lab.image(name))
    (item,) = lab.items()
    assert item.name == name
    (published,) = lab.in_data()
    stem = published.removeprefix("raw/")
    assert stem.isascii()
    assert len(stem) <= 100
    assert not set(stem) & set(" '\"`$()&%;\n")
    assert stem[0] not in "-."
    assert stem != "con.tif"


@posix_only
def test_name_that_is_no_unicode_is_made_readable(lab: Lab) -> None:
    path = lab.files / os.fsdecode(b"caf\xe9.tif")
    lab.image("a.tif").rename(path)
    lab.take(path)
    (item,) = lab.items()
    assert item.name == "caf\\xe9.tif"
    assert isinstance(item.origin, Imported)
    assert item.origin.source.endswith("caf\\xe9.tif")
    other = lab.files / os.fsdecode(b"th\xe9.tif")
    lab.image("b.tif", 1).rename(other)
    with pytest.raises(DataError, match=r"th\\xe9\.tif' is no Unicode.*import a copy"):
        lab.take(other, reference=True)


def test_same_name_from_two_folders_is_two_files(lab: Lab) -> None:
    paths = [lab.image("one/a.tif", 1), lab.image("two/A.TIF", 2)]
    lab.take(*paths)
    assert [item.name for item in lab.items()] == ["A.TIF", "a.tif"]
    names = [name.lower() for name in lab.in_data()]
    assert len(set(names)) == 2


def test_import_may_be_repeated(lab: Lab) -> None:
    paths = [lab.image(f"{n}.tif", n) for n in range(3)]
    lab.take(*paths[:2])
    before = lab.in_data()
    report = lab.take(*paths)
    assert [one.path for one in report.imported] == [str(paths[2])]
    assert [(one.path, one.reason) for one in report.skipped] == [
        (str(path), "It is in the dataset already.") for path in paths[:2]
    ]
    assert len(lab.items()) == 3
    assert len(lab.in_data()) == len(before) + 1


def test_duplicates_are_of_one_dataset_content_and_name(lab: Lab) -> None:
    path = lab.image("a.tif")
    same_bytes = lab.image("b.tif")
    copy = lab.image("copy/a.tif")
    report = lab.take(path, same_bytes, copy)
    assert len(report.items) == 2
    assert [one.path for one in report.skipped] == [str(copy)]
    assert len(lab.take(path, dataset="other").items) == 1
    assert len({item.content for item in lab.items()}) == 1


def test_file_given_twice_is_taken_once(lab: Lab) -> None:
    path = lab.image("a.tif")
    report = lab.take(path, lab.files, path)
    assert len(report.items) == 1
    assert {one.reason for one in report.skipped} == {"The same file was given twice."}


def test_folder_is_walked_in_order(lab: Lab) -> None:
    for n, name in enumerate(["b/2.tif", "b/1.tif", "a.tif", "c/d/e.tif"]):
        lab.image(name, n)
    for name in (".hidden.tif", ".git/x.tif", "b/Thumbs.db", "c/desktop.ini"):
        lab.image("tmp.tif").rename(_made(lab.files / name))
    report = lab.take(lab.files)
    shown = [Path(one.path).relative_to(lab.files) for one in report.imported]
    assert [path.as_posix() for path in shown] == [
        "a.tif",
        "b/1.tif",
        "b/2.tif",
        "c/d/e.tif",
    ]
    passed = {
        Path(one.path).relative_to(lab.files).as_posix(): one.reason
        for one in report.skipped
    }
    assert passed == {
        ".hidden.tif": "It is hidden.",
        ".git": "It is hidden.",
        "b/Thumbs.db": "It belongs to the operating system.",
        "c/desktop.ini": "It belongs to the operating system.",
    }


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@posix_only
def test_links_are_followed_to_files_but_not_to_folders(lab: Lab) -> None:
    real = lab.image("elsewhere/a.tif")
    top = lab.files / "top"
    top.mkdir()
    (top / "link.tif").symlink_to(real)
    (top / "loop").symlink_to(top)
    report = lab.take(top)
    (item,) = lab.items()
    assert item.name == "link.tif"
    location = lab.store.location(item.content.sha256)
    assert location is not None
    assert not lab.folder.resolve(location).is_symlink()
    assert "link to a folder" in report.skipped[0].reason


def test_hidden_file_that_is_given_is_taken(lab: Lab) -> None:
    assert len(lab.take(lab.image(".hidden.tif")).items) == 1


def test_file_with_several_images_is_several_items(lab: Lab) -> None:
    path = lab.files / "series.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        for n in range(3):
            writer.write(np.full((4, 5 + n), n, np.uint16), metadata={"axes": "YX"})
    report = lab.take(path, annotations={"day": 1})
    items = sorted(report.items, key=lambda item: item.selector)
    assert [item.selector for item in items] == ["series=0", "series=1", "series=2"]
    assert [item.info.shape for item in items] == [(4, 5), (4, 6), (4, 7)]
    assert {item.name for item in items} == {"series.ome.tif"}
    assert all(item.info.series == () for item in items)
    assert lab.in_data() == ["raw/series.ome.tif"]
    assert lab.take(path).items == ()


def test_kind_may_be_given(lab: Lab) -> None:
    lab.take(lab.image("mask.tif", 3), kind=Kind.LABELS)
    assert lab.items()[0].info.kind is Kind.LABELS


@posix_only
def test_copies_are_durable_before_they_are_named_and_named_before_recorded(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [lab.image(f"{n}.tif", n) for n in range(9)]
    done: list[tuple[str, int]] = []
    sync, link, add = os.fsync, os.link, lab.store.add_raw_items

    def synced(descriptor: int) -> None:
        sync(descriptor)
        done.append(("synced", os.fstat(descriptor).st_ino))

    def linked(source: Path, target: Path) -> None:
        done.append(("named", source.stat().st_ino))
        link(source, target)

    def recorded(items: list[NewRawItem]) -> None:
        done.extend(("recorded", one.location.inode) for one in items)
        add(items)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "link", linked)
    monkeypatch.setattr(lab.store, "add_raw_items", recorded)
    lab.take(*paths)
    monkeypatch.undo()

    data = lab.folder.path / "data" / "raw"
    names_kept = ("synced", data.stat().st_ino)
    assert len(lab.in_data()) == len(paths)
    for path in data.iterdir():
        file = path.stat().st_ino
        steps = [("synced", file), ("named", file), names_kept, ("recorded", file)]
        at = [len(done) - done[::-1].index(step) for step in steps]
        assert at == sorted(at)


def test_stopped_import_leaves_no_copy(lab: Lab) -> None:
    paths = [lab.image(f"{n}.tif", n) for n in range(20)]

    def stop(done: int, _of: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lab.take(*paths, progress=stop)

    assert lab.in_data() == []
    assert lab.items() == []


@posix_only
def test_experiment_that_is_moved_meanwhile_gets_no_second_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_batches, "BATCH", 2)
    place, moved = tmp_path / "experiment", tmp_path / "moved"
    folder, store = create_experiment(place)
    known = store.raw_items_named
    batches: list[str] = []

    def move_before_the_second(
        dataset: str, names: Iterable[str]
    ) -> set[tuple[Sha256, str, str]]:
        batches.append(dataset)
        if len(batches) == 2:
            place.rename(moved)
        return known(dataset, names)

    monkeypatch.setattr(store, "raw_items_named", move_before_the_second)
    with folder, closing(store):
        lab = Lab(folder, store, tmp_path / "files")
        with pytest.raises(StoreError, match="was moved, renamed or removed"):
            lab.take(*[lab.image(f"{n}.tif", n) for n in range(6)])
        assert len(lab.items()) == 2
    assert not place.exists()
    assert len(list((moved / "data" / "raw").iterdir())) == 2


def test_names_are_given_in_the_order_of_the_files(lab: Lab) -> None:
    paths = [lab.image(f"{n}/same.tif", n) for n in range(12)]

    report = lab.take(*paths)

    assert [one.path for one in report.imported] == [str(path) for path in paths]
    first = lab.store.location(report.items[0].content.sha256)
    assert first is not None
    assert first.path == "data/raw/same.tif"
    assert len(set(lab.in_data())) == len(paths)
