"""Rules that give annotations from elsewhere: sheets and image metadata."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import ClassVar

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.annotation_rules import (
    Values,
    check_distinct,
    checked_key,
    posix,
)
from bioimageit_flow.model.chosen import ItemName
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.naming import split_name


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a sheet: what it calls its item, and its values.

    Attributes
    ----------
    number : int
        As people count it.
    name : str
        A name, with folders where names alone do not tell items apart.
    """

    number: int
    name: str
    values: Values


class FromSheet:
    """Rows of a sheet, joined by the names of items.

    A row fits the item of the same name, with the same folders where it gives some, or
    without the extension where it gives none.

    Parameters
    ----------
    title : str
        What people call the sheet.
    lines : iterable of Line
        Its rows.

    Raises
    ------
    DataError
        If two rows name the same item.
    """

    reads_info = False
    misfit: ClassVar = ("item has no row", "items have no row")

    def __init__(self, title: str, lines: Iterable[Line]) -> None:
        self._title = title
        self._lines: dict[str, Line] = {}
        self._taken: Counter[str] = Counter()
        for line in lines:
            name = posix(line.name).strip("/")
            other = self._lines.setdefault(name, line)
            if other is not line:
                raise DataError(
                    f"The rows {other.number} and {line.number} of {title!r} both "
                    f"name {line.name!r}.",
                    remedy="Keep one of them, or name the items with their folders.",
                )
        self.keys = tuple(
            dict.fromkeys(key for one in self._lines.values() for key in one.values)
        )

    @property
    def words(self) -> str:
        """What it does, in words."""
        return f"from the sheet {self._title}"

    def values(self, item: ItemName, _info: DataInfo | None) -> Values | None:
        """Return what an item gets."""
        for name in self._names(item):
            line = self._lines.get(name)
            if line is not None:
                self._taken[name] += 1
                return line.values
        return None

    @staticmethod
    def _names(item: ItemName) -> Iterable[str]:
        parts = PurePosixPath(posix(item.source)).parts if item.source else (item.name,)
        parts = tuple(part for part in parts if part != "/")
        yield from ("/".join(parts[n:]) for n in range(len(parts)))
        yield item.name
        yield split_name(item.name)[0]

    def left_over(self) -> Sequence[str]:
        """Return the rows that no item took."""
        return [
            f"row {line.number}: {line.name or '(no name)'}"
            for name, line in self._lines.items()
            if name not in self._taken
        ]

    def shared(self) -> Sequence[str]:
        """Return the rows that several items took."""
        return [
            f"row {line.number}: {line.name} fits {self._taken[name]} items"
            for name, line in self._lines.items()
            if self._taken[name] > 1
        ]


METADATA = (
    *("axes", "dtype", "size_t", "size_z", "size_c", "size_y", "size_x"),
    *("pixel_size_x_um", "pixel_size_y_um", "pixel_size_z_um"),
    *("time_step_s", "channels", "format"),
)
"""What `FromMetadata` can read."""


@dataclass(slots=True)
class FromMetadata:
    """What the header of an image says.

    Parameters
    ----------
    names : mapping of str to str
        The key for each fact, a word of `METADATA`.
    """

    names: Mapping[str, str]
    reads_info: bool = True
    misfit: ClassVar = (
        "item has a header that says nothing of this",
        "items have a header that says nothing of this",
    )

    def __post_init__(self) -> None:
        for fact, key in self.names.items():
            if fact not in METADATA:
                raise DataError(
                    f"There is no fact {fact!r} in the headers of images.",
                    remedy=f"Choose among {', '.join(METADATA)}.",
                )
            checked_key(key)
        check_distinct(self.keys)

    @property
    def words(self) -> str:
        """What it does, in words."""
        return f"from image metadata: {', '.join(self.names)}"

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that it may set."""
        return tuple(self.names.values())

    def values(self, _item: ItemName, info: DataInfo | None) -> Values | None:
        """Return what an item gets; None where the header says nothing of it."""
        if info is None:
            return None
        facts = _metadata(info)
        found = {key: facts[fact] for fact, key in self.names.items() if fact in facts}
        return found or None

    def left_over(self) -> Sequence[str]:
        """Return nothing."""
        return ()

    def shared(self) -> Sequence[str]:
        """Return nothing."""
        return ()


def _metadata(info: DataInfo) -> Values:
    facts: dict[str, object] = {"format": info.format}
    if info.axes is not None:
        facts |= {"axes": info.axes, "dtype": info.dtype or ""}
        sizes = zip(info.axes.lower(), info.shape, strict=True)
        facts |= {f"size_{axis}": length for axis, length in sizes}
    facts |= {f"pixel_size_{axis}_um": one for axis, one in info.pixel_size_um.items()}
    if info.time_step_s is not None:
        facts["time_step_s"] = info.time_step_s
    if info.channels:
        facts["channels"] = ", ".join(info.channels)
    return facts
