"""Everything that one run did, read once: what exports and reports tell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.data import Imported, Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.run import JobRecord, JobState, RunRecord, RunSummary
from bioimageit_flow.model.tool import InstalledTool
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.workflow.document import Document, Edge, Source
from bioimageit_flow.workflow.expand import expand_subworkflows
from bioimageit_flow.workflow.file import read_document

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
    """

    record: RunRecord
    summary: RunSummary
    document: Document
    jobs: tuple[JobRecord, ...]
    items: Mapping[ItemId, Item]
    tools: Mapping[str, InstalledTool]

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


def read_story(store: Store, catalogue: Catalogue, run: RunSummary) -> RunStory:
    """Read everything that a run did.

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
    for job in jobs:
        for edge in job.consumed:
            if edge.item not in items:
                items[edge.item] = store.item(edge.item)
    document = _document(record)
    tools = {}
    for ref in dict.fromkeys([*_drawn_tools(document), *(job.tool for job in jobs)]):
        try:
            tools[ref] = catalogue.get(ref)
        except FlowError:  # no longer to be had: its name must do
            continue
    return RunStory(record, run, document, jobs, items, tools)


def raw_source(item: Item) -> Path | None:
    """Return where a raw item was imported from."""
    return Path(item.origin.source) if isinstance(item.origin, Imported) else None


def _drawn_tools(document: Document) -> list[str]:
    return [node.tool for node in document.nodes.values() if node.tool]


def _document(record: RunRecord) -> Document:
    document = read_document(record.workflow_text)
    try:
        return expand_subworkflows(document, None)
    except FlowError:  # a subworkflow in a file of its own that has gone
        return document
