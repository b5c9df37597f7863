"""Outlines are read from both ways of writing them."""

import json
from pathlib import Path

import numpy as np
import pytest

from bioimageit_flow.editor.viewing.shapes import shapes_of_json, shapes_of_rows
from bioimageit_flow.errors import DataError

SQUARE = [[10, 20], [30, 20], [30, 50], [10, 50], [10, 20]]
COLUMNS = ("index", "shape-type", "vertex-index", "axis-0", "axis-1", "axis-2")


def written(folder: Path, value: object) -> Path:
    path = folder / "regions.geojson"
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def feature(kind: str, coordinates: object, **more: object) -> dict[str, object]:
    geometry = {"type": kind, "coordinates": coordinates, **more}
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {"classification": {"name": "Tumour"}},
    }


def test_polygon_of_qupath_lies_between_pixels(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"type": "FeatureCollection", "features": [feature("Polygon", [SQUARE])]},
    )

    (shape,) = shapes_of_json(path).shapes

    assert shape.kind == "polygon"
    assert shape.name == "Tumour"
    # The corner (10, 20) of a pixel is half a pixel before its middle.
    assert shape.xs.tolist() == [9.5, 29.5, 29.5, 9.5, 9.5]
    assert shape.ys.tolist() == [19.5, 19.5, 49.5, 49.5, 19.5]


def test_holes_paths_and_planes_are_kept(tmp_path: Path) -> None:
    hole = [[12, 22], [14, 22], [14, 24], [12, 22]]
    plane = {"plane": {"c": -1, "z": 2, "t": 1}}
    path = written(
        tmp_path,
        [
            feature("Polygon", [SQUARE, hole]),
            feature("LineString", [[0, 0], [5, 5]], **plane),
            feature("MultiPolygon", [[SQUARE], [SQUARE]]),
            feature("Point", [3, 3]),
        ],
    )

    found = shapes_of_json(path)

    kinds = [one.kind for one in found.shapes]
    assert kinds == ["polygon", "polygon", "path", "polygon", "polygon"]
    assert len(found.visible({"Z": 2, "T": 1})) == 5
    assert len(found.visible({"Z": 3, "T": 1})) == 4
    assert len(found.visible({"T": 1})) == 5


@pytest.mark.parametrize("value", [{"value": 3}, [1, 2], {"type": "Polygon"}, "text"])
def test_other_json_is_refused(tmp_path: Path, value: object) -> None:
    with pytest.raises(DataError, match=r"regions\.geojson"):
        shapes_of_json(written(tmp_path, value))


def test_shapes_nested_without_end_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "regions.geojson"
    path.write_text("[" * 100_000)
    with pytest.raises(DataError, match=r"regions\.geojson"):
        shapes_of_json(path)


def test_rows_of_napari_are_closed_and_on_their_plane() -> None:
    corners = [(3, 5, 5), (3, 5, 9), (3, 8, 9), (3, 8, 5)]
    rows = [(0, "rectangle", n, *at) for n, at in enumerate(corners)]
    rows += [(1, "line", 0, 1, 0, 0), (1, "line", 1, 1, 4, 4)]

    rectangle, line = shapes_of_rows(COLUMNS, rows, "Z").shapes

    assert rectangle.xs.tolist() == [5, 9, 9, 5, 5]
    assert rectangle.ys.tolist() == [5, 5, 8, 8, 5]
    assert (rectangle.z, rectangle.t) == (3, None)
    assert line.xs.tolist() == [0, 4]
    assert rectangle.is_on({"Z": 3})
    assert not rectangle.is_on({"Z": 1})


def test_ellipse_touches_the_middles_of_its_box() -> None:
    box = [(10, 20), (10, 40), (30, 40), (30, 20)]
    rows = [(0, "ellipse", n, *at) for n, at in enumerate(box)]

    (shape,) = shapes_of_rows((*COLUMNS[:5],), rows, "").shapes

    assert np.isclose(shape.xs.min(), 20, atol=0.1)
    assert np.isclose(shape.xs.max(), 40, atol=0.1)
    far = ((shape.xs - 30) / 10) ** 2 + ((shape.ys - 20) / 10) ** 2
    assert np.allclose(far, 1)


def test_tables_without_corners_are_refused() -> None:
    with pytest.raises(DataError, match="vertex-index"):
        shapes_of_rows(("x", "y"), [(1, 2)], "")
    with pytest.raises(DataError, match="no number"):
        shapes_of_rows(COLUMNS[:5], [(0, "line", 0, "a", "b")], "")
