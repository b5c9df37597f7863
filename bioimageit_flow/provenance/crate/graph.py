"""The graph of a crate: JSON-LD entities, each once, known by their ``@id``.

They wait in a file until they are written, one at a time, so that a crate of a hundred
thousand jobs takes no more memory than a small one.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from bioimageit_flow.stores.spooled_entities import Notes, SpooledEntities

Entity = dict[str, Any]
Ref = dict[str, str]


class Graph:
    """Entities in the order in which they were first named.

    Parameters
    ----------
    spool : Path
        The file in which they wait; not there yet, removed by who owns its folder.
    """

    def __init__(self, spool: Path) -> None:
        self._spool = SpooledEntities(spool)
        self._held: dict[str, dict[str, None]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.close()

    def __contains__(self, id_: str) -> bool:
        return id_ in self._spool

    def add(self, id_: str, type_: str | list[str], **properties: object) -> Ref:
        """Add an entity, unless it is there; empty properties are left out."""
        if id_ not in self:
            kept = {
                name: value
                for name, value in properties.items()
                if value is not None and value not in ("", [], {})
            }
            entity = {"@id": id_, "@type": type_, **kept}
            self._spool.add(id_, json.dumps(entity, ensure_ascii=False))
        return ref(id_)

    def extend(self, id_: str, name: str, values: Iterable[Ref]) -> None:
        """Append references to a list property of an entity, each once.

        What is long is better appended than added: it is never in memory as a whole.
        """
        for value in values:
            self._spool.link(id_, name, value["@id"])

    def stand_for(self, file: str, parameter: str, *, is_folder: bool) -> None:
        """Say that a file is what a parameter stood for, which is then of its type."""
        self.extend(file, "exampleOfWork", [ref(parameter)])
        held = self._held.setdefault(parameter, {})
        held["Dataset" if is_folder else "File"] = None

    def entity(self, id_: str) -> Entity:
        """Return an entity as it was added, without what was appended.

        Raises
        ------
        KeyError
            If there is none.
        """
        body = self._spool.body(id_)
        if body is None:
            raise KeyError(id_)
        return _entity(body)

    def entities(self, beginning: str = "") -> Iterator[tuple[str, Entity]]:
        """Go through entities as they were added, by the beginning of their ids."""
        for id_, body in self._spool.bodies(beginning):
            yield id_, _entity(body)

    def notes(self, kind: str) -> Notes:
        """Return texts by key that wait in the same file."""
        return Notes(self._spool, kind)

    def texts(self) -> Iterator[Iterator[str]]:
        """Go through the entities as JSON, each as the pieces of its text.

        A list of one is written as its only value.
        """
        for id_, body in self._spool.bodies():
            yield self._pieces(id_, _entity(body))

    def _pieces(self, id_: str, entity: Entity) -> Iterator[str]:
        linked = self._spool.linked(id_)
        if held := self._held.get(id_):
            entity["additionalType"] = list(held)
        known = {name: _as_list(entity.pop(name, None)) for name in linked}
        plain = {
            name: value[0] if _is_single(name, value) else value
            for name, value in entity.items()
        }
        yield json.dumps(plain, ensure_ascii=False)[:-1]
        for name, values in known.items():
            there = {value["@id"] for value in values}
            added = (ref(one) for one in self._spool.targets(id_, name))
            new = (value for value in added if value["@id"] not in there)
            yield f", {json.dumps(name)}: "
            yield from _list_pieces(chain(values, new))
        yield "}"


def _entity(body: str) -> Entity:
    entity: Entity = json.loads(body)
    return entity


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _list_pieces(values: Iterable[Ref]) -> Iterator[str]:
    """Go through the text of a list that has something in it."""
    rest = iter(values)
    first, second = next(rest), next(rest, None)
    if second is None:
        yield json.dumps(first, ensure_ascii=False)
        return
    yield f"[{json.dumps(first, ensure_ascii=False)}"
    for value in chain((second,), rest):
        yield f", {json.dumps(value, ensure_ascii=False)}"
    yield "]"


def _is_single(name: str, value: object) -> bool:
    return isinstance(value, list) and len(value) == 1 and name != "@type"


def ref(id_: str) -> Ref:
    """Return a reference to an entity."""
    return {"@id": id_}


def refs(ids: Iterable[str]) -> list[Ref]:
    """Return references to entities, each once."""
    return [ref(id_) for id_ in dict.fromkeys(ids)]


def local(*parts: str) -> str:
    """Return the id of an entity that is no file: ``#tool/skimage/gaussian``."""
    return "#" + "/".join(quote(part, safe="@._-") for part in parts)


def short(*parts: str) -> str:
    """Return a short name that stands for some texts."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:16]


def path_id(path: str) -> str:
    """Return the id of a file of the crate."""
    return quote(path, safe="/._-~!$'()*,;=:@&")
