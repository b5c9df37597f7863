"""Changes that people make: who, when, old and new, chained by hashes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bioimageit_flow.model.ids import ItemId, Sha256


class ChangeKind(StrEnum):
    """What was done."""

    ANNOTATE = "annotate"
    KEY = "key"
    EXCLUDE = "exclude"
    INCLUDE = "include"
    CORRECT = "correct"
    UNDO = "undo"
    DELETE = "delete"
    CLEAN = "clean"
    RELOCATE = "relocate"
    STILL_VALID = "still valid"
    CHOOSE = "choose"

    @property
    def is_undoable(self) -> bool:
        """Whether `undo` takes it back; bytes that are gone do not come back."""
        return self not in (
            ChangeKind.UNDO,
            ChangeKind.DELETE,
            ChangeKind.CLEAN,
            ChangeKind.RELOCATE,
            ChangeKind.CHOOSE,
        )


class Aspect(StrEnum):
    """What of an item was changed."""

    ANNOTATION = "annotation"
    EXCLUDED = "excluded"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Change:
    """One act of one person.

    Attributes
    ----------
    n : int
        Its place in the sequence of changes of the experiment, from 1.
    note : str
        What was done, in words.
    rows : int
        How many values of items it changed.
    undoes : int or None
        The change that it takes back.
    undone_by : int or None
        The change that took it back.
    orcid : str
        Of the user, as they said when they did it.
    details : mapping
        What it did beside changing items, as plain values.
    """

    n: int
    kind: ChangeKind
    user: str
    at: datetime
    note: str
    rows: int
    sha256: Sha256
    undoes: int | None = None
    undone_by: int | None = None
    orcid: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One value of one item that was changed.

    Attributes
    ----------
    key : str
        The annotation, or the fact of the header; empty for an exclusion.
    old, new : object
        Plain values; None where there was, or is, none.
    """

    change: int
    item: ItemId
    aspect: Aspect
    key: str
    old: object
    new: object
