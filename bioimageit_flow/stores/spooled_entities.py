"""Entities of a graph that is too large for memory: kept in a file until written.

They are added in any order, each once, and are linked to others after they were added.
The file is a database of its own, without a name or in a scratch folder.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Self

from bioimageit_flow.stores.scratch_database import ScratchDatabase

_TABLES = """
CREATE TABLE entities (n INTEGER PRIMARY KEY, id TEXT UNIQUE, body TEXT);
CREATE TABLE links (
    n INTEGER PRIMARY KEY, entity INTEGER, name TEXT, target TEXT,
    UNIQUE (entity, name, target)
);
CREATE TABLE notes (kind TEXT, key TEXT, value TEXT, PRIMARY KEY (kind, key));
"""
_LINK = """
INSERT OR IGNORE INTO links (entity, name, target)
SELECT n, ?, ? FROM entities WHERE id = ?
"""
_NAMES = """
SELECT DISTINCT name FROM links JOIN entities ON entities.n = entity WHERE id = ?
"""
_TARGETS = """
SELECT target FROM links JOIN entities ON entities.n = entity
WHERE id = ? AND name = ? ORDER BY links.n
"""


class SpooledEntities:
    """Texts by id, in the order in which they came, with links between them.

    Parameters
    ----------
    path : Path or None
        A file that is not there yet. Who owns its folder removes it. None for a file
        without a name, which is gone when it is let go of.

    Raises
    ------
    OSError
        From every method, if the file cannot be written or read.
    """

    def __init__(self, path: Path | None) -> None:
        self._database = ScratchDatabase(_TABLES, path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def add(self, id_: str, body: str) -> None:
        """Keep an entity, unless it is there."""
        query = "INSERT OR IGNORE INTO entities (id, body) VALUES (?, ?)"
        self._database.execute(query, (id_, body))

    def link(self, id_: str, name: str, target: str) -> None:
        """Let a property of an entity that is there name another one, once."""
        self._database.execute(_LINK, (name, target, id_))

    def __contains__(self, id_: str) -> bool:
        query = "SELECT 1 FROM entities WHERE id = ?"
        return self._database.execute(query, (id_,)).fetchone() is not None

    def body(self, id_: str) -> str | None:
        """Return an entity as it was added; None if it was not."""
        query = "SELECT body FROM entities WHERE id = ?"
        row = self._database.execute(query, (id_,)).fetchone()
        return None if row is None else str(row[0])

    def bodies(self, beginning: str = "") -> Iterator[tuple[str, str]]:
        """Go through entities, of those whose id begins so, in order."""
        query = "SELECT id, body FROM entities WHERE substr(id, 1, ?) = ? ORDER BY n"
        yield from self._database.execute(query, (len(beginning), beginning))

    def linked(self, id_: str) -> list[str]:
        """Return which properties of an entity link to others."""
        return [str(name) for (name,) in self._database.execute(_NAMES, (id_,))]

    def targets(self, id_: str, name: str) -> Iterator[str]:
        """Go through what a property links to, in the order of linking."""
        for (target,) in self._database.execute(_TARGETS, (id_, name)):
            yield str(target)

    def note(self, kind: str, key: str, value: str) -> None:
        """Keep a text under a key, in place of what stood there."""
        query = "INSERT OR REPLACE INTO notes VALUES (?, ?, ?)"
        self._database.execute(query, (kind, key, value))

    def noted(self, kind: str, key: str) -> str | None:
        """Return the text of a key; None if there is none."""
        query = "SELECT value FROM notes WHERE kind = ? AND key = ?"
        row = self._database.execute(query, (kind, key)).fetchone()
        return None if row is None else str(row[0])

    def notes(self, kind: str, *, backwards: bool = False) -> Iterator[tuple[str, str]]:
        """Go through the keys of a kind with their texts, as they were kept."""
        query = "SELECT key, value FROM notes WHERE kind = ? ORDER BY rowid"
        query += " DESC" if backwards else ""
        for key, value in self._database.execute(query, (kind,)):
            yield str(key), str(value)


class Notes:
    """Texts by key, of one kind; as many as there are, they take no memory."""

    def __init__(self, spool: SpooledEntities, kind: str) -> None:
        self._spool, self._kind = spool, kind

    def __setitem__(self, key: str, value: str) -> None:
        self._spool.note(self._kind, key, value)

    def get(self, key: str) -> str | None:
        """Return the text of a key; None if there is none."""
        return self._spool.noted(self._kind, key)

    def __getitem__(self, key: str) -> str:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def items(self, *, backwards: bool = False) -> Iterator[tuple[str, str]]:
        """Go through keys and texts, as they were kept or the other way."""
        return self._spool.notes(self._kind, backwards=backwards)
