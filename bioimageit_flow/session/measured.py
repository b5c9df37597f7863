"""One number per item from everything that a run has measured: to sort pictures by.

A table of a node says something of an item when both descend from the same raw items;
where a sweep made several, when their annotations agree as well. A table gives its
number of rows, and of each numeric column the median of its rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.annotation import Conflict, View
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.session.results import Result, Run

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment

Measures = dict[str, dict[ItemId, float]]
"""By what was measured, such as ``spots.points rows``: the value of each item."""


def measures_of_run(run: Run, items: Sequence[Item]) -> Measures:
    """Return what a run measured of items, and their own numeric annotations.

    Raises
    ------
    DataError
        If a table is gone or was changed.
    """
    experiment = run.experiment
    found = annotated_numbers(experiment, items)
    roots = experiment.store.roots([item.id for item in items])
    views = experiment.annotations(items)
    by_root: dict[frozenset[ItemId], list[Item]] = {}
    for item in items:
        by_root.setdefault(roots[item.id], []).append(item)
    for node, port in run.outputs():
        results = run.results(node, port)
        telling = [one for one in results if _is_telling(one.item)]
        if not telling:
            continue
        of = experiment.store.roots([result.item.id for result in telling])
        for result in telling:
            meant = [
                item
                for item in by_root.get(of[result.item.id], ())
                if _agree(views[item.id], result.annotations)
            ]
            if not meant:
                continue
            for name, value in _numbers(result):
                column = found.setdefault(f"{node}.{port} {name}", {})
                for item in meant:
                    column[item.id] = value
    return {name: values for name, values in found.items() if values}


def annotated_numbers(experiment: "Experiment", items: Sequence[Item]) -> Measures:
    """Return the annotations of items that are numbers."""
    found: Measures = {}
    for id_, view in experiment.annotations(items).items():
        for key in view:
            value = view.get(key)
            if isinstance(value, int | float) and not isinstance(value, bool):
                found.setdefault(key, {})[id_] = float(value)
    return found


def _is_telling(item: Item) -> bool:
    return item.info.kind.is_tabular or item.info.kind is Kind.SCALAR


def _agree(one: View | Mapping[str, object], other: View) -> bool:
    """Say whether the annotations that both have are the same."""
    for key in one:
        here, there = one.get(key), other.get(key)
        if isinstance(here, Conflict) or isinstance(there, Conflict):
            continue
        if there is not None and here != there:
            return False
    return True


def _numbers(result: Result) -> Iterator[tuple[str, float]]:
    if result.item.info.kind is Kind.SCALAR:
        for name, value in result.read_scalar().items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield name, float(value)
        return
    try:
        table = result.read_table()
    except DataError:
        return
    yield "rows", float(len(table))
    for name in table.columns:
        values = [
            float(cell)
            for cell in table.column(name)
            if isinstance(cell, int | float) and cell == cell
        ]
        if values:
            yield name, float(median(values))
