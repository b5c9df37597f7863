"""What people decide: the part of the seam of stores for annotations, queries, care."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

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

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from bioimageit_flow.model.changes import Change, ItemChange
    from bioimageit_flow.model.data import AnnotationValue, Item, Location
    from bioimageit_flow.model.ids import ItemId, RunId
    from bioimageit_flow.model.keys import Key, KeyUse
    from bioimageit_flow.stores.spooling import NumberedSpool


class Decisions(Protocol):
    """Annotations, queries and the care of data; a part of `Store`.

    Every method that changes something is one change: recorded with who, when, the old
    and the new values, in a chain of hashes, and nothing where nothing changed. They
    return the number of the change, or None.
    """

    # Selecting

    def selected(self, selection: Selection) -> Iterator[Item]:
        """Go through selected items, by name, then as added.

        Raises
        ------
        StoreError
            If there is no such dataset.
        QueryError
            If a regular expression of the query takes too long.
        """

    def count(self, selection: Selection = EVERYTHING) -> int:
        """Return how many items are selected."""

    def page(
        self, selection: Selection, after: ItemId | None = None, limit: int = 100
    ) -> list[Item]:
        """Return the next selected items after one, by name, then as added."""

    def names(
        self, selection: Selection, keys: Collection[str] = ()
    ) -> Iterator[ItemName]:
        """Go through selected items as they were added, with own values of some keys.

        It is quicker than `selected`.
        """

    def ordered(
        self, selection: Selection, order: Order = BY_NAME, go_on: GoOn = always
    ) -> Sequence[int]:
        """Return the numbers of selected items in an order.

        A number stands for its item in `numbered` as long as the store is open, and is
        small: those of a million items are 8 MB.

        Parameters
        ----------
        go_on : callable
            Asked now and then, in the thread of the caller.

        Raises
        ------
        Cancelled
            If `go_on` said False and the rest was not read.
        """

    def numbered(self, numbers: Sequence[int]) -> list[Item]:
        """Return the items that some numbers stand for, in their order."""

    # Keys and annotations

    def key_uses(self) -> list[KeyUse]:
        """List the keys that are declared or used, by name."""

    def key_values(self, key: str, limit: int = 50) -> tuple[AnnotationValue, ...]:
        """Return the first values that items have of a key, numbers before texts.

        True and false are left out: the key says that it is of that sort.
        """

    def declare_key(self, key: Key, *, user: str) -> int | None:
        """Declare a key, or change what is declared of it.

        Values that items have are kept as the key keeps them from now on.

        Raises
        ------
        StoreError
            If an item has a value that does not fit; names the item.
        """

    def rename_key(self, old: str, new: str, *, user: str) -> int | None:
        """Give a key another name, with all its values."""

    def remove_key(
        self, name: str, *, user: str, keep_declaration: bool = False
    ) -> int | None:
        """Take the values of a key away from every item, and its declaration."""

    def annotate_many(
        self,
        values: Iterable[tuple[ItemId, Mapping[str, AnnotationValue | None]]],
        *,
        user: str,
        note: str = "",
    ) -> int | None:
        """Set annotations of any number of items as one change.

        The values are read whole before anything is written, without growing memory.
        A value of a declared key is kept as the key keeps it.

        Raises
        ------
        StoreError
            If a value does not fit its key, or an item is not there.
        """

    def annotate_numbered(
        self, values: NumberedSpool, *, user: str, note: str = ""
    ) -> int | None:
        """Set annotations of items that `names` gave, by their numbers, as one change.

        As `annotate_many`, and quicker.
        """

    # Changes

    def changes(self, limit: int | None = None) -> list[Change]:
        """List changes, the newest first."""

    def changes_of_item(self, item: ItemId) -> list[ItemChange]:
        """List what was changed of an item, the oldest first."""

    def undoable(self) -> Change | None:
        """Return the change that `undo` would take back; None where there is none."""

    def undo(self, *, user: str) -> Change:
        """Take back the last change that can be and was not; return the undoing.

        Raises
        ------
        StoreError
            If there is none.
        """

    def verify_changes(self) -> list[str]:
        """Return a sentence for each change that was tampered with."""

    def choose(
        self, choice: Mapping[str, object], reason: str, *, user: str
    ) -> int | None:
        """Record that somebody decided for settings, after having looked at several.

        It changes nothing and cannot be undone; the choice, plain values by name, is in
        the details of the change. `StoreError` without a reason.
        """

    # Care

    def exclude(self, items: Iterable[ItemId], reason: str, *, user: str) -> int | None:
        """Keep items out of later runs; `StoreError` without a reason."""

    def include(self, items: Iterable[ItemId], *, user: str) -> int | None:
        """Let excluded items take part again.

        Raises
        ------
        StoreError
            If the data of one were deleted and are nowhere.
        """

    def correct(
        self,
        items: Iterable[ItemId],
        facts: Mapping[str, object],
        *,
        user: str,
        note: str = "",
    ) -> int | None:
        """Correct what the headers of images say; see `model.corrections`.

        Raises
        ------
        StoreError
            If a fact does not fit an item; names it.
        """

    def descendants(self, items: Iterable[ItemId]) -> dict[str, int]:
        """Count the items that were made from some, by the name of their dataset."""

    def give_up(
        self, items: Iterable[ItemId], reason: str, *, user: str, is_clean: bool
    ) -> list[Location]:
        """Record that bytes are deleted, or cleaned; return where they lay.

        Deleted items are excluded, and bytes that another item has are kept. Cleaned
        ones stay as they are: their bytes can be made again. What lies elsewhere
        (referenced) is never cleaned.
        """

    def places(self, dataset: str | None = None) -> Iterator[Place]:
        """Go through the places where contents are said to lie."""

    def relocate(self, moved: Sequence[Moved], *, user: str) -> int | None:
        """Record that referenced files lie elsewhere."""

    def disk_use(self) -> list[DiskUse]:
        """Count bytes by dataset: raw ones by name, then by run."""

    def results(self, run: RunId | None = None) -> Iterator[StoredResult]:
        """Go through the results, of one run or all, whose bytes are there."""
