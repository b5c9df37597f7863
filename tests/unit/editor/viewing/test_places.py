"""Parts, lengths and words follow from what is in sight."""

import pytest

from bioimageit_flow.editor.viewing.places import (
    WHOLE_PIXELS,
    Part,
    View,
    axis_words,
    in_sight,
    length_between,
    number,
    overview,
    point_words,
    scale_between,
    sharp_enough,
)
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.kinds import Kind


def info(
    axes: str = "YX",
    shape: tuple[int, ...] = (100, 200),
    um: float | None = None,
    **more: object,
) -> DataInfo:
    sizes = {} if um is None else {"x": um, "y": um, "z": 2.0}
    facts: dict[str, object] = {"pixel_size_um": sizes, **more}
    return DataInfo(Kind.IMAGE, "tiff", axes, shape, "uint8", **facts)  # type: ignore[arg-type]


def test_small_planes_are_read_whole() -> None:
    view = View(10, 10, 20, 20, 800)
    assert in_sight(view, 1000, 1200) == Part((0, 1000), (0, 1200), 1)


@pytest.mark.parametrize("zoom", [0.03, 0.2, 1.0, 7.0])
def test_of_a_large_plane_little_more_is_read_than_the_screen_shows(
    zoom: float,
) -> None:
    wide, high = 900 / zoom, 600 / zoom
    view = View(4000, 3000, 4000 + wide, 3000 + high, 900)
    part = in_sight(view, 20_000, 20_000)
    assert part is not None
    rows = (part.rows[1] - part.rows[0]) / part.step
    columns = (part.columns[1] - part.columns[0]) / part.step
    assert rows * columns <= 1.5 * WHOLE_PIXELS
    assert part.step <= max(1, 1 / zoom)
    needed = sharp_enough(view, 20_000, 20_000)
    assert needed is not None
    assert part.holds(needed)


def test_coming_nearer_needs_sharper_pixels_and_a_small_move_nothing() -> None:
    far = in_sight(View(0, 0, 8000, 8000, 1000), 20_000, 20_000)
    near = sharp_enough(View(100, 100, 1100, 1100, 1000), 20_000, 20_000)
    moved = sharp_enough(View(300, 300, 8300, 8300, 1000), 20_000, 20_000)
    assert far is not None
    assert near is not None
    assert moved is not None
    assert not far.holds(near)
    assert far.holds(moved)
    assert in_sight(View(-9000, 0, -5000, 900, 500), 20_000, 20_000) is None


def test_overview_of_a_large_plane_is_small() -> None:
    part = overview(20_000, 30_000)
    assert (part.rows, part.columns) == ((0, 20_000), (0, 30_000))
    assert 20_000 * 30_000 / part.step**2 <= WHOLE_PIXELS


def test_a_line_has_its_length_in_oblong_pixels_too() -> None:
    length = length_between((0, 0), (30, 40), {"x": 0.1, "y": 0.2})
    assert length.px == 50
    assert length.um == pytest.approx((3**2 + 8**2) ** 0.5)
    assert str(length_between((0, 0), (3, 4), {})) == "5 px"
    assert str(length_between((0, 0), (3, 4), {"x": 2.0, "y": 2.0})) == "5 px  ·  10 µm"


def test_positions_are_said_in_pixels_and_where_known_in_units() -> None:
    stack = info("TZYX", (5, 9, 100, 200), um=0.5, time_step_s=90.0)
    assert axis_words("Z", 3, stack) == "4 / 9  ·  6 µm"
    assert axis_words("T", 2, stack) == "3 / 5  ·  3 min 00 s"
    assert axis_words("Z", 0, info("ZYX", (9, 1, 1))) == "1 / 9"
    assert point_words(10.4, 20.6, stack) == "x 10, y 21 px  ·  5.2, 10.3 µm"
    assert point_words(1, 2, info()) == "x 1, y 2 px"


def test_images_of_the_same_field_are_laid_over_each_other() -> None:
    small = info(shape=(50, 100), um=1.0)
    large = info(shape=(100, 200), um=0.5)
    assert scale_between(large, small) == (2.0, 2.0)
    assert scale_between(info(shape=(100, 200)), info(shape=(50, 100))) == (2.0, 2.0)
    assert scale_between(info(shape=(100, 200)), info(shape=(50, 50))) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("value", "said"),
    [(3.0, "3"), (0.06512, "0.06512"), (1234567.0, "1234567"), (12345.6, "12346")],
)
def test_numbers_have_the_digits_that_count(value: float, said: str) -> None:
    assert number(value) == said
