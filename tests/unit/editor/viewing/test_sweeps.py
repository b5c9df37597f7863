"""A sweep is a board with scores, and a setting of it goes into the workflow."""

import pytest

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.viewing.choosing import choice_of, use_setting
from bioimageit_flow.editor.viewing.scoring import (
    best_setting,
    score_cells,
    score_names,
    summaries,
)
from bioimageit_flow.errors import StoreError, WorkflowError
from bioimageit_flow.model.changes import ChangeKind
from bioimageit_flow.session.sweeps import Truth, sweep_board
from bioimageit_flow.workflow import Workflow
from tests.looking import LookingLab

LEVELS = (50, 120, 160)


def test_rows_are_raw_images_and_columns_settings(lab: LookingLab) -> None:
    run = lab.run(is_swept=True)
    board = sweep_board(run, "segment")
    assert [row.name for row in board.rows] == ["a.ome.tif", "b.ome.tif"]
    assert board.settings == tuple((level,) for level in LEVELS)
    assert board.setting_words(1) == "level = 120"
    assert len(board.cells) == 6
    assert board.cells[1, 2].annotations.get("level") == 160
    below = sweep_board(run, "regions")
    assert below.settings == board.settings
    with pytest.raises(StoreError, match="different settings"):
        sweep_board(run, "spots")


def test_counts_and_overlaps_are_those_of_the_truth(lab: LookingLab) -> None:
    board = sweep_board(lab.run(is_swept=True), "segment")
    assert Truth("truth", is_key=False) in board.truths
    assert Truth("true_count", is_key=True) in board.truths

    # Of three squares, the truth has the two that are brighter than 120.
    scores = score_cells(board, Truth("truth", is_key=False))

    assert score_names(scores) == ["count", "count error", "Dice", "IoU", "F1"]
    assert [scores[0, column]["count"] for column in range(3)] == [3, 2, 1]
    assert [scores[0, column]["count error"] for column in range(3)] == [1, 0, -1]
    assert scores[0, 0]["Dice"] == pytest.approx(2 * 2 / (3 + 2))
    assert scores[1, 1]["Dice"] == scores[1, 1]["IoU"] == 1
    assert scores[0, 2]["IoU"] == pytest.approx(0.5)
    sums = summaries(board, scores)
    assert [sums[column].means["count error"] for column in range(3)] == [1, 0, 1]
    assert best_setting(sums, "Dice") == best_setting(sums, "count error") == 1
    assert best_setting(sums, "count") is None


def test_an_annotation_is_a_truth_of_counts(lab: LookingLab) -> None:
    board = sweep_board(lab.run(is_swept=True), "regions")
    scores = score_cells(board, Truth("true_count", is_key=True))
    assert [scores[1, column]["count error"] for column in range(3)] == [1, 0, -1]
    assert score_names(scores) == ["count", "count error"]
    assert score_names(score_cells(board, None)) == ["count"]


def test_scoring_stops_when_nobody_waits(lab: LookingLab) -> None:
    board = sweep_board(lab.run(is_swept=True), "segment")
    assert len(score_cells(board, None, lambda done, _of: done < 2)) == 2


def test_a_choice_is_written_as_one_step_and_recorded(lab: LookingLab) -> None:
    workflow = lab.workflow(is_swept=True)
    run = lab.experiment.run(workflow, bind={"images": "raw"})
    board = sweep_board(run, "segment")
    editor = Editor(workflow)

    use_setting(editor, board, 1)
    choice = choice_of(board, 1, {"Dice": 1.0}, "dataset truth")
    lab.experiment.choose(choice, "best mean Dice")

    assert editor.document.nodes["segment"].parameters["level"] == 120
    (change, *_) = lab.experiment.changes()
    assert (change.kind, change.note) == (ChangeKind.CHOOSE, "best mean Dice")
    recorded = change.details["choice"]
    assert isinstance(recorded, dict)
    assert recorded["parameters"] == {"segment.level": 120}
    assert recorded["run"] == run.summary.id
    assert [one["level"] for one in recorded["among"]] == list(LEVELS)
    assert editor.undo()
    assert "sweep" in str(editor.document.nodes["segment"].parameters["level"])


def test_another_workflow_is_left_alone(lab: LookingLab) -> None:
    board = sweep_board(lab.run(is_swept=True), "segment")
    other = Editor(Workflow("Other"))
    before = other.document
    with pytest.raises(WorkflowError, match="not the workflow of this run"):
        use_setting(other, board, 1)
    assert other.document == before
