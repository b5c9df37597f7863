"""Scores of the cells of a sweep board, and which setting is the best by them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bioimageit_flow.editor.viewing.scores import count_labels, overlap
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.session.results import Result
from bioimageit_flow.session.sweeps import (
    Board,
    Truth,
    truth_items,
    truth_numbers,
)
from bioimageit_flow.session.viewing import found

COUNT: Final = "count"
ERROR: Final = "count error"
DICE: Final = "Dice"
IOU: Final = "IoU"
F1: Final = "F1"

BETTER_HIGH: Final = frozenset({DICE, IOU, F1})
"""Scores of which the highest is the best; of the error it is the smallest."""

Scores = dict[str, float]
CellScores = dict[tuple[int, int], Scores]
Progress = Callable[[int, int], bool]


@dataclass(frozen=True, slots=True)
class Summary:
    """A setting over all rows.

    Attributes
    ----------
    means : mapping of str to float
        The mean of each score; of the count error that of its size.
    cells : int
        Rows that have results.
    """

    means: Mapping[str, float]
    cells: int


def score_cells(
    board: Board, truth: Truth | None, go_on: Progress = lambda _done, _of: True
) -> CellScores:
    """Return what is known of each cell: the count, and scores where there is a truth.

    Parameters
    ----------
    go_on : callable
        Given how many cells are done, and of how many; False stops.

    Raises
    ------
    DataError
        If a result is gone or was changed.
    """
    numbers = truth_numbers(board, truth) if truth is not None and truth.is_key else {}
    items = truth_items(board, truth) if truth and not truth.is_key else {}
    scores: CellScores = {}
    known: dict[int, _True] = {}
    for done, ((row, column), result) in enumerate(
        sorted(board.cells.items(), key=_at)
    ):
        if not go_on(done, len(board.cells)):
            return scores
        own: Scores = {}
        count = _count(result)
        if count is not None:
            own[COUNT] = float(count)
        if row in numbers and count is not None:
            own[ERROR] = count - numbers[row]
        if row in items:
            if row not in known:
                known = {row: _True.of(board, items[row])}
            own |= known[row].compare(result, count)
        scores[row, column] = own
    return scores


def summaries(board: Board, scores: CellScores) -> list[Summary]:
    """Return each setting over all rows."""
    made = []
    for column in range(len(board.settings)):
        own = [cell for (_, place), cell in scores.items() if place == column]
        names = dict.fromkeys(name for cell in own for name in cell)
        means = {}
        for name in names:
            values = [cell[name] for cell in own if name in cell]
            sizes = [abs(value) for value in values] if name == ERROR else values
            means[name] = float(np.mean(sizes))
        made.append(Summary(means, len(own)))
    return made


def score_names(scores: CellScores) -> list[str]:
    """Return the scores that there are, in the order in which they are shown."""
    present = {name for cell in scores.values() for name in cell}
    return [name for name in (COUNT, ERROR, DICE, IOU, F1) if name in present]


def best_setting(sums: Sequence[Summary], score: str) -> int | None:
    """Return the column that is best by a score; None where none is better."""
    known = {
        place: one.means[score] for place, one in enumerate(sums) if score in one.means
    }
    if score == COUNT or len(set(known.values())) < 2:
        return None
    pick = max if score in BETTER_HIGH else min
    return pick(known, key=lambda place: known[place])


@dataclass(frozen=True, slots=True)
class _True:
    """The truth of a row, read."""

    count: int | None
    labels: "np.ndarray[tuple[int, ...], np.dtype[np.generic]] | None"

    @classmethod
    def of(cls, board: Board, item: Item) -> "_True":
        result = found(board.run.experiment, item)
        if item.info.kind is Kind.LABELS:
            labels = result.read_image().array
            return cls(count_labels(labels), labels)
        return cls(_count(result), None)

    def compare(self, result: Result, count: int | None) -> Scores:
        made: Scores = {}
        if self.count is not None and count is not None:
            made[ERROR] = float(count - self.count)
        if self.labels is None or result.item.info.kind is not Kind.LABELS:
            return made
        labels = result.read_image().array
        if labels.shape == self.labels.shape:
            agreed = overlap(labels, self.labels)
            made |= {DICE: agreed.dice, IOU: agreed.iou, F1: agreed.f1}
        return made


def _count(result: Result) -> int | None:
    """Return how many objects a result has; None where it has none to count."""
    kind = result.item.info.kind
    if kind is Kind.LABELS:
        return count_labels(result.read_image().array)
    if kind.is_tabular:
        return len(result.read_table())
    if kind is Kind.SCALAR:
        value = result.read_scalar().get("value")
        return int(value) if isinstance(value, int) else None
    return None


def _at(cell: tuple[tuple[int, int], Result]) -> tuple[int, int]:
    return cell[0]
