"""Draw one number per item as a box and a strip of points for each group."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from failures import BadInputError, exit_code
from figure import BoxFigure, Look, draw
from item_tables import (
    ItemTable,
    item_value,
    list_parameter,
    measure_name,
    natural_order,
    open_group,
    read_list,
)

MOST_GROUPS = 40


@dataclass(frozen=True, slots=True)
class Test:
    """What is shown of a test: the names of its groups and the p-value."""

    name: str
    p_value: float
    groups: tuple[str, ...]
    measure: str
    by: str


def run(
    *,
    tables: Sequence[Path],
    job: Path,
    png: Path,
    svg: Path,
    test: Path | None = None,
    measure: str = "values",
    by: str = "",
    column: str = "",
    title: str = "",
    x_label: str = "",
    y_label: str = "",
    order: Sequence[str] = (),
    width: float = 80.0,
    height: float = 80.0,
    dpi: int = 300,
    from_zero: bool = False,
    editable_text: bool = False,
) -> None:
    """Draw the figure and write it as PNG and SVG.

    Parameters
    ----------
    tables : sequence of Path
        One CSV table per item; or, with the measure ``values``, tables that have the
        columns ``group`` and ``value``, as compare-groups writes them.
    job : Path
        The ``job.json``, which holds the annotations of the items.
    png, svg : Path
        Files to write.
    test : Path or None
        The JSON file of compare-groups whose p-value is shown.
    measure : str
        ``values``; ``count`` of rows; or ``mean``, ``median``, ``sum`` of a column.
    by : str
        Annotation key that holds the name of the group; one group where empty. Not
        used by the measure ``values``.
    column : str
        Column of numbers, for ``mean``, ``median`` and ``sum``.
    title, x_label, y_label : str
        Texts of the figure; a label that is empty is made from the measure.
    order : sequence of str
        Groups from left to right; those not named follow in natural order.
    width, height : float
        Size of the figure in mm.
    dpi : int
        Dots per inch of the PNG.
    from_zero : bool
        Whether the value axis includes zero.
    editable_text : bool
        Whether text in the SVG stays text, drawn with the fonts of the reader's
        machine, or becomes outlines that look the same everywhere.

    Raises
    ------
    BadInputError
        If a file is not what is expected, or there is nothing to draw.
    """
    items = open_group(tables, job, "tables")
    shown = _read_test(test)
    if measure == "values":
        groups, skipped = _listed_values(items)
    else:
        groups, skipped = _measured_values(items, measure, column, by)
    if not groups:
        raise BadInputError("There are no values to draw: check the measure.")
    if len(groups) > MOST_GROUPS:
        raise BadInputError(
            f"There are {len(groups)} groups, and a figure shows at most "
            f"{MOST_GROUPS}: choose a key with fewer values."
        )
    names = _in_order(groups, order, shown)
    draw(
        BoxFigure(
            names=names,
            values=[groups[name] for name in names],
            title=title,
            x_label=x_label or by or (shown.by if shown else "Group"),
            y_label=y_label or _value_label(measure, column, shown),
            p_text=_p_text(shown, names),
            note=f"Not shown, because without a value: {skipped}" if skipped else "",
        ),
        Look(width, height, dpi, from_zero, editable_text),
        png=png,
        svg=svg,
    )


def _listed_values(items: Sequence[ItemTable]) -> tuple[dict[str, list[float]], int]:
    groups: dict[str, list[float]] = {}
    skipped = 0
    for item in items:
        if missing := {"group", "value"} - set(item.columns):
            raise BadInputError(
                f"There is no column {min(missing)!r} in {item.title}: wire the values "
                "of compare-groups, or choose another measure, such as count."
            )
        place = item.columns.index("group")
        column = item.columns.index("value")
        rows = list(item.rows())
        skipped += sum(1 for row in rows if not row[column].strip())
        full = [row for row in rows if row[column].strip()]
        for row, value in zip(full, item.numbers("value"), strict=True):
            groups.setdefault(row[place], []).append(value)
    return groups, skipped


def _measured_values(
    items: Sequence[ItemTable], measure: str, column: str, by: str
) -> tuple[dict[str, list[float]], int]:
    groups: dict[str, list[float]] = {}
    skipped = 0
    for item in items:
        name = item.annotation(by) if by else "all"
        if not name:
            raise BadInputError(
                f"Item {item.number} of {item.total} has no annotation {by!r}: "
                "annotate it, or choose another key."
            )
        value = item_value(item, measure, column)
        if value is None:
            skipped += 1
        else:
            groups.setdefault(name, []).append(value)
    return groups, skipped


def _read_test(path: Path | None) -> Test | None:
    if path is None:
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Test(
            name=str(found["test"]),
            p_value=float(found["value"]),
            groups=tuple(map(str, found["groups"])),
            measure=str(found["measure"]),
            by=str(found["by"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BadInputError(
            "The test is not a result of compare-groups: wire its output 'test'."
        ) from error


def _in_order(
    groups: dict[str, list[float]], order: Sequence[str], shown: Test | None
) -> list[str]:
    for name in order:
        if name not in groups:
            known = ", ".join(sorted(groups, key=natural_order))
            raise BadInputError(
                f"The order names {name!r}, which is no group (there are: {known})."
            )
    first = order or (shown.groups if shown else ())
    rest = sorted(groups, key=natural_order)
    return list(dict.fromkeys([*(n for n in first if n in groups), *rest]))


def _value_label(measure: str, column: str, shown: Test | None) -> str:
    if measure != "values":
        label = measure_name(measure, column)
    else:
        label = shown.measure if shown else "value"
    return label[0].upper() + label[1:]


def _p_text(shown: Test | None, names: Sequence[str]) -> str:
    if shown is None:
        return ""
    if set(shown.groups) != set(names):
        raise BadInputError(
            f"The test compares {' and '.join(shown.groups)}, but the figure shows "
            f"{', '.join(names)}: wire the test of the same groups."
        )
    name = shown.name.removesuffix(" test")
    if shown.p_value < 0.0001:
        return f"{name}, p < 0.0001"
    return f"{name}, p = {shown.p_value:.2g}"


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables-list", type=Path, required=True)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--job", type=Path, required=True)
    parser.add_argument("--png", type=Path, required=True)
    parser.add_argument("--svg", type=Path, required=True)
    for name in ("measure", "by", "column", "title", "x-label", "y-label"):
        parser.add_argument(f"--{name}", default="values" if name == "measure" else "")
    parser.add_argument("--order", default="")
    parser.add_argument("--width", type=float, default=80.0)
    parser.add_argument("--height", type=float, default=80.0)
    parser.add_argument("--dpi", type=int, default=300)
    parser.add_argument("--from-zero", action="store_true")
    parser.add_argument("--editable-text", action="store_true")
    given = vars(parser.parse_args())
    listed: Path = given.pop("tables_list")
    given["order"] = list_parameter(given["job"], "order", given["order"])
    return exit_code(lambda: run(tables=read_list(listed), **given))


if __name__ == "__main__":
    sys.exit(main())
