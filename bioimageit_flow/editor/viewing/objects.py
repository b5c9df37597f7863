"""Rows of tables as objects in an image: points, tracks, measured labels.

Columns are known by their names, ours first (`t`, `c`, `z`, `y`, `x` in pixels from 0,
`label`, `track`), then those of programs that people also use.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bioimageit_flow.model.data import DataInfo

Numbers = NDArray[np.float64]

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "t": ("t", "frame", "position_t", "slice_t"),
    "c": ("c", "channel"),
    "z": ("z", "position_z", "plane"),
    "y": ("y", "position_y", "centroid_y", "center_y", "centre_y"),
    "x": ("x", "position_x", "centroid_x", "center_x", "centre_x"),
    "label": ("label", "label_id", "labels", "object", "nucleus"),
    "track": ("track", "track_id", "particle", "tracks"),
}
_DEPTH: Final = 1.0
"""Points are shown on the planes that are nearer than this."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object is, in pixels; None along axes that its table does not name."""

    y: float
    x: float
    z: float | None = None
    t: float | None = None
    c: float | None = None

    def along(self, axis: str) -> float | None:
        """Return the position along ``Z``, ``T`` or ``C``."""
        return {"Z": self.z, "T": self.t, "C": self.c}.get(axis)


class Objects:
    """The rows of a table, as far as they say where something is.

    Parameters
    ----------
    columns : sequence of str
        Names.
    rows : sequence of sequence
        Cells.
    info : DataInfo, optional
        The image that they lie in, for tables in micrometres only.
    """

    def __init__(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[object]],
        info: DataInfo | None = None,
    ) -> None:
        self.columns = tuple(columns)
        self.rows = rows
        lower = {name.strip().lower(): name for name in reversed(columns)}
        self._found: dict[str, Numbers] = {}
        for role, names in _NAMES.items():
            place = next((lower[name] for name in names if name in lower), None)
            if place is not None:
                self._found[role] = self._numbers(place)
        sizes = {} if info is None else info.pixel_size_um
        for role in "zyx":
            in_um = lower.get(f"{role}_um")
            if role not in self._found and in_um and role in sizes:
                self._found[role] = self._numbers(in_um) / sizes[role]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def is_placed(self) -> bool:
        """Whether rows say where they are in a plane."""
        return "y" in self._found and "x" in self._found

    @property
    def has_labels(self) -> bool:
        """Whether rows say which label they are of."""
        return "label" in self._found

    @property
    def has_tracks(self) -> bool:
        """Whether rows say which track they belong to."""
        return "track" in self._found and self.is_placed

    def place(self, row: int) -> Place | None:
        """Return where a row's object is."""
        if not self.is_placed:
            return None
        at = {axis: self._at(axis, row) for axis in "yxztc"}
        if at["y"] is None or at["x"] is None:
            return None
        return Place(at["y"], at["x"], at["z"], at["t"], at["c"])

    def label(self, row: int) -> int | None:
        """Return the label that a row is of."""
        value = self._at("label", row)
        return None if value is None else round(value)

    def row_of_label(self, label: int, position: Mapping[str, int]) -> int | None:
        """Return the row of a label at a position of axes; None if there is none."""
        if "label" not in self._found:
            return None
        fits = self._found["label"] == label
        for axis in ("T", "C"):
            column = self._found.get(axis.lower())
            if column is not None and axis in position:
                fits &= np.isnan(column) | (np.round(column) == position[axis])
        rows = np.flatnonzero(fits)
        return int(rows[0]) if rows.size else None

    def visible(self, position: Mapping[str, int]) -> NDArray[np.int64]:
        """Return the rows whose objects are on the plane at a position of axes."""
        shown = ~(np.isnan(self._found["y"]) | np.isnan(self._found["x"]))
        for axis, depth in (("T", 0.5), ("C", 0.5), ("Z", _DEPTH)):
            column = self._found.get(axis.lower())
            if column is not None and axis in position:
                near = np.abs(column - position[axis]) < depth + 1e-9
                shown &= np.isnan(column) | near
        return np.flatnonzero(shown)

    def positions(self, rows: NDArray[np.int64]) -> tuple[Numbers, Numbers]:
        """Return x and y of rows."""
        return self._found["x"][rows], self._found["y"][rows]

    def nearest(
        self, x: float, y: float, position: Mapping[str, int], within: float
    ) -> int | None:
        """Return the visible row nearest to a point, not further than `within`."""
        rows = self.visible(position)
        if not rows.size:
            return None
        xs, ys = self.positions(rows)
        far = np.hypot(xs - x, ys - y)
        best = int(np.argmin(far))
        return int(rows[best]) if far[best] <= within else None

    def paths(
        self, position: Mapping[str, int], tail: int = 1_000_000
    ) -> list[tuple[int, Numbers, Numbers]]:
        """Return the paths of tracks up to now: number, xs, ys in the order of time.

        Parameters
        ----------
        tail : int
            How many frames back they go.
        """
        tracks = self._found["track"]
        times = self._found.get("t", np.arange(len(self), dtype=np.float64))
        now = position.get("T")
        shown = np.isfinite(tracks) & np.isfinite(times)
        shown &= np.isfinite(self._found["x"]) & np.isfinite(self._found["y"])
        if now is not None and "t" in self._found:
            shown &= (times <= now + 0.5) & (times >= now - tail)
        rows = np.flatnonzero(shown)
        rows = rows[np.lexsort((times[rows], tracks[rows]))]
        numbers = tracks[rows]
        cuts = np.flatnonzero(np.diff(numbers)) + 1
        xs, ys = self.positions(rows)
        return [
            (int(some[0]), path_x, path_y)
            for some, path_x, path_y in zip(
                np.split(numbers, cuts),
                np.split(xs, cuts),
                np.split(ys, cuts),
                strict=True,
            )
            if some.size
        ]

    def track_numbers(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the track of each of some rows; row numbers where there are none."""
        column = self._found.get("track")
        if column is None:
            return rows
        return np.nan_to_num(column[rows]).astype(np.int64)

    def _at(self, role: str, row: int) -> float | None:
        column = self._found.get(role)
        if column is None or np.isnan(column[row]):
            return None
        return float(column[row])

    def _numbers(self, name: str) -> Numbers:
        place = self.columns.index(name)
        return np.array([_number(row[place]) for row in self.rows], np.float64)


def _number(cell: Any) -> float:  # noqa: ANN401 - cells are whatever a table holds
    if isinstance(cell, int | float):
        return float(cell)
    return float("nan")
