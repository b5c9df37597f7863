"""What the annotate dialog asks for: a rule, for which items, and what it would set."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bioimageit_flow.editor.experiment.import_form import folder_keys
from bioimageit_flow.errors import DataError
from bioimageit_flow.model.annotation_sources import METADATA
from bioimageit_flow.model.chosen import ItemName
from bioimageit_flow.model.data import AnnotationValue, Imported, Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.keys import Key, read_annotation
from bioimageit_flow.model.naming import split_name
from bioimageit_flow.model.query import Comparison, Literal, Operator, Query, Target
from bioimageit_flow.session.browsing import Row

if TYPE_CHECKING:
    from bioimageit_flow.model.annotation_rules import Rule
    from bioimageit_flow.session import Experiment, Preview

__all__ = [
    "METADATA",
    "MOST_CHOSEN",
    "AnnotateForm",
    "Sample",
    "Scope",
    "Source",
    "items_query",
    "sampled",
]

MOST_CHOSEN: Final = 1000
"""How many single items can be annotated at once; for more there are queries."""


class Source(StrEnum):
    """Where values come from."""

    HAND = "hand"
    SPLIT = "split"
    REGEX = "regex"
    FOLDERS = "folders"
    SHEET = "sheet"
    METADATA = "metadata"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which items are annotated.

    Attributes
    ----------
    dataset : str or None
        Only of this dataset.
    query : str
        Only those that this query means.
    chosen : tuple of ItemId
        Only these; then the query does not matter.
    """

    dataset: str | None = None
    query: str = ""
    chosen: tuple[ItemId, ...] = ()

    @property
    def where(self) -> Query | str | None:
        """The query as `Experiment.preview` takes it."""
        if self.chosen:
            return items_query(self.chosen)
        return self.query.strip() or None


def items_query(items: Sequence[ItemId]) -> Query:
    """Return the query that means single items; `DataError` if they are too many."""
    if len(items) > MOST_CHOSEN:
        raise DataError(
            f"{len(items):,} items are selected one by one.",
            remedy=f"Select at most {MOST_CHOSEN:,}, or all that a query finds.",
        )
    literals = tuple(Literal(one) for one in items)
    text = f"id in ({len(items)} items)"
    return Query(text, Comparison(Target("id", True), Operator.AMONG, literals))


@dataclass(frozen=True, slots=True)
class AnnotateForm:
    """What stands in the dialog, as it was typed.

    Attributes
    ----------
    key, value : str
        By hand; an empty value takes the key away.
    separator, parts : str
        For names such as ``drug_07_a.tif``: ``_`` and ``condition, n, -``.
    expression : str
        With named groups.
    folders : str
        Such as ``patient/condition``.
    sheet, column : str
        The table, and which column has the names.
    facts : mapping of str to str
        Facts of image headers, by the key that gets them.
    """

    source: Source = Source.HAND
    key: str = ""
    value: str = ""
    separator: str = "_"
    parts: str = ""
    expression: str = ""
    folders: str = ""
    sheet: str = ""
    column: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for yet."""
        match self.source:
            case Source.HAND:
                return not self.key.strip()
            case Source.SPLIT:
                return not self.parts.strip()
            case Source.REGEX:
                return not self.expression
            case Source.FOLDERS:
                return not self.folders.strip()
            case Source.SHEET:
                return not self.sheet.strip()
            case Source.METADATA:
                return not self.facts

    def rule(self, experiment: "Experiment") -> "Rule":
        """Return the rule; `DataError` if what was typed makes none."""
        match self.source:
            case Source.HAND:
                text = self.value.strip()
                return experiment.by_hand({self.key.strip(): text or None})
            case Source.SPLIT:
                keys = [one.strip() for one in re.split(r"[,;]", self.parts)]
                return experiment.by_separator(self.separator, keys)
            case Source.REGEX:
                return experiment.from_name(self.expression)
            case Source.FOLDERS:
                return experiment.from_folders(folder_keys(self.folders))
            case Source.SHEET:
                path = Path(self.sheet.strip()).expanduser()
                return experiment.from_sheet(path, self.column.strip() or None)
            case Source.METADATA:
                return experiment.from_metadata(dict(self.facts))

    def parts_of(self, name: str) -> tuple[int, int]:
        """Return how many parts a name has between separators, and how many are named.

        Both are 0 where names are not taken apart.
        """
        if self.source is not Source.SPLIT or not self.separator:
            return 0, 0
        named = len(re.split(r"[,;]", self.parts))
        return split_name(name)[0].count(self.separator) + 1, named

    def preview(self, experiment: "Experiment", scope: Scope) -> "Preview":
        """Return what would be set on all items; changes nothing.

        Errors are those of `Experiment.preview`.
        """
        rule = self.rule(experiment)
        return experiment.preview(rule, scope.where, dataset=scope.dataset)


@dataclass(frozen=True, slots=True)
class Sample:
    """What one item would get, for a quick look.

    Attributes
    ----------
    old, new : mapping
        Own values before and after, of the keys that the rule may set; None where a
        value is taken away.
    problem : str
        Why a value does not fit.
    is_matched : bool
        Whether the rule says anything of the item.
    """

    name: str
    old: Mapping[str, AnnotationValue]
    new: Mapping[str, AnnotationValue | None]
    problem: str = ""
    is_matched: bool = True

    def change(self, key: str) -> str:
        """Return ``new``, ``same``, ``replaced``, ``removed`` or nothing for a key."""
        if key not in self.new:
            return ""
        old, new = self.old.get(key), self.new[key]
        if new is None:
            return "removed" if old is not None else ""
        if old is None:
            return "new"
        return "same" if (type(old), old) == (type(new), new) else "replaced"


def sampled(
    rule: "Rule", rows: Sequence[Row], declared: Mapping[str, Key]
) -> list[Sample]:
    """Return what a rule would set on a few items; raises `DataError`."""
    return [_sample(rule, row.item, declared) for row in rows]


def _sample(rule: "Rule", item: Item, declared: Mapping[str, Key]) -> Sample:
    source = item.origin.source if isinstance(item.origin, Imported) else ""
    name = ItemName(item.id, item.name, item.dataset, source, item.annotations)
    old = {key: item.annotations[key] for key in rule.keys if key in item.annotations}
    found = rule.values(name, item.info)
    if found is None:
        return Sample(item.name, old, {}, is_matched=False)
    try:
        new = {
            key: None if value is None else read_annotation(declared.get(key), value)
            for key, value in found.items()
        }
    except ValueError as error:
        return Sample(item.name, old, {}, str(error))
    return Sample(item.name, old, new)
