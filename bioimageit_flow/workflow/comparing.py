"""What differs between two workflows; where things are drawn does not count."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bioimageit_flow.workflow.document import Document, Node


class Manner(StrEnum):
    """How something differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs.

    Attributes
    ----------
    manner : Manner
        Whether it came, went or changed.
    what : str
        ``node``, ``input``, ``wire``, ``parameter``, ``tool``, ``state``, ``match``,
        ``group_by``, ``isolation``, ``label``, ``output``, ``filter``, ``note``,
        ``about`` or ``other``.
    name : str
        Of the node, input, output or field; the key of a wire; ``node.parameter``.
    before, after : object
        As the file says it; None where there is none.
    """

    manner: Manner
    what: str
    name: str
    before: object = None
    after: object = None

    def as_json(self) -> dict[str, object]:
        """Return it as a plain dictionary."""
        return {
            "manner": str(self.manner),
            "what": self.what,
            "name": self.name,
            "before": self.before,
            "after": self.after,
        }


def compare(old: Document, new: Document) -> list[Difference]:
    """Return what differs, in the order of the file: about, inputs, nodes, outputs.

    A node that only has another name is one that went and one that came, as for the
    wires: the name is what results are known by.
    """
    return [
        *_about(old, new),
        *_inputs(old, new),
        *_nodes(old, new),
        *_wires(old, new),
        *_mapping("output", old.outputs, new.outputs),
        *_listed("filter", _plains(old.filters), _plains(new.filters)),
        *_listed("note", [n.text for n in old.notes], [n.text for n in new.notes]),
        *_mapping("other", old.model_extra or {}, new.model_extra or {}),
    ]


def _about(old: Document, new: Document) -> Iterator[Difference]:
    for field in ("id", "name", "description", "licence", "isolation"):
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield Difference(Manner.CHANGED, "about", field, before, after)
    if old.authors != new.authors:
        names = [[a.name for a in one.authors] for one in (old, new)]
        yield Difference(Manner.CHANGED, "about", "authors", *names)


def _inputs(old: Document, new: Document) -> Iterator[Difference]:
    before, after = _plain_of(old.inputs), _plain_of(new.inputs)
    both = [name for name in before if name in after]
    alike = dict.fromkeys(both)
    yield from _mapping("input", {**before, **alike}, {**after, **alike})
    for name in both:
        yield from _mapping("input", before[name], after[name], prefix=f"{name}.")


def _nodes(old: Document, new: Document) -> Iterator[Difference]:
    for name in _every(old.nodes, new.nodes):
        before, after = old.nodes.get(name), new.nodes.get(name)
        if after is None and before is not None:
            yield Difference(Manner.REMOVED, "node", name, _behind(before), None)
        elif before is None and after is not None:
            yield Difference(Manner.ADDED, "node", name, None, _behind(after))
        elif before is not None and after is not None and before != after:
            yield from _node(name, before, after)


def _node(name: str, old: Node, new: Node) -> Iterator[Difference]:
    if old.tool != new.tool or (old.workflow is None) != (new.workflow is None):
        yield Difference(Manner.CHANGED, "tool", name, _behind(old), _behind(new))
    elif old.workflow != new.workflow:
        yield from _inner(name, old.workflow, new.workflow)
    plain_old, plain_new = _plain(old), _plain(new)
    for key in ("label", "state", "where", "group_by", "match", "isolation"):
        before, after = plain_old.get(key), plain_new.get(key)
        if before != after:
            yield Difference(Manner.CHANGED, key, name, before, after)
    yield from _mapping(
        "parameter",
        plain_old.get("parameters", {}),
        plain_new.get("parameters", {}),
        prefix=f"{name}.",
    )
    yield from _mapping(
        "other", old.model_extra or {}, new.model_extra or {}, prefix=f"{name}."
    )


def _inner(name: str, old: object, new: object) -> Iterator[Difference]:
    from bioimageit_flow.workflow.file import document_of

    if isinstance(old, dict) and isinstance(new, dict):
        for one in compare(document_of(old), document_of(new)):
            yield Difference(
                one.manner, one.what, f"{name}/{one.name}", one.before, one.after
            )
        return
    yield Difference(Manner.CHANGED, "tool", name, _inner_name(old), _inner_name(new))


def _inner_name(workflow: object) -> str:
    return workflow if isinstance(workflow, str) else "inline subworkflow"


def _behind(node: Node) -> str:
    return node.tool or node.where or _inner_name(node.workflow)


def _wires(old: Document, new: Document) -> Iterator[Difference]:
    before = [str(edge) for edge in old.edges()]
    after = [str(edge) for edge in new.edges()]
    yield from _listed("wire", before, after)
    for name in _every(old.nodes, new.nodes):
        for port in new.nodes[name].wires if name in new.nodes else ():
            if name not in old.nodes:
                continue
            order = [str(s) for s in old.nodes[name].sources(port)]
            others = [str(s) for s in new.nodes[name].sources(port)]
            if order != others and sorted(order) == sorted(others):
                place = f"{name}.{port} (order)"
                yield Difference(Manner.CHANGED, "wire", place, order, others)


def _mapping(
    what: str, old: Mapping[str, Any], new: Mapping[str, Any], *, prefix: str = ""
) -> Iterator[Difference]:
    for name in _every(old, new):
        full = f"{prefix}{name}"
        if name not in new:
            yield Difference(Manner.REMOVED, what, full, old[name], None)
        elif name not in old:
            yield Difference(Manner.ADDED, what, full, None, new[name])
        elif old[name] != new[name]:
            yield Difference(Manner.CHANGED, what, full, old[name], new[name])


def _listed(what: str, old: list[str], new: list[str]) -> Iterator[Difference]:
    for one in dict.fromkeys(old):
        if one not in new:
            yield Difference(Manner.REMOVED, what, one)
    for one in dict.fromkeys(new):
        if one not in old:
            yield Difference(Manner.ADDED, what, one)


def _every(old: Iterable[str], new: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*old, *new]))


def _plain(model: Any) -> dict[str, Any]:  # noqa: ANN401 - any part of a document
    plain: dict[str, Any] = model.model_dump(
        mode="json", by_alias=True, exclude_defaults=True
    )
    return plain


def _plain_of(models: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(one) for name, one in models.items()}


def _plains(models: Iterable[Any]) -> list[str]:
    return [
        ", ".join(f"{key}: {value}" for key, value in _plain(one).items())
        for one in models
    ]
