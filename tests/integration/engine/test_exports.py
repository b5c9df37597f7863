"""Results as files for other programs, and as tidy tables."""

import csv
import json
from pathlib import Path
from typing import Literal

import pytest

from bioimageit_flow.errors import DataError, StoreError
from bioimageit_flow.formats.stamps import SIDE_CAR
from bioimageit_flow.formats.table import Table
from bioimageit_flow.session import Run
from bioimageit_flow.session.export import export_files
from bioimageit_flow.session.results import Result
from bioimageit_flow.session.tables import tidy_table
from tests.integration.engine.lab import Lab

FROM_NAME = r"(?P<condition>[a-z]+)_(?P<n>\d+)"


@pytest.fixture
def run(lab: Lab) -> Run:
    files = [
        lab.image(number, f"{condition}_{number}.ome.tif")
        for number, condition in enumerate(["control", "control", "drug"], start=1)
    ]
    lab.experiment.import_files(files, from_name=FROM_NAME)
    return lab.run(lab.line())


def tree(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(SIDE_CAR)
    )


def test_results_are_files_named_by_their_annotations(run: Run, tmp_path: Path) -> None:
    report = export_files(
        run, tmp_path / "out", name="{condition}/{name}_{node}", only=["add", "measure"]
    )

    assert report.refused == {}
    assert tree(tmp_path / "out") == [
        "control/control_1_add.ome.tif",
        "control/control_1_measure.csv",
        "control/control_2_add.ome.tif",
        "control/control_2_measure.csv",
        "drug/drug_3_add.ome.tif",
        "drug/drug_3_measure.csv",
        "index.csv",
        "index.json",
    ]


def test_linked_files_take_no_space_and_copies_may_be_changed(
    run: Run, tmp_path: Path
) -> None:
    linked = export_files(run, tmp_path / "linked", only=["measure"])
    copied = export_files(run, tmp_path / "copied", only=["measure"], mode="copy")

    original = run.results("measure", "table")[0].path
    assert (linked.folder / linked.files[0].file).samefile(original)
    copy = copied.folder / copied.files[0].file
    assert not copy.samefile(original)
    copy.write_text("changed")
    assert original.read_text() != "changed"


def test_index_says_what_each_file_is(run: Run, tmp_path: Path) -> None:
    export_files(run, tmp_path, name="{name}", only=["measure"])

    with (tmp_path / "index.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    facts = json.loads((tmp_path / "index.json").read_text(encoding="utf-8"))
    assert [row["file"] for row in rows] == [
        "control_1.csv",
        "control_2.csv",
        "drug_3.csv",
    ]
    assert [row["condition"] for row in rows] == ["control", "control", "drug"]
    assert {row["node"] for row in rows} == {"measure"}
    assert facts["files"][2]["annotations"] == {"condition": "drug", "n": 3}


def test_reused_results_are_exported_under_their_own_run(
    run: Run, lab: Lab, tmp_path: Path
) -> None:
    again = lab.run(lab.line())

    report = export_files(again, tmp_path, name="{run}/{name}", only=["measure"])

    assert lab.calls == []
    assert len(report.written) == 3
    assert all(one.file.startswith(again.summary.folder) for one in report.written)


def test_second_export_finds_what_is_there_and_replaces_nothing(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "drug_3.csv").write_text("mine")
    first = export_files(run, tmp_path, name="{name}", only=["measure"])
    second = export_files(run, tmp_path, name="{name}", only=["measure"])

    assert list(first.refused) == ["drug_3.csv"]
    assert second.written == ()
    assert len(second.present) == 2
    assert (tmp_path / "drug_3.csv").read_text() == "mine"


def test_names_that_clash_stay_apart_and_say_so(run: Run, tmp_path: Path) -> None:
    report = export_files(run, tmp_path, name="{condition}", only=["measure"])

    assert len({one.file.lower() for one in report.written}) == 3
    assert [bool(one.note) for one in report.written] == [False, True, False]


@pytest.mark.parametrize(
    "value", ["../../evil", "/etc/passwd", "..", "a/b", "CON", "c:\\x", "\u202e", "  "]
)
def test_value_of_an_annotation_leads_nowhere(
    run: Run, lab: Lab, tmp_path: Path, value: str
) -> None:
    lab.experiment.annotate(lab.experiment.items("raw"), {"where": value})

    report = export_files(run, tmp_path / "out", name="{where}/{name}")

    assert len(report.written) == 7
    for one in report.written:
        place = (tmp_path / "out" / one.file).resolve()
        assert place.is_relative_to((tmp_path / "out").resolve())
        assert len(Path(one.file).parts) == 2
        assert Path(one.file).parts[0].lower() not in ("con", "..", "")
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../{name}", "names no file below"),
        ("/tmp/{name}", "names no file below"),
        ("", "names no file below"),
        ("{name", "brace"),
        ("c:/{name}", "drive"),
        ("{colour}/{name}", "'colour', which no result has"),
    ],
)
def test_template_with_a_mistake_is_refused(
    run: Run, tmp_path: Path, name: str, words: str
) -> None:
    with pytest.raises(DataError, match=words):
        export_files(run, tmp_path / "out", name=name)
    assert not (tmp_path / "out").exists()


