"""Results of a node as one tidy table: annotations, swept values and measured columns.

One row per measured row (per item where a result is one number, or no table at all), so
that it can be filtered, grouped and plotted as it is.
"""

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

from bioimageit_flow.errors import DataError, PluginError, StoreError
from bioimageit_flow.model.annotation import Conflict, View
from bioimageit_flow.model.chosen import DELETED
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.session.results import Result, Run

ITEM = "item"
SHOWN_ROWS = 20

Cell = bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class TidyTable:
    """One row per observation, one column per variable.

    Attributes
    ----------
    columns : tuple of str
        ``item``, then the annotations, then what was measured.
    annotations, measured : tuple of str
        Which of them are which.
    rows : tuple of tuple
        None where there is no value.
    """

    columns: tuple[str, ...]
    annotations: tuple[str, ...]
    measured: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> list[Cell]:
        """Return the values of one column; `KeyError` if there is none."""
        if name not in self.columns:
            raise KeyError(f"{name!r} is no column (there are {self.columns})")
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    def as_dict(self) -> dict[str, list[Cell]]:
        """Return the columns by name."""
        return {name: self.column(name) for name in self.columns}

    def to_pandas(self) -> Any:  # noqa: ANN401 - pandas is optional
        """Return a pandas data frame.

        Raises
        ------
        PluginError
            If pandas is not installed.
        """
        try:
            pandas = import_module("pandas")
        except ImportError as error:
            raise PluginError(
                "pandas is not installed.",
                remedy="`pip install pandas`, or use `as_dict` or `write_csv`.",
            ) from error
        return pandas.DataFrame(self.as_dict(), columns=list(self.columns))

    def write_csv(self, path: Path | str) -> Path:
        """Write a CSV file (UTF-8, with a header), all or nothing; return its path.

        Raises
        ------
        DataError
            If it cannot be written.
        """
        target = Path(path)
        half = target.with_name(f".{target.name}.part")
        try:
            half.write_text(self.csv(), encoding="utf-8", newline="")
            half.replace(target)
        except OSError as error:
            half.unlink(missing_ok=True)
            raise DataError(
                f"{target} cannot be written ({error.strerror}).",
                remedy="Choose another place.",
            ) from error
        return target

    def csv(self) -> str:
        """Return the text of a CSV file."""
        text = StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([_written(cell) for cell in row] for row in self.rows)
        return text.getvalue()

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(_written(c))}</td>" for c in row) + "</tr>"
            for row in self.rows[:SHOWN_ROWS]
        )
        more = len(self.rows) - SHOWN_ROWS
        foot = f"<p>… and {more} more rows</p>" if more > 0 else ""
        return f"<table><thead><tr>{head}</tr></thead>{body}</table>{foot}"


def tidy_table(run: Run, node: str, port: str = "") -> TidyTable:
    """Return what a node of a run measured, with what the items are annotated with.

    Parameters
    ----------
    port : str, optional
        The output; may be left out where the node has one table or number.

    Raises
    ------
    StoreError
        If the node has no results, or several ports could be meant.
    DataError
        If a file is gone or was changed; an item that somebody deleted has a row
        without measured values.
    """
    results = run.results(node, port or _only_port(run, node))
    observed = [(result, list(_observations(result))) for result in results]
    measured = tuple(
        dict.fromkeys(name for _, rows in observed for row in rows for name in row)
    )
    keys = tuple(sorted({key for result, _ in observed for key in result.annotations}))
    taken = {*measured, ITEM}
    names = tuple(f"{key} (annotation)" if key in taken else key for key in keys)
    item = "item (result)" if ITEM in measured else ITEM
    rows = [
        (
            result.name,
            *(_value(result.annotations, key) for key in keys),
            *(row.get(name) for name in measured),
        )
        for result, some in observed
        for row in some
    ]
    return TidyTable((item, *names, *measured), names, measured, tuple(rows))


def _only_port(run: Run, node: str) -> str:
    ports = [port for name, port in run.outputs() if name == node]
    if not ports:
        known = ", ".join(dict.fromkeys(name for name, _ in run.outputs())) or "none"
        raise StoreError(
            f"The run {run.summary.folder} has no results of a node {node!r}.",
            remedy=f"It has results of: {known}.",
        )
    telling = [port for port in ports if _is_telling(run.results(node, port))]
    if len(telling) == 1 or (not telling and len(ports) == 1):
        return (telling or ports)[0]
    raise StoreError(
        f"{node} has several outputs: {', '.join(telling or ports)}.",
        remedy=f"Name one of them, such as {node}.{(telling or ports)[0]}.",
    )


def _is_telling(results: Sequence[Result]) -> bool:
    kinds = {result.item.info.kind for result in results}
    return any(kind.is_tabular or kind is Kind.SCALAR for kind in kinds)


def _observations(result: Result) -> Iterator[dict[str, Cell]]:
    """Go through what one result says; one without rows still has one (empty) row."""
    kind = result.item.info.kind
    if result.missing is not None and result.item.excluded.startswith(DELETED):
        yield {}
    elif kind is Kind.SCALAR:
        facts = result.read_scalar()
        yield {name: _plain(value) for name, value in facts.items()}
    elif kind.is_tabular:
        table = result.read_table()
        for row in table.rows:
            yield {
                name: None if isinstance(cell, float) and math.isnan(cell) else cell
                for name, cell in zip(table.columns, row, strict=True)
            }
        if not table.rows:
            yield dict.fromkeys(table.columns)
    else:
        yield {"file": str(result.path)}


def _plain(value: Any) -> Cell:  # noqa: ANN401 - whatever a JSON file holds
    return value if isinstance(value, bool | int | float | str | None) else str(value)


def _value(view: View, key: str) -> AnnotationValue | None:
    """Return an annotation; several values are shown together, never chosen among."""
    value = view.get(key)
    if isinstance(value, Conflict):
        return " | ".join(str(one) for one in value.values)
    return value


def _written(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case _:
            return str(cell)
