"""Looking at items: images of any size part by part, and what belongs to an item.

Nothing of an image is read before a part of it is asked for; sources may be used from
one thread after another, and reading may be broken off.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from bioimageit_flow.errors import DataError, StoreError
from bioimageit_flow.formats import Piece, Regions, Window, corrected, open_regions
from bioimageit_flow.formats import read_window as _read_window
from bioimageit_flow.formats.refusal import naming, shown
from bioimageit_flow.model.data import DataInfo, Item, LocationState
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.lineage import LineageStep
from bioimageit_flow.session.results import Result

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment

__all__ = ["ImageSource", "Piece", "Related", "Window", "found", "related"]

_MOST_STEPS = 200
_SHOWN = (
    Kind.IMAGE,
    Kind.LABELS,
    Kind.POINTS,
    Kind.TRACKS,
    Kind.SHAPES,
    Kind.TABLE,
)


class ImageSource:
    """An image of which parts are read when they are looked at.

    Parameters
    ----------
    path : Path
        The file.
    item : Item, optional
        Whose image it is: its selector, and its corrected metadata.

    Raises
    ------
    DataError
        If it is no image, or is damaged.
    """

    def __init__(self, path: Path, item: Item | None = None) -> None:
        self.path = path
        self._lock = RLock()
        self._open = ExitStack()
        selector = item.selector if item else ""
        # What opening sets for its thread belongs to this context instead, so that any
        # thread may read and close.
        self._context = copy_context()
        opening = open_regions(path, selector)
        regions = self._context.run(self._open.enter_context, opening)
        if item is not None and item.corrected:
            regions = corrected(regions, item.info, _in_file(path, selector))
        elif item is not None:
            regions = corrected(regions, item.info, item.info)
        self._regions: Regions | None = regions
        self.info: DataInfo = regions.info
        self.stack = regions.stack
        shape = self.info.shape[len(self.stack) :]
        self.height, self.width = shape[0], shape[1]
        self.levels = len(regions.levels)

    def length(self, axis: str) -> int:
        """Return how many planes there are along an axis; 1 where it has none."""
        axes = self.info.axes or ""
        return self.info.shape[axes.index(axis)] if axis in axes else 1

    @property
    def is_open(self) -> bool:
        """Whether it can be read still."""
        return self._regions is not None

    @property
    def is_rgb(self) -> bool:
        """Whether pixels have samples instead of one value."""
        return (self.info.axes or "").endswith("S")

    def read(
        self, window: Window, go_on: Callable[[Piece], bool] | None = None
    ) -> Piece | None:
        """Read a part of a plane; see `formats.regions.read_window`.

        Raises
        ------
        DataError
            If the file is gone, changed or damaged, or the source is closed.
        """
        with self._lock, naming(self.path):
            if self._regions is None:
                raise DataError(f"'{self.path}' is not open any more.")
            try:
                return self._context.run(_read_window, self._regions, window, go_on)
            except (ValueError, RuntimeError, KeyError, IndexError) as error:
                reason = " ".join(str(error).split())[:200] or type(error).__name__
                raise DataError(
                    f"'{self.path}' cannot be decoded: {reason}.",
                    remedy="Check it with `bioimageit-flow verify`.",
                ) from error

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._regions = None
            self._context.run(self._open.close)


@dataclass(frozen=True, slots=True)
class Related:
    """What is shown together with an item.

    Attributes
    ----------
    image : Result or None
        The image that lies below.
    labels, points, tracks, shapes : Result or None
        What lies upon it.
    table : Result or None
        The rows that say something of its objects.
    own : Result or None
        The item itself.
    """

    image: Result | None = None
    labels: Result | None = None
    points: Result | None = None
    tracks: Result | None = None
    shapes: Result | None = None
    table: Result | None = None
    own: Result | None = None

    @property
    def layers(self) -> list[Result]:
        """What has a place in the image, the lowest first."""
        some = (self.image, self.labels, self.points, self.tracks, self.shapes)
        return [one for one in some if one is not None]


def found(experiment: "Experiment", item: Item) -> Result:
    """Return an item with its file.

    Raises
    ------
    DataError
        If the file is gone or was changed; names the item.
    """
    try:
        path, _ = experiment.whereabouts(item.content)
    except DataError as error:
        raise _gone(experiment, item) or error from error
    return Result(item, path, experiment.annotations([item])[item.id])


def related(experiment: "Experiment", item: Item) -> Related:
    """Return what belongs to an item, found by lineage.

    Below it are the image and the labels that it was made from, the nearest first; an
    image is joined by what was made from it in the same run (its newest labels, points,
    tracks and table), where that is one thing and not several variants.

    Raises
    ------
    DataError
        If the item's own file is gone or was changed.
    """
    known: dict[str, Item] = {_role(item): item} if _role(item) else {}
    before = list(_ancestors(experiment, item))
    if item.info.kind is Kind.IMAGE:
        for one in _made_from(experiment, item):
            known.setdefault(_role(one), one)
    for one in before:
        known.setdefault(_role(one), one)
    if item.info.kind in (Kind.LABELS, Kind.POINTS, Kind.TRACKS):
        for one in _made_from(experiment, item):
            if _role(one) in ("table", "tracks"):
                known.setdefault(_role(one), one)
    results = {"own": found(experiment, item)}
    for role, one in known.items():
        with suppress(DataError, StoreError):  # cleaned, or elsewhere
            results[role] = found(experiment, one)
    return Related(**{role: result for role, result in results.items() if role})


def _gone(experiment: "Experiment", item: Item) -> DataError | None:
    """Say that an item's bytes were cleaned or deleted; None where they were not."""
    location = experiment.store.location(item.content.sha256)
    match None if location is None else location.state:
        case LocationState.CLEANED:
            return DataError(
                f"The data of {shown(item.name)} were cleaned.",
                remedy="Run the workflow up to the node that made them.",
            )
        case LocationState.DELETED:
            return DataError(
                f"The data of {shown(item.name)} were deleted.",
                remedy="Import the file again, or run what made it again.",
            )
    return None


