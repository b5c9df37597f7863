"""Join the tables of a group into one, with the item and its annotations in front."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from failures import BadInputError, exit_code
from item_tables import ItemTable, list_parameter, open_group, read_list
from results import Cell, write_table

ITEM = "item"


def run(
    *,
    tables: Sequence[Path],
    job: Path,
    table: Path,
    items: Path,
    keys: Sequence[str] = ("*",),
    empty: str = "keep",
) -> None:
    """Write all rows of all tables, and one row per item.

    Columns: ``item``, the annotation keys, then the columns of the tables in the order
    in which they first appear. A cell is empty where the table of an item lacks the
    column. A key (or ``item``) that has the name of a column of a table is written as
    ``annotation.<key>``, so that nothing is overwritten. Cells are copied unchanged.

    Parameters
    ----------
    tables : sequence of Path
        One CSV table per item.
    job : Path
        The ``job.json``, which holds the annotations of the items.
    table : Path
        CSV file to write: the rows of all tables.
    items : Path
        CSV file to write: ``item``, the keys and ``rows``, one row per item.
    keys : sequence of str
        Annotation keys to write; ``*`` for all, in alphabetical order.
    empty : str
        ``keep`` writes an item without rows as one row that only has the item and its
        annotations; ``skip`` leaves it out of `table`.

    Raises
    ------
    BadInputError
        If a file is not a table or no item has one of the keys.
    """
    group = open_group(tables, job, "tables")
    chosen = _chosen_keys(group, keys)
    columns = list(dict.fromkeys(name for item in group for name in item.columns))
    front = [_front_name(name, columns) for name in (ITEM, *chosen)]
    counts: list[int] = []

    def rows() -> Iterator[Sequence[Cell]]:
        for item in group:
            known: list[Cell] = [item.number, *(item.annotation(k) for k in chosen)]
            place = {name: i for i, name in enumerate(item.columns)}
            places = [place.get(name) for name in columns]
            count = 0
            for row in item.rows():
                count += 1
                yield [*known, *("" if i is None else row[i] for i in places)]
            if count == 0 and empty == "keep":
                yield [*known, *("" for _ in columns)]
            counts.append(count)

    write_table(table, [*front, *columns], rows())
    write_table(
        items,
        [*(_front_name(name, ["rows"]) for name in (ITEM, *chosen)), "rows"],
        [
            [item.number, *(item.annotation(key) for key in chosen), count]
            for item, count in zip(group, counts, strict=True)
        ],
    )


def _chosen_keys(group: Sequence[ItemTable], keys: Sequence[str]) -> list[str]:
    known = sorted({key for item in group for key in item.annotations})
    if "*" in keys:
        return known
    for key in keys:
        if key not in known:
            listed = ", ".join(known) or "none"
            raise BadInputError(
                f"No item has the annotation {key!r} (there are: {listed}): annotate "
                "the items, or choose other keys."
            )
    return list(dict.fromkeys(keys))


def _front_name(name: str, columns: Sequence[str]) -> str:
    while name in columns:
        name = f"annotation.{name}"
    return name


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables-list", type=Path, required=True)
    parser.add_argument("--job", type=Path, required=True)
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--items", type=Path, required=True)
    parser.add_argument("--keys", default="")
    parser.add_argument("--empty", default="keep")
    given = vars(parser.parse_args())
    listed: Path = given.pop("tables_list")
    given["keys"] = list_parameter(given["job"], "keys", given["keys"])
    return exit_code(lambda: run(tables=read_list(listed), **given))


if __name__ == "__main__":
    sys.exit(main())
