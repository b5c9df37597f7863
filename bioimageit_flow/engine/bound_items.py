"""The items on one dataset input, packed; tokens are made of them when asked for.

A run over a million images holds a few hundred bytes of each. What travels on wires
takes several times as much, and is there only while it is on its way.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from bioimageit_flow.engine.token import Datum, Order, Token
from bioimageit_flow.model.annotation import Conflict, View
from bioimageit_flow.model.data import Content, DataInfo, Item
from bioimageit_flow.model.ids import ItemId, Sha256
from bioimageit_flow.model.query import Facts
from bioimageit_flow.workflow.sweeps import swept_part

Parts = tuple[tuple[str, str], ...]

_HASH_BYTES = 32
_NO_FACTS: Facts = {}
_DIGITS = re.compile(r"\d+")


class _Row(NamedTuple):
    """One item.

    Attributes
    ----------
    key : bytes
        The hash of its content, then its id.
    roots : frozenset of ItemId or None
        None for a raw item, which is its own root.
    """

    key: bytes
    name: str
    selector: str
    part: str
    size: int
    is_folder: bool
    info: DataInfo
    corrected: Mapping[str, object]
    view: View
    roots: frozenset[ItemId] | None
    parts: Parts

    @property
    def id(self) -> ItemId:
        return ItemId(self.key[_HASH_BYTES:].decode())

    @property
    def content(self) -> Content:
        sha256 = Sha256(self.key[:_HASH_BYTES].hex())
        return Content(sha256, self.size, self.is_folder)

    @property
    def order(self) -> Order:
        sha256 = self.key[:_HASH_BYTES].hex()
        return (natural(self.name), self.name, sha256, self.selector, self.part)


@dataclass(slots=True)
class BoundItems:
    """What a dataset input is bound to, in item order.

    Attributes
    ----------
    source : str
        Name of the dataset input.
    """

    source: str
    _rows: list[_Row] = field(default_factory=list)
    _facts: dict[ItemId, Facts] = field(default_factory=dict)
    _names: Mapping[int, str] = field(default_factory=dict)
    _left_out: Mapping[int, str] = field(default_factory=dict)

    def add(
        self, item: Item, view: View, roots: frozenset[ItemId], facts: Facts | None
    ) -> None:
        """Take an item; `arrange` is called after the last one."""
        content = item.content
        is_raw = len(roots) == 1 and item.id in roots
        self._rows.append(
            _Row(
                key=bytes.fromhex(content.sha256) + item.id.encode(),
                name=item.name,
                selector=item.selector,
                part=item.part,
                size=content.size,
                is_folder=content.is_folder,
                info=item.info,
                corrected=item.corrected,
                view=view,
                roots=None if is_raw else roots,
                parts=(),
            )
        )
        if facts is not None:
            self._facts[item.id] = facts

    def arrange(self) -> None:
        """Sort the items, and tell apart those that descend from the same raw items."""
        self._rows.sort(key=lambda row: row.order)
        self._forget_shared_roots()
        self._tell_apart()

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Token]:
        return (self.token(n) for n in range(len(self._rows)))

    def token(self, n: int) -> Token:
        """Return an item by its place, as it goes onto a wire."""
        row = self._rows[n]
        item = row.id
        name = f"{row.name} ({row.selector})" if row.selector else row.name
        return Token(
            source=self.source,
            datum=Datum(
                *(item, row.name, row.content, row.info, row.selector),
                corrected=row.corrected,
            ),
            roots=frozenset((item,)) if row.roots is None else row.roots,
            view=row.view,
            order=row.order,
            name=self._names.get(n, name),
            parts=row.parts,
            left_out=self._left_out.get(n, ""),
            facts=self._facts.get(item, _NO_FACTS),
        )

    @property
    def is_parted(self) -> bool:
        """Whether several items descend from the same raw item."""
        return any(row.parts for row in self._rows)

    @property
    def is_all_left_out(self) -> bool:
        """Whether no item takes part."""
        return len(self._left_out) == len(self._rows)

    @property
    def taken(self) -> list[int]:
        """The places of the items that take part."""
        return [n for n in range(len(self._rows)) if n not in self._left_out]

    @property
    def ids(self) -> Iterator[ItemId]:
        """The ids of the items, in their order."""
        return (row.id for row in self._rows)

    @property
    def infos(self) -> Iterator[DataInfo]:
        """What the headers of the items that take part say."""
        return (self._rows[n].info for n in self.taken)

    def without(self, reasons: Mapping[int, str]) -> "BoundItems":
        """Return the items with some left out; a reason that is there already stays.

        Parameters
        ----------
        reasons : mapping of int to str
            Why, in words, by place.
        """
        left_out = {**reasons, **self._left_out} if reasons else self._left_out
        return replace(self, _left_out=left_out)

    def seen_as(
        self, views: Mapping[int, View], names: Mapping[int, str]
    ) -> "BoundItems":
        """Return the items with other annotations and names, by place."""
        rows = [
            row._replace(view=views[n]) if n in views else row
            for n, row in enumerate(self._rows)
        ]
        return replace(self, _rows=rows, _names={**self._names, **names})

    # Arranging

    def _forget_shared_roots(self) -> None:
        """Let go of the roots that all items share: a PSF makes no relatives."""
        if len(self._rows) < 2:
            return
        shared: frozenset[ItemId] | None = None
        for row in self._rows:
            if row.roots is None:
                return  # it has no root beside the one that would have to be shared
            shared = row.roots if shared is None else shared & row.roots
            if not shared:
                return
        own = [
            (row.roots or frozenset()) - (shared or frozenset()) for row in self._rows
        ]
        if all(own):
            self._rows = [
                row._replace(roots=some)
                for row, some in zip(self._rows, own, strict=True)
            ]

    def _tell_apart(self) -> None:
        """Give parts to the items by which those of the same raw items differ.

        Parts are the values of the keys that differ among them: of a sweep, or which of
        many outputs it is.
        """
        families: dict[frozenset[ItemId], list[int]] = {}
        for n, row in enumerate(self._rows):
            if row.roots is not None:
                families.setdefault(row.roots, []).append(n)
        if not families:
            return  # raw items are no relatives
        for n, row in enumerate(self._rows):
            own = frozenset((row.id,))
            if row.roots is None and own in families:
                families[own].append(n)
        for family in families.values():
            if len(family) > 1:
                self._give_parts(family)

    def _give_parts(self, family: Iterable[int]) -> None:
        views = {n: self._rows[n].view for n in family}
        keys = sorted({key for view in views.values() for key in view})
        telling = [
            key
            for key in keys
            if len({repr(view.get(key)) for view in views.values()}) > 1
        ]
        for n, view in views.items():
            values = ((key, view.get(key)) for key in telling)
            parts = tuple(
                swept_part(key, value)
                for key, value in values
                if value is not None and not isinstance(value, Conflict)
            )
            self._rows[n] = self._rows[n]._replace(parts=parts)


def item_order(item: Item) -> Order:
    """Return what sorts an item: its name as people sort it, then its content.

    Neither the order of import nor the random id decides, so that a group has one
    order, and one fingerprint, in every experiment.
    """
    name, content = item.name, item.content
    return (natural(name), name, content.sha256, item.selector, item.part)


def natural(name: str) -> str:
    """Return what sorts a name as people sort it: by the numbers in it."""
    return _DIGITS.sub(lambda digits: digits[0].zfill(12), name.lower())
