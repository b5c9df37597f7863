"""Tables for the tests of compare-groups.

The published examples become one table per item: ``sleep_1_0`` writes the table of the
first item of group 1. The tables ``spots_5.csv`` beside this file have five rows.
"""

from functools import partial
from pathlib import Path

# Hollander and Wolfe (1973), Nonparametric Statistical Methods, p. 69
PERMEABILITY = {
    "term": [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46],
    "early": [1.15, 0.88, 0.90, 0.74, 1.21],
}
# Student (1908), doi:10.1093/biomet/6.1.1
SLEEP = {
    "1": [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
    "2": [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
}
# Campbell and Gardner (1988), doi:10.1136/bmj.296.6634.1454
GLOBULIN = {
    "1": [38, 26, 29, 41, 36, 31, 32, 30, 35, 33],
    "2": [45, 28, 27, 38, 40, 42, 39, 39, 34, 45],
}


def write_value(path: Path, *, column: str, value: float) -> None:
    """Write a table of one row and one column."""
    path.write_text(f"{column}\n{value}\n", encoding="utf-8")


for _name, _groups in (
    ("permeability", PERMEABILITY),
    ("extra", SLEEP),
    ("globulin", GLOBULIN),
):
    for _group, _values in _groups.items():
        for _index, _value in enumerate(_values):
            _study = "sleep" if _name == "extra" else _name
            globals()[f"{_study}_{_group}_{_index}"] = partial(
                write_value, column=_name, value=_value
            )
