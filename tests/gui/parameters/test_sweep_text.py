"""Sweeps as people write them."""

import pytest

from bioimageit_flow.gui.parameters.sweep_text import read_sweep, sweep_text
from bioimageit_flow.model.parameter import ParameterType

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


@pytest.mark.parametrize("text", ["", " , ", "many", "1, two"])
def test_nonsense_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"commas|is not a number"):
        read_sweep(text, FLOAT)
