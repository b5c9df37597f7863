"""What people decided: annotations they changed, items they left out or kept.

Each change of an experiment is an act of a person, with what it changed of which item.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.changes import Aspect, Change, ChangeKind, ItemChange
from bioimageit_flow.model.chosen import Selection
from bioimageit_flow.model.data import Item
from bioimageit_flow.provenance.story import RunStory
from bioimageit_flow.stores.protocol import Store

_WORDS = {
    ChangeKind.ANNOTATE: "Annotations changed",
    ChangeKind.KEY: "Key of annotations changed",
    ChangeKind.EXCLUDE: "Items excluded",
    ChangeKind.INCLUDE: "Items included again",
    ChangeKind.CORRECT: "Metadata corrected",
    ChangeKind.UNDO: "Change taken back",
    ChangeKind.DELETE: "Data deleted",
    ChangeKind.CLEAN: "Results cleaned",
    ChangeKind.RELOCATE: "Data found elsewhere",
    ChangeKind.STILL_VALID: "Results declared still valid",
    ChangeKind.CHOOSE: "Settings chosen",
}


@dataclass(frozen=True, slots=True)
class Decisions:
    """Changes, the oldest first, with what they changed of which item.

    Attributes
    ----------
    rows : iterable of (Item, ItemChange)
        Of these changes only; can be gone through once.
    left_out : tuple of (Item, ItemChange)
        Why items of the same datasets are excluded that no run here was given.
    """

    changes: tuple[Change, ...] = ()
    rows: Iterable[tuple[Item, ItemChange]] = ()
    left_out: tuple[tuple[Item, ItemChange], ...] = ()


NOTHING_DECIDED = Decisions()


def decisions_of_experiment(store: Store) -> Decisions:
    """Return all that was decided in an experiment."""
    changes = tuple(reversed(store.changes()))
    if not any(one.rows for one in changes):
        return Decisions(changes)
    return Decisions(changes, _rows(store, store.items()))


def decisions_about(store: Store, story: RunStory) -> Decisions:
    """Return what was decided about what a run was given, and about the run itself.

    Decisions about a run are the choices that name it and the words of somebody that
    results which it reused are still valid.
    """
    changes = tuple(reversed(store.changes()))
    if not changes:
        return Decisions()
    if not any(one.rows for one in changes):  # nothing of any item
        return Decisions(_about(changes, set(), story))
    stories = (story, *story.earlier)
    rows = [row for one in stories for row in _rows(store, one.given())]
    left_out = tuple(_left_out(store, stories))
    wanted = {row.change for _, row in (*rows, *left_out)}
    return Decisions(_about(changes, wanted, story), rows, left_out)


def _about(
    changes: Iterable[Change], wanted: set[int], story: RunStory
) -> tuple[Change, ...]:
    """Return the changes that are wanted, and those about the run itself."""
    wanted |= story.tally.changes
    return tuple(one for one in changes if one.n in wanted or _names(one, story))


def words_of(change: Change) -> str:
    """Return what was done, in a few words."""
    return _WORDS[change.kind]


def words_of_value(row: ItemChange) -> str:
    """Return what was changed of one item: ``kind: control -> drug``."""
    name = "excluded" if row.aspect is Aspect.EXCLUDED else row.key
    return f"{name}: {_text(row.old)} -> {_text(row.new)}"


def _text(value: object) -> str:
    return "none" if value is None else str(value)


def _names(change: Change, story: RunStory) -> bool:
    if change.kind is not ChangeKind.CHOOSE:
        return False
    return story.record.id in canonical_json(dict(change.details))


def _left_out(
    store: Store, stories: Iterable[RunStory]
) -> Iterator[tuple[Item, ItemChange]]:
    datasets: set[str] = set()
    given: set[str] = set()
    for story in stories:
        for item in story.given():
            datasets.add(item.dataset)
            if item.excluded:
                given.add(item.id)
    for dataset in sorted(datasets):
        excluded = store.selected(Selection(dataset=dataset, is_excluded=True))
        for item, row in _rows(store, excluded):
            if item.id not in given and row.aspect is Aspect.EXCLUDED:
                yield item, row


def _rows(store: Store, items: Iterable[Item]) -> Iterator[tuple[Item, ItemChange]]:
    for item in items:
        for row in store.changes_of_item(item.id):
            yield item, row
