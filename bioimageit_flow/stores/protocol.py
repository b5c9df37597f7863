"""The seam to whatever keeps an experiment's metadata.

A store keeps what is known of items, annotations, runs and lineage; the files
themselves are none of its business. Implementations pass the contract tests of
`bioimageit_flow.testing.store`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bioimageit_flow.stores.decisions import Decisions
from bioimageit_flow.stores.shared_work import SharedWork

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from bioimageit_flow.model.annotation import View
    from bioimageit_flow.model.data import AnnotationValue, Dataset, Item, Location
    from bioimageit_flow.model.ids import ItemId, JobId, RunId, Sha256
    from bioimageit_flow.model.lineage import JobFact, Kin, LineageRecord, LineageStep
    from bioimageit_flow.model.problem import Problem
    from bioimageit_flow.model.run import (
        JobRecord,
        KnownResult,
        Machine,
        Outcome,
        RunRecord,
        RunState,
        RunSummary,
    )

DAMAGED = "damaged"
"""Code of the problem that a store cannot be read through."""


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


class Store(Decisions, SharedWork, Protocol):
    """Metadata of one experiment: items, annotations, runs, lineage.

    Writing methods are atomic: all or nothing, durable when they return. They raise
    `StoreError` with a remedy when the experiment is read-only, the disk is full, the
    store stays locked by somebody else, or what they are told does not fit what is
    known (an item that is not there, a job that is there already). Reading methods
    raise `StoreError` for ids that are not there. Methods may be called from any
    thread; iterators hold nothing open between two items, so that one may write while
    iterating, and go through what was there when they were asked for.

    Times given are aware of their time zone; times returned are UTC.
    """

    def facts(self) -> ExperimentFacts:
        """Return what is known of the experiment as a whole."""

    def close(self) -> None:
        """Let go of the database; every later call raises `StoreError`."""

    # Items

    def add_raw_items(self, items: Sequence[NewRawItem]) -> None:
        """Add imported items with their contents, locations and annotations.

        The origin of each is `Imported`; its dataset is made when it is the first.
        A dataset name is refused when it is empty or has a slash.
        """

    def has_raw_item(
        self, dataset: str, content: Sha256, selector: str, name: str
    ) -> bool:
        """Say whether a dataset has this very item already."""

    def raw_items_named(
        self, dataset: str, names: Iterable[str]
    ) -> set[tuple[Sha256, str, str]]:
        """Return content, selector and name of the raw items that are called so.

        Of a dataset that is not there it is nothing.
        """

    def datasets(self) -> list[Dataset]:
        """List the datasets: raw ones by name, then processed ones by run and name.

        The name of a processed dataset is ``<run folder>/<node>/<port>``.
        """

    def items(self, dataset: str | None = None) -> Iterator[Item]:
        """Go through the items of a dataset (all for None), by name, then as added.

        Raises
        ------
        StoreError
            If there is no such dataset.
        """

    def item(self, item: ItemId) -> Item:
        """Return one item; `StoreError` if it is not there."""

    def items_by_id(self, items: Iterable[ItemId]) -> dict[ItemId, Item]:
        """Return items by their ids; `StoreError` if one is not there."""

    def find_items(self, text: str) -> list[Item]:
        """Return the items that a text means, by name, then as added.

        The text is the beginning of an id (4 characters or more), a name, or the path
        where an item was published, relative to the experiment with forward slashes.
        """

    def items_with_content(self, content: Sha256) -> list[Item]:
        """Return the items that have a content, in the order they were added."""

    def location(self, content: Sha256) -> Location | None:
        """Return where a content lies; a present location before a cleaned one."""

    def locations(self, contents: Iterable[Sha256]) -> dict[Sha256, Location]:
        """Return where contents are present, each as `location` would; quick for many.

        Those that lie nowhere any more are left out.
        """

    def update_location(self, content: Sha256, location: Location) -> None:
        """Replace the location with the same path by a newer look at it.

        A content that was not known to lie there gets one location more. Another
        content that was known to lie there is known to be cleaned from there.
        """

    def recorded_paths(self, paths: Iterable[str]) -> set[str]:
        """Return which of these paths are locations of some content.

        Files of the experiment that are not are leftovers of a crash. The folder of the
        results of a run that is recorded counts as well: ``results/<folder>``.
        """

    # Annotations

    def annotate(
        self,
        values: Mapping[ItemId, Mapping[str, AnnotationValue | None]],
        *,
        user: str,
    ) -> None:
        """Set annotations (None removes a key), recording who, when, old and new.

        A value that is the same already makes no record.
        """

    def views(self, items: Iterable[ItemId]) -> dict[ItemId, View]:
        """Return the annotations that items see: their own and their ancestors'.

        They are merged along the lineage by `model.annotation.merge`, as they are now.
        """

    def roots(self, items: Iterable[ItemId]) -> dict[ItemId, frozenset[ItemId]]:
        """Return the raw items that items descend from; a raw item is its own root."""

    # Runs

    def begin_run(self, run: RunRecord) -> None:
        """Record that a run begins, and begin its chain of records."""

    def resume_run(self, run: RunId, machine: Machine, at: datetime) -> None:
        """Record that a run goes on: by whom and where, at which time."""

    def commit_jobs(self, jobs: Sequence[JobRecord]) -> None:
        """Commit finished attempts with their facts in one transaction.

        A done job makes items, locations, edge executions and a lineage record; a
        reused one makes new items that point to known contents; a failed one makes
        its attempt, its edge executions and a record. A job may consume what an
        earlier job of the same sequence made, and supersede one that failed or was
        cancelled. Their runs give up the claims on their fingerprints.
        """

    def end_run(self, run: RunId, state: RunState, elapsed_s: float) -> None:
        """Record how a run ended.

        Jobs may be committed again to a run that has ended (it was resumed), and it
        then ends again: each end is a record. What it has claimed is given up.
        """

    def runs(self) -> list[RunSummary]:
        """List the runs, newest first."""

    def find_run(self, text: str) -> RunSummary:
        """Return the run that a text means; `StoreError` if there is none.

        The text is ``last`` (the newest), the beginning of an id (4 characters or
        more; `StoreError` if several begin so), a folder, or a name (the newest so
        named).
        """

    def has_run(self, run: RunId) -> bool:
        """Say whether a run has begun, without a look at any other."""

    def run_record(self, run: RunId) -> RunRecord:
        """Return a run as it began."""

    def jobs(self, run: RunId) -> list[JobRecord]:
        """Return the attempts of a run, in the order in which they were committed."""

    def each_job(self, run: RunId) -> Iterator[JobRecord]:
        """Go through the attempts of a run as `jobs` returns them, page by page."""

    def outcomes(self, run: RunId) -> Iterator[Outcome]:
        """Go through what became of the jobs of a run: their last attempts, in order.

        It reads much less than `each_job` does.
        """

    def job(self, job: JobId) -> JobRecord:
        """Return one attempt; `StoreError` if it is not there."""

    def given(self, run: RunId) -> Iterator[Item]:
        """Go through what the jobs of a run took and none of them made, each once.

        Ordered by the job that took it first, then as added.
        """

    def ends(self, run: RunId) -> Iterator[Item]:
        """Go through what the jobs of a run made and none of them took, as made."""

    def known_results(
        self, fingerprints: Iterable[Sha256], *, with_cleaned: bool = False
    ) -> dict[Sha256, KnownResult]:
        """Return what is known to come out for these fingerprints.

        It is the newest done job of each fingerprint all of whose contents are present
        somewhere; else the job that somebody declared to serve it, newest word first;
        fingerprints without either are left out.

        With `with_cleaned`, contents whose bytes were cleaned count as well where there
        is nothing better; their locations say so.
        """

    def last_parts(
        self, workflow: str, node: str
    ) -> dict[frozenset[ItemId], Mapping[str, object]]:
        """Return the fingerprint parts that a node had last, to explain a miss.

        They are those of its last done or reused job in the runs of this workflow id,
        for each set of raw items that its jobs descended from.
        """

    # Lineage

    def step(self, item: ItemId, most: int | None = None) -> LineageStep:
        """Return how an item came about; of what its job was given `most` at most."""

    def made_from(
        self, item: ItemId, most: int | None = None
    ) -> list[tuple[JobFact, list[Item]]]:
        """Return the jobs that consumed an item, with what they made.

        Of many jobs the first `most` only; `takers` says how many there are.
        """

    def takers(self, item: ItemId) -> int:
        """Return how many jobs consumed an item."""

    def kin(self, item: ItemId, *, forward: bool = False) -> Kin:
        """Return how much an item came from, or (`forward`) was made from it."""

    def kin_jobs(self, item: ItemId, *, forward: bool = False) -> Iterator[JobRecord]:
        """Go through the jobs that `kin` counts, in order, page by page."""

    def raw_kin(self, item: ItemId) -> Iterator[Item]:
        """Go through the raw items that an item came from, page by page."""

    def history(self, item: ItemId) -> dict[ItemId, LineageStep]:
        """Return how an item, and everything that it came from, came about."""

    def progeny(self, item: ItemId) -> dict[ItemId, list[tuple[JobFact, list[Item]]]]:
        """Return `made_from` of an item and of everything that was made from it."""

    def records(self, run: RunId) -> Iterator[LineageRecord]:
        """Go through the chain of records of a run."""

    def problems(self) -> list[Problem]:
        """Return what does not hold in the store as a whole; nothing when all is well.

        The file is whole, the schema is as it should be, rows fit together, and the
        chain of changes is unbroken. The chain of each run is for `verify_chain`.
        """

    def verify_chain(self, run: RunId) -> list[str]:
        """Return a sentence for each record or fact of a run that was tampered with.

        Each record must follow from the one before, and attempts and facts must say
        what the records say.
        """
