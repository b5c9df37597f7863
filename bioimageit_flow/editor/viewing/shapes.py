"""Outlines upon an image: polygons, rectangles, ellipses, paths, lines.

Two ways of writing them are read. GeoJSON (RFC 7946, as QuPath exports it): x before y
in pixels, 0 at the corner of the first pixel, the plane beside the coordinates. The CSV
of napari's shapes layer
(https://napari.org/stable/howtos/layers/shapes.html): one row per corner, the axes of
the image in order, 0 at the middle of the first pixel.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bioimageit_flow.errors import DataError

Numbers = NDArray[np.float64]

MOST_SHAPES: Final = 20_000
_ROUND: Final = 64
"""Corners of what stands for an ellipse."""

_KINDS: Final = ("polygon", "rectangle", "ellipse", "path", "line")
_OPEN: Final = ("path", "line")
_NEAR: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """One outline.

    Attributes
    ----------
    kind : str
        ``polygon``, ``rectangle``, ``ellipse``, ``path`` or ``line``.
    xs, ys : numpy.ndarray
        Corners in pixels, 0 at the middle of the first; the last is the first again
        where the outline is closed.
    z, t : float or None
        The plane that it is on; None for all.
    name : str
        What its maker calls it.
    """

    kind: str
    xs: Numbers
    ys: Numbers
    z: float | None = None
    t: float | None = None
    name: str = ""

    def is_on(self, position: Mapping[str, int]) -> bool:
        """Say whether it is on the plane at a position of axes."""
        return all(
            at is None or axis not in position or abs(at - position[axis]) <= _NEAR
            for axis, at in (("Z", self.z), ("T", self.t))
        )


@dataclass(frozen=True, slots=True)
class Shapes:
    """All outlines of a file.

    Attributes
    ----------
    left_out : int
        How many were not read because there are more than `MOST_SHAPES`.
    """

    shapes: tuple[Shape, ...]
    left_out: int = 0

    def visible(self, position: Mapping[str, int]) -> list[Shape]:
        """Return those on the plane at a position of axes."""
        return [one for one in self.shapes if one.is_on(position)]


def shapes_of_json(path: Path) -> Shapes:
    """Read GeoJSON.

    Raises
    ------
    DataError
        If it is none.
    """
    try:
        read = json.loads(path.read_text(encoding="utf-8-sig"))
        return _limited(_of_geojson(read))
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        RecursionError,
    ) as error:
        raise DataError(
            f"The shapes in '{path.name}' cannot be drawn.",
            remedy="Write them as GeoJSON, or as the CSV of napari's shapes.",
        ) from error


def shapes_of_rows(
    columns: Sequence[str], rows: Sequence[Sequence[object]], stack: str
) -> Shapes:
    """Read the rows of napari's CSV.

    Parameters
    ----------
    stack : str
        The axes of the image before Y, without channels, such as ``TZ``.

    Raises
    ------
    DataError
        If columns are missing, or coordinates are no numbers.
    """
    axes = [name for name in columns if name.startswith("axis-")]
    wanted = ("index", "shape-type", *axes)
    if len(axes) < 2 or not set(wanted) <= set(columns):
        raise DataError(
            "This table does not say how its shapes run.",
            remedy="Its columns must be index, shape-type, vertex-index, axis-0, "
            "axis-1 and so on, as napari writes them.",
        )
    places = {name: list(columns).index(name) for name in wanted}
    corners: dict[object, list[Sequence[object]]] = {}
    for row in rows:
        corners.setdefault(row[places["index"]], []).append(row)
    made = []
    for some in corners.values():
        try:
            at = np.array(
                [[float(str(row[places[axis]])) for axis in axes] for row in some]
            )
        except ValueError as error:
            raise DataError(f"A corner of a shape is no number ({error}).") from error
        above = dict(zip(reversed(stack), reversed(at[0, :-2].tolist()), strict=False))
        kind = str(some[0][places["shape-type"]])
        made.append(
            _outline(kind, at[:, -1], at[:, -2], above.get("Z"), above.get("T"))
        )
    return _limited(made)


def _limited(made: Iterable[Shape]) -> Shapes:
    found = list(made)
    return Shapes(tuple(found[:MOST_SHAPES]), max(0, len(found) - MOST_SHAPES))


def _of_geojson(value: Any) -> Iterator[Shape]:  # noqa: ANN401 - JSON is anything
    if isinstance(value, list):
        for one in value:
            yield from _of_geojson(one)
        return
    match value["type"]:
        case "FeatureCollection":
            yield from _of_geojson(value["features"])
        case "Feature":
            facts = value.get("properties") or {}
            name = facts.get("name") or (facts.get("classification") or {}).get("name")
            yield from _of_geometry(value["geometry"], str(name or ""))
        case _:
            yield from _of_geometry(value, "")


def _of_geometry(geometry: Any, name: str) -> Iterator[Shape]:  # noqa: ANN401 - JSON
    plane = geometry.get("plane") or {}
    z, t = plane.get("z"), plane.get("t")
    rings: list[tuple[str, Any]]
    match geometry["type"]:
        case "Polygon":
            rings = [("polygon", ring) for ring in geometry["coordinates"]]
        case "MultiPolygon":
            some = geometry["coordinates"]
            rings = [("polygon", ring) for polygon in some for ring in polygon]
        case "LineString":
            rings = [("path", geometry["coordinates"])]
        case "MultiLineString":
            rings = [("path", part) for part in geometry["coordinates"]]
        case "GeometryCollection":
            for one in geometry["geometries"]:
                yield from _of_geometry(one, name)
            return
        case "Point" | "MultiPoint":
            return  # a point is no outline
        case other:
            raise ValueError(other)
    for kind, ring in rings:
        at = np.array([corner[:2] for corner in ring], np.float64) - 0.5
        yield _outline(kind, at[:, 0], at[:, 1], z, t, name)


def _outline(
    kind: str,
    xs: Numbers,
    ys: Numbers,
    z: float | None,
    t: float | None,
    name: str = "",
) -> Shape:
    """Return a shape with an outline that can be drawn from corner to corner."""
    if kind not in _KINDS:
        kind = "polygon"
    if kind == "ellipse" and xs.size >= 4:
        turn = np.linspace(0, 2 * np.pi, _ROUND)
        across, along = np.cos(turn) / 2, np.sin(turn) / 2
        xs, ys = (
            at[:4].mean() + (at[1] - at[0]) * across + (at[3] - at[0]) * along
            for at in (xs, ys)
        )
    elif kind not in _OPEN and (xs[0], ys[0]) != (xs[-1], ys[-1]):
        xs, ys = np.append(xs, xs[0]), np.append(ys, ys[0])
    return Shape(kind, xs, ys, z, t, name)
