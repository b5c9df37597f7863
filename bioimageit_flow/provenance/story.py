"""Everything that one run did: what exports and reports tell.

What is large is not held: jobs, items and results are read as they are gone through.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.data import Imported, Item, Produced
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.run import JobRecord, JobState, RunRecord, RunSummary
from bioimageit_flow.model.tool import InstalledTool
from bioimageit_flow.provenance.deeds import Deeds, StoredDeeds
from bioimageit_flow.provenance.given import Given
from bioimageit_flow.provenance.tally import Tally, tally_of
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
    deeds : Deeds
        Its attempts, with what they consumed and made.
    tools : mapping of str to InstalledTool
        By reference, those that are still to be had.
    tally : Tally
        What all its jobs have in common.
    at_start : Given
        What went in, as the run saw it where that is still known.
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
    deeds: Deeds
    tools: Mapping[str, InstalledTool]
    tally: Tally
    at_start: Given = field(default_factory=Given)
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

    @property
    def jobs(self) -> Iterable[JobRecord]:
        """Its attempts as they were committed; ask anew to go through them again."""
        return self.deeds.jobs()

    @property
    def items(self) -> Mapping[ItemId, Item]:
        """What the jobs consumed and made; quickest for the job at hand."""
        return self.deeds.items

    def successful(self) -> Iterator[JobRecord]:
        """Go through the jobs that made something, reused ones included."""
        return (job for job in self.jobs if job.state in _MADE)

    def given(self) -> Iterator[Item]:
        """Go through the items that the run was given, each once."""
        return self.deeds.given()

    def results(self) -> Iterator[tuple[str, Item]]:
        """Go through what the workflow gave, with the name of the output.

        A workflow that names none gives all that no node of it took further.
        """
        named: dict[str, list[str]] = {}
        for name, source in self.document.outputs.items():
            named.setdefault(source, []).append(name)
        if not named:
            for item in self.deeds.ends():
                yield _source_of(item), item
            return
        for job in self.successful():
            for made in job.produced:
                for name in named.get(str(Source(node=job.node, port=made.port)), ()):
                    yield name, self.items[made.id]

    def output_names(self) -> list[str]:
        """Return the names of `results`, those of the workflow in its order."""
        return list(self.document.outputs) or list(
            dict.fromkeys(name for name, _ in self.results())
        )

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
    deeds = StoredDeeds(store, run.id)
    document = document_of(record)
    at_start = Given(frozenset(document.inputs))
    tally = tally_of(_noted(deeds.jobs(), at_start))
    tools = tools_named(catalogue, [*_drawn_tools(document), *tally.tools])
    story = RunStory(record, run, document, deeds, tools, tally, at_start, scope=scope)
    at_start.look(store, (item.id for item in story.given()))
    if folder is not None:
        at_start.thaw(folder / "inputs.json")
    return replace(
        story,
        units={
            use.name: use.key.unit
            for use in store.key_uses()
            if use.key is not None and use.key.unit
        },
        asked={} if folder is None else _json_of(folder / "request.json"),
    )


def tools_named(
    catalogue: Catalogue, references: Iterable[str]
) -> dict[str, InstalledTool]:
    """Return tools by reference, those that are still to be had."""
    found: dict[str, InstalledTool] = {}
    for reference in dict.fromkeys(references):
        try:
            found[reference] = catalogue.get(reference)
        except FlowError:  # no longer to be had: its name must do
            continue
    return found


def _source_of(item: Item) -> str:
    """Return the port that gave an item: ``node.port``."""
    match item.origin:
        case Produced(_, node, port, _):
            return str(Source(node=node, port=port))
        case _:
            return ""


def _noted(jobs: Iterable[JobRecord], at_start: Given) -> Iterator[JobRecord]:
    """Go through jobs, and note what each was given."""
    for job in jobs:
        at_start.take(job)
        yield job


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
