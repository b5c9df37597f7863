import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimageit_flow.formats import compare


@pytest.mark.parametrize(
    ("expectation", "value"),
    [
        (3, 3),
        (3, 3.0),
        ("uint16", "uint16"),
        (True, True),
        (None, None),
        (math.nan, math.nan),
        ([2, 3], (2, 3)),
        ({"value": 5, "within": 0.5}, 5.5),
        ({"value": 5, "within": 0}, 5),
        ({"min": 1, "max": 2}, 2),
        ({"min": 1}, 10**9),
        ({"max": 1}, -5.0),
        ({"min": 1, "max": 3}, [1, 2, 3]),
        ({"value": [1, 2], "within": 0.2}, [1.1, 1.9]),
        ({"x": 0.1}, {"x": 0.1, "y": 0.1}),
        ({"area": {"mean": {"min": 1}}}, {"area": {"mean": 2, "max": 7}}),
        ({"area": {"min": 1, "max": 3}}, {"area": {"min": 1, "max": 3}}),
        ({"value": {"value": 3, "within": 1}}, {"value": 4}),
        ({}, {"a": 1}),
    ],
)
def test_holds(expectation: object, value: object) -> None:
    assert compare(expectation, value) == ""


@pytest.mark.parametrize(
    ("expectation", "value", "reason"),
    [
        (3, 4, "expected 3, found 4"),
        (3, "3", "expected 3, found '3'"),
        (1, True, "expected 1, found True"),
        (None, 0, "expected None, found 0"),
        ("YX", "ZYX", "expected 'YX', found 'ZYX'"),
        ([2, 3], [2, 3, 4], "expected [2, 3], found [2, 3, 4]"),
        ([2, 3], [2, 4], "[1]: expected 3, found 4"),
        ({"value": 5, "within": 0.5}, 5.6, "expected 5 within 0.5, found 5.6"),
        ({"min": 1, "max": 2}, 3, "expected at least 1 and at most 2, found 3"),
        ({"min": 1}, math.nan, "expected at least 1, found nan"),
        ({"min": 1}, "x", "expected at least 1, found 'x'"),
        ({"min": 1}, True, "expected at least 1, found True"),
        ({"min": 1}, [1, 0], "[1]: expected at least 1, found 0"),
        ({"min": "1"}, 1, "expected numbers in {'min': '1'}, found 1"),
        ({"about": 1}, 1, "expected {'about': 1}, found 1"),
        ({"a": 1}, {"b": 1}, "a: expected, but there is only b"),
        (
            {"area": {"mean": {"value": 5, "within": 0.1}}},
            {"area": {"mean": 7}},
            "area.mean: expected 5 within 0.1, found 7",
        ),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, "a[1].b: expected 2, found 3"),
    ],
)
def test_says_why_not(expectation: object, value: object, reason: str) -> None:
    assert compare(expectation, value) == reason


def test_long_values_are_cut() -> None:
    assert len(compare("x", "y" * 10_000)) < 300


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_bounds_and_tolerance_agree_with_arithmetic(limit: float, value: float) -> None:
    assert (compare({"min": limit}, value) == "") is (value >= limit)
    assert (compare({"max": limit}, value) == "") is (value <= limit)
    assert compare({"value": value, "within": 0}, value) == "" or math.isinf(value)
