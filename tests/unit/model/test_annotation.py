"""Annotations: what a typed text means, and what flows downstream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimageit_flow.model.annotation import (
    Conflict,
    check_key,
    merge,
    read_value,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("1.50", 1.5),
        (".5", 0.5),
        ("1e-3", 0.001),
        (" 7 ", 7),
        ("true", True),
        ("false", False),
        ("True", "True"),
        ("01", "01"),
        ("007.5", "007.5"),
        ("0.5", 0.5),
        ("drug A", "drug A"),
        ("", ""),
        ("nan", "nan"),
        ("inf", "inf"),
        ("1e999", "1e999"),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", "9223372036854775808"),
        ("1" * 5000, "1" * 5000),
    ],
)
def test_read_value_means_what_was_typed(text: str, value: object) -> None:
    read = read_value(text)
    assert read == value
    assert type(read) is type(value)


@given(st.text())
def test_read_value_takes_any_text(text: str) -> None:
    assert isinstance(read_value(text), bool | int | float | str)


@given(st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False))
def test_numbers_survive_being_typed(number: float) -> None:
    read = read_value(str(number))
    assert read == number or str(read) == str(number)


@pytest.mark.parametrize("key", ["condition", "Time point", "_id", "größe", "a.b-c_1"])
def test_check_key_takes_names(key: str) -> None:
    assert check_key(f" {key} ") == key


@pytest.mark.parametrize("key", ["", "  ", "1st", "a/b", "a\nb", "x" * 65, "{by}", "*"])
def test_check_key_refuses_and_says_what_a_key_is(key: str) -> None:
    with pytest.raises(ValueError, match="is not a key: a key begins with"):
        check_key(key)


def test_own_value_wins_over_ancestors() -> None:
    assert merge({"well": "B"}, [{"well": "A", "day": 1}]) == {"well": "B", "day": 1}


def test_ancestors_that_differ_make_a_conflict() -> None:
    assert merge({}, [{"well": "A"}, {"well": "B"}]) == {"well": Conflict(("A", "B"))}


def test_ancestors_that_agree_make_none() -> None:
    assert merge({}, [{"day": 1}, {"day": 1.0}]) == {"day": 1}


def test_true_and_one_do_not_agree() -> None:
    assert merge({}, [{"day": 1}, {"day": True}]) == {"day": Conflict((1, True))}


def test_conflicts_add_up_without_repeats() -> None:
    conflict = Conflict(("A", "B"))
    merged = merge({}, [{"well": conflict}, {"well": "B"}, {"well": "C"}])
    assert merged == {"well": Conflict(("A", "B", "C"))}


def test_own_value_ends_a_conflict() -> None:
    assert merge({"well": "A"}, [{"well": Conflict(("A", "B"))}]) == {"well": "A"}
