"""Outliers, plots and scores, checked by hand."""

import numpy as np
import pytest

from bioimageit_flow.editor.viewing.outliers import robust_scores
from bioimageit_flow.editor.viewing.plotting import (
    boxes,
    groups_of,
    histogram,
    is_group,
    is_number,
    scatter,
)
from bioimageit_flow.editor.viewing.scores import count_labels, overlap


def test_one_outlier_does_not_hide_another() -> None:
    scores = robust_scores([10, 11, 9, 10, 12, 8, 100, 1000, None])
    assert abs(scores[6]) > 20
    assert abs(scores[7]) > 200
    assert np.isnan(scores[8])
    assert scores[0] == pytest.approx((10 - 10.5) / (1.4826 * 1.5))


def test_equal_values_do_not_stand_out_and_a_single_other_does() -> None:
    assert robust_scores([5, 5, 5]).tolist() == [0, 0, 0]
    scores = robust_scores([5, 5, 5, 5, 9])
    assert scores[0] == 0
    assert scores[4] == pytest.approx(4 / (1.2533 * 0.8))
    assert np.isnan(robust_scores([None, None])).all()


def test_boxes_are_those_of_tukey() -> None:
    (box,) = boxes([1, 2, 3, 4, 5, 6, 7, 8, 100])
    assert (box.q1, box.median, box.q3) == (3, 5, 7)
    assert (box.low, box.high) == (1, 8)
    assert box.rows.tolist() == list(range(9))
    assert np.abs(box.offsets).max() <= 0.28


def test_groups_are_in_order_and_rows_without_one_are_left_out() -> None:
    names = [name for name, _ in groups_of([10, 9, None, 10], 4)]
    assert names == ["9", "10"]
    by_drug = boxes([1.0, 2.0, 3.0, None], ["drug", "control", None, "drug"])
    assert [(box.name, box.values.tolist()) for box in by_drug] == [
        ("control", [2.0]),
        ("drug", [1.0]),
    ]


def test_scatter_keeps_the_rows_of_its_points() -> None:
    (series,) = scatter([1, None, 3], [4, 5, 6])
    assert (series.x.tolist(), series.rows.tolist()) == ([1, 3], [0, 2])


def test_histogram_counts_all_groups_in_the_same_bins() -> None:
    values = [1.0, 1.1, 1.2, 5.0, 5.1, 9.0]
    first, second = histogram(values, ["a", "a", "a", "b", "b", "b"])
    assert first.counts.sum() == second.counts.sum() == 3
    assert first.edges.tolist() == second.edges.tolist()
    assert histogram([None]) == []


def test_columns_are_known_by_their_cells() -> None:
    assert is_number([1, None, 2.5])
    assert not is_number(["1", 2])
    assert not is_number([True, False])
    assert not is_number([None])
    assert is_group(["a", "b", "a"])
    assert not is_group(["a", "a"])
    assert not is_group(list(range(100)))


def test_overlap_is_counted_by_hand() -> None:
    truth = np.zeros((10, 10), int)
    truth[0:4, 0:4] = 1  # 16 pixels
    truth[6:10, 6:10] = 2  # 16 pixels
    result = np.zeros((10, 10), int)
    result[0:4, 0:3] = 5  # 12 of the first: IoU 0.75
    result[6:8, 6:8] = 6  # 4 of the second: IoU 0.25
    agreed = overlap(result, truth)
    assert agreed.dice == pytest.approx(2 * 16 / (16 + 32))
    assert agreed.iou == pytest.approx(16 / 32)
    assert (agreed.found, agreed.missed, agreed.extra) == (1, 1, 1)
    assert agreed.f1 == pytest.approx(0.5)
    assert count_labels(result) == 2


def test_overlap_of_the_same_and_of_nothing_is_whole() -> None:
    labels = np.array([[0, 1], [2, 2]])
    assert overlap(labels, labels).f1 == overlap(labels, labels).dice == 1
    assert overlap(labels * 0, labels * 0).iou == 1
    with pytest.raises(ValueError, match="sizes differ"):
        overlap(labels, labels[:1])
