import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile

from bioimageit_flow.formats import write_ome_tiff
from bioimageit_flow.provenance.comparing import compare_runs as compare_stories
from bioimageit_flow.session import Experiment, Run
from bioimageit_flow.session.comparing import Sameness, compare_files, compare_runs
from bioimageit_flow.session.crates import story_of
from tests.integration.cli.conftest import Say
from tests.integration.engine.lab import Lab


@pytest.fixture
def run(lab: Lab) -> Run:
    lab.import_images(3)
    return lab.run(lab.line())


def test_a_run_is_like_itself(lab: Lab, run: Run) -> None:
    again = lab.run(lab.line())
    found = compare_runs(run, again)
    assert found.is_same
    assert found.changes == ()
    assert found.counts()[Sameness.BYTES] == len(found.results) == 7


def test_a_changed_parameter_moves_what_is_below(lab: Lab, run: Run) -> None:
    other = lab.run(lab.line(), set={"add.amount": 11})
    found = compare_runs(run, other)
    (change,) = found.changes
    assert (change.what, change.where) == ("parameter", "add.amount")
    assert (change.first, change.second) == ("10", "11")
    assert not found.is_same
    assert {(one.node, one.verdict.sameness) for one in found.results} == {
        ("add", Sameness.DIFFERENT),
        ("measure", Sameness.DIFFERENT),
        ("join", Sameness.DIFFERENT),
    }
    words = {one.node: one.verdict.words for one in found.moved()}
    assert words["measure"].startswith("value in row 1: ")


def test_what_moved_less_than_the_tolerance_is_the_same(lab: Lab, run: Run) -> None:
    other = lab.run(lab.line(), set={"add.amount": 11})
    found = compare_runs(run, other, tolerance=1.0)
    assert found.is_same
    assert found.counts()[Sameness.WITHIN] == 7


def test_runs_of_two_experiments_are_paired_by_raw_data(lab: Lab, run: Run) -> None:
    images = sorted((lab.folder / "images").iterdir())
    with Experiment.create(lab.folder / "other", session=lab.session) as other:
        other.import_files(images[1:])
        again = other.run(lab.line(), bind={"images": "raw"})
        found = compare_runs(run, again)
    assert found.only_first == (
        "add.result image_001.ome.tif",
        "measure.table image_001.csv",
    )
    assert [change.where for change in found.changes] == ["image_001.ome.tif"]
    moved = [(one.node, one.verdict.words) for one in found.moved()]
    assert moved == [("join", "3 rows and 2 rows")]


@pytest.mark.parametrize(
    ("first", "second", "sameness", "words"),
    [
        ("a\n1\n", "a\n1\n", Sameness.BYTES, ""),
        ("a\n1\n", "a\n1.0\n", Sameness.VALUES, ""),
        ("a\n1\n", "a\n1.0000000001\n", Sameness.WITHIN, "a in row 1"),
        ("a\n1\n2\n", "a\n1\n4\n", Sameness.DIFFERENT, "a in row 2: 2, 4 (50.00%)"),
        ("a\nx\n", "a\ny\n", Sameness.DIFFERENT, "a in row 1: x, y"),
        ("a\n1\n", "b\n1\n", Sameness.DIFFERENT, "without a and with b"),
        ("a,b\n1,2\n", "b,a\n2,1\n", Sameness.DIFFERENT, "in another order"),
        ("a\n1\n", "a\n1\n2\n", Sameness.DIFFERENT, "1 row and 2 rows"),
        ("a,b\n1.5,1\nnan,2\n", "a,b\n1.5,1\n,2\n", Sameness.VALUES, ""),
        ("a\n0.0\n", "a\n1e-9\n", Sameness.DIFFERENT, "a in row 1"),
    ],
)
def test_tables_are_compared_by_numbers(
    first: str, second: str, sameness: Sameness, words: str, tmp_path: Path
) -> None:
    for name, text in (("1.csv", first), ("2.csv", second)):
        (tmp_path / name).write_text(text)
    verdict = compare_files(tmp_path / "1.csv", tmp_path / "2.csv").verdict
    assert verdict.sameness is sameness
    assert words in verdict.words


@pytest.mark.parametrize(
    ("change", "tolerance", "sameness", "words"),
    [
        (0.0, 0, Sameness.VALUES, ""),
        (1.0, 0.2, Sameness.WITHIN, "1 of 12 pixels differ, by up to 1 (9.09% of the"),
        (1.0, 0.01, Sameness.DIFFERENT, "1 of 12 pixels differ"),
        (np.nan, 1, Sameness.DIFFERENT, "no numbers"),
    ],
)
def test_images_are_compared_by_pixels(
    change: float, tolerance: float, sameness: Sameness, words: str, tmp_path: Path
) -> None:
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    write_ome_tiff(tmp_path / "1.ome.tif", array, "YX")
    array[1, 1] += change
    write_ome_tiff(tmp_path / "2.ome.tif", array, "YX", pixel_size_um={"x": 1.0})
    found = compare_files(
        tmp_path / "1.ome.tif", tmp_path / "2.ome.tif", tolerance=tolerance
    )
    assert found.verdict.sameness is sameness
    assert words in found.verdict.words


