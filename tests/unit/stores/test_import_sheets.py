"""Sheets that say which files to import."""

import datetime
from pathlib import Path

import openpyxl
import pytest

from bioimageit_flow.errors import DataError
from bioimageit_flow.stores.import_sheets import read_sheet
from tests.unit.stores.lab import Lab


def sheet(lab: Lab, text: str, name: str = "samples.csv") -> Path:
    path = lab.files / name
    path.write_bytes(text.encode())
    return path


def annotations(lab: Lab) -> dict[str, dict[str, object]]:
    return {item.name: dict(item.annotations) for item in lab.items()}


def test_rows_name_files_and_say_what_they_are(lab: Lab) -> None:
    lab.image("a.tif", 1)
    lab.image("sub/b.tif", 2)
    path = sheet(
        lab,
        "\ufefffile,condition,dose,well,live,\na.tif,drug,2.5,01,true,\n\n"
        "sub/b.tif,,3,02,false,\n",
    )
    report = lab.take(sheet=path)
    assert report.is_complete
    assert annotations(lab) == {
        "a.tif": {"condition": "drug", "dose": 2.5, "well": "01", "live": True},
        "b.tif": {"dose": 3, "well": "02", "live": False},
    }


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_and_quotes(lab: Lab, separator: str) -> None:
    lab.image("a b.tif")
    text = separator.join(["path", "note"]) + "\n"
    text += separator.join(['"a b.tif"', f'"x{separator} ""y"""']) + "\n"
    lab.take(sheet=sheet(lab, text))
    assert annotations(lab) == {"a b.tif": {"note": f'x{separator} "y"'}}


def test_xlsx_keeps_the_types_of_its_cells(lab: Lab) -> None:
    lab.image("a.tif")
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["Image", "dose", "well", "day", "is live", "empty"])
    day = datetime.datetime(2026, 11, 22)
    page.append(["a.tif", 3.0, "01", day, True, None])
    path = lab.files / "samples.xlsx"
    book.save(path)
    lab.take(sheet=path)
    assert annotations(lab)["a.tif"] == {
        "dose": 3,
        "well": "01",
        "day": "2026-11-22",
        "is live": True,
    }


def test_rows_without_file_and_files_without_row_are_named(lab: Lab) -> None:
    folder = lab.image("in/a.tif", 1).parent
    lab.image("in/b.tif", 2)
    lab.image("in/c.png.tif", 3)
    path = sheet(lab, "path,n\na.tif,1\nb.czi,2\ngone.tif,3\n,4\na.tif,5\na.tif,1\n")
    report = lab.take(folder, sheet=path)
    assert [item.name for item in lab.items()] == ["a.tif"]
    reasons = [one.reason for one in report.refused]
    assert reasons == [
        "Row 3 of samples.csv names 'b.czi', which is not there; there is 'b.tif'.",
        "Row 4 of samples.csv names 'gone.tif', which is not there.",
        "Row 5 of samples.csv names no file.",
        "Rows 2 and 6 of samples.csv name 'a.tif' and say different things of it.",
    ]
    assert all(one.remedy for one in report.refused)
    skipped = {Path(one.path).name: one.reason for one in report.skipped}
    assert skipped == dict.fromkeys(
        ("b.tif", "c.png.tif"), "No row of samples.csv names it."
    )


def test_name_in_two_folders_is_not_guessed(lab: Lab) -> None:
    lab.image("in/x/a.tif", 1)
    lab.image("in/y/a.tif", 2)
    path = sheet(lab, "path,n\na.tif,1\nin/y/a.tif,2\n")
    report = lab.take(lab.files / "in", sheet=path)
    assert "may be any of 'in/x/a.tif', 'in/y/a.tif'" in report.refused[0].reason
    assert annotations(lab) == {"a.tif": {"n": 2}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("image name,n\na.tif,1\n", "has no column that names the files"),
        ("path,n,n\na.tif,1,2\n", "two columns 'n'"),
        ("path,2x\na.tif,1\n", "cannot be an annotation"),
        ("path,n\na.tif,1,2\n", "more cells than the header"),
        ("path,n\n", "has no rows"),
        ("", "has no column"),
        ("path\0,n\na.tif,1\n", "no sheet"),
        ("path,n\nnowhere.tif,1\n", "No row of"),
    ],
)
def test_bad_sheets_are_refused_before_anything(lab: Lab, text: str, said: str) -> None:
    lab.image("a.tif")
    with pytest.raises(DataError, match=said) as caught:
        lab.take(sheet=sheet(lab, text))
    assert caught.value.remedy
    assert lab.items() == []


def test_broken_xlsx_and_missing_sheet_are_refused(lab: Lab) -> None:
    with pytest.raises(DataError, match="cannot be read as XLSX"):
        lab.take(sheet=sheet(lab, "no zip", "a.xlsx"))
    with pytest.raises(DataError, match="cannot be read"):
        lab.take(sheet=lab.files / "nowhere.csv")
    with pytest.raises(DataError, match="is of no sheet"):
        lab.take(lab.image("a.tif"), path_column="x")


def test_column_is_chosen_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("file,where\nx,a.tif\n")
    (row,) = read_sheet(path, "Where")
    assert (row.path, row.values, row.number) == ("a.tif", {"file": "x"}, 2)


def test_key_in_sheet_and_elsewhere_is_refused(lab: Lab) -> None:
    lab.image("a_1.tif")
    path = sheet(lab, "path,n\na_1.tif,1\n")
    with pytest.raises(DataError, match=r"'n' .* is a column of the sheet"):
        lab.take(sheet=path, from_name=r"_(?P<n>\d)")
    with pytest.raises(DataError, match="'n' is given and is a column"):
        lab.take(sheet=path, annotations={"n": 3})
