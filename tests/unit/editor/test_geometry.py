import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimageit_flow.editor.geometry import SHAPES, bounds, curve, port_offset
from bioimageit_flow.editor.scene import (
    HEADER_HEIGHT,
    NODE_WIDTH,
    NodeRole,
    NodeView,
    PortView,
    Scene,
)
from bioimageit_flow.model.kinds import Kind

_NUMBER = st.floats(-5000, 5000, allow_nan=False)
_POINT = st.tuples(_NUMBER, _NUMBER)


@given(_POINT, _POINT, st.lists(_POINT, max_size=4))
def test_a_wire_goes_through_all_its_points(
    start: tuple[float, float],
    end: tuple[float, float],
    waypoints: list[tuple[float, float]],
) -> None:
    way = curve(start, end, waypoints)
    assert way.line[0] == pytest.approx(start)
    assert way.line[-1] == pytest.approx(end)
    for x, y in waypoints:
        assert way.distance(x, y) < 1e-6
    left, top, right, bottom = way.box
    assert all(left <= x <= right and top <= y <= bottom for x, y in way.line)


@given(_POINT, _POINT)
def test_a_wire_leaves_to_the_right(
    start: tuple[float, float], end: tuple[float, float]
) -> None:
    first = curve(start, end).segments[0]
    assert first[1][0] >= first[0][0]
    assert first[1][1] == first[0][1]


def test_a_wire_that_runs_backwards_goes_around() -> None:
    way = curve((500, 0), (0, 0))
    assert way.box[3] > 90


def test_distance_gives_up_beyond_what_is_asked() -> None:
    way = curve((0, 0), (100, 0))
    assert way.distance(50, 6, within=10) == pytest.approx(6, abs=0.5)
    assert way.distance(50, 60, within=10) == math.inf


def test_a_new_bend_belongs_to_the_nearest_leg() -> None:
    way = curve((0, 0), (900, 0), [(300, 200), (600, 200)])
    assert way.leg(100, 60) == 0
    assert way.leg(450, 210) == 1
    assert way.leg(800, 60) == 2


def test_a_cut_crosses_a_wire_or_not() -> None:
    way = curve((0, 0), (400, 0))
    assert way.crosses((200, -50), (200, 50))
    assert not way.crosses((200, 10), (200, 50))


def test_ports_stand_in_rows_and_unknown_ones_at_the_title() -> None:
    ports = tuple(PortView(name, name, Kind.IMAGE, "I") for name in ("a", "b"))
    node = NodeView("n", NodeRole.TOOL, "N", "", "", 0, 0, inputs=ports, outputs=ports)
    first = port_offset(node, "a", is_output=False)
    second = port_offset(node, "b", is_output=True)
    assert first[0] == 0
    assert second[0] == NODE_WIDTH
    assert HEADER_HEIGHT < first[1] < second[1] < node.height
    assert port_offset(node, "gone", is_output=False)[1] < HEADER_HEIGHT


def test_every_kind_has_a_shape_of_its_own() -> None:
    assert set(SHAPES) == set(Kind)
    assert len(set(SHAPES.values())) == len(Kind)


def test_an_empty_scene_has_no_bounds() -> None:
    assert bounds(Scene()) is None
