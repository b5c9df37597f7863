"""Everything that one run did, read once: what exports and reports tell."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.annotation import Conflict
from bioimageit_flow.model.data import AnnotationValue, Imported, Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.run import JobRecord, JobState, RunRecord, RunSummary
from bioimageit_flow.model.tool import InstalledTool
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.workflow.document import Document, Edge, Source
from bioimageit_flow.workflow.expand import expand_subworkflows
from bioimageit_flow.workflow.file import read_document

FILES_SOURCE = "files"
"""The source of the edge over which the file of a parameter comes."""

_MADE = frozenset({JobState.DONE, JobState.REUSED})


@dataclass(frozen=True, slots=True)
class RunStory:
    """One run with its jobs, items and tools.

    Attributes
    ----------
    record : RunRecord
        The run as it began.
    summary : RunSummary
        How it ended.
    document : Document
        The workflow that ran, with subworkflows replaced by their nodes.
    jobs : tuple of JobRecord
        Its attempts, in the order in which they were committed.
    items : mapping of ItemId to Item
        What the jobs consumed and made.
    tools : mapping of str to InstalledTool
        By reference, those that are still to be had.
    inputs : mapping of ItemId to tuple of str
        The dataset inputs that took an item.
    views : mapping of ItemId to mapping
        Annotations of what went in, as the run saw them where that is still known.
    units : mapping of str to str
        Units of annotations by key.
    asked : mapping of str to object
        How the run was asked for, where that is still known.
    scope : str
        What tells its workflow from those of other runs in one crate; empty where it is
        the only one.
    earlier : tuple of RunStory
        Of earlier runs whose results it was given, the oldest first, with the jobs only
        that led to these; see `earlier.with_earlier`.
    """

    record: RunRecord
    summary: RunSummary
    document: Document
    jobs: tuple[JobRecord, ...]
    items: Mapping[ItemId, Item]
    tools: Mapping[str, InstalledTool]
    inputs: Mapping[ItemId, tuple[str, ...]] = field(default_factory=dict)
    views: Mapping[ItemId, Mapping[str, AnnotationValue]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, object] = field(default_factory=dict)
    scope: str = ""
    earlier: tuple["RunStory", ...] = ()

    @property
    def ended(self) -> datetime | None:
        """When it ended, if it has."""
        elapsed_s = self.summary.elapsed_s
        if elapsed_s is None:
            return None
        return self.record.started + timedelta(seconds=elapsed_s)

    def successful(self) -> Iterator[JobRecord]:
        """Go through the jobs that made something, reused ones included."""
        return (job for job in self.jobs if job.state in _MADE)

    def given(self) -> list[Item]:
        """Return the items that the run was given, each once: not made by itself."""
        made = {item.id for job in self.jobs for item in job.produced}
        found = {
            edge.item: self.items[edge.item]
            for job in self.jobs
            for edge in job.consumed
            if edge.item not in made
        }
        return list(found.values())

    def results(self) -> dict[str, list[Item]]:
        """Return the items of each named output of the workflow.

        A workflow that names none has all that no node of it took further.
        """
        taken = {edge.item for job in self.jobs for edge in job.consumed}
        by_source: dict[str, list[Item]] = {}
        for job in self.successful():
            for made in job.produced:
                source = str(Source(node=job.node, port=made.port))
                by_source.setdefault(source, []).append(self.items[made.id])
        if self.document.outputs:
            return {
                name: by_source.get(source, [])
                for name, source in self.document.outputs.items()
            }
        ends = {
            source: [item for item in items if item.id not in taken]
            for source, items in by_source.items()
        }
        return {source: items for source, items in ends.items() if items}

    def edges(self) -> list[Edge]:
        """Return the wires that items have passed or could have passed."""
        return self.document.edges()


def read_story(
    store: Store,
    catalogue: Catalogue,
    run: RunSummary,
    folder: Path | None = None,
    *,
    scope: str = "",
) -> RunStory:
    """Read everything that a run did.

    Parameters
    ----------
    folder : Path, optional
        The folder of the run, where it keeps what it was given as it was then.
    scope : str
        See `RunStory.scope`.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    record = store.run_record(run.id)
    jobs = tuple(store.jobs(run.id))
    items: dict[ItemId, Item] = {}
    for dataset in store.datasets():
        if dataset.name.startswith(f"{record.folder}/"):
            items |= {item.id: item for item in store.items(dataset.name)}
    consumed = {edge.item for job in jobs for edge in job.consumed}
    items |= store.items_by_id(sorted(consumed - items.keys()))
    document = document_of(record)
    tools = {}
    for ref in dict.fromkeys([*_drawn_tools(document), *(job.tool for job in jobs)]):
        try:
            tools[ref] = catalogue.get(ref)
        except FlowError:  # no longer to be had: its name must do
            continue
    story = RunStory(record, run, document, jobs, items, tools, scope=scope)
    given = [item.id for item in story.given()]
    views = {
        item: {k: v for k, v in view.items() if not isinstance(v, Conflict)}
        for item, view in store.views(given).items()
    }
    inputs = _inputs(story)
    frozen = {} if folder is None else _json_of(folder / "inputs.json")
    _thaw(frozen, inputs, views)
    return replace(
        story,
        inputs={item: tuple(names) for item, names in inputs.items()},
        views=views,
        units={
            use.name: use.key.unit
            for use in store.key_uses()
            if use.key is not None and use.key.unit
        },
        asked={} if folder is None else _json_of(folder / "request.json"),
    )


def _inputs(story: RunStory) -> dict[ItemId, list[str]]:
    """Return over which inputs items came, as the edges tell."""
    found: dict[ItemId, list[str]] = {}
    for job in story.jobs:
        for edge in job.consumed:
            source = edge.edge.partition(" -> ")[0]
            name = edge.edge if source == FILES_SOURCE else source
            if source in story.document.inputs or source == FILES_SOURCE:
                names = found.setdefault(edge.item, [])
                if name not in names:
                    names.append(name)
    return found


def _thaw(
    frozen: Mapping[str, object],
    inputs: dict[ItemId, list[str]],
    views: dict[ItemId, dict[str, AnnotationValue]],
) -> None:
    """Put in what the run noted when it began: it knows best."""
    listed = frozen.get("inputs")
    for name, entries in (listed if isinstance(listed, dict) else {}).items():
        for entry in entries if isinstance(entries, list) else ():
            item = entry.get("item") if isinstance(entry, dict) else None
            if item not in views:
                continue
            names = inputs.setdefault(item, [])
            if name not in names:
                names.append(name)
            seen = entry.get("annotations")
            if isinstance(seen, dict):
                views[item] = {
                    key: value
                    for key, value in seen.items()
                    if isinstance(value, bool | int | float | str)
                }


def _json_of(path: Path) -> Mapping[str, object]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # an early or a tidied run: the store must do
        return {}
    return value if isinstance(value, dict) else {}


def raw_source(item: Item) -> Path | None:
    """Return where a raw item was imported from."""
    return Path(item.origin.source) if isinstance(item.origin, Imported) else None


def _drawn_tools(document: Document) -> list[str]:
    return [node.tool for node in document.nodes.values() if node.tool]


def document_of(record: RunRecord) -> Document:
    """Return the workflow of a run, with subworkflows replaced by their nodes."""
    document = read_document(record.workflow_text)
    try:
        return expand_subworkflows(document, None)
    except FlowError:  # a subworkflow in a file of its own that has gone
        return document
