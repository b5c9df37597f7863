"""Importing files: what becomes of each."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from bioimageit_flow.errors import DataError, StoreError
from bioimageit_flow.formats import hash_content
from bioimageit_flow.model.data import Imported, Item
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.stores import create_experiment, importing, publishing
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.importing import ImportReport, import_files
from bioimageit_flow.stores.protocol import Store

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX file names")


class Lab:
    """An experiment, and a folder of files beside it."""

    def __init__(self, folder: ExperimentFolder, store: Store, files: Path) -> None:
        self.folder, self.store, self.files = folder, store, files

    def image(self, name: str, seed: int = 0) -> Path:
        """Write a small TIFF, different for each seed."""
        path = self.files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = np.full((8, 8), seed, np.uint8)
        tifffile.imwrite(path, data, metadata=None)
        return path

    def take(self, *paths: Path, dataset: str = "raw", **more: Any) -> ImportReport:  # noqa: ANN401
        return import_files(self.folder, self.store, paths, dataset=dataset, **more)

    def items(self) -> list[Item]:
        return list(self.store.items())

    def in_data(self) -> list[str]:
        data = self.folder.path / "data"
        files = (one for one in data.rglob("*") if one.is_file())
        return sorted(one.relative_to(data).as_posix() for one in files)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    folder, store = create_experiment(tmp_path / "experiment")
    files = tmp_path / "files"
    files.mkdir()
    with folder, closing(store):
        yield Lab(folder, store, files)
    leftovers = [one.name for one in folder.path.rglob(".bioimageit-flow-*")]
    assert leftovers == []
    assert list((folder.cache / "importing").glob("*")) == []


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


# What is refused


def test_bad_file_among_good_ones_is_refused_by_name(lab: Lab) -> None:
    good = [lab.image(f"{n}.tif", n) for n in range(3)]
    text = lab.files / "text.tif"
    text.write_text("This is no image.")
    truncated = lab.image("truncated.tif", 9)
    truncated.write_bytes(truncated.read_bytes()[:100])
    missing = lab.files / "missing.tif"
    empty = lab.files / "empty.tif"
    empty.touch()
    seen: list[tuple[int, int]] = []
    report = lab.take(
        good[0],
        text,
        good[1],
        truncated,
        missing,
        empty,
        good[2],
        progress=lambda done, of: seen.append((done, of)),
    )
    assert not report.is_complete
    assert [one.path for one in report.imported] == [str(path) for path in good]
    bad = [str(path) for path in (text, truncated, missing, empty)]
    assert [one.path for one in report.refused] == bad
    for one in report.refused:
        assert Path(one.path).name in one.reason
        assert one.remedy
    problems = report.problems()
    assert [problem.item for problem in problems] == bad
    assert {problem.code for problem in problems} == {"file-refused"}
    assert seen == [(n, 7) for n in range(1, 8)]
    assert len(lab.in_data()) == 3


@pytest.mark.parametrize("reference", [False, True])
def test_single_bad_file_is_an_error(lab: Lab, reference: bool) -> None:
    path = lab.files / "text.tif"
    path.write_text("This is no image.")
    with pytest.raises(DataError, match=r"text\.tif") as caught:
        lab.take(path, reference=reference)
    assert caught.value.remedy
    assert lab.items() == []
    assert lab.in_data() == []
    with pytest.raises(DataError, match="nowhere"):
        lab.take(lab.files / "nowhere.tif", reference=reference)


def test_nothing_to_import_is_an_error(lab: Lab) -> None:
    with pytest.raises(DataError, match=r"no file to import in .*files"):
        lab.take(lab.files)
    with pytest.raises(DataError, match="no file to import"):
        lab.take()


def test_bad_names_and_values_are_refused_before_anything(lab: Lab) -> None:
    path = lab.image("a.tif")
    with pytest.raises(StoreError, match="cannot be the name of a dataset"):
        lab.take(path, dataset="a/b")
    with pytest.raises(StoreError, match="value of the annotation 'x'"):
        lab.take(path, annotations={"x": float("nan")})
    with pytest.raises(DataError, match="'1' is not a key"):
        lab.take(path, annotations={"1": 1})
    assert lab.in_data() == []


def test_read_only_experiment_is_left_alone(lab: Lab) -> None:
    lab.folder.is_read_only = True
    with pytest.raises(StoreError, match="open for reading only"):
        lab.take(lab.image("a.tif"))
    assert not (lab.folder.cache / "importing").exists()


def test_file_that_changes_while_it_is_imported_is_refused(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [lab.image(f"{n}.tif", n) for n in range(2)]

    def hash_then_change(path: Path) -> Any:  # noqa: ANN401
        content = hash_content(path)
        if path == paths[0]:
            lab.image("0.tif", 7)
        return content

    monkeypatch.setattr(importing, "hash_content", hash_then_change)
    report = lab.take(*paths)
    assert ["changed while" in one.reason for one in report.refused] == [True]
    assert lab.in_data() == ["raw/1.tif"]


# Failures on the way


def test_full_disk_leaves_what_is_recorded_and_nothing_else(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    paths = [lab.image(f"{n}.tif", n) for n in range(6)]
    write, written = os.write, [0]

    def fill_up(descriptor: int, data: memoryview) -> int:
        written[0] += 1
        if written[0] > 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data)

    monkeypatch.setattr(publishing.os, "write", fill_up)
    with pytest.raises(StoreError, match=r"No space.*2 files were imported before"):
        lab.take(*paths)
    monkeypatch.undo()
    assert [item.name for item in lab.items()] == ["0.tif", "1.tif"]
    assert lab.in_data() == ["raw/0.tif", "raw/1.tif"]
    report = lab.take(*paths)
    assert (len(report.imported), len(report.skipped)) == (4, 2)
    assert lab.in_data() == [f"raw/{n}.tif" for n in range(6)]


def test_failed_record_takes_the_copies_back(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreError("The experiment stayed locked.")

    monkeypatch.setattr(lab.store, "add_raw_items", fail)
    with pytest.raises(StoreError, match="locked"):
        lab.take(lab.image("a.tif"))
    assert lab.in_data() == []


def test_interrupted_import_takes_back_what_is_not_recorded(lab: Lab) -> None:
    paths = [lab.image(f"{n}.tif", n) for n in range(4)]

    def interrupt(done: int, _: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lab.take(*paths, progress=interrupt)
    assert lab.items() == []
    assert lab.in_data() == []


# Annotations from names


def test_names_give_annotations(lab: Lab) -> None:
    lab.image("drug_B03_7_1.5.tif", 1)
    lab.image("water_01_8_x.tif", 2)
    pattern = r"(?P<condition>[a-z]+)_(?P<well>\w\d+)_(?P<n>\d)_(?P<dose>[\d.x]+)\."
    lab.take(lab.files, from_name=pattern, annotations={"day": 2})
    assert {item.name: dict(item.annotations) for item in lab.items()} == {
        "drug_B03_7_1.5.tif": {
            "condition": "drug",
            "well": "B03",
            "n": 7,
            "dose": 1.5,
            "day": 2,
        },
        "water_01_8_x.tif": {
            "condition": "water",
            "well": "01",
            "n": 8,
            "dose": "x",
            "day": 2,
        },
    }


def test_names_of_folders_give_annotations(lab: Lab) -> None:
    lab.image("drug/1.tif", 1)
    lab.image("water/1.tif", 2)
    lab.take(lab.files, from_name=r"(?P<condition>drug|water)/(?P<n>\d+)")
    assert sorted(str(item.annotations) for item in lab.items()) == [
        "{'condition': 'drug', 'n': 1}",
        "{'condition': 'water', 'n': 1}",
    ]


def test_group_that_is_not_there_gives_nothing(lab: Lab) -> None:
    lab.take(lab.image("a.tif"), from_name=r"(?P<name>[a-z])(_(?P<n>\d))?\.tif")
    assert lab.items()[0].annotations == {"name": "a"}


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(?P<n>[0-9]", r"no regular expression: .* at character"),
        ("(?P<n>a)(?P<n>b)", "no regular expression"),
        (r"[0-9]+", "has no named group"),
        (r"(?P<_n>.)", "'_n' is not a key"),
        (r"(?P<day>.)", "'day' is given and is in the expression"),
        (r"(?P<n>[0-9])\.tif", r"not found in 'files/a\.tif', .* and 2 more; nothing"),
    ],
)
def test_expression_that_does_not_suit_is_refused_before_anything(
    lab: Lab, pattern: str, words: str
) -> None:
    for n, name in enumerate(["1", "a", "b", "c", "d", "e", "f", "g"]):
        lab.image(f"{name}.tif", n)
    with pytest.raises(DataError, match=words) as caught:
        lab.take(lab.files, from_name=pattern, annotations={"day": 1})
    assert caught.value.remedy
    assert lab.items() == []
    assert lab.in_data() == []
