"""The graph of a crate: JSON-LD entities, each once, known by their ``@id``."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

Entity = dict[str, Any]
Ref = dict[str, str]


@dataclass(slots=True)
class Graph:
    """Entities in the order in which they were first named.

    Attributes
    ----------
    entities : dict
        By ``@id``.
    """

    entities: dict[str, Entity] = field(default_factory=dict)

    def add(self, id_: str, type_: str | list[str], **properties: object) -> Ref:
        """Add an entity, unless it is there; empty properties are left out."""
        if id_ not in self.entities:
            kept = {
                name: value
                for name, value in properties.items()
                if value is not None and value not in ("", [], {})
            }
            self.entities[id_] = {"@id": id_, "@type": type_, **kept}
        return ref(id_)

    def as_json(self) -> list[Entity]:
        """Return the entities; a list of one is written as its only value."""
        return [
            {
                name: value[0] if _is_single(name, value) else value
                for name, value in entity.items()
            }
            for entity in self.entities.values()
        ]

    def extend(self, id_: str, name: str, values: Iterable[Ref]) -> None:
        """Append references to a list property of an entity, each once."""
        known = self.entities[id_].setdefault(name, [])
        there = {one["@id"] for one in known}
        for value in values:
            if value["@id"] not in there:
                there.add(value["@id"])
                known.append(value)


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
