import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimageit_flow.formats.axes import LETTERS, flow_axes
from bioimageit_flow.formats.refusal import Refusal


@pytest.mark.parametrize(
    ("axes", "shape", "ours"),
    [
        ("YX", (5, 6), "YX"),
        ("TCZYX", (2, 3, 4, 5, 6), "TCZYX"),
        ("YXS", (5, 6, 3), "YXS"),
        ("SYX", (3, 5, 6), "SYX"),
        ("IYX", (4, 5, 6), "ZYX"),
        ("QYX", (4, 5, 6), "ZYX"),
        ("QYXS", (4, 5, 6, 3), "ZYXS"),
        ("ZIYX", (2, 4, 5, 6), "ZTYX"),
        ("QQYX", (2, 4, 5, 6), "TZYX"),
        ("QQQYX", (2, 3, 4, 5, 6), "TZCYX"),
        ("EYX", (4, 5, 6), "CYX"),
        ("CEYX", (2, 4, 5, 6), "CZYX"),
        ("HYX", (4, 5, 6), "ZYX"),
    ],
)
def test_names_unknown_axes(axes: str, shape: tuple[int, ...], ours: str) -> None:
    assert flow_axes(axes, shape) == (ours, shape)


def test_leaves_out_axes_of_length_one() -> None:
    assert flow_axes("TZCYXS", (1, 4, 1, 5, 6, 1)) == ("ZYX", (4, 5, 6))
    assert flow_axes("QQYX", (1, 1, 1, 1)) == ("YX", (1, 1))


def test_refuses_what_is_no_image_or_has_too_many_axes() -> None:
    with pytest.raises(Refusal, match="no rows"):
        flow_axes("X", (5,))
    with pytest.raises(Refusal, match="more than"):
        flow_axes("QQQQYX", (2, 2, 2, 2, 5, 6))


@given(
    st.permutations("TZCIQAYX").map("".join),
    st.lists(st.integers(1, 3), min_size=8, max_size=8),
)
def test_letters_are_ours_and_differ(axes: str, shape: list[int]) -> None:
    try:
        ours, lengths = flow_axes(axes, shape)
    except Refusal:
        assert sum(n > 1 for n in shape) > 3
        return
    assert len(set(ours)) == len(ours) == len(lengths)
    assert set(ours) <= set(LETTERS)
