"""Of the files in folders only those that are wanted; what folders say."""

import csv
import json
from pathlib import Path

import pytest

from bioimageit_flow.errors import DataError
from bioimageit_flow.stores.protocol import NewRawItem
from tests.unit.stores.lab import Lab


def names(lab: Lab) -> list[str]:
    return [item.name for item in lab.items()]


def test_globs_and_expressions_choose_files_and_the_rest_is_listed(lab: Lab) -> None:
    for n, name in enumerate(["p1/a_ch0.tif", "p1/a_ch1.tif", "p2/b_ch0.TIF"]):
        lab.image(f"in/{name}", n)
    (lab.files / "in" / "notes.txt").write_text("x")
    report = lab.take(lab.files / "in", include=["*.tif"], match="_ch0")
    assert names(lab) == ["a_ch0.tif", "b_ch0.TIF"]
    passed = {Path(one.path).name: one.reason for one in report.skipped}
    assert passed == {
        "a_ch1.tif": "It does not match the filter.",
        "notes.txt": "It does not match the filter.",
    }


def test_glob_with_a_slash_is_of_the_path(lab: Lab) -> None:
    lab.image("in/p1/a.tif", 1)
    lab.image("in/p2/a.tif", 2)
    lab.take(lab.files / "in", include=["p2/*.tif"])
    (item,) = lab.items()
    assert str(item.origin).count("p2/a.tif") == 1


def test_wrong_expression_is_refused(lab: Lab) -> None:
    with pytest.raises(DataError, match="no regular expression"):
        lab.take(lab.image("a.tif"), match="(")


def test_folders_give_annotations(lab: Lab) -> None:
    lab.image("in/plate1/A01/deep/a.tif", 1)
    lab.image("in/plate2/B02/deep/b.tif", 2)
    lab.take(lab.files / "in", from_folders=["plate", "well", "-"])
    assert [dict(item.annotations) for item in lab.items()] == [
        {"plate": "plate1", "well": "A01"},
        {"plate": "plate2", "well": "B02"},
    ]


def test_too_few_folders_are_named(lab: Lab) -> None:
    lab.image("in/a.tif", 1)
    with pytest.raises(DataError, match=r"Fewer than 2 folders .*'in/a\.tif'"):
        lab.take(lab.files / "in", from_folders=["plate", "well"])
    assert lab.items() == []


def test_equal_names_and_stems_are_noted(lab: Lab) -> None:
    lab.image("in/x/a.tif", 1)
    lab.image("in/y/a.tif", 2)
    lab.image("in/b.tif", 3)
    lab.image("in/b.ome.tif", 4)
    report = lab.take(lab.files / "in")
    assert len(report.items) == 4
    assert report.notes == (
        "2 files are called 'a.tif': 'in/x/a.tif', 'in/y/a.tif'.",
        "Only the extension tells 'b.ome.tif', 'b.tif' apart.",
    )


def test_zarr_folder_is_one_item_whatever_its_name(lab: Lab) -> None:
    folder = lab.files / "in" / "image"
    (folder / "0").mkdir(parents=True)
    (folder / ".zgroup").write_text('{"zarr_format": 2}')
    axes = [{"name": "y", "type": "space"}, {"name": "x", "type": "space"}]
    scales = [{"axes": axes, "datasets": [{"path": "0"}], "version": "0.4"}]
    (folder / ".zattrs").write_text(json.dumps({"multiscales": scales}))
    array = {"shape": [4, 5], "chunks": [4, 5], "dtype": "|u1", "zarr_format": 2}
    (folder / "0" / ".zarray").write_text(json.dumps(array))
    lab.take(lab.files / "in")
    (item,) = lab.items()
    assert (item.name, item.info.format, item.info.shape) == (
        "image",
        "ome-zarr",
        (4, 5),
    )
    assert item.content.is_folder


def test_report_lists_every_file_as_csv_and_json(lab: Lab, tmp_path: Path) -> None:
    lab.image("in/a.tif", 1)
    (lab.files / "in" / "bad.tif").write_text("x")
    lab.take(lab.files / "in" / "a.tif")
    lab.image("in/c.tif", 3)
    report = lab.take(lab.files / "in")
    table = tmp_path / "report.csv"
    report.save(table)
    with table.open(newline="") as file:
        rows = {Path(row["path"]).name: row for row in csv.DictReader(file)}
    assert {name: row["state"] for name, row in rows.items()} == {
        "a.tif": "skipped",
        "bad.tif": "refused",
        "c.tif": "imported",
    }
    assert rows["c.tif"]["item"] == report.items[0].id
    assert rows["bad.tif"]["reason"]
    text = tmp_path / "report.json"
    report.save(text)
    assert json.loads(text.read_text()) == report.as_json()
    with pytest.raises(DataError, match="no name for a report"):
        report.save(tmp_path / "report.pdf")


def test_import_that_was_killed_goes_on_where_it_was(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bioimageit_flow.stores.import_batches.BATCH", 4)
    for n in range(10):
        lab.image(f"in/{n}.tif", n)
    add, calls = lab.store.add_raw_items, []

    def die(items: list[NewRawItem]) -> None:
        calls.append(len(items))
        if len(calls) == 2:
            raise KeyboardInterrupt
        add(items)

    monkeypatch.setattr(lab.store, "add_raw_items", die)
    with pytest.raises(KeyboardInterrupt):
        lab.take(lab.files / "in")
    monkeypatch.undo()
    assert names(lab) == [f"{n}.tif" for n in range(4)]
    assert len(lab.in_data()) == 4
    report = lab.take(lab.files / "in")
    assert (len(report.skipped), len(report.imported)) == (4, 6)
    assert len(names(lab)) == 10
    assert len(lab.in_data()) == 10


def test_batches_are_limited_by_files_and_by_bytes(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    add = lab.store.add_raw_items

    def counted(items: list[NewRawItem]) -> None:
        sizes.append(len(items))
        add(items)

    monkeypatch.setattr(lab.store, "add_raw_items", counted)
    monkeypatch.setattr("bioimageit_flow.stores.import_batches.BATCH", 4)
    for n in range(10):
        lab.image(f"in/{n}.tif", n)
    lab.take(lab.files / "in")
    assert sizes == [4, 4, 2]
    sizes.clear()
    size = (lab.files / "in" / "0.tif").stat().st_size
    monkeypatch.setattr("bioimageit_flow.stores.import_batches.BATCH_BYTES", 2 * size)
    lab.take(lab.files / "in", dataset="other")
    assert sizes == [2, 2, 2, 2, 2]
