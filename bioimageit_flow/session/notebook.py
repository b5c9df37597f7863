"""How experiments, runs and results show themselves in a notebook."""

import base64
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import ref

from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.annotation import Conflict, View
from bioimageit_flow.model.chosen import Selection
from bioimageit_flow.model.data import Dataset, Item
from bioimageit_flow.model.events import (
    JobEnded,
    JobStarted,
    Observer,
    Preparing,
    ProblemFound,
    RunEnded,
    RunEvent,
    RunStarted,
)
from bioimageit_flow.model.markup import Markup, bar, facts, table
from bioimageit_flow.model.markup import text as as_html
from bioimageit_flow.model.run import JobState

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment
    from bioimageit_flow.session.results import Result, Run

SHOWN_ITEMS = 12
SHOWN_DATASETS = 20
SHOWN_RUNS = 10
THUMBNAIL_PX = 64

_Shown = TypeVar("_Shown", Item, Dataset)

_PICTURES = 4
"""Thumbnails beside each dataset of an experiment."""


class ShownExperiment:
    """The part of `Experiment` that shows itself in a notebook."""

    def shown(self, one: _Shown) -> _Shown:
        """Return an item or dataset that shows itself with pictures."""
        whole = cast("Experiment", self)
        return replace(one, display=ExperimentDisplay(ref(whole)))

    def gallery(self: "Experiment", dataset: str) -> "Gallery":  # type: ignore[misc]
        """Return the items of a dataset as a table with thumbnails."""
        return Gallery(dataset, tuple(self.results_of(dataset)))

    def _repr_html_(self: "Experiment") -> str:  # type: ignore[misc]
        found = self.datasets()
        datasets = table(
            ["dataset", "kind", "items", ""],
            [
                (one.name, one.kind, one.count, _pictures(self, one))
                for one in found[:SHOWN_DATASETS]
            ],
        )
        if len(found) > SHOWN_DATASETS:
            datasets += f"<p>… and {len(found) - SHOWN_DATASETS} more datasets</p>"
        runs = self.runs()
        told = table(
            ["run", "state", "started", "jobs"],
            [_run_row(one) for one in runs[:SHOWN_RUNS]],
        )
        more = f"<p>… and {len(runs) - SHOWN_RUNS} more runs</p>"
        return (
            f"<div><b>{as_html(self.path.name)}</b> {as_html(self.path)}{datasets}"
            f"{told if runs else ''}{more if len(runs) > SHOWN_RUNS else ''}</div>"
        )


@dataclass(frozen=True, slots=True)
class ExperimentDisplay:
    """Shows items and datasets of an experiment with their pictures.

    It keeps nothing open: once the experiment is closed or gone, they show what they
    know themselves.
    """

    experiment: "ref[Experiment]"

    def item_html(self, item: Item) -> str:
        """Return an item with its thumbnail and all annotations that it sees."""
        experiment = self._opened()
        if experiment is None:
            return replace(item, display=None)._repr_html_()
        (result,) = experiment.results_for([item])
        return result_html(result)

    def dataset_html(self, dataset: Dataset) -> str:
        """Return the first items of a dataset as a table, and how many more it has."""
        experiment = self._opened()
        if experiment is None:
            return replace(dataset, display=None)._repr_html_()
        shown = items_table(_first_results(experiment, dataset, SHOWN_ITEMS))
        more = dataset.count - SHOWN_ITEMS
        rest = f"<p>… and {more} more</p>" if more > 0 else ""
        told = f"{dataset.kind}, {dataset.count} item{'s' * (dataset.count != 1)}"
        title = f"<b>{as_html(dataset.name)}</b> {told}"
        return f"<div>{title}{shown if dataset.count else ''}{rest}</div>"

    def _opened(self) -> "Experiment | None":
        experiment = self.experiment()
        return None if experiment is None or experiment.is_closed else experiment


def _first_results(
    experiment: "Experiment", dataset: Dataset, limit: int
) -> list["Result"]:
    # A page and not the whole: a dataset may have a million items.
    page = experiment.store.page(Selection(dataset=dataset.name), None, limit)
    return experiment.results_for(page)


def _pictures(experiment: "Experiment", dataset: Dataset) -> Markup:
    results = _first_results(experiment, dataset, _PICTURES)
    return Markup(" ".join(thumbnail(one).html for one in results if not one.missing))


@dataclass(frozen=True, slots=True)
class Gallery:
    """Items with thumbnails; shows itself in a notebook."""

    title: str
    results: tuple["Result", ...]
    experiment: "Experiment | None" = None

    def __len__(self) -> int:
        return len(self.results)

    def _repr_html_(self) -> str:
        shown = self.results[:SHOWN_ITEMS]
        more = len(self.results) - len(shown)
        rest = f"<p>… and {more} more</p>" if more > 0 else ""
        return f"<div><b>{as_html(self.title)}</b>{items_table(shown)}{rest}</div>"


