"""Rows of tables are objects where their columns say so."""

import numpy as np

from bioimageit_flow.editor.viewing.objects import Objects, Place
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.kinds import Kind

SPOTS = Objects(
    ("spot", "t", "z", "y", "x"),
    [(1, 0, 2, 10.0, 20.0), (2, 0, 5, 11.0, 21.0), (3, 1, 2, 12.0, 22.0)],
)


def test_a_row_says_where_it_is() -> None:
    assert SPOTS.place(1) == Place(11.0, 21.0, z=5.0, t=0.0)
    assert Objects(("label", "area"), [(4, 9.0)]).place(0) is None


def test_points_are_shown_on_their_frame_and_near_their_plane() -> None:
    assert SPOTS.visible({"T": 0, "Z": 3}).tolist() == [0]
    assert SPOTS.visible({"T": 0}).tolist() == [0, 1]
    assert SPOTS.visible({"T": 1, "Z": 2}).tolist() == [2]


def test_the_nearest_point_is_picked_within_reach_only() -> None:
    assert SPOTS.nearest(20.4, 10.2, {"T": 0, "Z": 2}, within=2) == 0
    assert SPOTS.nearest(30, 30, {"T": 0, "Z": 2}, within=2) is None
    assert SPOTS.nearest(21, 11, {"T": 0, "Z": 2}, within=0.5) is None


def test_labels_find_their_row_at_their_time() -> None:
    regions = Objects(("label", "t", "y", "x"), [(7, 0, 1, 1), (7, 1, 2, 2)])
    assert regions.row_of_label(7, {"T": 1}) == 1
    assert regions.row_of_label(8, {"T": 1}) is None
    assert regions.label(0) == 7


def test_columns_of_other_programs_and_micrometres_are_understood() -> None:
    track_mate = Objects(
        ("TRACK_ID", "FRAME", "POSITION_X", "POSITION_Y"), [(3, 1, 5.0, 6.0)]
    )
    assert track_mate.has_tracks
    assert track_mate.place(0) == Place(6.0, 5.0, t=1.0)
    info = DataInfo(
        Kind.IMAGE, "tiff", "YX", (9, 9), "uint8", pixel_size_um={"x": 0.5, "y": 0.5}
    )
    in_um = Objects(("y_um", "x_um"), [(2.0, 3.0)], info)
    assert in_um.place(0) == Place(4.0, 6.0)
    assert not Objects(("y_um", "x_um"), [(2.0, 3.0)]).is_placed


def test_tracks_are_drawn_in_time_up_to_now() -> None:
    tracks = Objects(
        ("track", "t", "y", "x"),
        [(1, 2, 2, 2), (2, 0, 9, 9), (1, 0, 0, 0), (1, 1, 1, 1), (2, 1, 8, 8)],
    )
    paths = tracks.paths({"T": 1})
    assert [number for number, _, _ in paths] == [1, 2]
    assert paths[0][1].tolist() == [0, 1]
    assert paths[1][2].tolist() == [9, 8]
    assert [len(xs) for _, xs, _ in tracks.paths({"T": 2})] == [3, 2]
    assert tracks.track_numbers(np.array([1])).tolist() == [2]


def test_missing_places_are_not_drawn() -> None:
    some = Objects(("y", "x"), [(1.0, float("nan")), (1.0, 2.0), ("", 3.0)])
    assert some.visible({}).tolist() == [1]