def test_images_of_other_shapes_differ(tmp_path: Path) -> None:
    for n in (1, 2):
        write_ome_tiff(tmp_path / f"{n}.ome.tif", np.ones((n, 4), np.uint8), "YX")
    found = compare_files(tmp_path / "1.ome.tif", tmp_path / "2.ome.tif")
    assert found.verdict.words == "YX 1 x 4 and YX 2 x 4"


def test_stamped_files_say_what_was_done_differently(lab: Lab, run: Run) -> None:
    other = lab.run(lab.line(), set={"add.amount": 11})
    files = [one.results("add", "result")[0].path for one in (run, other)]
    (change,) = compare_files(*files).changes
    assert str(change) == "add.amount: 10 -> 11"


def test_stamped_files_say_what_was_different_above(lab: Lab, run: Run) -> None:
    other = lab.run(lab.line(), set={"add.amount": 11})
    files = [one.results("join", "table")[0].path for one in (run, other)]
    told = [f"{one.what} {one}" for one in compare_files(*files).changes]
    assert told == [
        "input join.tables: 3 items -> 3 items, not the same",
        "parameter add.amount: 10 -> 11",
    ]


def test_a_changed_file_is_not_taken_for_what_its_stamp_says(
    lab: Lab, run: Run, flow: Say
) -> None:
    whole = run.results("add", "result")[0].path
    with tifffile.TiffFile(whole) as tiff:
        (start,) = tiff.pages[0].dataoffsets
    data = bytearray(whole.read_bytes())
    data[start] ^= 1
    changed = lab.folder / "changed.ome.tif"
    changed.write_bytes(data)
    found = compare_files(whole, changed)
    assert found.verdict.sameness is Sameness.DIFFERENT
    assert "1 of" in found.verdict.words
    assert found.altered == (changed,)
    assert compare_files(whole, whole).altered == ()
    said = flow("compare", whole, changed)
    assert said.code == 3
    assert "changed.ome.tif was changed after it was made" in said.out


def test_command_compares_runs(lab: Lab, run: Run, flow: Say) -> None:
    lab.run(lab.line(), set={"add.amount": 11})
    place = lab.experiment.path
    said = flow("compare", run.summary.id, "last", "-e", place)
    assert said.code == 3
    assert "parameter  add.amount: 10 -> 11" in said.out
    assert "7 pairs of results: 7 different." in said.out
    assert "join.table" in said.out
    assert flow("compare", "last", "last", "-e", place).code == 0
    told = flow("compare", run.summary.id, "last", "-e", place, "--json")
    assert json.loads(told.out)["counts"]["different"] == 7


def test_command_compares_files(lab: Lab, flow: Say) -> None:
    Path("1.csv").write_text("a\n1\n")
    Path("2.csv").write_text("a\n2\n")
    said = flow("compare", "1.csv", "2.csv")
    assert said.code == 3
    assert "different: a in row 1: 1, 2 (50.00%)" in said.out
    assert flow("compare", "1.csv", "1.csv", "--json").code == 0


def test_bad_input_is_named(lab: Lab, run: Run, flow: Say) -> None:
    said = flow("compare", "last", "none-such", "-e", lab.experiment.path)
    assert said.code == 8
    assert "none-such" in said.err
    Path("1.ome.tif").write_bytes(b"II*\0")
    Path("2.csv").write_text("a\n1\n")
    said = flow("compare", "2.csv", "1.ome.tif")
    assert said.code == 4
    assert "'1.ome.tif'" in said.err


def test_another_program_and_another_way_are_told(lab: Lab, run: Run) -> None:
    other = lab.run(lab.line(), incomplete_groups="run")
    record = lab.experiment.store.run_record(other.summary.id)
    story = replace(
        story_of(other),
        record=replace(record, machine=replace(record.machine, program_version="9.0")),
    )
    find = lab.experiment.finder().find

    found = compare_stories(story_of(run), story, find, find)

    assert [(one.what, one.where, one.second) for one in found.changes] == [
        ("program", "BioImageIT Flow", "9.0"),
        ("run", "incomplete groups", "run"),
    ]


def test_diff_takes_runs_and_files_too(lab: Lab, run: Run, flow: Say) -> None:
    other = lab.run(lab.line(), set={"add.amount": 11})
    place = lab.experiment.path

    runs = flow("diff", run.summary.id, other.summary.id, "-e", place, "--exit-code")
    assert runs.code == 1
    assert "add.amount: 10 -> 11" in runs.out
    same = flow("diff", "last", "last", "-e", place, "--exit-code")
    assert same.code == 0
    one, two = (one.results("join", "table")[0].path for one in (run, other))
    files = flow("diff", one, two, "--json")
    assert files.code == 0
    assert json.loads(files.out)["changes"]
    gone = flow("diff", one, "gone.csv")
    assert gone.code == 4
    assert "no file gone.csv" in gone.err
