"""Facts about a file by name, for what tests of tools expect of their outputs.

=====================  ==========================================================
every file             ``kind``, ``format``
images and labels      ``axes``, ``shape``, ``dtype``, ``pixel_size_um``,
                       ``time_step_s``, ``channels``, ``min``, ``max``, ``mean``,
                       ``std`` (of the population), ``sum``, ``count`` (distinct
                       labels that are not zero)
tables                 ``rows``, ``columns``, ``column``: by name ``first``,
                       ``last``, and of numbers ``min``, ``max``, ``mean``,
                       ``std`` (of the population), ``sum``; NaN is left out
scalars                every key of the JSON object
=====================  ==========================================================
"""

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from statistics import fmean, pstdev
from typing import TypeVar

import numpy as np

from bioimageit_flow.errors import DataError
from bioimageit_flow.formats.image import Pixels
from bioimageit_flow.formats.reading import read_array, read_scalar, read_table
from bioimageit_flow.formats.refusal import shown
from bioimageit_flow.formats.table import Cell, Table
from bioimageit_flow.model.data import DataInfo

_Loaded = TypeVar("_Loaded")

_HEADER: Mapping[str, Callable[[DataInfo], object]] = {
    "axes": lambda info: info.axes,
    "shape": lambda info: list(info.shape),
    "dtype": lambda info: info.dtype,
    "pixel_size_um": lambda info: dict(info.pixel_size_um),
    "time_step_s": lambda info: info.time_step_s,
    "channels": lambda info: list(info.channels),
}
_PIXELS: Mapping[str, Callable[[Pixels], object]] = {
    "min": lambda array: array.min().item(),
    "max": lambda array: array.max().item(),
    "mean": lambda array: array.mean(dtype=np.float64).item(),
    "std": lambda array: array.std(dtype=np.float64).item(),
    "sum": lambda array: _sum(array),
    "count": lambda array: _count(array),
}
_TABLE: Mapping[str, Callable[[Table], object]] = {
    "rows": len,
    "columns": lambda table: list(table.columns),
    "column": lambda table: {
        name: _column_facts(table.column(name)) for name in table.columns
    },
}
_ANY = ("kind", "format")


def measure(path: Path, info: DataInfo, properties: Iterable[str]) -> dict[str, object]:
    """Return facts about a file as plain numbers, texts, lists and dictionaries.

    Parameters
    ----------
    path : Path
        Of the file.
    info : DataInfo
        What `probe` or `check_output` said of it; its kind decides what can be asked.
    properties : iterable of str
        Names of facts, see above. Pixels and rows are read only if they are needed.

    Raises
    ------
    DataError
        If there is no such property, or if the file cannot be read.
    """
    wanted = list(properties)
    facts: dict[str, object] = {"kind": str(info.kind), "format": info.format}
    known: Iterable[str] = ()
    if info.axes is not None:
        known = (*_HEADER, *_PIXELS)
        facts |= _chosen(_HEADER, wanted, lambda: info)
        facts |= _chosen(_PIXELS, wanted, lambda: read_array(path))
    elif info.kind.is_tabular:
        known = _TABLE
        facts |= _chosen(_TABLE, wanted, lambda: read_table(path))
    elif info.format == "json" and set(wanted) - set(_ANY):
        facts |= read_scalar(path)
        known = facts
    for name in wanted:
        if name not in facts:
            choices = ", ".join(dict.fromkeys((*known, *_ANY)))
            raise DataError(
                f"{shown(path)} has no property {name!r}.",
                remedy=f"It has {choices}.",
            )
    return {name: facts[name] for name in wanted}


def _chosen(
    known: Mapping[str, Callable[[_Loaded], object]],
    wanted: list[str],
    load: Callable[[], _Loaded],
) -> dict[str, object]:
    names = [name for name in wanted if name in known]
    if not names:
        return {}
    value = load()
    return {name: known[name](value) for name in names}


def _sum(array: Pixels) -> object:
    match array.dtype.kind:
        case "u" | "b":
            return array.sum(dtype=np.uint64).item()
        case "i":
            return array.sum(dtype=np.int64).item()
        case _:
            return array.sum(dtype=np.float64).item()


def _count(array: Pixels) -> int:
    return int(np.count_nonzero(np.unique(array)))


def _column_facts(values: tuple[Cell, ...]) -> dict[str, object]:
    if not values:
        return {}
    facts: dict[str, object] = {"first": values[0], "last": values[-1]}
    numbers = [
        value
        for value in values
        if not isinstance(value, str) and not math.isnan(value)
    ]
    if numbers:
        facts |= {
            "min": min(numbers),
            "max": max(numbers),
            "mean": fmean(numbers),
            "std": pstdev(numbers),
            "sum": math.fsum(numbers),
        }
    return facts