def items_table(results: Sequence["Result"]) -> str:
    """Return results as a table: thumbnail, name, annotations."""
    keys = sorted({key for result in results for key in result.annotations})
    return table(
        ["", "name", "kind", *keys],
        [
            (
                thumbnail(result),
                result.name,
                result.item.info.kind,
                *(_shown(result.annotations, key) for key in keys),
            )
            for result in results
        ],
    )


def result_html(result: "Result") -> str:
    """Return one result with its thumbnail and its annotations."""
    info = result.item.info
    size = " x ".join(str(length) for length in info.shape)
    pairs: list[tuple[str, object]] = [("", thumbnail(result)), ("kind", info.kind)]
    if info.axes:
        pairs.append(("pixels", f"{info.axes} {size} {info.dtype}"))
    pairs += [(key, _shown(result.annotations, key)) for key in result.annotations]
    if result.item.excluded:
        pairs.append(("excluded", result.item.excluded))
    pairs += [("dataset", result.item.dataset), ("file", result.path)]
    return facts(result.name, pairs)


def thumbnail(result: "Result") -> Markup:
    """Return a small picture of a result; nothing where there is none."""
    from bioimageit_flow.formats import make_thumbnail
    from bioimageit_flow.session import pictures

    item = result.item
    if not item.info.kind.is_pixels:
        return Markup("")
    try:
        if result.missing is not None:
            raise result.missing
        if result.experiment is not None:
            png = pictures.thumbnail(result.experiment, item, THUMBNAIL_PX)
        else:
            png = make_thumbnail(
                result.path, item.selector, kind=item.info.kind, size=THUMBNAIL_PX
            )
    except FlowError as error:
        return Markup(f"<i>{as_html(error.message)}</i>")
    data = base64.b64encode(png).decode("ascii")
    name = as_html(result.name)
    return Markup(f'<img alt="{name}" src="data:image/png;base64,{data}">')


def run_html(run: "Run") -> str:
    """Return a run: state, jobs by node, what failed, and some of its results."""
    jobs = run.jobs()
    states = sorted({job.state for job in jobs})
    counts = Counter((job.node, job.state) for job in jobs)
    nodes = table(
        ["node", *states],
        [
            (node, *(counts[node, state] for state in states))
            for node in dict.fromkeys(job.node for job in jobs)
        ],
    )
    failed = [job for job in jobs if job.state is JobState.FAILED]
    messages = [(job.node, job.message) for job in failed[:10]]
    failures = table(["failed", "why"], messages)
    outputs = run.outputs()
    shown = ""
    if outputs:
        node, port = outputs[-1]
        some = run.results(node, port)[:4]
        shown = f"<p>{as_html(node)}.{as_html(port)}</p>{items_table(some)}"
    return (
        f"<div><b>{as_html(run.summary.folder)}</b> {as_html(run.state)}"
        f"{nodes}{failures if failed else ''}{shown}</div>"
    )


def _run_row(run: "Run") -> Sequence[object]:
    counts = run.summary.counts
    jobs = ", ".join(f"{number} {state}" for state, number in counts.items())
    started = run.summary.started.astimezone().strftime("%Y-%m-%d %H:%M")
    return run.summary.folder, run.state, started, jobs


def _shown(view: View, key: str) -> object:
    value = view.get(key)
    if isinstance(value, Conflict):
        return " | ".join(str(one) for one in value.values)
    return value


# Progress


@dataclass(slots=True)
class LiveProgress:
    """Follows a run with a progress bar in a notebook; an observer of runs."""

    expected: int = 0
    counts: Counter[JobState] = field(default_factory=Counter)
    words: str = ""
    problems: list[str] = field(default_factory=list)
    _handle: Any = None

    def __call__(self, event: RunEvent) -> None:
        """Take an event and show how far the run has come."""
        match event:
            case Preparing(node, words):
                self.words = f"{node}: {words}"
            case RunStarted():
                self.expected = sum(event.expected.values())
            case JobStarted(node, item):
                self.words = f"{node}: {item}"
            case JobEnded():
                self.counts[event.state] += 1
            case ProblemFound(problem):
                self.problems.append(problem.text)
            case RunEnded(state):
                self.words = str(state)
            case _:
                return
        self._show()

    def _repr_html_(self) -> str:
        done = self.counts.total()
        told = ", ".join(f"{number} {state}" for state, number in self.counts.items())
        problems = "".join(f"<p>{as_html(one)}</p>" for one in self.problems[:5])
        line = bar(done, max(self.expected, done), self.words)
        return f"<div>{line}<small>{as_html(told)}</small>{problems}</div>"

    def _show(self) -> None:
        if not is_notebook():
            return
        display: Any = import_module("IPython.display").display
        if self._handle is None:
            self._handle = display(self, display_id=True)
        else:
            self._handle.update(self)


def is_notebook() -> bool:
    """Say whether this process is the kernel of a notebook."""
    shell = sys.modules.get("IPython")
    found = shell.get_ipython() if shell is not None else None
    return found is not None and hasattr(found, "kernel")


def default_observer() -> Observer:
    """Return a live progress bar in a notebook, and nothing elsewhere."""
    return LiveProgress() if is_notebook() else _ignore


def _ignore(_event: RunEvent) -> None:
    pass
