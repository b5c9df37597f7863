"""Regular expressions of users: what is found, and what may take how long."""

import re

import pytest

from bioimageit_flow.model.pattern import PatternError, is_plain, pattern

NAME = "control_P0001_A02_f0.ome.tif"


@pytest.mark.parametrize(
    "expression",
    [
        r"^(?P<condition>[a-z]+)_P(?P<plate>\d+)_(?P<well>[A-H]\d+)_",
        r"(?P<well>[A-H]\d{2})(?:_f(?P<field>\d))",
        r"(?P<all>.*)\.tif$",
        r"(?P<x>[^_]+?)_|(?P<y>nothing)",
        r"(?=control)(?P<z>c)",
        r"(?i)(?P<up>CONTROL)",
        r"(?P<a>[]_])(?P<b>P)",
        r"(?P<twice>(o).*?\2)",
        r"zzz(?P<no>q)",
    ],
)
def test_expressions_find_what_python_finds(expression: str) -> None:
    found = re.search(expression, NAME)
    groups = None
    if found is not None:
        groups = {k: v for k, v in found.groupdict().items() if v is not None}
    assert pattern(expression).named(NAME) == groups
    assert pattern(expression).is_in(NAME) is (found is not None)


@pytest.mark.parametrize(
    "expression",
    ["(a|aa)+$", "(a|aa)+[bc]d", f"{'(?:a|aa)' * 60}c?d"],
)
def test_expression_that_would_take_for_ever_is_stopped(expression: str) -> None:
    with pytest.raises(PatternError, match="takes too long"):
        pattern(expression).is_in("a" * 200 + "b")


@pytest.mark.parametrize("text", ["drug", "_H12_f8", "a b-c,d", "größe", ""])
def test_plain_texts_stand_for_themselves(text: str) -> None:
    assert is_plain(text)
    assert re.escape(text).replace("\\", "") == text


@pytest.mark.parametrize("text", list(r"\^$.|?*+()[]{}"))
def test_special_characters_are_not_plain(text: str) -> None:
    assert not is_plain(f"a{text}b")