def test_item_without_one_value_says_so(run: Run, tmp_path: Path) -> None:
    report = export_files(run, tmp_path, name="{condition}_{name}", only=["join"])

    (entry,) = report.written
    assert entry.file == "several-condition_table.csv"
    assert entry.note == "several values of condition"


def test_results_of_an_unknown_node_are_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no results joint"):
        export_files(run, tmp_path, only=["joint"])


def test_table_has_annotations_swept_values_and_measured_columns(lab: Lab) -> None:
    files = [lab.image(n, f"{c}_{n}.ome.tif") for n, c in ((1, "control"), (2, "drug"))]
    lab.experiment.import_files(files, from_name=FROM_NAME)
    workflow = lab.line()
    workflow.set("add", amount={"sweep": {"values": [10, 20]}})

    table = tidy_table(lab.run(workflow), "measure")

    assert table.columns == ("item", "amount", "condition", "n", "value")
    assert table.annotations == ("amount", "condition", "n")
    assert [row[1:] for row in table.rows] == [
        (10, "control", 1, 11),
        (20, "control", 1, 21),
        (10, "drug", 2, 12),
        (20, "drug", 2, 22),
    ]


def test_table_of_a_group_shows_several_values_together(run: Run) -> None:
    table = tidy_table(run, "join", "table")

    assert table.column("condition") == ["control | drug"] * 3
    assert table.column("value") == [11, 12, 13]


def test_table_of_images_names_their_files(run: Run) -> None:
    table = tidy_table(run, "add")

    assert table.measured == ("file",)
    assert all(Path(str(path)).is_file() for path in table.column("file"))


def test_measured_column_keeps_its_name_beside_an_annotation(
    run: Run, lab: Lab
) -> None:
    lab.experiment.annotate(lab.experiment.items("raw"), {"value": 7})

    table = tidy_table(run, "measure")

    assert table.column("value") == [11, 12, 13]
    assert table.column("value (annotation)") == [7, 7, 7]


def test_table_is_written_as_csv(run: Run, tmp_path: Path) -> None:
    path = tidy_table(run, "measure").write_csv(tmp_path / "measured.csv")

    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["item", "condition", "n", "value"]
    assert rows[3] == ["drug_3.csv", "drug", "3", "13"]


def test_table_of_an_unknown_node_is_refused(run: Run) -> None:
    with pytest.raises(StoreError, match="no results of a node 'joint'"):
        tidy_table(run, "joint")


@pytest.mark.parametrize("mode", ["link", "copy"])
def test_stamp_beside_a_file_goes_with_it_under_its_new_name(
    run: Run, tmp_path: Path, mode: Literal["link", "copy"]
) -> None:
    report = run.export_files(tmp_path / "out", name="{n}", only=["measure"], mode=mode)
    for one in report.files:
        (result,) = [
            other
            for other in run.results("measure", "table")
            if other.item.id == one.item.id
        ]
        beside = result.path.with_name(f"{result.path.name}{SIDE_CAR}")
        stamp = tmp_path / "out" / f"{one.file}{SIDE_CAR}"
        assert stamp.read_bytes() == beside.read_bytes()


def test_deleted_result_says_so_and_the_table_keeps_its_row(lab: Lab, run: Run) -> None:
    first, *others = run.results("measure", "table")
    lab.experiment.delete([first.item], "wrong focus")
    gone, *rest = run.results("measure", "table")
    assert (gone.item.id, gone.path.name) == (first.item.id, first.path.name)
    assert [one.path for one in rest] == [one.path for one in others]
    with pytest.raises(DataError, match="lies nowhere any more"):
        gone.read()
    table = tidy_table(run, "measure")
    assert [row[table.columns.index("value")] for row in table.rows] == [None, 12, 13]
    assert [row[table.columns.index("n")] for row in table.rows] == [1, 2, 3]
    assert gone.name in gone._repr_html_()


def test_cleaned_result_is_no_empty_row(lab: Lab, run: Run) -> None:
    lab.experiment.clean(lab.experiment.plan_cleaning())
    with pytest.raises(DataError, match="lies nowhere any more"):
        tidy_table(run, "measure")


def test_tables_without_rows_keep_their_columns(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing_found = Table(("spot", "y", "x"), ())
    monkeypatch.setattr(Result, "read_table", lambda _: nothing_found)

    table = tidy_table(run, "measure")

    assert table.columns == ("item", "condition", "n", "spot", "y", "x")
    assert [row[-3:] for row in table.rows] == [(None, None, None)] * 3
