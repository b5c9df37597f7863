"""Annotating, querying and excluding items: a part of `Experiment`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.annotation_rules import (
    ByHand,
    BySeparator,
    FromFolders,
    FromName,
    Rule,
    checked_key,
)
from bioimageit_flow.model.annotation_sources import FromMetadata, FromSheet, Line
from bioimageit_flow.model.chosen import Selection
from bioimageit_flow.model.data import AnnotationValue, Item
from bioimageit_flow.model.keys import Key, KeyType, KeyUse
from bioimageit_flow.model.query import Query, doubts, parse
from bioimageit_flow.session.notebook import ShownExperiment
from bioimageit_flow.session.previews import Preview, make_preview

if TYPE_CHECKING:
    from bioimageit_flow.model.changes import Change, ItemChange
    from bioimageit_flow.model.ids import ItemId
    from bioimageit_flow.stores.protocol import Store

Where = str | Query | None
"""A query, or None for every item."""


class Curation(ShownExperiment):
    """The part of `Experiment` that people decide in."""

    store: Store

    # Selecting

    def select(
        self,
        where: Where = None,
        *,
        dataset: str | None = None,
        excluded: bool | None = None,
    ) -> Iterator[Item]:
        """Go through the items that a query means, by name; memory stays flat.

        Parameters
        ----------
        where : str or Query, optional
            Such as ``condition = "drug" and dose >= 5 and not name ~ "test"``; the
            language is described in `bioimageit_flow.model.query`, and `doubts` names
            keys that no item has.
        dataset : str, optional
            Only this dataset.
        excluded : bool, optional
            Only items that are excluded (True), or are not (False).

        Raises
        ------
        QueryError
            If the query cannot be read; says where.
        """
        selection = _selection(where, dataset, excluded)
        return map(self.shown, self.store.selected(selection))

    def count(
        self,
        where: Where = None,
        *,
        dataset: str | None = None,
        excluded: bool | None = None,
    ) -> int:
        """Return how many items a query means."""
        return self.store.count(_selection(where, dataset, excluded))

    def page(
        self,
        where: Where = None,
        *,
        dataset: str | None = None,
        excluded: bool | None = None,
        after: Item | ItemId | None = None,
        limit: int = 100,
    ) -> list[Item]:
        """Return the next items of a query after one, by name."""
        last = after.id if isinstance(after, Item) else after
        page = self.store.page(_selection(where, dataset, excluded), last, limit)
        return [self.shown(one) for one in page]

    def doubts(self, where: str | Query) -> list[str]:
        """Return a sentence for each key that a query asks for and no item has.

        A query with a misspelt key means no item, or (after ``not``) every item; this
        says so, with the keys that may be meant.
        """
        query = parse(where) if isinstance(where, str) else where
        return doubts(query, [use.name for use in self.keys() if use.items])

    # Keys

    def keys(self) -> list[KeyUse]:
        """List the keys that are declared or used."""
        return self.store.key_uses()

    def declare_key(
        self,
        name: str,
        type: KeyType | str = KeyType.TEXT,
        *,
        unit: str = "",
        description: str = "",
        choices: Sequence[str] = (),
    ) -> Key:
        """Declare a key with its type, or change what is declared of it.

        Values that items have already are kept as the key keeps them.

        Raises
        ------
        DataError
            If the declaration contradicts itself.
        StoreError
            If an item has a value that does not fit; names it.
        """
        name = checked_key(name)
        try:
            key = Key(name, KeyType(type), unit, description, tuple(choices)).checked()
        except ValueError as error:
            text = str(error)
            raise DataError(
                f"{text[0].upper()}{text[1:]}.",
                remedy="Numbers and integers may have a unit, a choice has its values; "
                f"types are {', '.join(KeyType)}.",
            ) from error
        self.store.declare_key(key, user=_user())
        return key

    def rename_key(self, old: str, new: str) -> None:
        """Give a key another name, with all its values."""
        self.store.rename_key(old, new, user=_user())

    def clear_key(self, name: str) -> None:
        """Take the values of a key away from every item; it stays declared."""
        self.store.remove_key(name, user=_user(), keep_declaration=True)

    def delete_key(self, name: str) -> None:
        """Take a key away from every item, with its declaration."""
        self.store.remove_key(name, user=_user())

    # Annotations

    def preview(
        self,
        rule: Rule,
        where: Where = None,
        *,
        dataset: str | None = None,
    ) -> Preview:
        """See what a rule would annotate; `Preview.apply` sets it.

        Parameters
        ----------
        rule : Rule
            Made by `from_name`, `by_separator`, `from_folders`, `from_sheet`,
            `from_metadata` or `by_hand`.
        where, dataset
            Which items; see `select`.

        Examples
        --------
        >>> preview = experiment.preview(experiment.from_name("(?P<well>[A-H][0-9]+)_"))
        >>> preview.unmatched.listed
        ['test.tif']
        >>> preview.apply()
        """
        selection = _selection(where, dataset, None)
        return make_preview(self.store, selection, rule, _user())

    @staticmethod
    def by_hand(values: Mapping[str, AnnotationValue | None]) -> Rule:
        """Return the rule that gives the same values to all; None takes one away."""
        return ByHand(values)

    @staticmethod
    def from_name(expression: str) -> Rule:
        """Return the rule that reads named groups of an expression from names."""
        return FromName(expression)

    @staticmethod
    def by_separator(separator: str, keys: Sequence[str]) -> Rule:
        """Return the rule that reads the parts of names; ``-`` passes one over."""
        return BySeparator(separator, keys)

    @staticmethod
    def from_folders(keys: Sequence[str]) -> Rule:
        """Return the rule that reads the folders of import, the nearest last."""
        return FromFolders(keys)

    @staticmethod
    def from_metadata(facts: Mapping[str, str] | Sequence[str]) -> Rule:
        """Return the rule that reads facts of image headers, by the key for each."""
        named = facts if isinstance(facts, Mapping) else {one: one for one in facts}
        return FromMetadata(named)

    @staticmethod
    def from_sheet(path: Path | str, column: str | None = None) -> Rule:
        """Return the rule that joins the rows of a CSV or XLSX by the names of items.

        Parameters
        ----------
        path : Path or str
            The sheet; its first row names the keys.
        column : str, optional
            The column of names; by default ``name``, ``path`` or what is usual.

        Raises
        ------
        DataError
            If it cannot be read, or two rows name the same item.
        """
        from bioimageit_flow.stores.import_sheets import read_sheet

        place = Path(path)
        rows = read_sheet(place, column)
        lines = [Line(row.number, row.path, row.values) for row in rows]
        return FromSheet(place.name, lines)

    # Changes

    def changes(self, limit: int | None = None) -> list[Change]:
        """List what people changed, the newest first."""
        return self.store.changes(limit)

    def changes_of(self, item: Item | ItemId) -> list[ItemChange]:
        """List what was changed of an item, the oldest first."""
        found = item.id if isinstance(item, Item) else item
        return self.store.changes_of_item(found)

    def undoable(self) -> Change | None:
        """Return the change that `undo` would take back; None where there is none."""
        return self.store.undoable()

    def undo(self) -> Change:
        """Take back the last change of annotations, keys, exclusions or metadata."""
        return self.store.undo(user=_user())

    def choose(self, choice: Mapping[str, object], reason: str) -> None:
        """Record that somebody decided for settings, such as those of a sweep.

        Parameters
        ----------
        choice : mapping
            Plain values: what was chosen, among what, in which run, by which scores.
        reason : str
            Why, in words.
        """
        self.store.choose(choice, reason, user=_user())

    # Items that stay out, or whose headers are wrong

    def exclude(self, items: Sequence[Item], reason: str) -> None:
        """Keep items out of later runs, with a reason; `include` takes it back."""
        self.store.exclude([item.id for item in items], reason, user=_user())

    def include(self, items: Sequence[Item]) -> None:
        """Let excluded items take part in runs again."""
        self.store.include([item.id for item in items], user=_user())

    def correct(self, items: Sequence[Item], **facts: object) -> None:
        """Correct what the headers of images say.

        Parameters
        ----------
        items : sequence of Item
            Images.
        **facts
            ``axes``, ``pixel_size_um`` (one number, or by ``x``, ``y``, ``z``),
            ``time_step_s``, ``channels`` (names); None takes a correction back.

        Raises
        ------
        StoreError
            If one does not fit an item; names it. Nothing is changed then.
        """
        self.store.correct([item.id for item in items], facts, user=_user())


def _selection(where: Where, dataset: str | None, excluded: bool | None) -> Selection:
    query = parse(where) if isinstance(where, str) else where
    return Selection(query, dataset, excluded)


def _user() -> str:
    from bioimageit_flow.engine.recorder import user_name

    return user_name()
