"""What people decide, in memory: annotations, queries, care of data."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bioimageit_flow.model.changes import Aspect, Change, ChangeKind, ItemChange
from bioimageit_flow.model.corrections import read_corrections
from bioimageit_flow.model.data import AnnotationValue, DataInfo, Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.keys import Key, KeyUse
from bioimageit_flow.model.lineage import GENESIS, chain
from bioimageit_flow.stores import refusals
from bioimageit_flow.stores.annotating import typed_values
from bioimageit_flow.stores.change_bodies import (
    Row,
    RowsHash,
    change_body,
    changed_since,
    nothing_to_undo,
)
from bioimageit_flow.stores.keys import note_of_declaration
from bioimageit_flow.stores.person import read_person
from bioimageit_flow.stores.rows import json_text
from bioimageit_flow.stores.spooling import NumberedSpool
from bioimageit_flow.testing.memory_selections import MemorySelections

_Wanted = Iterable[tuple[ItemId, Mapping[str, object]]]


class MemoryDecisions(MemorySelections):
    """The part of a store that is `Decisions`, but for the care of bytes."""

    def __init__(self, name: str = "experiment") -> None:
        super().__init__(name)
        self._keys: dict[str, Key] = {}
        self._changes: list[Change] = []
        self._bodies: list[dict[str, object]] = []
        self._rows: list[list[Row]] = []
        self._headers: dict[ItemId, DataInfo] = {}

    # Keys and annotations

    def key_uses(self) -> list[KeyUse]:
        """List the keys that are declared or used, by name."""
        with self._use():
            counts: dict[str, Counter[str]] = {name: Counter() for name in self._keys}
            for item in self._items.values():
                for key, value in item.annotations.items():
                    counts.setdefault(key, Counter())[_sort_of(value)] += 1
            return [
                KeyUse(
                    name,
                    self._keys.get(name),
                    found.total(),
                    found["text"],
                    found["number"],
                    found["boolean"],
                )
                for name, found in sorted(counts.items())
            ]

    def declare_key(self, key: Key, *, user: str) -> int | None:
        """Declare a key, or change what is declared of it."""
        with self._use():
            refusals.check_name_of_key(key.name)
            old = self._keys.get(key.name)
            if old == key:
                return None
            values = self._typed({key.name: key}, self._values_of(key.name))
            self._keys[key.name] = key
            note = note_of_declaration(old, key)
            return self._act(
                ChangeKind.KEY, user, note, values, details=_details(old, key)
            )

    def rename_key(self, old: str, new: str, *, user: str) -> int | None:
        """Give a key another name, with all its values."""
        with self._use():
            refusals.check_name_of_key(new)
            used = {use.name for use in self.key_uses()}
            if old not in used:
                raise refusals.unknown_key(old)
            if new in used:
                raise refusals.key_taken(new)
            key = self._keys.pop(old, None)
            details = None
            if key is not None:
                self._keys[new] = replace(key, name=new)
                details = _details(key, self._keys[new])
            moved = [
                (item, {old: None, new: values[old]})
                for item, values in self._values_of(old)
            ]
            note = f"rename {old} to {new}"
            return self._act(ChangeKind.KEY, user, note, moved, details=details)

    def remove_key(
        self, name: str, *, user: str, keep_declaration: bool = False
    ) -> int | None:
        """Take the values of a key away from every item, and its declaration."""
        with self._use():
            if name not in {use.name for use in self.key_uses()}:
                raise refusals.unknown_key(name)
            key = None if keep_declaration else self._keys.pop(name, None)
            gone = [(item, {name: None}) for item, _ in self._values_of(name)]
            note = f"clear {name}" if keep_declaration else f"remove {name}"
            details = None if key is None else _details(key, None)
            return self._act(ChangeKind.KEY, user, note, gone, details=details)

    def _values_of(self, key: str) -> list[tuple[ItemId, dict[str, AnnotationValue]]]:
        return [
            (item.id, {key: item.annotations[key]})
            for item in self._items.values()
            if key in item.annotations
        ]

    def annotate(
        self,
        values: Mapping[ItemId, Mapping[str, AnnotationValue | None]],
        *,
        user: str,
    ) -> None:
        """Set annotations (None removes a key), recording who, when, old and new."""
        self.annotate_many(values.items(), user=user)

    def annotate_many(
        self,
        values: Iterable[tuple[ItemId, Mapping[str, AnnotationValue | None]]],
        *,
        user: str,
        note: str = "",
    ) -> int | None:
        """Set annotations of any number of items as one change."""
        wanted = list(values)
        with self._use():
            typed = self._typed(self._keys, wanted)
            return self._act(ChangeKind.ANNOTATE, user, note, typed)

    def annotate_numbered(
        self, values: NumberedSpool, *, user: str, note: str = ""
    ) -> int | None:
        """Set annotations of items by their numbers as one change."""
        ids = list(self._items)
        return self.annotate_many(
            [
                (ids[number], page.different[place])
                for page in values.pages()
                for number, place in zip(page.numbers, page.places, strict=True)
            ],
            user=user,
            note=note,
        )

    def _typed(
        self,
        keys: Mapping[str, Key],
        wanted: Sequence[tuple[ItemId, Mapping[str, AnnotationValue | None]]],
    ) -> list[tuple[ItemId, Mapping[str, AnnotationValue | None]]]:
        typed: list[tuple[ItemId, Mapping[str, AnnotationValue | None]]] = []
        for item, values in wanted:
            refusals.check_annotations(values)
            try:
                typed.append((item, typed_values(keys, values)))
            except ValueError as error:
                raise refusals.wrong_value(self.item(item).name, error) from error
        return typed

    # Changes

    def changes(self, limit: int | None = None) -> list[Change]:
        """List changes, the newest first."""
        with self._use():
            undone = {one.undoes: one.n for one in self._changes}
            newest = [
                replace(one, undone_by=undone.get(one.n))
                for one in reversed(self._changes)
            ]
            return newest[:limit]

    def changes_of_item(self, item: ItemId) -> list[ItemChange]:
        """List what was changed of an item, the oldest first."""
        with self._use():
            self.item(item)
            return [
                ItemChange(
                    n,
                    item,
                    Aspect(row.aspect),
                    row.key,
                    _value(row.old),
                    _value(row.new),
                )
                for n, rows in enumerate(self._rows, 1)
                for row in rows
                if row.item == item
            ]

    def undoable(self) -> Change | None:
        """Return the change that `undo` would take back; None where there is none."""
        left = (
            one
            for one in self.changes()
            if one.kind.is_undoable and one.undone_by is None
        )
        return next(left, None)

    def undo(self, *, user: str) -> Change:
        """Take back the last change that can be and was not; return the undoing."""
        with self._use():
            change = self.undoable()
            if change is None:
                raise nothing_to_undo()
            new, old = change.details.get("new"), change.details.get("old")
            for row in self._rows[change.n - 1]:
                own = self._now(Aspect(row.aspect), self._items[ItemId(row.item)])
                if own.get(row.key) != row.new:
                    raise changed_since(row.item, row.key)
            if isinstance(new, dict):
                self._keys.pop(str(new["name"]), None)
            if isinstance(old, dict):
                self._keys[str(old["name"])] = Key.from_json(old)
            back = [
                Row(row.item, row.aspect, row.key, row.new, row.old)
                for row in self._rows[change.n - 1]
            ]
            note = f"undo change {change.n}" + (
                f": {change.note}" if change.note else ""
            )
            details: Mapping[str, object] = change.details
            if new or old:
                details = {"old": new, "new": old}
            self._record(ChangeKind.UNDO, user, note, back, change.n, details)
            return self.changes(1)[0]

    def verify_changes(self) -> list[str]:
        """Return a sentence for each change that was tampered with."""
        faults, previous = [], GENESIS
        for change, body in zip(self._changes, self._bodies, strict=True):
            previous = chain(previous, body)
            if previous != change.sha256:
                faults.append(f"Change {change.n} was changed after it was recorded.")
        return faults

    def choose(
        self, choice: Mapping[str, object], reason: str, *, user: str
    ) -> int | None:
        """Record that somebody decided for settings."""
        if not reason.strip():
            raise refusals.no_reason_for_choice()
        details = {"choice": dict(choice)}
        with self._use():
            return self._record(ChangeKind.CHOOSE, user, reason, [], None, details)

    # Exclusions and corrections

    def exclude(self, items: Iterable[ItemId], reason: str, *, user: str) -> int | None:
        """Keep items out of later runs."""
        if not reason.strip():
            raise refusals.no_reason()
        wanted = [(item, {"": reason}) for item in items]
        with self._use():
            return self._act(ChangeKind.EXCLUDE, user, reason, wanted, Aspect.EXCLUDED)

    def correct(
        self,
        items: Iterable[ItemId],
        facts: Mapping[str, object],
        *,
        user: str,
        note: str = "",
    ) -> int | None:
        """Correct what the headers of images say."""
        wanted: list[tuple[ItemId, Mapping[str, object]]] = []
        with self._use():
            for id_ in items:
                item = self.item(id_)
                info = self._headers.get(id_, item.info)
                try:
                    wanted.append((id_, read_corrections(info, facts)))
                except ValueError as error:
                    raise refusals.wrong_correction(item.name, error) from error
            return self._act(ChangeKind.CORRECT, user, note, wanted, Aspect.INFO)

    # Inside

    def _act(
        self,
        kind: ChangeKind,
        user: str,
        note: str,
        wanted: _Wanted,
        aspect: Aspect = Aspect.ANNOTATION,
        details: Mapping[str, object] | None = None,
    ) -> int | None:
        rows: dict[tuple[str, str], Row] = {}
        for item, values in wanted:
            own = self._now(aspect, self.item(item))
            for key, value in values.items():
                new = None if value is None else json_text(value)
                rows.pop((item, key), None)
                if own.get(key) != new:
                    row = Row(item, str(aspect), key, own.get(key), new)
                    rows[item, key] = row
        return self._record(kind, user, note, list(rows.values()), None, details or {})

    def _record(
        self,
        kind: ChangeKind,
        user: str,
        note: str,
        rows: list[Row],
        undoes: int | None,
        details: Mapping[str, object],
    ) -> int | None:
        if not rows and not details:
            return None
        n, at = len(self._changes) + 1, datetime.now(UTC)
        digest = RowsHash()
        digest.take(rows)
        orcid = read_person().orcid
        body = change_body(n, kind, user, at, note, undoes, digest, details, orcid)
        previous = self._changes[-1].sha256 if self._changes else GENESIS
        sha256 = chain(previous, body)
        for row in rows:
            self._apply(row)
        self._bodies.append(body)
        self._rows.append(rows)
        self._changes.append(
            Change(
                *(n, kind, user, at, note, len(rows), sha256),
                undoes=undoes,
                orcid=orcid,
                details=dict(details),
            )
        )
        return n

    @staticmethod
    def _now(aspect: Aspect, item: Item) -> dict[str, str]:
        match aspect:
            case Aspect.ANNOTATION:
                return {key: json_text(one) for key, one in item.annotations.items()}
            case Aspect.EXCLUDED:
                return {"": json_text(item.excluded)} if item.excluded else {}
            case Aspect.INFO:
                return {key: json_text(one) for key, one in item.corrected.items()}

    def _apply(self, row: Row) -> None:
        item = self._items[ItemId(row.item)]
        match Aspect(row.aspect):
            case Aspect.ANNOTATION:
                own = dict(item.annotations)
                own.pop(row.key, None)
                if row.new is not None:
                    own[row.key] = _value(row.new)
                item = replace(item, annotations=own)
            case Aspect.EXCLUDED:
                item = replace(item, excluded=_value(row.new) or "")
            case Aspect.INFO:
                header = self._headers.setdefault(item.id, item.info)
                facts = dict(item.corrected)
                facts.pop(row.key, None)
                if row.new is not None:
                    facts[row.key] = _value(row.new)
                info = header.with_corrections(facts)
                item = replace(item, info=info, corrected=facts)
        self._items[item.id] = item


def _value(text: str | None) -> Any:  # noqa: ANN401 - whatever was kept
    return None if text is None else json.loads(text)


def _sort_of(value: AnnotationValue) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "text" if isinstance(value, str) else "number"


def _details(old: Key | None, new: Key | None) -> dict[str, object]:
    return {
        "old": None if old is None else old.as_json(),
        "new": None if new is None else new.as_json(),
    }
