"""Describe a group of tables: one row per value of the annotation keys."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from descriptives import mean, median, standard_deviation, standard_error
from failures import BadInputError, exit_code
from item_tables import (
    ItemTable,
    item_value,
    list_parameter,
    natural_order,
    open_group,
    read_list,
)
from results import Cell, write_table

ALL = "(all)"
FOUR = ("mean", "sd", "sem", "median")


def run(
    *,
    tables: Sequence[Path],
    job: Path,
    summary: Path,
    by: Sequence[str] = (),
    columns: Sequence[str] = (),
    statistic: str = "mean",
    total: bool = False,
) -> None:
    """Write counts, and statistics of the items, for each value of the keys.

    Parameters
    ----------
    tables : sequence of Path
        One CSV table per item.
    job : Path
        The ``job.json``, which holds the annotations of the items.
    summary : Path
        CSV file to write. Columns: the keys; ``items`` and ``rows``; mean, sd, sem and
        median of the number of rows per item (``count_mean`` ...); and for each column
        of numbers the same of its value per item (``area_mean`` ...), the number of
        items that have one (``area_items``), and mean, sd and median of all rows
        together (``area_rows_mean`` ...).
    by : sequence of str
        Annotation keys; one row for each combination found, all items where empty.
    columns : sequence of str
        Columns of numbers to describe.
    statistic : str
        The one number that stands for an item: ``mean``, ``median`` or ``sum`` of its
        rows.
    total : bool
        Whether a last row describes all items together.

    Raises
    ------
    BadInputError
        If a file is not a table, or a key or a column does not exist.
    """
    group = open_group(tables, job, "tables")
    for key in by:
        if not any(item.annotation(key) for item in group):
            raise BadInputError(
                f"No item has the annotation {key!r}: annotate the items, or choose "
                "other keys."
            )
    parts: dict[tuple[str, ...], list[ItemTable]] = {}
    for item in group:
        values = tuple(item.annotation(key) for key in by)
        parts.setdefault(values, []).append(item)
    in_order = sorted(parts, key=lambda names: [natural_order(n) for n in names])
    rows = [
        [*values, *_describe(parts[values], columns, statistic)] for values in in_order
    ]
    if total and by:
        rows.append([*(ALL for _ in by), *_describe(group, columns, statistic)])
    write_table(summary, _header(by, columns), rows)


def _header(by: Sequence[str], columns: Sequence[str]) -> list[str]:
    header = [*by, "items", "rows", *(f"count_{name}" for name in FOUR)]
    for column in columns:
        header += [f"{column}_items", *(f"{column}_{name}" for name in FOUR)]
        header += [f"{column}_rows_{name}" for name in ("mean", "sd", "median")]
    return header


def _describe(
    items: Sequence[ItemTable], columns: Sequence[str], statistic: str
) -> list[Cell]:
    counts = [float(item.row_count()) for item in items]
    cells: list[Cell] = [len(items), int(sum(counts)), *_four(counts)]
    for column in columns:
        found = [item_value(item, statistic, column) for item in items]
        values = [value for value in found if value is not None]
        pooled = [number for item in items for number in item.numbers(column)]
        cells += [len(values), *_four(values)]
        cells += [mean(pooled), standard_deviation(pooled), median(pooled)]
    return cells


def _four(values: Sequence[float]) -> list[Cell]:
    return [
        mean(values),
        standard_deviation(values),
        standard_error(values),
        median(values),
    ]


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables-list", type=Path, required=True)
    parser.add_argument("--job", type=Path, required=True)
    parser.add_argument("--summary", type=Path, required=True)
    parser.add_argument("--by", default="")
    parser.add_argument("--columns", default="")
    parser.add_argument("--statistic", default="mean")
    parser.add_argument("--total", action="store_true")
    given = vars(parser.parse_args())
    listed: Path = given.pop("tables_list")
    for name in ("by", "columns"):
        given[name] = list_parameter(given["job"], name, given[name])
    return exit_code(lambda: run(tables=read_list(listed), **given))


if __name__ == "__main__":
    sys.exit(main())
