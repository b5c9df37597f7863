"""Tables and scalars for the tests of plot-groups."""

import json
from collections.abc import Sequence
from pathlib import Path


def two_groups(path: Path) -> None:
    control, drug = (3, 0, 5, 3, 3, 4, 2, 3), (7, 9, 6, 7, 7, 8, 12)
    rows = [("control", v) for v in control] + [("drug", v) for v in drug]
    _write_values(path, rows)


def awkward_names(path: Path) -> None:
    _write_values(path, [("$a_1$ & <i>", 1.5), ("Stärke 2 µm", 2.5)])


def no_values(path: Path) -> None:
    path.write_text("index,group,value\n1,control,\n", encoding="utf-8")


def no_spots(path: Path) -> None:
    path.write_text("y,x\n", encoding="utf-8")


def two_spots(path: Path) -> None:
    path.write_text("y,x\n1,2\n3,4\n", encoding="utf-8")


def three_spots(path: Path) -> None:
    path.write_text("y,x\n1,2\n3,4\n5,6\n", encoding="utf-8")


def test_of_two_groups(path: Path) -> None:
    found = {
        "value": 0.00123,
        "unit": "",
        "test": "Mann-Whitney U test",
        "groups": ["control", "drug"],
        "measure": "rows per item",
        "by": "condition",
    }
    path.write_text(json.dumps(found), encoding="utf-8")


def a_length(path: Path) -> None:
    path.write_text('{"value": 1.5, "unit": "um"}', encoding="utf-8")


def _write_values(path: Path, rows: Sequence[tuple[str, float]]) -> None:
    lines = [f'{i},"{name}",{value}' for i, (name, value) in enumerate(rows, start=1)]
    text = "\n".join(["index,group,value", *lines])
    path.write_text(f"{text}\n", encoding="utf-8")
