"""Compare one number per item between the two groups of an annotation."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from descriptives import mean, median, standard_deviation
from failures import BadInputError, exit_code
from item_tables import (
    ItemTable,
    item_value,
    measure_name,
    natural_order,
    open_group,
    read_list,
)
from results import write_scalar, write_table
from two_samples import Alternative, Comparison, mann_whitney, welch


def run(
    *,
    tables: Sequence[Path],
    job: Path,
    test: Path,
    values: Path,
    by: str,
    measure: str = "count",
    column: str = "",
    method: str = "mann-whitney",
    alternative: Alternative = "two-sided",
    reference: str = "",
) -> None:
    """Test whether two groups of items differ, and write the test and the values.

    Parameters
    ----------
    tables : sequence of Path
        One CSV table per item.
    job : Path
        The ``job.json``, which holds the annotations of the items.
    test : Path
        JSON file to write: p-value, statistic, effect size, interval, group sizes.
    values : Path
        CSV file to write: ``index, group, value``, one row per item.
    by : str
        Annotation key that holds the name of the group.
    measure : str
        ``count`` of rows, or ``mean``, ``median`` or ``sum`` of a column.
    column : str
        Column of numbers; not used by ``count``.
    method : str
        ``mann-whitney`` or ``welch``.
    alternative : str
        ``greater``: the second group is larger than the reference.
    reference : str
        Name of the first group; empty for the first in natural order.

    Raises
    ------
    BadInputError
        If there are not exactly two groups, an item has none, or values are missing.
    """
    items = open_group(tables, job, "tables")
    names = _group_names(items, by, reference)
    found = [item_value(item, measure, column) for item in items]
    write_table(
        values,
        ["index", "group", "value"],
        [
            (item.number, item.annotation(by), value)
            for item, value in zip(items, found, strict=True)
        ],
    )
    samples = [
        [
            value
            for item, value in zip(items, found, strict=True)
            if item.annotation(by) == name and value is not None
        ]
        for name in names
    ]
    for name, sample in zip(names, samples, strict=True):
        if not sample:
            raise BadInputError(
                f"No item of the group {name!r} has a {measure} of {column!r}, because "
                "their tables have no numbers there: use the measure count or sum."
            )
    compare = {"mann-whitney": mann_whitney, "welch": welch}[method]
    result = compare(samples[0], samples[1], alternative)
    write_scalar(
        test,
        {
            "value": result.p_value,
            "unit": "",
            "name": "p-value",
            "sentence": _sentence(names, samples, result),
            "test": result.test,
            "method": method,
            "alternative": alternative,
            "p_method": result.p_method,
            "measure": measure_name(measure, column),
            "by": by,
            "groups": names,
            "n": [len(sample) for sample in samples],
            "without_value": found.count(None),
            "means": [mean(sample) for sample in samples],
            "standard_deviations": [standard_deviation(sample) for sample in samples],
            "medians": [median(sample) for sample in samples],
            "difference_of_means": _difference(mean(samples[0]), mean(samples[1])),
            "difference_of_medians": _difference(
                median(samples[0]), median(samples[1])
            ),
            "statistic_name": result.statistic_name,
            "statistic": result.statistic,
            "degrees_of_freedom": result.degrees_of_freedom,
            "effect_size_name": result.effect_size_name,
            "effect_size": result.effect_size,
            "interval_of": result.interval.of,
            "interval_level": result.interval.level,
            "interval_estimate": result.interval.estimate,
            "interval_low": result.interval.low,
            "interval_high": result.interval.high,
        },
    )


def _group_names(items: Sequence[ItemTable], by: str, reference: str) -> list[str]:
    if not by:
        raise BadInputError(
            "The parameter 'by' is empty: name the annotation that holds the groups."
        )
    without = [item.number for item in items if not item.annotation(by)]
    if without:
        raise BadInputError(
            f"{len(without)} of {len(items)} items have no annotation {by!r} (the "
            f"first is item {without[0]}): annotate them, or choose another key."
        )
    names = sorted({item.annotation(by) for item in items}, key=natural_order)
    if len(names) != 2:
        listed = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
        word = "group" if len(names) == 1 else "groups"
        raise BadInputError(
            f"The annotation {by!r} makes {len(names)} {word} ({listed}), and this "
            "test needs exactly two: filter the items, or choose another key."
        )
    if reference and reference not in names:
        raise BadInputError(
            f"The reference {reference!r} is not a group of {by!r}: choose "
            f"{names[0]!r} or {names[1]!r}."
        )
    return names[::-1] if reference == names[1] else names


def _difference(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else second - first


def _sentence(
    names: Sequence[str], samples: Sequence[Sequence[float]], result: Comparison
) -> str:
    first, second = (
        f"{name} (n = {len(sample)}, mean {mean(sample):.4g}, "
        f"median {median(sample):.4g})"
        for name, sample in zip(names, samples, strict=True)
    )
    statistic = f"{result.statistic_name.split()[0]} = {result.statistic:.4g}"
    return (
        f"{second} against {first}: {result.test}, {statistic}, "
        f"p = {result.p_value:.2g}, {result.effect_size_name} "
        f"{result.effect_size:.2f}."
    )


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables-list", type=Path, required=True)
    parser.add_argument("--job", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--values", type=Path, required=True)
    parser.add_argument("--by", required=True)
    parser.add_argument("--measure", default="count")
    parser.add_argument("--column", default="")
    parser.add_argument("--method", default="mann-whitney")
    parser.add_argument("--alternative", default="two-sided")
    parser.add_argument("--reference", default="")
    given = vars(parser.parse_args())
    listed: Path = given.pop("tables_list")
    return exit_code(lambda: run(tables=read_list(listed), **given))


if __name__ == "__main__":
    sys.exit(main())
