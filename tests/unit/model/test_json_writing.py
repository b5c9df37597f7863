"""Writers of JSON write what `json.JSONEncoder` writes, with or without that in C."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimageit_flow.model import json_writing
from bioimageit_flow.model.json_writing import json_writer

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)
Way = dict[str, Any]
WAYS: list[Way] = [
    {"allow_nan": False, "sort_keys": True, "separators": (",", ":")},
    {"allow_nan": True, "separators": (", ", ": ")},
]


IN_C = json_writing._make_in_c
MAKERS = [IN_C, None, lambda one: one]
"""Python's own, none, and one that is called in another way."""


@given(VALUES, st.sampled_from(WAYS), st.sampled_from(MAKERS))
def test_text_is_that_of_the_library(
    value: object, way: dict[str, Any], maker: object
) -> None:
    usual = json.JSONEncoder(ensure_ascii=False, **way)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_writing, "_make_in_c", maker)
        write = json_writer(**way)
    try:
        text = usual.encode(value)
    except ValueError:
        with pytest.raises(ValueError, match="not JSON compliant"):
            write(value)
    else:
        assert write(value) == text


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], {"a": -float("inf")}])
def test_what_json_does_not_know_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_writer(allow_nan=False, separators=(",", ":"))(value)


@pytest.mark.parametrize("value", [{("a",): 1}, {1, 2}, object()])
def test_what_is_no_plain_value_is_an_error(value: object) -> None:
    with pytest.raises(TypeError):
        json_writer(allow_nan=True, separators=(",", ":"))(value)


def test_a_writer_goes_on_after_an_error() -> None:
    write = json_writer(allow_nan=False, separators=(",", ":"))
    value: list[object] = [{}, object()]
    with pytest.raises(TypeError):
        write(value)
    value[1] = "é"

    assert write(value) == '[{},"é"]'
