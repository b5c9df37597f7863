"""Bodies of the records of changes: the same in every store."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.changes import ChangeKind
from bioimageit_flow.stores.times import time_text

Body = dict[str, object]


class Row(NamedTuple):
    """One value of one item that changes; values are JSON texts."""

    item: str
    aspect: str
    key: str
    old: str | None
    new: str | None


class RowsHash:
    """The hash of the rows of a change, in their order."""

    def __init__(self) -> None:
        self.count = 0
        self._hash = sha256()

    def take(self, rows: Iterable[Row]) -> None:
        """Add rows."""
        # JSON texts have no tabs, and keys have none either.
        lines = [
            f"{item}\t{aspect}\t{key}\t{old or ''}\t{new or ''}\n"
            for item, aspect, key, old, new in rows
        ]
        self.take_lines(len(lines), "".join(lines))

    def take_lines(self, count: int, lines: str) -> None:
        """Add rows that are written as lines already."""
        self.count += count
        self._hash.update(lines.encode("utf-8", "surrogatepass"))

    def digest(self) -> str:
        """Return the hash of the rows so far."""
        return self._hash.hexdigest()


def change_body(
    n: int,
    kind: ChangeKind,
    user: str,
    at: datetime,
    note: str,
    undoes: int | None,
    rows: RowsHash,
    details: Mapping[str, object],
    orcid: str = "",
) -> Body:
    """Return the body of the record of a change."""
    return {
        "n": n,
        "kind": str(kind),
        "user": user,
        "at": time_text(at),
        "note": note,
        "undoes": undoes,
        "rows": rows.count,
        "rows_sha256": rows.digest(),
        "details": dict(details),
        **({"orcid": orcid} if orcid else {}),
    }


def nothing_to_undo() -> StoreError:
    """Return the error of undoing where nothing was changed."""
    return StoreError(
        "There is no change that can be undone.",
        remedy="List the changes with `bioimageit-flow changes EXPERIMENT`.",
    )


def changed_since(item: str, key: str) -> StoreError:
    """Return the error of undoing what somebody has changed again."""
    what = f"The annotation {key!r} of item" if key else "The item"
    return StoreError(
        f"{what} {item} was changed again since; nothing was undone.",
        remedy="Undo the later change first.",
        item=item,
    )
