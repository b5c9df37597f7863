from pathlib import Path

import pytest

from bioimageit_flow.editor.experiment.import_form import (
    ImportForm,
    StoppedError,
    expression_of,
    folder_keys,
)
from bioimageit_flow.model.annotation_rules import FromName
from bioimageit_flow.session import Experiment


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files" / "patient 1"
    folder.mkdir(parents=True)
    for name in ("drug_01.csv", "drug_02.csv", "water_01.csv"):
        (folder / name).write_text(f"name\n{name}\n", encoding="utf-8")
    (folder / "notes.txt").write_text("nothing", encoding="utf-8")
    return folder.parent


def test_the_preview_says_what_the_import_does(files: Path, tmp_path: Path) -> None:
    form = ImportForm(
        files=(files,),
        include="*.csv",
        from_name=r"(?P<condition>[a-z]+)_(?P<n>\d+)",
        from_folders="patient",
        annotations="batch=7, stain = DAPI",
    )
    seen = form.preview()
    assert (seen.count, seen.problem) == (3, "")
    assert seen.keys == ("batch", "stain", "condition", "n", "patient")
    assert [one.path.rpartition("/")[2] for one in seen.passed] == ["notes.txt"]

    with Experiment.create(tmp_path / "e") as experiment:
        told: list[tuple[int, int]] = []
        report = form.import_all(experiment, lambda *how: told.append(how))
        assert told[-1] == (3, 3)
        by_name = {item.name: dict(item.annotations) for item in report.items}
    assert by_name == {
        line.name.rpartition("/")[2]: dict(line.values) for line in seen.lines
    }


def test_a_file_that_does_not_fit_is_marked_in_the_preview(files: Path) -> None:
    form = ImportForm(files=(files,), from_name=r"(?P<condition>[a-z]+)_(?P<n>\d+)")
    seen = form.preview()
    marked = [line.name for line in seen.lines if line.problem]
    assert marked == ["files/patient 1/notes.txt"]
    assert "notes.txt" in seen.problem
    assert seen.remedy


@pytest.mark.parametrize(
    "form",
    [
        ImportForm(from_name="("),
        ImportForm(match="("),
        ImportForm(annotations="batch"),
        ImportForm(annotations="=7"),
        ImportForm(sheet="/nowhere/at/all.csv"),
        ImportForm(include="*.nothing"),
    ],
)
def test_what_is_wrong_is_a_sentence_and_no_error(
    form: ImportForm, files: Path
) -> None:
    from dataclasses import replace

    seen = replace(form, files=(files,)).preview()
    assert seen.problem
    assert seen.remedy


def test_an_empty_form_asks_for_nothing() -> None:
    assert ImportForm().is_empty
    assert ImportForm().preview().count == 0
    assert not ImportForm().preview().problem


def test_files_are_taken_once(files: Path) -> None:
    form = ImportForm().with_files([files, files]).with_files([files])
    assert form.files == (files,)


def test_a_table_says_which_files_come(files: Path) -> None:
    sheet = files / "patient 1" / "sheet.csv"
    sheet.write_text("path,dose\ndrug_01.csv,5\ngone.csv,6\n", encoding="utf-8")
    seen = ImportForm(sheet=str(sheet)).preview()
    assert [(line.name, dict(line.values)) for line in seen.lines] == [
        ("drug_01.csv", {"dose": 5})
    ]
    assert len(seen.refused) == 1


def test_a_cancelled_import_keeps_what_was_recorded(
    files: Path, tmp_path: Path
) -> None:
    def stop(done: int, _of: int) -> None:
        if done == 2:
            raise StoppedError

    form = ImportForm(files=(files,), include="*.csv")
    with Experiment.create(tmp_path / "e") as experiment:
        with pytest.raises(StoppedError):
            form.import_all(experiment, stop)
        again = form.import_all(experiment, lambda _done, _of: None)
        assert len(experiment.items("raw")) == 3
        assert len(again.items) + len(again.skipped) == 4  # with the file passed over


def test_a_classic_experiment_is_known_by_its_file(tmp_path: Path) -> None:
    assert ImportForm(files=(tmp_path,)).classic_folder is None
    (tmp_path / "experiment.md.json").write_text("{}", encoding="utf-8")
    assert ImportForm(files=(tmp_path,)).classic_folder == tmp_path
    inner = ImportForm(files=(tmp_path / "experiment.md.json",))
    assert inner.classic_folder == tmp_path


def test_folders_are_named_by_their_keys() -> None:
    assert folder_keys("patient / condition") == ("patient", "condition")
    assert folder_keys("patient,-,day") == ("patient", "-", "day")
    assert folder_keys("a//b") == ("a", "-", "b")
    assert folder_keys("  ") == ()


def test_parts_of_names_become_an_expression() -> None:
    expression = expression_of("_", ["condition", "-", "n"])
    rule = FromName(expression)
    assert rule.keys == ("condition", "n")
    found = rule._pattern.named("drug_x_07.ome.tif")
    assert found == {"condition": "drug", "n": "07"}
    assert expression_of(".", ["a", "b"]).count("(?P<") == 2