def _role(item: Item) -> str:
    kind = item.info.kind
    return str(kind) if kind in _SHOWN else ""


def _ancestors(experiment: "Experiment", item: Item) -> Iterable[Item]:
    """Go through what an item was made from, the nearest first, each once."""
    store, seen = experiment.store, {item.id}
    waiting = [item]
    for _ in range(_MOST_STEPS):
        if not waiting:
            return
        step = store.step(waiting.pop(0).id)
        if _is_of_group(step):
            continue
        for one in step.consumed:
            if one.item.id not in seen:
                seen.add(one.item.id)
                waiting.append(one.item)
                yield one.item


def _made_from(experiment: "Experiment", item: Item) -> list[Item]:
    """Return what the newest run made of an item, the last of each role."""
    store = experiment.store
    made_by: dict[str, list[Item]] = {}
    seen, waiting = {item.id}, [item]
    for _ in range(_MOST_STEPS):
        if not waiting:
            break
        for job, made in store.made_from(waiting.pop(0).id):
            if not made or _is_of_group(store.step(made[0].id)):
                continue
            new = [one for one in made if one.id not in seen]
            seen |= {one.id for one in new}
            waiting += new
            made_by.setdefault(str(job.run), []).extend(new)
    for summary in store.runs():
        if made := made_by.get(str(summary.id), []):
            last = {_role(one): one for one in made}
            return [one for role, one in last.items() if role not in ("", "image")]
    return []


def _is_of_group(step: LineageStep) -> bool:
    """Say whether a job took several items on one edge: they are of many images."""
    return len({one.edge for one in step.consumed}) < len(step.consumed)


def _in_file(path: Path, selector: str) -> DataInfo:
    from bioimageit_flow.formats import probe
    from bioimageit_flow.formats.selector import chosen_series

    info = probe(path)
    return (
        info.series[chosen_series(selector, len(info.series))] if info.series else info
    )


def paired(
    experiment: "Experiment", first: Sequence[Item], second: Sequence[Item]
) -> list[tuple[Item, Item]]:
    """Pair items of two nodes or runs by the raw items that they descend from.

    One item on each side is a pair whatever they are. Where several of one side have
    the same raw items, those whose swept values and parts agree meet.
    """
    if len(first) == len(second) == 1:
        return [(first[0], second[0])]
    roots = experiment.store.roots([one.id for one in (*first, *second)])
    by_root: dict[frozenset[object], list[Item]] = {}
    for one in second:
        by_root.setdefault(frozenset(roots[one.id]), []).append(one)
    pairs = []
    for one in first:
        partners = by_root.get(frozenset(roots[one.id]), [])
        if len(partners) > 1:
            alike = [two for two in partners if _agrees(one, two)]
            partners = alike or partners
        if partners:
            pairs.append((one, partners[0]))
    return pairs


def _agrees(one: Item, other: Item) -> bool:
    both = one.annotations.keys() & other.annotations.keys()
    same = all(one.annotations[key] == other.annotations[key] for key in both)
    return same and one.part == other.part
