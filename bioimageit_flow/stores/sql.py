"""The SQL store: metadata of an experiment in a SQLite file or on a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bioimageit_flow.errors import StoreError
from bioimageit_flow.stores import (
    ancestry,
    committing,
    known_results,
    migrations,
    reading,
    run_reading,
    runs,
    schema_version,
    writing,
)
from bioimageit_flow.stores.database import BUSY_TIMEOUT_S
from bioimageit_flow.stores.databases import Place, database_at
from bioimageit_flow.stores.fault_points import fault_point
from bioimageit_flow.stores.homes import Home, homes_from, homes_text
from bioimageit_flow.stores.protocol import ExperimentFacts, NewRawItem
from bioimageit_flow.stores.rows import plain_rows
from bioimageit_flow.stores.sql_lineage import SqlLineage
from bioimageit_flow.stores.sql_shared_work import SqlSharedWork
from bioimageit_flow.stores.times import time_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from types import TracebackType

    from bioimageit_flow.model.annotation import View
    from bioimageit_flow.model.data import AnnotationValue, Dataset, Item, Location
    from bioimageit_flow.model.ids import ItemId, RunId, Sha256
    from bioimageit_flow.model.problem import Problem
    from bioimageit_flow.model.run import (
        JobRecord,
        KnownResult,
        Machine,
        RunRecord,
        RunState,
        RunSummary,
    )

_HOMES = "homes"


class SqlStore(SqlLineage, SqlSharedWork):
    """A `Store` in a database; several threads and processes may use it at once.

    Parameters
    ----------
    place : Path or Server
        The file, ``experiment.db`` in the folder of an experiment, or what names a
        database on a server.
    read_only : bool
        Open it without writing anything.
    has_wal : bool
        Whether write-ahead logging may be used: not on network file systems.
    busy_timeout_s : float
        How long a write waits for other processes.

    Raises
    ------
    StoreError
        If there is no such database, or it is not the store of an experiment.
    NewerVersionError
        If it was made by a newer version of the program.
    """

    def __init__(
        self,
        place: Place,
        *,
        read_only: bool = False,
        has_wal: bool = True,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
    ) -> None:
        self._database = database_at(
            place, read_only=read_only, has_wal=has_wal, busy_timeout_s=busy_timeout_s
        )
        missing = self._database.missing()
        if missing is not None:
            raise missing
        try:
            self._facts = self._open()
        except BaseException:
            self.close()
            raise

    @classmethod
    def create(cls, place: Place, name: str, *, has_wal: bool = True) -> SqlStore:
        """Make the store of a new experiment and open it.

        Raises
        ------
        StoreError
            If there is one already, or it cannot be written.
        """
        database = database_at(place, may_create=True, has_wal=has_wal)
        try:
            with database.writing() as connection:
                migrations.create(connection, name, database)
        finally:
            database.close()
        return cls(place, has_wal=has_wal)

    def _open(self) -> ExperimentFacts:
        database = self._database
        with database.reading() as connection:
            version = migrations.check(connection, database)
        if version != schema_version.SCHEMA_VERSION:
            if database.is_read_only:
                raise StoreError(
                    f"The experiment {database.place} was made by an older "
                    "version and is open for reading only.",
                    remedy="Open it once where you may write, to bring it up to date.",
                )
            with database.writing() as connection:
                migrations.upgrade(connection, database)
        database.settle()
        with database.reading() as connection:
            facts = dict(plain_rows(connection, "SELECT key, value FROM meta"))
        return ExperimentFacts(
            uuid=facts["uuid"],
            name=facts["name"],
            created=time_value(facts["created"]),
            schema_version=schema_version.SCHEMA_VERSION,
            is_read_only=database.is_read_only,
        )

    def discard(self) -> None:
        """Take back a new store, and let go of it."""
        self.close()
        self._database.discard()

    def __enter__(self) -> SqlStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def facts(self) -> ExperimentFacts:
        """Return what is known of the experiment as a whole."""
        return self._facts

    def homes(self) -> dict[str, Home]:
        """Return where the folder lies, by machine; see `stores.homes`."""
        with self._database.reading() as connection:
            return homes_from(migrations.meta_value(connection, _HOMES))

    def remember_home(self, host: str, home: Home) -> None:
        """Remember where the folder lies on a machine."""
        with self._database.writing() as connection:
            known = homes_from(migrations.meta_value(connection, _HOMES))
            text = homes_text(known | {host: home})
            migrations.set_meta(connection, {_HOMES: text})

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    # Items

    def add_raw_items(self, items: Sequence[NewRawItem]) -> None:
        """Add imported items; see `Store.add_raw_items`."""
        with self._database.writing() as connection:
            writing.add_raw_items(connection, items)

    def has_raw_item(
        self, dataset: str, content: Sha256, selector: str, name: str
    ) -> bool:
        """Say whether a dataset has this very item already."""
        with self._database.reading() as connection:
            return reading.has_raw_item(connection, dataset, content, selector, name)

    def raw_items_named(
        self, dataset: str, names: Iterable[str]
    ) -> set[tuple[Sha256, str, str]]:
        """Return content, selector and name of the raw items that are called so."""
        with self._database.reading() as connection:
            return reading.raw_items_named(connection, dataset, names)

    def datasets(self) -> list[Dataset]:
        """List the datasets: raw ones by name, then processed ones by run and name."""
        with self._database.reading() as connection:
            return reading.datasets(connection)

    def items(self, dataset: str | None = None) -> Iterator[Item]:
        """Go through the items of a dataset (all for None), by name, then as added."""
        with self._database.reading() as connection:
            sequence = reading.item_sequence(connection, dataset)
        return self._items(sequence)

    def item(self, item: ItemId) -> Item:
        """Return one item; `StoreError` if it is not there."""
        with self._database.reading() as connection:
            return reading.item(connection, item)

    def items_by_id(self, items: Iterable[ItemId]) -> dict[ItemId, Item]:
        """Return items by their ids; `StoreError` if one is not there."""
        with self._database.reading() as connection:
            return reading.items_of_ids(connection, items)

    def find_items(self, text: str) -> list[Item]:
        """Return the items that a text means; see `Store.find_items`."""
        with self._database.reading() as connection:
            return reading.find_items(connection, text)

    def items_with_content(self, content: Sha256) -> list[Item]:
        """Return the items that have a content, in the order they were added."""
        with self._database.reading() as connection:
            return reading.items_with_content(connection, content)

    def location(self, content: Sha256) -> Location | None:
        """Return where a content lies; a present location before a cleaned one."""
        with self._database.reading() as connection:
            return reading.location(connection, content)

    def locations(self, contents: Iterable[Sha256]) -> dict[Sha256, Location]:
        """Return where contents are present; see `Store.locations`."""
        with self._database.reading() as connection:
            return reading.present_locations(connection, contents)

    def update_location(self, content: Sha256, location: Location) -> None:
        """Replace the location with the same path; see `Store.update_location`."""
        with self._database.writing() as connection:
            writing.update_location(connection, content, location)

    def recorded_paths(self, paths: Iterable[str]) -> set[str]:
        """Return which of these paths are locations of some content."""
        with self._database.reading() as connection:
            return reading.recorded_paths(connection, paths)

    # Annotations

    def annotate(
        self,
        values: Mapping[ItemId, Mapping[str, AnnotationValue | None]],
        *,
        user: str,
    ) -> None:
        """Set annotations (None removes a key), recording who, when, old and new."""
        self.annotate_many(values.items(), user=user)

    def views(self, items: Iterable[ItemId]) -> dict[ItemId, View]:
        """Return the annotations that items see: their own and their ancestors'."""
        with self._database.reading() as connection:
            return ancestry.views(connection, items)

    def roots(self, items: Iterable[ItemId]) -> dict[ItemId, frozenset[ItemId]]:
        """Return the raw items that items descend from; a raw item is its own root."""
        with self._database.reading() as connection:
            return ancestry.roots(connection, items)

    # Runs

    def begin_run(self, run: RunRecord) -> None:
        """Record that a run begins, and begin its chain of records."""
        with self._database.writing() as connection:
            runs.begin_run(connection, run)

    def commit_jobs(self, jobs: Sequence[JobRecord]) -> None:
        """Commit finished attempts with their facts; see `Store.commit_jobs`."""
        with self._database.writing() as connection:
            committing.commit_jobs(connection, jobs)
            fault_point("jobs in transaction")

    def resume_run(self, run: RunId, machine: Machine, at: datetime) -> None:
        """Record that a run goes on."""
        with self._database.writing() as connection:
            runs.resume_run(connection, run, machine, at)

    def end_run(self, run: RunId, state: RunState, elapsed_s: float) -> None:
        """Record how a run ended."""
        with self._database.writing() as connection:
            runs.end_run(connection, run, state, elapsed_s)

    def runs(self) -> list[RunSummary]:
        """List the runs, newest first."""
        with self._database.reading() as connection:
            return run_reading.summaries(connection)

    def find_run(self, text: str) -> RunSummary:
        """Return the run that a text means; see `Store.find_run`."""
        with self._database.reading() as connection:
            return run_reading.find_run(connection, text)

    def has_run(self, run: RunId) -> bool:
        """Say whether a run has begun, without a look at any other."""
        with self._database.reading() as connection:
            return run_reading.has_run(connection, run)

    def run_record(self, run: RunId) -> RunRecord:
        """Return a run as it began."""
        with self._database.reading() as connection:
            return run_reading.run_record(connection, run)

    def jobs(self, run: RunId) -> list[JobRecord]:
        """Return the attempts of a run, in the order in which they were committed."""
        with self._database.reading() as connection:
            return run_reading.jobs(connection, run)

    def known_results(
        self, fingerprints: Iterable[Sha256], *, with_cleaned: bool = False
    ) -> dict[Sha256, KnownResult]:
        """Return what is known to come out for fingerprints."""
        with self._database.reading() as connection:
            return known_results.known_results(
                connection, fingerprints, with_cleaned=with_cleaned
            )

    def last_parts(
        self, workflow: str, node: str
    ) -> dict[frozenset[ItemId], Mapping[str, object]]:
        """Return the fingerprint parts that a node had last, to explain a miss."""
        with self._database.reading() as connection:
            return ancestry.last_parts(connection, workflow, node)

    def problems(self) -> list[Problem]:
        """Return what does not hold in the store; see `Store.problems`."""
        from bioimageit_flow.stores import store_problems

        return list(store_problems.problems(self._database))
