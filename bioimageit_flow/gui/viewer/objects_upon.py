"""Points, tracks and shapes upon an image: which of them are shown on a plane."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bioimageit_flow.editor.viewing.exhibit import Exhibit
from bioimageit_flow.gui.viewer.canvas import Canvas


@dataclass(frozen=True, slots=True)
class ObjectsLook:
    """Which kinds of objects are shown."""

    points: bool = True
    tracks: bool = True
    shapes: bool = True


def show_objects(
    canvas: Canvas,
    exhibit: Exhibit | None,
    position: Mapping[str, int],
    look: ObjectsLook,
) -> None:
    """Draw what lies upon the plane at a position.

    Parameters
    ----------
    position : mapping
        Along the axes; objects of all planes are shown along one that it lacks.
    """
    none = np.zeros(0)
    xs, ys, numbers = none, none, np.zeros(0, np.int64)
    points = None if exhibit is None else exhibit.points or exhibit.tracks
    if points is not None and points.is_placed and look.points:
        rows = points.visible(position)
        xs, ys = points.positions(rows)
        numbers = points.track_numbers(rows)
    canvas.show_points(xs, ys, numbers)
    tracks = None if exhibit is None else exhibit.tracks or exhibit.points
    has_tracks = tracks is not None and tracks.has_tracks and look.tracks
    canvas.show_paths(tracks.paths(position) if has_tracks and tracks else [])
    shapes = None if exhibit is None else exhibit.shapes
    drawn = shapes.visible(position) if shapes is not None and look.shapes else []
    canvas.show_shapes([(one.xs, one.ys) for one in drawn])
