"""What people decide, in the SQL store."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bioimageit_flow.model.chosen import (
    BY_NAME,
    EVERYTHING,
    DiskUse,
    GoOn,
    ItemName,
    Moved,
    Order,
    Place,
    Selection,
    StoredResult,
    always,
)
from bioimageit_flow.model.pattern import PatternError
from bioimageit_flow.model.query import Operator
from bioimageit_flow.stores import reading, validity
from bioimageit_flow.stores.late import late_store_module
from bioimageit_flow.stores.rows import CHUNK, chunks, run_key
from bioimageit_flow.stores.spooling import NumberedSpool, Spool
from bioimageit_flow.stores.stopping import stoppable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from bioimageit_flow.model.changes import Change, ItemChange
    from bioimageit_flow.model.data import AnnotationValue, Item, Location
    from bioimageit_flow.model.ids import ItemId, RunId
    from bioimageit_flow.model.keys import Key, KeyUse
    from bioimageit_flow.stores import (
        annotating,
        browsing,
        care,
        change_reading,
        choosing,
        keys,
        selecting,
    )
    from bioimageit_flow.stores.database import Database
else:
    annotating = late_store_module("annotating")
    browsing = late_store_module("browsing")
    care = late_store_module("care")
    change_reading = late_store_module("change_reading")
    choosing = late_store_module("choosing")
    keys = late_store_module("keys")
    selecting = late_store_module("selecting")

_NAMES = 10_000
"""How many names are read at once."""


class SqlDecisions:
    """The part of `SqlStore` that is `Decisions`."""

    _database: Database

    # Selecting

    def selected(self, selection: Selection) -> Iterator[Item]:
        """Go through selected items, by name, then as added."""
        with _too_slow(selection), self._database.reading() as connection:
            sequence = selecting.sequence(connection, selection)
        return self._items(sequence)

    def _items(self, sequence: Iterable[int]) -> Iterator[Item]:
        for part in chunks(sequence, CHUNK):
            with self._database.reading() as connection:
                items = reading.items_in_order(connection, part)
            yield from items

    def count(self, selection: Selection = EVERYTHING) -> int:
        """Return how many items are selected."""
        with _too_slow(selection), self._database.reading() as connection:
            return selecting.count(connection, selection)

    def page(
        self, selection: Selection, after: ItemId | None = None, limit: int = 100
    ) -> list[Item]:
        """Return the next selected items after one, by name, then as added."""
        with _too_slow(selection), self._database.reading() as connection:
            return selecting.page(connection, selection, after, limit)

    def names(
        self, selection: Selection, keys: Collection[str] = ()
    ) -> Iterator[ItemName]:
        """Go through selected items as they were added, with values of some keys."""
        with _too_slow(selection), self._database.reading() as connection:
            sequence = selecting.added(connection, selection)
        return self._names(sequence, keys)

    def _names(
        self, sequence: Iterable[int], keys: Collection[str]
    ) -> Iterator[ItemName]:
        for part in chunks(sequence, _NAMES):
            with self._database.reading() as connection:
                found = selecting.names(connection, part, keys)
            yield from found

    def ordered(
        self, selection: Selection, order: Order = BY_NAME, go_on: GoOn = always
    ) -> Sequence[int]:
        """Return the numbers of selected items in an order."""
        with (
            _too_slow(selection),
            self._database.reading() as connection,
            stoppable(connection, go_on),
        ):
            return browsing.ordered(connection, selection, order, go_on)

    def numbered(self, numbers: Sequence[int]) -> list[Item]:
        """Return the items that some numbers stand for, in their order."""
        with self._database.reading() as connection:
            return reading.items_in_order(connection, numbers)

    # Keys and annotations

    def key_uses(self) -> list[KeyUse]:
        """List the keys that are declared or used, by name."""
        with self._database.reading() as connection:
            return keys.key_uses(connection)

    def key_values(self, key: str, limit: int = 50) -> tuple[AnnotationValue, ...]:
        """Return the first values that items have of a key, numbers before texts."""
        with self._database.reading() as connection:
            return browsing.key_values(connection, key, limit)

    def declare_key(self, key: Key, *, user: str) -> int | None:
        """Declare a key, or change what is declared of it."""
        with self._database.writing() as connection:
            return keys.declare_key(connection, key, user)

    def rename_key(self, old: str, new: str, *, user: str) -> int | None:
        """Give a key another name, with all its values."""
        with self._database.writing() as connection:
            return keys.rename_key(connection, old, new, user)

    def remove_key(
        self, name: str, *, user: str, keep_declaration: bool = False
    ) -> int | None:
        """Take the values of a key away from every item, and its declaration."""
        with self._database.writing() as connection:
            return keys.remove_key(
                connection, name, user, keep_declaration=keep_declaration
            )

    def annotate_many(
        self,
        values: Iterable[tuple[ItemId, Mapping[str, AnnotationValue | None]]],
        *,
        user: str,
        note: str = "",
    ) -> int | None:
        """Set annotations of any number of items as one change."""
        if isinstance(values, Spool):
            return self._annotate(values, user, note)
        with Spool(values) as spool:
            return self._annotate(spool, user, note)

    def _annotate(self, values: Spool, user: str, note: str) -> int | None:
        with self._database.writing_prepared(
            lambda connection: annotating.prepare(connection, values.pages())
        ) as (connection, declared):
            return annotating.annotate(connection, values.pages(), declared, user, note)

    def annotate_numbered(
        self, values: NumberedSpool, *, user: str, note: str = ""
    ) -> int | None:
        """Set annotations of items by their numbers as one change."""
        with self._database.writing_prepared(
            lambda connection: annotating.prepare_numbered(connection, values.pages())
        ) as (connection, declared):
            return annotating.annotate_numbered(
                connection, values.pages(), declared, user, note
            )

    # Changes

    def changes(self, limit: int | None = None) -> list[Change]:
        """List changes, the newest first."""
        with self._database.reading() as connection:
            return change_reading.changes(connection, limit)

    def changes_of_item(self, item: ItemId) -> list[ItemChange]:
        """List what was changed of an item, the oldest first."""
        with self._database.reading() as connection:
            return change_reading.changes_of_item(connection, item)

    def undoable(self) -> Change | None:
        """Return the change that `undo` would take back; None where there is none."""
        with self._database.reading() as connection:
            return change_reading.undoable(connection)

    def undo(self, *, user: str) -> Change:
        """Take back the last change that can be and was not; return the undoing."""
        with self._database.writing() as connection:
            return change_reading.undo_last(connection, user)

    def verify_changes(self) -> list[str]:
        """Return a sentence for each change that was tampered with."""
        with self._database.reading() as connection:
            faults = list(change_reading.chain_faults(connection))
            return faults + list(validity.faults(connection))

    def choose(
        self, choice: Mapping[str, object], reason: str, *, user: str
    ) -> int | None:
        """Record that somebody decided for settings."""
        with self._database.writing() as connection:
            return choosing.choose(connection, choice, reason, user)

    # Care

    def exclude(self, items: Iterable[ItemId], reason: str, *, user: str) -> int | None:
        """Keep items out of later runs."""
        wanted = list(items)
        with self._database.writing() as connection:
            return care.exclude(connection, wanted, reason, user)

    def include(self, items: Iterable[ItemId], *, user: str) -> int | None:
        """Let excluded items take part again."""
        wanted = list(items)
        with self._database.writing() as connection:
            return care.include(connection, wanted, user)

    def correct(
        self,
        items: Iterable[ItemId],
        facts: Mapping[str, object],
        *,
        user: str,
        note: str = "",
    ) -> int | None:
        """Correct what the headers of images say."""
        wanted = list(items)
        with self._database.writing() as connection:
            return care.correct(connection, wanted, facts, user, note)

    def descendants(self, items: Iterable[ItemId]) -> dict[str, int]:
        """Count the items that were made from some, by the name of their dataset."""
        wanted = list(items)
        with self._database.reading() as connection:
            return care.descendants(connection, wanted)

    def give_up(
        self, items: Iterable[ItemId], reason: str, *, user: str, is_clean: bool
    ) -> list[Location]:
        """Record that bytes are deleted, or cleaned; return where they lay."""
        wanted = list(items)
        with self._database.writing() as connection:
            return care.give_up(connection, wanted, reason, user, is_clean=is_clean)

    def places(self, dataset: str | None = None) -> Iterator[Place]:
        """Go through the places where contents are said to lie."""
        last = 0
        while True:
            with self._database.reading() as connection:
                rows = care.places_page(connection, last, dataset)
            if not rows:
                return
            yield from map(care.place_of, rows)
            last = rows[-1]["id"]

    def relocate(self, moved: Sequence[Moved], *, user: str) -> int | None:
        """Record that referenced files lie elsewhere."""
        with self._database.writing() as connection:
            return care.relocate(connection, moved, user)

    def disk_use(self) -> list[DiskUse]:
        """Count bytes by dataset: raw ones by name, then by run."""
        with self._database.reading() as connection:
            return care.disk_use(connection)

    def results(self, run: RunId | None = None) -> Iterator[StoredResult]:
        """Go through the results, of one run or all, whose bytes are there."""
        with self._database.reading() as connection:
            key = None if run is None else run_key(connection, run)
        return self._results(key)

    def _results(self, run: int | None) -> Iterator[StoredResult]:
        last = 0
        while True:
            with self._database.reading() as connection:
                last, found = care.results_page(connection, last, run)
            if not found:
                return
            yield from found


@contextmanager
def _too_slow(selection: Selection) -> Iterator[None]:
    """Say which expression of a query takes too long."""
    try:
        yield
    except PatternError as error:
        if selection.query is None:
            raise
        searches = (Operator.FOUND, Operator.NOT_FOUND)
        for one in selection.query.comparisons():
            is_it = repr(str(one.literals[0].value)) in str(error)
            if one.operator in searches and is_it:
                raise selection.query.too_slow(one, error) from error
        raise
