"""The seam to whatever keeps an experiment's metadata."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bioimageit_flow.model.annotation import View
from bioimageit_flow.model.data import AnnotationValue, Dataset, Item, Location
from bioimageit_flow.model.ids import ItemId, RunId, Sha256
from bioimageit_flow.model.lineage import JobFact, LineageRecord, LineageStep
from bioimageit_flow.model.run import (
    JobRecord,
    KnownResult,
    RunRecord,
    RunState,
    RunSummary,
)


@dataclass(frozen=True, slots=True)
class ExperimentFacts:
    """What a store says of its experiment."""

    uuid: str
    name: str
    created: datetime
    schema_version: int
    is_read_only: bool


@dataclass(frozen=True, slots=True)
class NewRawItem:
    """A raw item to be added, with the place where its content lies."""

    item: Item
    location: Location


class Store(Protocol):
    """Metadata of one experiment: items, annotations, runs, lineage.

    Writing methods are atomic: all or nothing, durable when they return. They raise
    `StoreError` with a remedy when the experiment is read-only, the disk is full or the
    store stays locked by somebody else. Methods may be called from any thread.
    """

    def facts(self) -> ExperimentFacts:
        """Return what is known of the experiment as a whole."""

    def close(self) -> None:
        """Let go of the database."""

    # Items

    def add_raw_items(self, items: Sequence[NewRawItem]) -> None:
        """Add imported items with their contents, locations and annotations."""

    def has_raw_item(
        self, dataset: str, content: Sha256, selector: str, name: str
    ) -> bool:
        """Say whether a dataset has this very item already."""

    def datasets(self) -> list[Dataset]:
        """List the datasets: raw ones by name, then processed ones by run."""

    def items(self, dataset: str | None = None) -> Iterator[Item]:
        """Go through the items of a dataset (all items for None), by name then id.

        Raises
        ------
        StoreError
            If there is no such dataset.
        """

    def item(self, item: ItemId) -> Item:
        """Return one item; `StoreError` if it is not there."""

    def find_items(self, text: str) -> list[Item]:
        """Return items whose id begins with a text (4 characters or more) or whose
        name or published path is that text.
        """

    def location(self, content: Sha256) -> Location | None:
        """Return where a content lies; a present location before a cleaned one."""

    def update_location(self, content: Sha256, location: Location) -> None:
        """Replace the location with the same path by a newer look at it."""

    # Annotations

    def annotate(
        self,
        values: Mapping[ItemId, Mapping[str, AnnotationValue | None]],
        *,
        user: str,
    ) -> None:
        """Set annotations (None removes a key), recording who, when, old and new."""

    def views(self, items: Iterable[ItemId]) -> dict[ItemId, View]:
        """Return the annotations that items see: their own and their ancestors'."""

    def roots(self, items: Iterable[ItemId]) -> dict[ItemId, frozenset[ItemId]]:
        """Return the raw items that items descend from; a raw item is its own root."""

    # Runs

    def begin_run(self, run: RunRecord) -> None:
        """Record that a run begins, and begin its chain of records."""

    def commit_jobs(self, jobs: Sequence[JobRecord]) -> None:
        """Commit finished attempts with their facts in one transaction.

        A done job makes items, locations, edge executions and a lineage record; a
        reused one makes new items that point to known contents; a failed one makes
        its attempt, its edge executions and a record.
        """

    def end_run(self, run: RunId, state: RunState, elapsed_s: float) -> None:
        """Record how a run ended."""

    def runs(self) -> list[RunSummary]:
        """List the runs, newest first."""

    def find_run(self, text: str) -> RunSummary:
        """Return the run whose id begins with a text, or whose folder or name it is
        (the newest of that name); ``last`` is the newest. `StoreError` if none.
        """

    def run_record(self, run: RunId) -> RunRecord:
        """Return a run as it began."""

    def jobs(self, run: RunId) -> list[JobRecord]:
        """Return the attempts of a run, in the order in which they were committed."""

    def known_results(
        self, fingerprints: Iterable[Sha256]
    ) -> dict[Sha256, KnownResult]:
        """Return, of these fingerprints, those that have a finished job all of whose
        contents are present somewhere; the newest such job.
        """

    def last_parts(
        self, workflow: str, node: str
    ) -> dict[frozenset[ItemId], Mapping[str, object]]:
        """Return the fingerprint parts of the last done or reused job of a node for
        each set of raw items, to explain why a job has to run again.
        """

    # Lineage

    def step(self, item: ItemId) -> LineageStep:
        """Return how an item came about."""

    def made_from(self, item: ItemId) -> list[tuple[JobFact, list[Item]]]:
        """Return the jobs that consumed an item, with what they made."""

    def records(self, run: RunId) -> Iterator[LineageRecord]:
        """Go through the chain of records of a run."""

    def verify_chain(self, run: RunId) -> list[str]:
        """Return a sentence for each record that does not follow from the one before."""
