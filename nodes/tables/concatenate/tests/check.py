"""Checks of what concatenate wrote."""

from pathlib import Path


def cells_are_as_written(tables: list[Path], table: Path, items: Path) -> None:
    """Compare with the table written by hand: no cell may change its spelling."""
    del tables
    wanted = (
        "item,condition,well,y,x,area\n"
        "1,control,A01,1.50,20,\n"
        "1,control,A01,3,7.75,\n"
        "2,drug,B02,,,\n"
        "3,drug,B03,,40,9.5\n"
    )
    found = table.read_text(encoding="utf-8")
    assert found == wanted, f"the joined table is {found!r}"
    counts = items.read_text(encoding="utf-8").splitlines()
    assert counts[1:] == ["1,control,A01,2", "2,drug,B02,0", "3,drug,B03,1"], (
        f"the items are {counts!r}"
    )
