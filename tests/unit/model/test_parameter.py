"""Parameters: bounds, types, and sentences that say what is expected."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bioimageit_flow.model.parameter import Parameter

CHOICES = [{"value": "face"}, {"value": "full"}]


def parameter(**fields: Any) -> Parameter:  # noqa: ANN401 - as a file may have them
    return Parameter.model_validate(fields)


@pytest.mark.parametrize(
    ("fields", "given_value", "taken"),
    [
        ({"type": "int", "default": 1}, 5, 5),
        ({"type": "int", "default": 1}, 5.0, 5),
        ({"type": "float", "default": 1}, 5, 5.0),
        ({"type": "float", "default": 1.5}, 2.5, 2.5),
        ({"type": "bool", "default": False}, True, True),
        ({"type": "choice", "default": "face", "choices": CHOICES}, "full", "full"),
        ({"type": "text", "default": ""}, "a b", "a b"),
        ({"type": "list", "default": []}, ["a", "b"], ["a", "b"]),
        ({"type": "list", "default": [], "item": "int"}, [1, 2.0], [1, 2]),
        ({"type": "list", "default": [], "item": "float"}, (1, 2), [1.0, 2.0]),
        ({"type": "file"}, "psf.tif", "psf.tif"),
    ],
)
def test_check_takes_what_fits(
    fields: dict[str, Any], given_value: object, taken: object
) -> None:
    value = parameter(**fields).check(given_value)
    assert value == taken
    assert type(value) is type(taken)


@pytest.mark.parametrize(
    ("fields", "given_value", "complaint"),
    [
        ({"type": "int", "default": 1}, 1.5, "1.5 is not a whole number"),
        ({"type": "int", "default": 1}, True, "True is not a whole number"),
        ({"type": "int", "default": 1}, "1", "'1' is not a whole number"),
        ({"type": "int", "default": 1}, float("nan"), "nan is not a whole number"),
        ({"type": "float", "default": 1}, True, "True is not a number"),
        ({"type": "float", "default": 1}, float("inf"), "inf is not a finite number"),
        ({"type": "float", "default": 1}, 10**400, "is too large a number"),
        ({"type": "bool", "default": False}, 1, "1 is not true or false"),
        (
            {"type": "choice", "default": "face", "choices": CHOICES},
            "fulll",
            "'fulll' is not one of face, full",
        ),
        ({"type": "text", "default": ""}, 1, "1 is not a text"),
        ({"type": "text", "default": ""}, "a\0b", "cannot hold a null character"),
        ({"type": "text", "default": ""}, "\ud800", "are not Unicode"),
        ({"type": "text", "default": "", "max": 3}, "abcd", "longer than 3 characters"),
        ({"type": "text", "default": "a", "min": 1}, "", "shorter than 1 characters"),
        ({"type": "list", "default": []}, "a", "'a' is not a list"),
        ({"type": "list", "default": []}, ["a\0"], "cannot hold a null character"),
        ({"type": "list", "default": [], "item": "int", "max": 3}, [4], "above the"),
        (
            {"type": "int", "default": 1, "max": 1_000_000, "unit": "px"},
            1_000_001,
            "1000001 px is above the largest value 1000000 px",
        ),
        (
            {"type": "float", "default": 1, "min": 0.5, "unit": "um"},
            0.1,
            "0.1 um is below the smallest value 0.5 um",
        ),
    ],
)
def test_check_refuses_and_says_why(
    fields: dict[str, Any], given_value: object, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        parameter(**fields).check(given_value)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"type": "int"}, "a parameter needs a 'default'"),
        ({"type": "choice", "default": "a"}, "a choice needs 'choices'"),
        (
            {"type": "choice", "default": "face", "choices": CHOICES + CHOICES},
            "two of the 'choices' have the same value",
        ),
        ({"type": "int", "default": 5, "max": 3}, "'default' does not fit: 5 is above"),
        ({"type": "int", "default": 5, "min": 6, "max": 3}, "'min' 6 is above 'max' 3"),
        ({"type": "int", "default": 5, "step": 0}, "'step' must be above zero"),
        (
            {"type": "float", "default": 5, "max": float("inf")},
            "must be a finite number",
        ),
        ({"type": "int", "default": 1, "maximum": 3}, "did you mean 'max'"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(
    fields: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValidationError, match=complaint):
        parameter(**fields)


def test_own_keys_are_kept() -> None:
    extra = parameter(type="int", default=1, **{"x-note": "mine"}).model_extra
    assert extra == {"x-note": "mine"}


@given(
    st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6), st.integers(0, 10**6)
)
def test_bounds_hold_and_include_their_ends(value: int, low: int, width: int) -> None:
    high = low + width
    number = parameter(type="int", default=low, min=low, max=high)
    if low <= value <= high:
        assert number.check(value) == value
    else:
        with pytest.raises(ValueError, match=r"is (below|above) the"):
            number.check(value)


@given(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.lists(st.integers() | st.text())
)
def test_check_never_fails_in_another_way(value: object) -> None:
    for fields in (
        {"type": "int", "default": 1, "min": 0},
        {"type": "float", "default": 1, "max": 5},
        {"type": "bool", "default": False},
        {"type": "choice", "default": "face", "choices": CHOICES},
        {"type": "text", "default": ""},
        {"type": "list", "default": [], "item": "float"},
    ):
        one = parameter(**fields)
        try:
            taken = one.check(value)
        except ValueError:
            continue
        assert one.check(taken) == taken
