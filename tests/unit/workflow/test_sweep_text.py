"""Sweeps as people write them."""

import pytest

from bioimageit_flow.model.parameter import ParameterType
from bioimageit_flow.workflow.document import Swept
from bioimageit_flow.workflow.sweep_text import (
    keep_sweep,
    read_named_sweep,
    read_sweep,
    sweep_text,
)

INT, FLOAT, CHOICE = ParameterType.INT, ParameterType.FLOAT, ParameterType.CHOICE


@pytest.mark.parametrize(
    ("text", "type_", "values"),
    [
        ("5, 10,20", INT, (5, 10, 20)),
        ("0.5", FLOAT, (0.5,)),
        ("-1, 1e-3", FLOAT, (-1.0, 0.001)),
        ("face, full", CHOICE, ("face", "full")),
        ("true, false", ParameterType.BOOL, (True, False)),
    ],
)
def test_list_is_read(
    text: str, type_: ParameterType, values: tuple[object, ...]
) -> None:
    assert read_sweep(text, type_).sweep.values == values


@pytest.mark.parametrize(
    "text", ["1 to 10 step 0.5", "1 to 100 in 5", "1 to 100 in 5 log", "5, 10, 20"]
)
def test_text_comes_back_as_it_was(text: str) -> None:
    assert sweep_text(read_sweep(text, FLOAT).sweep) == text


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("lin(0, 1, 5)", "0 to 1 in 5"),
        ("linspace( -1,1 )", "-1 to 1 in 5"),
        ("log(1, 100, 3)", "1 to 100 in 3 log"),
        ("range(0, 10, 2.5)", "0 to 10 step 2.5"),
        ("range(1, 4)", "1 to 4 step 1"),
    ],
)
def test_ranges_are_written_as_functions_too(text: str, same: str) -> None:
    assert read_sweep(text, FLOAT) == read_sweep(same, FLOAT)


@pytest.mark.parametrize(
    ("text", "values", "key", "zipped"),
    [
        ("5, 10 as size", (5, 10), "size", None),
        ("5, 10 zip both", (5, 10), "", "both"),
        ('5 zip both as "my size"', (5,), "my size", "both"),
        ("5, 10 as size zip both", (5, 10), "size", "both"),
        ('["a, b", "c as d"]', ("a, b", "c as d"), "", None),
        ("[1, true] as flag", (1, True), "flag", None),
    ],
)
def test_names_follow_the_values(
    text: str, values: tuple[object, ...], key: str, zipped: str | None
) -> None:
    sweep = read_named_sweep(text, INT).sweep
    assert (sweep.values, sweep.key, sweep.zip) == (values, key, zipped)


@pytest.mark.parametrize(
    "text", ["log(1, 100, 2.5)", "[1, [2]]", "[1, 2", "lin(1, 2, 3, 4)", "lin(a, 2)"]
)
def test_wrong_ranges_and_lists_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_sweep(text, FLOAT)


@pytest.mark.parametrize("text", ["", " , ", "many", "1, two"])
def test_nonsense_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"commas|is not a number"):
        read_sweep(text, FLOAT)


@pytest.mark.parametrize("text", ["5, foo", "1 to 5 step 0", "", "-", "1 to"])
def test_text_that_is_no_sweep_is_kept(text: str) -> None:
    kept = keep_sweep(text, FLOAT)
    assert sweep_text(kept.sweep) == text
    assert Swept.model_validate(kept.model_dump(mode="json")) == kept


def test_text_that_is_a_sweep_is_read_and_not_only_kept() -> None:
    assert keep_sweep("1 to 3 step 1", FLOAT) == read_sweep("1 to 3 step 1", FLOAT)
