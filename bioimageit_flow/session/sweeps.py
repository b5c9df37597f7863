"""What a sweep gave, as a board: a row per raw item, a column per setting.

Counts and, where there is a truth, scores stand in the cells. A truth is a numeric
annotation (a count), or a dataset of labels, points or tables that is paired with the
cells by raw ancestor, or else by the beginning of its names.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.annotation import Conflict
from bioimageit_flow.model.data import AnnotationValue, Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.session.results import Result, Run
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.file import read_document
from bioimageit_flow.workflow.sweeps import key_of, sweeps_of

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment

_TRUE_WORDS: Final = ("truth", "true", "gold", "manual", "expert")

Setting = tuple[AnnotationValue, ...]
"""A value for each swept key, in the order of `Board.keys`."""


@dataclass(frozen=True, slots=True)
class SweptKey:
    """One key that a sweep goes through.

    Attributes
    ----------
    node, parameter : str
        Where the sweep stands in the workflow.
    """

    key: str
    node: str
    parameter: str


@dataclass(frozen=True, slots=True)
class Row:
    """What the cells of a row have in common: the raw items they descend from."""

    roots: frozenset[ItemId]
    name: str
    annotations: Mapping[str, AnnotationValue]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is taken as true.

    Attributes
    ----------
    name : str
        A key, or a dataset.
    is_key : bool
        Whether it is an annotation.
    """

    name: str
    is_key: bool

    @property
    def is_named_so(self) -> bool:
        """Whether its name says that it is true; a replicate is a number as well."""
        lower = self.name.lower()
        return any(word in lower for word in _TRUE_WORDS)


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """The results of one port of a node, by row and by setting.

    Attributes
    ----------
    workflow_id : str
        Of the workflow that ran.
    keys : tuple of SweptKey
        What was swept.
    settings : tuple of Setting
        The columns, in order.
    cells : mapping
        By number of row and number of column.
    truths : tuple of Truth
        What could be taken as true.
    """

    run: Run
    node: str
    port: str
    workflow_id: str
    keys: tuple[SweptKey, ...]
    rows: tuple[Row, ...]
    settings: tuple[Setting, ...]
    cells: Mapping[tuple[int, int], Result]
    truths: tuple[Truth, ...] = field(default=())

    def setting_words(self, column: int) -> str:
        """Return a setting in words, such as ``sigma = 2, threshold = 4``."""
        values = zip(self.keys, self.settings[column], strict=True)
        return ", ".join(f"{key.key} = {_words(value)}" for key, value in values)


def sweep_board(run: Run, node: str, port: str = "") -> Board:
    """Return the board of a node that is swept, or lies below a sweep.

    Parameters
    ----------
    port : str, optional
        By default the first with labels, points or tracks, else the first.

    Raises
    ------
    StoreError
        If the node has no results, or no sweep is above it.
    """
    experiment = run.experiment
    text = experiment.store.run_record(run.summary.id).workflow_text
    document = read_document(text)
    own_port = port or _port(run, node)
    results = run.results(node, own_port)
    keys = [
        one
        for one in _swept(document)
        if any(_plain(result, one.key) is not None for result in results)
    ]
    if not keys:
        raise StoreError(
            f"The results of {node} were not made with different settings.",
            remedy="Give a parameter several values (a sweep), and run again.",
        )
    by_setting: dict[Setting, None] = {}
    placed: list[tuple[frozenset[ItemId], Setting, Result]] = []
    roots = experiment.store.roots([result.item.id for result in results])
    for result in results:
        values = [_plain(result, one.key) for one in keys]
        if any(value is None for value in values):
            continue
        setting = tuple(value for value in values if value is not None)
        by_setting[setting] = None
        placed.append((roots[result.item.id], setting, result))
    settings = sorted(by_setting, key=lambda one: [_order(value) for value in one])
    rows = _rows(experiment, dict.fromkeys(root for root, _, _ in placed))
    row_of = {row.roots: place for place, row in enumerate(rows)}
    column_of = {setting: place for place, setting in enumerate(settings)}
    cells: dict[tuple[int, int], Result] = {}
    for root, setting, result in placed:
        cells.setdefault((row_of[root], column_of[setting]), result)
    swept = {one.key for one in keys}
    return Board(
        run,
        node,
        own_port,
        str(document.id),
        tuple(keys),
        tuple(rows),
        tuple(settings),
        cells,
        tuple(_truths(experiment, rows, swept)),
    )


