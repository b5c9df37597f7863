"""What runs did and where items come from, in the SQL store."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from bioimageit_flow.stores import run_reading
from bioimageit_flow.stores.late import late_store_module
from bioimageit_flow.stores.rows import chunks, run_key
from bioimageit_flow.stores.sql_decisions import SqlDecisions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bioimageit_flow.model.data import Item
    from bioimageit_flow.model.ids import ItemId, JobId, RunId
    from bioimageit_flow.model.lineage import JobFact, Kin, LineageRecord, LineageStep
    from bioimageit_flow.model.run import JobRecord, Outcome
    from bioimageit_flow.stores import chain as chain_reading
    from bioimageit_flow.stores import (
        history,
        kin,
        lineage,
        outcomes,
        run_items,
        verifying,
    )
    from bioimageit_flow.stores.database import Database
else:
    history = late_store_module("history")
    kin = late_store_module("kin")
    lineage = late_store_module("lineage")
    outcomes = late_store_module("outcomes")
    run_items = late_store_module("run_items")
    verifying = late_store_module("verifying")
    chain_reading = late_store_module("chain")


class SqlLineage(SqlDecisions):
    """The part of `SqlStore` that tells of lineage, a page at a time."""

    _database: Database

    def each_job(self, run: RunId) -> Iterator[JobRecord]:
        """Go through the attempts of a run, a page at a time."""
        with self._database.reading() as connection:
            keys = run_items.job_sequence(connection, run)
        return chain.from_iterable(self._jobs(keys))

    def _jobs(self, keys: Sequence[int]) -> Iterator[list[JobRecord]]:
        for page in chunks(keys, run_items.JOBS_PAGE):
            with self._database.reading() as connection:
                records = run_reading.jobs_by_key(connection, page)
            yield records

    def outcomes(self, run: RunId) -> Iterator[Outcome]:
        """Go through what became of the jobs of a run; see `Store.outcomes`."""
        with self._database.reading() as connection:
            keys = outcomes.last_attempts(connection, run)
        return chain.from_iterable(self._outcomes(keys))

    def _outcomes(self, keys: Sequence[int]) -> Iterator[list[Outcome]]:
        known = outcomes.Known()
        for page in chunks(keys, run_items.JOBS_PAGE):
            with self._database.reading() as connection:
                found = outcomes.read_page(connection, page, known)
            yield found

    def job(self, job: JobId) -> JobRecord:
        """Return one attempt; see `Store.job`."""
        with self._database.reading() as connection:
            return run_reading.job(connection, job)

    def given(self, run: RunId) -> Iterator[Item]:
        """Go through what a run took and did not make; see `Store.given`."""
        with self._database.reading() as connection:
            keys = run_items.given_sequence(connection, run)
        return self._items(keys)

    def ends(self, run: RunId) -> Iterator[Item]:
        """Go through what a run made and took no further; see `Store.ends`."""
        with self._database.reading() as connection:
            keys = run_items.end_sequence(connection, run)
        return self._items(keys)

    def step(self, item: ItemId, most: int | None = None) -> LineageStep:
        """Return how an item came about; see `Store.step`."""
        with self._database.reading() as connection:
            return lineage.step(connection, item, most)

    def made_from(
        self, item: ItemId, most: int | None = None
    ) -> list[tuple[JobFact, list[Item]]]:
        """Return the jobs that consumed an item, with what they made."""
        with self._database.reading() as connection:
            return lineage.made_from(connection, item, most)

    def takers(self, item: ItemId) -> int:
        """Return how many jobs consumed an item."""
        with self._database.reading() as connection:
            return lineage.takers(connection, item)

    def kin(self, item: ItemId, *, forward: bool = False) -> Kin:
        """Return how much an item came from, or was made from it."""
        with self._database.reading() as connection:
            return kin.kin(connection, item, forward=forward)

    def kin_jobs(self, item: ItemId, *, forward: bool = False) -> Iterator[JobRecord]:
        """Go through the jobs that `kin` counts, page by page."""
        with self._database.reading() as connection:
            keys = kin.job_keys(connection, item, forward=forward)
        return chain.from_iterable(self._jobs(keys))

    def raw_kin(self, item: ItemId) -> Iterator[Item]:
        """Go through the raw items that an item came from, page by page."""
        with self._database.reading() as connection:
            keys = kin.raw_keys(connection, item)
        return self._items(keys)

    def history(self, item: ItemId) -> dict[ItemId, LineageStep]:
        """Return how an item, and everything that it came from, came about."""
        with self._database.reading() as connection:
            return history.history(connection, item)

    def progeny(self, item: ItemId) -> dict[ItemId, list[tuple[JobFact, list[Item]]]]:
        """Return `made_from` of an item and of everything that was made from it."""
        with self._database.reading() as connection:
            return history.progeny(connection, item)

    def records(self, run: RunId) -> Iterator[LineageRecord]:
        """Go through the chain of records of a run."""
        with self._database.reading() as connection:
            key = run_key(connection, run)
        return chain.from_iterable(self._pages(run, key))

    def _pages(self, run: RunId, key: int) -> Iterator[list[LineageRecord]]:
        first = 0
        while True:
            with self._database.reading() as connection:
                page = chain_reading.read_page(connection, run, key, first)
            if not page:
                return
            yield page
            first = page[-1].n + 1

    def verify_chain(self, run: RunId) -> list[str]:
        """Return a sentence for each record or fact of a run that was changed."""
        with self._database.reading() as connection:
            key = run_key(connection, run)
            state = run_reading.find_run(connection, run).state
            record = run_reading.run_record(connection, run)
            check = verifying.Verification(connection, record, key, state)
        has_more = True
        while has_more:
            with self._database.reading() as connection:
                has_more = check.check_next(connection)
        with self._database.reading() as connection:
            check.finish(connection)
        return check.faults
