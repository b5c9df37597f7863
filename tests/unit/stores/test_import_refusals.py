"""Importing files that cannot be imported, and imports that stop half-way."""

import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bioimageit_flow.errors import DataError, StoreError
from bioimageit_flow.formats import probe
from bioimageit_flow.stores import import_batches, import_copies
from bioimageit_flow.stores.protocol import NewRawItem
from tests.unit.stores.lab import Lab

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX file names")


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
    with pytest.raises((DataError, StoreError), match="'1'"):
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

    def look_then_change(path: Path, **more: Any) -> Any:  # noqa: ANN401
        info = probe(path, **more)
        if path == paths[0]:
            lab.image("0.tif", 7)
        return info

    monkeypatch.setattr(import_copies, "probe", look_then_change)
    report = lab.take(*paths)
    assert ["changed while" in one.reason for one in report.refused] == [True]
    assert lab.in_data() == ["raw/1.tif"]


# Failures on the way


def test_full_disk_leaves_what_is_recorded_and_nothing_else(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_batches, "BATCH", 2)
    paths = [lab.image(f"{n}.tif", n) for n in range(6)]
    write, written = os.write, [0]

    def fill_up(descriptor: int, data: memoryview) -> int:
        written[0] += 1
        if written[0] > 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", fill_up)
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


def test_copies_that_were_recorded_after_all_are_kept(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = lab.store.add_raw_items

    def add_and_be_interrupted(items: Sequence[NewRawItem]) -> None:
        add(items)
        raise KeyboardInterrupt

    monkeypatch.setattr(lab.store, "add_raw_items", add_and_be_interrupted)
    with pytest.raises(KeyboardInterrupt):
        lab.take(lab.image("a.tif"))
    assert len(lab.items()) == 1
    assert lab.in_data() == ["raw/a.tif"]