def truth_numbers(board: Board, truth: Truth) -> dict[int, float]:
    """Return the true count of each row, where it is an annotation."""
    return {
        place: float(value)
        for place, row in enumerate(board.rows)
        if isinstance(value := row.annotations.get(truth.name), int | float)
        and not isinstance(value, bool)
    }


def truth_items(board: Board, truth: Truth) -> dict[int, Item]:
    """Return the true item of each row, where it is a dataset.

    Items meet by raw ancestor. A truth that was imported on its own meets the row with
    which it agrees on all annotations that both have, or else that one of whose names
    begins with the other's, where only one does; one truth meets a single row.
    """
    experiment = board.run.experiment
    items = experiment.items(truth.name)
    roots = experiment.store.roots([item.id for item in items])
    found: dict[int, Item] = {}
    for place, row in enumerate(board.rows):
        ways = (
            [item for item in items if roots[item.id] & row.roots],
            [item for item in items if _agrees(item, row)],
            [item for item in items if _same_name(item.name, row.name)],
            items if len(board.rows) == 1 else [],
        )
        meant = next((some for some in ways if len(some) == 1), None)
        if meant is not None:
            found[place] = meant[0]
    return found


def _agrees(item: Item, row: Row) -> bool:
    both = item.annotations.keys() & row.annotations.keys()
    return bool(both) and all(
        item.annotations[key] == row.annotations[key] for key in both
    )


def _port(run: Run, node: str) -> str:
    ports = [port for name, port in run.outputs() if name == node]
    if not ports:
        known = ", ".join(dict.fromkeys(name for name, _ in run.outputs())) or "none"
        raise StoreError(
            f"The run {run.summary.folder} has no results of a node {node!r}.",
            remedy=f"It has results of: {known}.",
        )
    wanted = (Kind.LABELS, Kind.POINTS, Kind.TRACKS)
    telling = [
        port for port in ports if run.results(node, port)[0].item.info.kind in wanted
    ]
    return (telling or ports)[0]


def _swept(document: Document) -> Iterator[SweptKey]:
    for name, node in document.nodes.items():
        for parameter, sweep in sweeps_of(node).items():
            yield SweptKey(key_of(parameter, sweep), name, parameter)


def _rows(experiment: "Experiment", roots: Iterable[frozenset[ItemId]]) -> list[Row]:
    made = []
    for some in roots:
        items = sorted(
            (experiment.store.item(one) for one in some), key=lambda item: item.name
        )
        first = items[0]
        view = experiment.annotations([first])[first.id]
        values = {
            key: value
            for key in view
            if (value := view.get(key)) is not None and not isinstance(value, Conflict)
        }
        more = f" + {len(items) - 1}" if len(items) > 1 else ""
        made.append(Row(some, first.name + more, values))
    return sorted(made, key=lambda row: row.name)


def _truths(
    experiment: "Experiment", rows: Sequence[Row], swept: set[str]
) -> Iterator[Truth]:
    """Yield what could be true; what is named so comes first."""
    numeric: dict[str, None] = {}
    for row in rows:
        for key, value in row.annotations.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                numeric[key] = None
    found = [Truth(key, is_key=True) for key in numeric if key not in swept]
    wanted = (Kind.LABELS, Kind.POINTS, Kind.TABLE)
    for dataset in experiment.datasets():
        if dataset.kind != "raw":
            continue
        first = experiment.page(dataset=dataset.name, excluded=False, limit=1)
        if first and first[0].info.kind in wanted:
            found.append(Truth(dataset.name, is_key=False))
    yield from sorted(found, key=lambda one: (not one.is_named_so, one.is_key))


def _same_name(one: str, other: str) -> bool:
    first, second = _stem(one), _stem(other)
    return bool(first and second) and (
        first.startswith(second) or second.startswith(first)
    )


def _stem(name: str) -> str:
    return PurePath(name).name.split(".")[0].lower()


def _plain(result: Result, key: str) -> AnnotationValue | None:
    value = result.annotations.get(key)
    return None if isinstance(value, Conflict) else value


def _order(value: AnnotationValue) -> tuple[bool, float, str]:
    is_text = isinstance(value, str)
    return is_text, 0.0 if is_text else float(value), str(value)


def _words(value: AnnotationValue) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
