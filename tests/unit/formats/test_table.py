import math

import pytest

from bioimageit_flow.formats.refusal import Refusal
from bioimageit_flow.formats.table import (
    Cell,
    check_header,
    table_of_texts,
    table_of_values,
)


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1", "-2", " 3 "], [1, -2, 3]),
        (["1", "2.5"], [1.0, 2.5]),
        (["1e-3", ".5", "5."], [0.001, 0.5, 5.0]),
        (["inf", "-inf"], [math.inf, -math.inf]),
        (["01", "02"], ["01", "02"]),
        (["0", "0.5"], [0.0, 0.5]),
        (["1", "x"], ["1", "x"]),
        (["1", "true"], ["1", "true"]),
        (["1" * 30], [float("1" * 30)]),
        (["1_000"], ["1_000"]),
        (["0x10"], ["0x10"]),
        (["\u0131nf", "\u0661"], ["\u0131nf", "\u0661"]),
    ],
)
def test_type_of_a_column(texts: list[str], values: list[Cell]) -> None:
    table = table_of_texts(["a"], [[text] for text in texts])
    assert list(table.column("a")) == values
    assert {type(value) for value in table.column("a")} == {
        type(value) for value in values
    }


def test_empty_cell_of_numbers_is_nan() -> None:
    table = table_of_texts(["a"], [["1"], [""], ["NaN"]])
    first, second, third = table.column("a")
    assert first == 1.0
    assert isinstance(first, float)
    assert isinstance(second, float)
    assert math.isnan(second)
    assert isinstance(third, float)
    assert math.isnan(third)


def test_missing_values_of_typed_columns() -> None:
    table = table_of_values(["a", "b", "c"], [[1, None], ["x", None], [True, False]])
    assert table.column("b") == ("x", "")
    assert table.column("c") == (1, 0)
    assert table.column("a")[0] == 1.0


def test_unknown_column_is_an_error() -> None:
    with pytest.raises(KeyError, match="no column"):
        table_of_texts(["a"], []).column("b")


def test_header_of_numbers_is_no_header() -> None:
    with pytest.raises(Refusal, match="no header"):
        check_header(["1", "2.5"])
    assert check_header(["1", "area"]) == ("1", "area")
