"""Which items are meant, and what is said of where they lie."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bioimageit_flow.model.data import (
    NO_ANNOTATIONS,
    AnnotationValue,
    Content,
    Location,
)
from bioimageit_flow.model.ids import ItemId, Sha256

if TYPE_CHECKING:
    from bioimageit_flow.model.query import Query


@dataclass(frozen=True, slots=True)
class Selection:
    """Some items of an experiment; all of them by default.

    Attributes
    ----------
    query : Query or None
        Which of them.
    dataset : str or None
        Only this dataset.
    is_excluded : bool or None
        Only those that are excluded (True), or are not (False).
    """

    query: "Query | None" = None
    dataset: str | None = None
    is_excluded: bool | None = None


EVERYTHING = Selection()

GoOn = Callable[[], bool]
"""Asked now and then by what takes long; False says that nobody waits any more."""


def always() -> bool:
    """Say that somebody waits."""
    return True


@dataclass(frozen=True, slots=True)
class Order:
    """How items follow each other.

    Attributes
    ----------
    by : str
        ``name``, ``kind``, ``format``, ``dataset``, ``size`` or ``added``; or a key.
    is_key : bool
        Whether `by` is a key: by the item's own value, numbers before texts, and those
        without one last.
    is_descending : bool
        The other way round.
    """

    by: str = "name"
    is_key: bool = False
    is_descending: bool = False


BY_NAME = Order()


class ItemName(NamedTuple):
    """What an item is called: enough to annotate it, and quick to read.

    Attributes
    ----------
    source : str
        The path it was imported from; empty for a processed item.
    annotations : mapping
        Own values of the keys that were asked for.
    number : int
        What stands for it in a store, as long as that is open.
    """

    id: ItemId
    name: str
    dataset: str
    source: str = ""
    annotations: Mapping[str, AnnotationValue] = NO_ANNOTATIONS
    number: int = 0


@dataclass(frozen=True, slots=True)
class DiskUse:
    """How many bytes lie where.

    Attributes
    ----------
    dataset : str
        Its name; of a processed dataset ``run/node/port``.
    items : int
        How many it has.
    present, referenced : int
        Bytes of its contents that lie in the experiment, or elsewhere; a content that
        several of its items share counts once.
    missing : int
        Bytes that were cleaned or deleted.
    """

    dataset: str
    items: int
    present: int
    referenced: int
    missing: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a content is said to lie, with what lies there.

    Attributes
    ----------
    item : str
        The name of an item that has this content.
    """

    content: Content
    location: Location
    item: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A referenced file that lies elsewhere now."""

    content: Sha256
    old: Location
    new: Location


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A result whose bytes are there, with what made it.

    Attributes
    ----------
    is_consumed : bool
        Whether some job took it as its input: an intermediate result.
    is_raw_too : bool
        Whether a raw item has the same bytes.
    """

    item: ItemId
    name: str
    dataset: str
    content: Content
    tool: str
    is_consumed: bool
    is_raw_too: bool


DELETED = "deleted"
"""How the reason of an item begins whose bytes were given up."""
