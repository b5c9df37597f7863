"""Results by condition: what was measured, for each value of an annotation."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from statistics import fmean, stdev

from bioimageit_flow.errors import FlowError
from bioimageit_flow.formats import read_scalar, read_table
from bioimageit_flow.model.annotation import Conflict, View
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.provenance.report.outputs import Output
from bioimageit_flow.provenance.report.pictures import Find

_MOST_VALUES, _MOST_COLUMNS = 12, 8


@dataclass(frozen=True, slots=True)
class Cell:
    """A mean over the items of one condition.

    Attributes
    ----------
    spread : float or None
        Standard deviation; None for a single item.
    """

    count: int
    mean: float
    spread: float | None


@dataclass(frozen=True, slots=True)
class ByCondition:
    """What one output says for each value of a key.

    Attributes
    ----------
    rows : tuple
        A measure, with a cell for each value; None where there is no item.
    measured, count : int
        How many items were read, of how many.
    """

    output: str
    key: str
    values: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]
    measured: int
    count: int


def condition_keys(views: Iterable[View]) -> list[str]:
    """Return the keys that put items into groups: few values, several items each."""
    found: dict[str, set[object]] = {}
    counts = Counter[str]()
    for view in views:
        for key, value in view.items():
            if isinstance(value, Conflict):
                continue
            counts[key] += 1
            values = found.setdefault(key, set())
            if len(values) <= _MOST_VALUES:
                values.add(value)
    return [
        key
        for key, values in sorted(found.items())
        if 1 < len(values) <= _MOST_VALUES and len(values) < counts[key]
    ]


def by_condition(
    output: Output,
    views: Mapping[ItemId, View],
    keys: Sequence[str],
    find: Find,
) -> list[ByCondition]:
    """Return the means of an output for each value of each key.

    A table stands for its number of rows and the means of its columns; a scalar for its
    value. Each item counts once, however many rows it has.
    """
    measured = _measured(output.items, find)
    found = []
    for key in keys:
        groups: dict[str, list[Mapping[str, float]]] = {}
        for item, measures in measured:
            value = views.get(item.id, {}).get(key)
            if value is not None and not isinstance(value, Conflict):
                groups.setdefault(str(value), []).append(measures)
        if len(groups) < 2:
            continue
        names = dict.fromkeys(name for _, measures in measured for name in measures)
        values = tuple(sorted(groups))
        rows = tuple(
            (name, tuple(_cell(name, groups[value]) for value in values))
            for name in names
        )
        found.append(
            ByCondition(output.name, key, values, rows, len(measured), output.count)
        )
    return found


def _measured(
    items: Iterable[Item], find: Find
) -> list[tuple[Item, Mapping[str, float]]]:
    found: list[tuple[Item, Mapping[str, float]]] = []
    for item in items:
        kind = item.info.kind
        if not kind.is_tabular and kind is not Kind.SCALAR:
            continue
        try:
            path = find(item.content)
            measures = _of_table(path) if kind.is_tabular else _of_scalar(path)
        except FlowError:  # gone or damaged: the list of results says so
            continue
        found.append((item, measures))
    return found


def _of_table(path: Path) -> dict[str, float]:
    table = read_table(path)
    measures = {"rows": float(len(table))}
    for name in table.columns:
        numbers = [
            float(value)
            for value in table.column(name)
            if isinstance(value, int | float) and isfinite(value)
        ]
        if numbers and len(measures) <= _MOST_COLUMNS:
            measures[f"mean of {name}"] = fmean(numbers)
    return measures


def _of_scalar(path: Path) -> dict[str, float]:
    value = read_scalar(path).get("value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return {}
    return {"value": float(value)} if isfinite(value) else {}


def _cell(name: str, measures: Iterable[Mapping[str, float]]) -> Cell | None:
    values = [one[name] for one in measures if name in one]
    if not values:
        return None
    return Cell(len(values), fmean(values), stdev(values) if len(values) > 1 else None)
