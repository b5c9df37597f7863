"""Canonical JSON: one text for one value."""

import json
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioimageit_flow.model.canonical import canonical_hash, canonical_json
from bioimageit_flow.model.kinds import Kind

# A large float is written as ECMAScript does, which is read back as another integer.
NUMBERS = st.integers() | st.floats(-1e15, 1e15)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(VALUES)
def test_is_json_of_the_same_value(value: object) -> None:
    assert json.loads(canonical_json(value)) == value


@settings(deadline=None)
@given(VALUES | st.floats(allow_nan=False, allow_infinity=False))
def test_is_stable_under_reading_back(value: object) -> None:
    text = canonical_json(value)
    assert canonical_json(json.loads(text)) == text


@settings(deadline=None)
@given(st.dictionaries(st.text(), VALUES | st.floats(allow_nan=False)))
def test_text_is_the_same_the_quick_way_and_the_other(value: dict[str, object]) -> None:
    # Only a plain dict is written by the encoder of Python.
    try:
        text = canonical_json(MappingProxyType(value))
    except ValueError:
        with pytest.raises(ValueError, match="canonical JSON"):
            canonical_json(value)
    else:
        assert canonical_json(value) == text


@settings(deadline=None)
@given(st.dictionaries(st.text(), NUMBERS, min_size=2))
def test_order_of_keys_does_not_matter(value: dict[str, float]) -> None:
    backwards = dict(reversed(value.items()))
    assert canonical_json(backwards) == canonical_json(value)


@pytest.mark.parametrize(
    ("number", "text"),
    [  # RFC 8785, appendix B
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (-5e-324, "-5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (1.0000000000000001e23, "1.0000000000000001e+23"),
        (999999999999999700000.0, "999999999999999700000"),
        (999999999999999900000.0, "999999999999999900000"),
        (1e21, "1e+21"),
        (9.999999999999997e-7, "9.999999999999997e-7"),
        (0.000001, "0.000001"),
        (333333333.3333332, "333333333.3333332"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
        (1424953923781206.2, "1424953923781206.2"),
    ],
)
def test_numbers_are_written_as_the_rfc_has_them(number: float, text: str) -> None:
    assert canonical_json(number) == text


def test_rfc_example_of_key_order() -> None:
    # RFC 8785, section 3.2.3
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical_json(dict.fromkeys(keys)))) == order


def test_rfc_example_of_texts() -> None:
    # RFC 8785, section 3.2.2.2
    assert canonical_json('€$\x0f\nA\'B"\\\\"/') == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'


def test_whole_float_is_the_integer() -> None:
    assert canonical_hash({"sigma": 2.0}) == canonical_hash({"sigma": 2})


def test_true_is_not_one() -> None:
    assert canonical_hash([True]) != canonical_hash([1])


def test_enumerations_and_tuples_are_taken() -> None:
    assert canonical_json({"kind": Kind.IMAGE, "axes": ("YX",)}) == (
        '{"axes":["YX"],"kind":"image"}'
    )


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (float("nan"), "nan cannot be written"),
        ([float("inf")], "inf cannot be written"),
        ({"a": {1}}, "a set cannot be written"),
        ({1: "a", "1": "b"}, "the key 1, which is no text"),
        ("\ud800", "not Unicode"),
        ({"\ud800": 1}, "not Unicode"),
    ],
)
def test_refuses_what_json_cannot_say(value: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        canonical_json(value)


def test_hash_is_that_of_the_text() -> None:
    # printf '{"a":1}' | sha256sum
    assert canonical_hash({"a": 1.0}) == (
        "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
    )
