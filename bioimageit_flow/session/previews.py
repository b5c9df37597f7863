"""Annotations seen before they are set."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.annotation_rules import Rule, Values
from bioimageit_flow.model.chosen import ItemName, Selection
from bioimageit_flow.model.data import AnnotationValue, DataInfo
from bioimageit_flow.model.keys import Key, read_annotation

if TYPE_CHECKING:
    from bioimageit_flow.stores.protocol import Store

LISTED = 1_000
"""How many names a list in a preview has at most; the count is of all."""

Changed = Mapping[str, AnnotationValue | None]
"""New values of an item; None takes one away."""

_SHOWN = 3
_REMEMBERED = 5_000


@dataclass(slots=True)
class Names:
    """Names, of which the first are listed and all are counted."""

    count: int = 0
    listed: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        """Count a name, and list it if there is room."""
        self.count += 1
        if len(self.listed) < LISTED:
            self.listed.append(name)


@dataclass(frozen=True, slots=True)
class Setting:
    """What one item would get.

    Attributes
    ----------
    old, new : mapping
        Own values of the keys that would change; without those that it does not have,
        or would not have any more.
    """

    item: ItemName
    old: Mapping[str, AnnotationValue]
    new: Mapping[str, AnnotationValue]


@dataclass(slots=True)
class Preview:
    """What would be set; made by `Experiment.preview`.

    Attributes
    ----------
    words : str
        The rule, in words.
    items : int
        How many items were looked at.
    set : int
        How many of them would change.
    same : int
        How many have these values already.
    settings : list of Setting
        The first that would change.
    replaced : Names
        Items that have another value, which would be replaced.
    unmatched : Names
        Items that the rule says nothing of.
    misfit : tuple of str
        What is said of one such item, and of several.
    lacking : mapping of str to Names
        Items that get some of the values, by the key that they do not get.
    left_over : Names
        Rows of a sheet that no item took.
    shared : Names
        Rows of a sheet that several items took, such as two with the same name.
    refused : Names
        Values that do not fit their keys, as sentences.
    """

    words: str
    items: int = 0
    set: int = 0
    same: int = 0
    settings: list[Setting] = field(default_factory=list)
    replaced: Names = field(default_factory=Names)
    unmatched: Names = field(default_factory=Names)
    left_over: Names = field(default_factory=Names)
    shared: Names = field(default_factory=Names)
    refused: Names = field(default_factory=Names)
    lacking: dict[str, Names] = field(default_factory=dict)
    misfit: tuple[str, str] = ("item does not fit", "items do not fit")
    _apply: Callable[[], int | None] = lambda: None

    def apply(self, *, replace: bool = False) -> int | None:
        """Set what was seen, as one change that `undo` takes back.

        Parameters
        ----------
        replace : bool
            Whether items may lose other values that they have.

        Returns
        -------
        int or None
            The number of the change; None where nothing changed.

        Raises
        ------
        DataError
            If values do not fit their keys, or others would be replaced.
        """
        if self.refused.count:
            raise DataError(
                f"{self.refused.listed[0]}{_more(self.refused.count, 'value')}; "
                "nothing was set.",
                remedy="Correct the values, or what is declared of the key.",
            )
        if self.replaced.count and not replace:
            shown = ", ".join(self.replaced.listed[:_SHOWN])
            more = self.replaced.count - _SHOWN
            raise DataError(
                f"{_lost(self.replaced.count)} another value already: {shown}"
                f"{f' and {more} more' if more > 0 else ''}; nothing was set.",
                remedy="Say that they may be replaced (--replace), or choose other "
                "items.",
            )
        return self._apply()


def _lost(count: int) -> str:
    return "1 item has" if count == 1 else f"{count} items have"


def _more(count: int, noun: str) -> str:
    if count == 1:
        return ""
    plural = "" if count == 2 else "s"
    return f", and {count - 1} more {noun}{plural}"


def make_preview(
    store: "Store", selection: Selection, rule: Rule, user: str
) -> Preview:
    """Return what a rule would set."""
    from bioimageit_flow.stores.spooling import NumberedSpool, Spool

    preview = Preview(rule.words, misfit=rule.misfit)
    typing = _Typing(store, rule)
    if rule.reads_info:
        changes = Spool()
        for one in store.selected(selection):
            item = ItemName(one.id, one.name, one.dataset, "", one.annotations)
            changed = _seen(preview, typing, item, rule, one.info)
            if changed is not None:
                changes.add((item.id, changed))
        preview._apply = lambda: store.annotate_many(
            changes, user=user, note=rule.words
        )
    else:
        numbered = NumberedSpool()
        for item in store.names(selection, rule.keys):
            changed = _seen(preview, typing, item, rule, None)
            if changed is not None:
                numbered.add(item.number, changed)
        preview._apply = lambda: store.annotate_numbered(
            numbered, user=user, note=rule.words
        )
    for row in rule.left_over():
        preview.left_over.add(row)
    for row in rule.shared():
        preview.shared.add(row)
    return preview


def _seen(
    preview: Preview,
    typing: "_Typing",
    item: ItemName,
    rule: Rule,
    info: DataInfo | None,
) -> Changed | None:
    """Count an item in; return the values that it would get and does not have."""
    preview.items += 1
    found = rule.values(item, info)
    if found is None:
        preview.unmatched.add(item.name)
        return None
    if len(found) < len(rule.keys):
        for key in rule.keys:
            if key not in found:
                preview.lacking.setdefault(key, Names()).add(item.name)
    try:
        new, fresh = typing(found)
    except ValueError as error:
        preview.refused.add(f"{item.name}: {error}")
        return None
    own = item.annotations
    changed = differing(item, new) if own else fresh
    if not changed:
        preview.same += 1
        return None
    preview.set += 1
    if own and any(key in own and changed[key] is not None for key in changed):
        preview.replaced.add(item.name)
    if len(preview.settings) < LISTED:
        preview.settings.append(_setting(item, changed))
    return changed


def _setting(item: ItemName, changed: Changed) -> Setting:
    own = item.annotations
    old = {key: own[key] for key in changed if key in own}
    return Setting(item, old, {k: one for k, one in changed.items() if one is not None})


class _Typing:
    """Makes values of what a rule says; rules say the same few things many times."""

    def __init__(self, store: "Store", rule: Rule) -> None:
        declared = {
            use.name: use.key for use in store.key_uses() if use.key is not None
        }
        self._keys: dict[str, Key | None] = {
            name: declared.get(name) for name in rule.keys
        }
        # By what the rule said, which is kept: no other object can take its place.
        self._known: dict[int, tuple[Values, Changed, Changed]] = {}

    def __call__(self, said: Values) -> tuple[Changed, Changed]:
        """Return values as their keys keep them, with and without those taken away.

        Raises
        ------
        ValueError
            If one does not fit its key.
        """
        known = self._known.get(id(said))
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            typed = {
                key: None if value is None else read_annotation(self._keys[key], value)
                for key, value in said.items()
            }
            fresh = {key: value for key, value in typed.items() if value is not None}
            known = self._known[id(said)] = (said, typed, fresh)
        return known[1], known[2]


def differing(item: ItemName, new: Changed) -> Changed:
    """Return the values that an item does not have yet."""
    own = item.annotations
    if not own:
        return {key: value for key, value in new.items() if value is not None}
    return {
        key: value
        for key, value in new.items()
        if (type(own.get(key)), own.get(key)) != (type(value), value)
    }
