"""Edits that put a tool in a place: onto a wire, instead of another, or out again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bioimageit_flow.model.tool import Tool
from bioimageit_flow.workflow.document import Document, Edge, Source
from bioimageit_flow.workflow.edits.changing import node_of, with_node
from bioimageit_flow.workflow.edits.nodes import remove_nodes
from bioimageit_flow.workflow.edits.wires import (
    connect,
    replace_source,
    with_sources_replaced,
    without_stale_waypoints,
)
from bioimageit_flow.workflow.interface import Offer, Ported, offer_of
from bioimageit_flow.workflow.rules import offered
from bioimageit_flow.workflow.suggestions import closeness, fits


def insert_on(
    document: Document, edge: Edge, name: str, takes: str, gives: str, *, group: bool
) -> Document:
    """Lead a wire through a node: in by one of its ports, out by another."""
    document = replace_source(document, edge, Source(node=name, port=gives))
    return connect(document, Edge(edge.source, name, takes), takes_group=group)


def remove_and_reconnect(
    document: Document, names: Collection[str], tools: Mapping[str, Ported]
) -> Document:
    """Remove nodes and let what came into them go on to what came after them.

    A wire whose kinds do not fit goes with the node.
    """
    gone = set(names)
    through: dict[str, str] = {}
    for name in gone:
        node = document.nodes.get(name)
        if node is None:
            continue
        behind = tools.get(name)
        sources = [one for port in node.wires for one in node.sources(port)]
        outs = behind.outputs if behind is not None else {}
        used = {
            edge.source.port
            for edge in document.edges()
            if edge.source.node == name and edge.source.port
        }
        for out in {*outs, *used}:
            if sources:
                through[f"{name}.{out}"] = str(sources[0])
            for one in sources:
                offer = offered(document, tools, one)
                if (
                    out in outs
                    and isinstance(offer, Offer)
                    and offer.kind is outs[out].kind
                ):
                    through[f"{name}.{out}"] = str(one)
                    break

    def followed(source: Source) -> Source | None:
        text = str(source)
        for _ in range(len(through) + 1):
            if text not in through:
                break
            text = through[text]
        found = Source.parse(text)
        return None if found.node in gone else found

    lost: list[tuple[Source, str, str]] = []
    for name, node in document.nodes.items():
        if name in gone or name not in tools:
            continue
        for port, wanted in tools[name].inputs.items():
            for one in node.sources(port):
                if one.node not in gone:
                    continue
                end = followed(one)
                offer = offered(document, tools, end) if end else ""
                if isinstance(offer, str) or not fits(wanted, offer):
                    lost.append((one, name, port))
    for source, name, port in lost:
        document = _without(document, source, name, port)
    return remove_nodes(with_sources_replaced(document, followed), gone)


def _without(document: Document, source: Source, node: str, port: str) -> Document:
    entry = document.nodes[node]
    left = tuple(str(one) for one in entry.sources(port) if one != source)
    wires = {name: wire for name, wire in entry.wires.items() if name != port}
    match = dict(entry.match)
    if left:
        was_one = isinstance(entry.wires[port], str)
        wires[port] = left[0] if was_one else left
    else:
        match.pop(port, None)
    return with_node(document, node, wires=wires, match=match)


@dataclass(frozen=True, slots=True)
class Swap:
    """A document with another tool, and what had no place in it.

    Attributes
    ----------
    lost_wires : tuple of str
        Keys of wires that fit no port of the new tool.
    lost_parameters : tuple of str
        Names of parameters that it does not have, or whose value it does not take.
    """

    document: Document
    lost_wires: tuple[str, ...] = ()
    lost_parameters: tuple[str, ...] = ()


def swap_tool(
    document: Document, name: str, new: Tool, tools: Mapping[str, Ported]
) -> Swap:
    """Put another tool in the place of a node's.

    Wires keep their port if the new tool has one of that name that takes them, else go
    to the free port that fits best. Parameters are kept by name where the value fits.
    """
    node = node_of(document, name)
    old = tools.get(name)
    lost: list[str] = []
    wires: dict[str, str | tuple[str, ...]] = {}
    renamed: dict[str, str] = {}
    for port in sorted(node.wires, key=lambda one: one not in new.inputs):
        sources = node.sources(port)
        target = _new_input(document, tools, new, port, sources, set(wires))
        if target is None:
            lost += [str(Edge(one, name, port)) for one in sources]
            continue
        renamed[port] = target
        texts = tuple(str(one) for one in sources)
        if new.inputs[target].takes == "group":
            wires[target] = texts
        else:
            wires[target] = texts[0]
            lost += [str(Edge(one, name, port)) for one in sources[1:]]
    parameters, missing = {}, []
    for key, value in node.parameters.items():
        if _takes_parameter(new, key, value):
            parameters[key] = value
        else:
            missing.append(key)
    document = with_node(
        document,
        name,
        tool=new.ref,
        workflow=None,
        wires=wires,
        parameters=parameters,
        match={renamed[p]: rule for p, rule in node.match.items() if p in renamed},
        group_by=node.group_by if new.takes_group else (),
    )
    outputs = _new_outputs(document, name, new, old)
    lost += [
        str(edge)
        for edge in document.edges()
        if edge.source.node == name and outputs.get(edge.source.port or "") is None
    ]

    def moved(source: Source) -> Source | None:
        if source.node != name:
            return source
        port = outputs.get(source.port or "")
        return None if port is None else Source(node=name, port=port)

    swapped = without_stale_waypoints(with_sources_replaced(document, moved))
    return Swap(swapped, tuple(dict.fromkeys(lost)), tuple(missing))


def _new_input(
    document: Document,
    tools: Mapping[str, Ported],
    new: Tool,
    port: str,
    sources: tuple[Source, ...],
    taken: set[str],
) -> str | None:
    found = [offered(document, tools, one) for one in sources]
    offers = [one if isinstance(one, Offer) else None for one in found]
    if port in new.inputs and all(fits(new.inputs[port], one) for one in offers):
        return port
    best, name = 0.0, None
    for candidate, wanted in new.inputs.items():
        close = min((closeness(wanted, one) for one in offers), default=0.0)
        if candidate not in taken and close > best:
            best, name = close, candidate
    return name


def _new_outputs(
    document: Document, name: str, new: Tool, old: Ported | None
) -> dict[str, str]:
    used = [
        Source.parse(text)
        for text in (
            *(str(edge.source) for edge in document.edges()),
            *document.outputs.values(),
        )
    ]
    ports = dict.fromkeys(one.port for one in used if one.node == name and one.port)
    found: dict[str, str] = {port: port for port in ports if port in new.outputs}
    for port in ports:
        if port in found or old is None or port not in old.outputs:
            continue
        kind = old.outputs[port].kind
        free = [one for one in new.outputs if one not in found.values()]
        same = [one for one in free if offer_of(new.outputs[one]).kind is kind]
        if same:
            found[port] = same[0]
    return found


def _takes_parameter(new: Tool, name: str, value: object) -> bool:
    if name not in new.parameters:
        return False
    if isinstance(value, bool | int | float | str | list):
        try:
            new.parameters[name].check(value)
        except ValueError:
            return False
    return True
