"""Binding: the items of the experiment that a run puts on its dataset inputs."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from bioimageit_flow.engine.bound_items import BoundItems
from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.errors import FlowError, QueryError, StoreError
from bioimageit_flow.model.annotation import View
from bioimageit_flow.model.data import DataInfo, DatasetKind, Item, Produced
from bioimageit_flow.model.ids import ItemId, RunId
from bioimageit_flow.model.kinds import Kind, reads, takes, takes_axes
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.query import Facts, facts_of
from bioimageit_flow.model.selection import Binding, read_binding
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.workflow.document import DatasetInput, Document

MAX_NAMED = 5

PAGE = 2000
"""How many items are read together; more would only take memory."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What the dataset inputs of a run are bound to.

    Attributes
    ----------
    items : mapping of str to BoundItems
        By dataset input.
    words : mapping of str to str
        In words, for people and for the record.
    excluded : mapping of str to str
        What stays out of every run, by name, with the reason that somebody gave.
    """

    items: Mapping[str, BoundItems]
    words: Mapping[str, str]
    problems: tuple[Problem, ...]
    excluded: Mapping[str, str] = field(default_factory=dict)

    @property
    def parted(self) -> frozenset[str]:
        """Dataset inputs several of whose items descend from the same raw item."""
        return frozenset(name for name, some in self.items.items() if some.is_parted)


def bind(
    document: Document,
    bindings: Mapping[str, str],
    store: Store,
    finder: ContentFinder,
    *,
    is_asked: bool = True,
) -> Bound:
    """Return the items on each dataset input, and every problem with them.

    Parameters
    ----------
    document : Document
        The workflow.
    bindings : mapping of str to str
        What each dataset input takes, as `read_binding` reads it.
    is_asked : bool
        Whether a query will ask for facts of the items, which take much memory.
    """
    excluded: dict[str, str] = {}
    bound: dict[str, BoundItems] = {}
    words: dict[str, str] = {}
    problems: list[Problem] = []
    datasets = store.datasets()
    names = {dataset.name for dataset in datasets}
    raw = [one.name for one in datasets if one.kind is DatasetKind.RAW]
    known = ", ".join(raw) or "none yet"
    for name in bindings:
        if name not in document.inputs:
            inputs = ", ".join(document.inputs) or "none"
            text = f"The workflow has no dataset input {name!r} (it has: {inputs})."
            problems.append(_error("unknown-input", text, name, "Correct --bind."))
    reading = _Reading(store, raw, is_asked=is_asked)
    for name, entry in document.inputs.items():
        bound[name] = BoundItems(name)
        if name not in bindings:
            fix = f"Use --bind {name}=DATASET (datasets: {known})."
            text = f"The dataset input {name!r} is not bound."
            problems.append(_error("unbound-input", text, name, fix))
            continue
        words[name] = bindings[name]
        items, fit, count = BoundItems(name), _Fit(name, entry, finder), 0
        for page in _until_error(reading.pages(bindings[name], names)):
            if isinstance(page, FlowError):
                problems.append(_refused(name, page, known))
                break
            taken = [item for item in page if not item.excluded]
            excluded |= {one.name: one.excluded for one in page if one.excluded}
            reading.put(taken, items)
            fit.look_at(taken)
            count += len(page)
        else:
            items.arrange()
            bound[name] = items
            out = count - len(items)
            left = f", {out} excluded" if out else ""
            if out == count:
                text = f"{bindings[name]!r} has no items for the input {name!r}{left}."
                fix = "Import files, or bind something else."
                problems.append(_error("empty-dataset", text, name, fix))
            words[name] = f"{bindings[name]} ({len(items)} items{left})"
            problems.extend(fit.problems)
    return Bound(bound, words, tuple(problems), excluded)


def _until_error(pages: Iterable[list[Item]]) -> Iterator[list[Item] | FlowError]:
    """Yield pages, and in the end the error that nothing follows."""
    try:
        yield from pages
    except FlowError as error:
        yield error


def _refused(name: str, error: FlowError, known: str) -> Problem:
    is_unknown = isinstance(error, StoreError) and "dataset" in error.message
    fix = f"Datasets are: {known}." if is_unknown else error.remedy
    text = f"The input {name!r}: {error.message}"
    code = "query" if isinstance(error, QueryError) else "unknown-dataset"
    return _error(code, text, name, fix)


class _Reading:
    """Reads items and what they see, page by page.

    Parameters
    ----------
    raw : sequence of str
        The names of all raw datasets.
    is_asked : bool
        Whether a query of the workflow will ask for facts of the items.
    """

    def __init__(self, store: Store, raw: Sequence[str], *, is_asked: bool) -> None:
        self._store = store
        self._raw = raw
        self._is_asked = is_asked
        self._runs: dict[RunId, tuple[str, str]] | None = None
        self._views: Mapping[ItemId, View] = {}

    def pages(self, text: str, datasets: Collection[str]) -> Iterator[list[Item]]:
        """Yield the items that the text of a binding means.

        Raises
        ------
        StoreError
            If there is no such dataset or item.
        QueryError
            If a regular expression takes too long.
        """
        binding = read_binding(text, datasets)
        items = self._items(binding)
        while page := list(islice(items, PAGE)):
            self._views = self._store.views([item.id for item in page])
            if binding.where is not None:
                where = binding.where
                page = [
                    item
                    for item in page
                    if where.matches(self._views[item.id], self._facts(item))
                ]
            yield page

    def put(self, page: Sequence[Item], bound: BoundItems) -> None:
        """Put items of the last page on a dataset input."""
        roots = self._store.roots([item.id for item in page])
        for item in page:
            facts = self._facts(item) if self._is_asked else None
            bound.add(item, self._views[item.id], roots[item.id], facts)

    def _items(self, binding: Binding) -> Iterator[Item]:
        if binding.ids:
            yield from (_one_item(text, self._store) for text in binding.ids)
            return
        for name in binding.datasets or self._raw:
            yield from self._store.items(name)

    def _facts(self, item: Item) -> Facts:
        """Return what queries can ask of an item; a run also by its folder and name."""
        if not isinstance(item.origin, Produced):
            return facts_of(item, ())
        if self._runs is None:
            runs = self._store.runs()
            self._runs = {run.id: (run.folder, run.name) for run in runs}
        return facts_of(item, self._runs[item.origin.run])


def _one_item(text: str, store: Store) -> Item:
    found = store.find_items(text)
    if len(found) != 1:
        raise StoreError(
            f"{text!r} is {'no item' if not found else f'{len(found)} items'}.",
            remedy="Give the ids that `bioimageit-flow items` lists.",
        )
    return found[0]


class _Fit:
    """Whether items are what a dataset input takes, and their files are there."""

    def __init__(self, name: str, entry: DatasetInput, finder: ContentFinder) -> None:
        self._name = name
        self._entry = entry
        self._finder = finder
        self._refused: dict[str, list[str]] = {}
        self._missing: list[Problem] = []

    def look_at(self, items: Sequence[Item]) -> None:
        """Look at some items."""
        self._finder.expect(item.content for item in items)
        for item in items:
            reason = _misfit(self._entry, item.info)
            if reason:
                self._refused.setdefault(reason, []).append(item.name)
            try:
                self._finder.check(item.content)
            except FlowError as error:
                text, fix = error.message, error.remedy
                found = _error("missing-file", text, self._name, fix, item.name)
                self._missing.append(found)

    @property
    def problems(self) -> Iterator[Problem]:
        """What is wrong with the items seen so far."""
        yield from self._missing
        for reason, names in self._refused.items():
            shown = ", ".join(names[:MAX_NAMED])
            left = len(names) - MAX_NAMED
            more = f" and {left} more" if left > 0 else ""
            text = f"The input {self._name!r} cannot take {shown}{more}: {reason}."
            fix = "Bind another dataset, or leave these items out of it."
            yield _error("item-misfit", text, self._name, fix, names[0])


def _misfit(entry: DatasetInput, info: DataInfo) -> str:
    if not _kind_fits(entry.kind, info):
        if entry.kind is Kind.LABELS and info.kind is Kind.IMAGE:
            return f"labels need whole numbers, the pixels are {info.dtype}"
        return f"it takes {entry.kind}, this is {info.kind}"
    if not info.series and not takes_axes(entry.axes, info.axes):
        return f"it takes axes {' or '.join(entry.axes)}, this has {info.axes}"
    if not reads(entry.formats, info.format, is_image=info.axes is not None):
        return f"it takes {' or '.join(entry.formats)}, this is {info.format}"
    return ""


def _kind_fits(wanted: Kind, info: DataInfo) -> bool:
    """Say whether a raw item fits an input.

    A file does not say whether its pixels are an image or labels, or what the rows of
    a table are, so that pixels of whole numbers can be either.
    """
    if wanted is Kind.LABELS and info.kind is Kind.IMAGE:
        return info.dtype is not None and info.dtype.startswith(("int", "uint", "bool"))
    if wanted.is_tabular:
        return info.kind.is_tabular
    return takes(wanted, info.kind) or wanted is Kind.MODEL


def _error(code: str, text: str, port: str, fix: str, item: str = "") -> Problem:
    return Problem(code, Severity.ERROR, text, port=port, item=item, fix=fix)
