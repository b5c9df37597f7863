"""The YAML reader and writer: YAML 1.2 core, nothing lost, nothing dangerous."""

from enum import StrEnum

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bioimageit_flow.model.yaml_text import (
    MAX_DEPTH,
    YamlTextError,
    read_yaml,
    write_yaml,
)

TRICKY = [
    "no", "yes", "on", "010", "0o17", "0x1F", "1e-3", "1_000", "1:30", "~", "null", "",
    "2001-01-01", ".inf", "-.INF", ".nan", "=", "<<", "true", "y", "0b1", "+1", "-",
    "1.", "  lead", "trail ", "a\n", "a\n\n", "\na", "a\n b", "x: y", "# c", "a\tb\n",
    "\ttab\nx", "é" * 200, "word " * 60, "\x85", "\u2028", "\ufeff", "\x07", "{a}",
]  # fmt: skip
SPECIAL = "ab:#-?{}[],&*!|>'\"%@` \n\t~0123.eEnoxyNO=<_\u2028\u0085\ufeff\r\x07é🙂"
TEXTS = st.text() | st.text(alphabet=SPECIAL, max_size=30) | st.sampled_from(TRICKY)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
    ),
    max_leaves=12,
)


def same(one: object, other: object) -> bool:
    """Equality that tells 1, 1.0 and True apart and minds the order of keys."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[k], other[k]) for k in one)
    return one == other


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(TEXTS, VALUES, max_size=5))
@example({"\x85": None})
@example({"text": "\u2028"})
def test_what_is_written_is_read_back(value: dict[str, object]) -> None:
    assert same(read_yaml(write_yaml(value)), value)


@settings(deadline=None, max_examples=300)
@given(st.text() | st.text(alphabet=SPECIAL + "\ud800\x00", max_size=40))
@example("\ud800")
@example("\x1f")
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    refusal = ""
    try:
        read_yaml(text)
    except YamlTextError as error:
        refusal = str(error)
    assert "\n" not in refusal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("010", 10),
        ("0o10", 8),
        ("0x10", 16),
        ("1e-3", 0.001),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2026-11-22", "2026-11-22"),
        ("true", True),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ("1.0", 1.0),
        ("-.inf", float("-inf")),
    ],
)
def test_plain_scalars_follow_the_core_schema(text: str, value: object) -> None:
    assert same(read_yaml(f"key: {text}"), {"key": value})


def test_not_a_number_is_read() -> None:
    read = read_yaml("key: .nan")
    assert isinstance(read, dict)
    assert read["key"] != read["key"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: 1\nb: 2\na: 3\n", r"line 3: the key 'a' is there twice"),
        ("a: &x 1\n", "anchors"),
        ("a: &x 1\nb: *x\n", "anchors"),
        ("a: *x\n", "aliases"),
        ("a: !!python/object:os.system x\n", "tags"),
        ("a: !!str 1\n", "tags"),
        ("? [a, b]\n: 1\n", "a key must be a plain text"),
        ("a: 1\n---\nb: 2\n", "more than one document"),
        ("a: [1, 2\n", "line 2"),
        ("a: 1\n  b: 2\n", "line 2"),
        ("a: \x07\n", r"line 1: the character U\+0007 is not allowed"),
        ("\n\na: \ud800\n", r"line 3: the character U\+D800 is not Unicode"),
        ("[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2), "nested deeper"),
    ],
)
def test_refuses_what_it_does_not_take(text: str, complaint: str) -> None:
    with pytest.raises(YamlTextError, match=complaint):
        read_yaml(text)


def test_refuses_a_text_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bioimageit_flow.model.yaml_text.MAX_CHARACTERS", 10)
    with pytest.raises(YamlTextError, match="longer than 10 characters"):
        read_yaml("a: 123456789")


def test_deepest_nesting_that_is_allowed_is_read() -> None:
    value = read_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    depth = 0
    while value:
        assert isinstance(value, list)
        value, depth = value[0], depth + 1
    assert depth == MAX_DEPTH - 1


def test_byte_order_mark_of_windows_editors_is_skipped() -> None:
    assert read_yaml("\ufeffa: 1\n") == {"a": 1}


def test_several_lines_are_written_as_a_block() -> None:
    assert write_yaml({"help": "One.\nTwo.\n"}) == "help: |\n  One.\n  Two.\n"


def test_plain_lists_stay_on_one_line() -> None:
    assert write_yaml({"axes": ["YX", "ZYX"]}) == "axes: [YX, ZYX]\n"


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ({"a": "\ud800"}, "is not Unicode"),
        ({"a": object()}, "a object cannot be written"),
        ({"a": {1: 2}}, "the key 1 is not a text"),
    ],
)
def test_writer_refuses_what_could_not_be_read_back(
    value: dict[str, object], complaint: str
) -> None:
    with pytest.raises(YamlTextError, match=complaint):
        write_yaml(value)


def test_enumerations_of_texts_are_written_as_texts() -> None:
    assert write_yaml({"colour": Colour.RED, "all": [Colour.RED]}) == (
        "colour: red\nall: [red]\n"
    )
