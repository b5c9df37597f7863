"""What the columns of a table of items are, and what stands in a cell."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bioimageit_flow.model.chosen import Order
from bioimageit_flow.model.data import AnnotationValue, Item
from bioimageit_flow.model.keys import KeyUse
from bioimageit_flow.model.units import format_bytes
from bioimageit_flow.session.browsing import Row


class Fact(StrEnum):
    """What a column shows that is no annotation."""

    NAME = "name"
    KIND = "kind"
    FORMAT = "format"
    IMAGE = "image"
    SIZE = "size"
    EXCLUDED = "excluded"


_ORDERS: Final = {
    Fact.NAME: "name",
    Fact.KIND: "kind",
    Fact.FORMAT: "format",
    Fact.SIZE: "size",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes
    ----------
    fact : Fact or None
        What it shows; None where it shows a key.
    key : str
        The key of an annotation; empty where it shows a fact.
    use : KeyUse or None
        How the key is declared and used.
    """

    fact: Fact | None = None
    key: str = ""
    use: KeyUse | None = None

    @property
    def title(self) -> str:
        """What stands above it, in English; a key with its unit."""
        if self.fact is not None:
            return self.fact.value
        unit = self.use.key.unit if self.use and self.use.key else ""
        return f"{self.key} ({unit})" if unit else self.key

    @property
    def is_number(self) -> bool:
        """Whether its values stand at the right."""
        if self.fact is not None:
            return self.fact is Fact.SIZE
        return self.use is not None and self.use.type in ("number", "integer")

    def order(self, *, is_descending: bool) -> Order | None:
        """Return how the table is sorted by it; None where it cannot be."""
        if self.fact is None:
            return Order(self.key, is_key=True, is_descending=is_descending)
        by = _ORDERS.get(self.fact)
        return None if by is None else Order(by, is_descending=is_descending)

    def text(self, row: Row) -> str:
        """Return what stands in the cell of a row."""
        item = row.item
        match self.fact:
            case None:
                return said(row.value(self.key))
            case Fact.NAME:
                return item.name
            case Fact.KIND:
                return str(item.info.kind)
            case Fact.FORMAT:
                return item.info.format
            case Fact.IMAGE:
                return image_words(item)
            case Fact.SIZE:
                return format_bytes(item.content.size)
            case Fact.EXCLUDED:
                return item.excluded


def columns_of(keys: Iterable[KeyUse], *, has_excluded: bool = True) -> list[Column]:
    """Return the columns of a table: the name, the keys, and what files are."""
    found = [Column(Fact.NAME)]
    found += [Column(key=use.name, use=use) for use in keys]
    found += [Column(Fact.KIND), Column(Fact.IMAGE), Column(Fact.SIZE)]
    if has_excluded:
        found.append(Column(Fact.EXCLUDED))
    return found


def said(value: AnnotationValue | None) -> str:
    """Return a value as people write it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.10g}"
        case _:
            return str(value)


def image_words(item: Item) -> str:
    """Return what an image is, such as shape, axes and pixel type; empty for others."""
    info = item.info
    if info.axes is None:
        return ""
    shape = " \u00d7 ".join(str(length) for length in info.shape)
    return f"{shape}  {info.axes}  {info.dtype or ''}".strip()


def details(item: Item) -> list[tuple[str, str]]:
    """Return what is known of the file of an item, as pairs of word and text."""
    info = item.info
    sizes = ", ".join(
        f"{axis} {size:g} \u00b5m" for axis, size in info.pixel_size_um.items()
    )
    pairs = [
        ("dataset", item.dataset),
        ("kind", str(info.kind)),
        ("format", info.format),
        ("image", image_words(item)),
        ("pixel size", sizes),
        ("channels", ", ".join(info.channels)),
        ("time step", f"{info.time_step_s:g} s" if info.time_step_s else ""),
        ("series", item.selector),
        ("size", format_bytes(item.content.size)),
        ("excluded", item.excluded),
        ("id", item.id),
        ("sha256", item.content.sha256),
    ]
    return [(word, text) for word, text in pairs if text]
