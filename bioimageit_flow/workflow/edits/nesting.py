"""Making a subworkflow of some nodes, and nodes of a subworkflow again."""

from collections.abc import Collection, Mapping
from uuid import uuid4

from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.workflow.document import DatasetInput, Document, Source
from bioimageit_flow.workflow.edits.changing import (
    free_id,
    free_name,
    is_port_name,
    node_of,
    with_node,
)
from bioimageit_flow.workflow.edits.nodes import add_node, remove_nodes
from bioimageit_flow.workflow.edits.pasting import corner, extract, paste
from bioimageit_flow.workflow.edits.places import move
from bioimageit_flow.workflow.edits.wires import with_sources_replaced
from bioimageit_flow.workflow.file import plain_of
from bioimageit_flow.workflow.interface import Offer, Ported
from bioimageit_flow.workflow.rules import offered


def make_subworkflow(
    document: Document,
    ids: Collection[str],
    title: str,
    tools: Mapping[str, Ported],
) -> tuple[Document, str]:
    """Put nodes into a subworkflow; returns the id of its node too.

    What comes in from elsewhere becomes a dataset input of the subworkflow, what is
    used elsewhere an output. Dataset inputs stay outside.

    Raises
    ------
    WorkflowError
        If there is no node among the ids, or something outside stands between them.
    """
    chosen = [name for name in document.nodes if name in set(ids)]
    if not chosen:
        raise WorkflowError(
            "There is no node to put into a subworkflow.",
            remedy="Select some nodes; dataset inputs stay outside.",
        )
    _require_no_detour(document, set(chosen))
    kept = [one for one in ids if one not in document.inputs]
    part = extract(document, kept)
    part = part.model_copy(update={"inputs": {}, "outputs": {}})
    entries = _entries(document, chosen, tools)
    exits = _exits(document, chosen)
    inner = with_sources_replaced(
        part,
        lambda one: (
            one if one.node in part.nodes else Source(node=entries[str(one)][0])
        ),
    )
    inner = inner.model_copy(
        update={
            "id": str(uuid4()),
            "name": title or "Subworkflow",
            "inputs": dict(entries.values()),
            "outputs": {name: text for text, name in exits.items()},
            "authors": (),
        }
    )
    at = corner(extract(document, chosen))
    name = free_id(document, title.lower().replace(" ", "_") or "subworkflow")
    wires = {entry: text for text, (entry, _) in entries.items()}

    def outward(source: Source) -> Source | None:
        text = str(source)
        return Source(node=name, port=exits[text]) if text in exits else source

    outer = add_node(document, name, workflow=plain_of(inner), wires=wires, label=title)
    chosen_nodes = {one: outer.nodes[one] for one in chosen}
    outer = with_sources_replaced(outer, outward)
    outer = outer.model_copy(update={"nodes": {**outer.nodes, **chosen_nodes}})
    frames = [frame.id for frame in document.layout.frames if frame.id in set(ids)]
    outer = remove_nodes(outer, chosen)
    layout = outer.layout.model_copy(
        update={
            "frames": tuple(f for f in outer.layout.frames if f.id not in frames),
            "notes": {
                n: rect
                for n, rect in outer.layout.notes.items()
                if n not in {note.id for note in part.notes}
            },
        }
    )
    inner_notes = {note.id for note in part.notes}
    outer = outer.model_copy(
        update={
            "layout": layout,
            "notes": tuple(note for note in outer.notes if note.id not in inner_notes),
        }
    )
    return move(outer, {name: at}), name


def _require_no_detour(document: Document, chosen: set[str]) -> None:
    from bioimageit_flow.workflow.structure import above, below

    between = (below(document, chosen) & above(document, chosen)) - chosen
    if between:
        names = ", ".join(sorted(between))
        raise WorkflowError(
            f"These nodes cannot be one subworkflow: {names} would have to run in the "
            "middle of it.",
            remedy=f"Add {names} to the selection.",
        )


def _entries(
    document: Document, chosen: Collection[str], tools: Mapping[str, Ported]
) -> dict[str, tuple[str, DatasetInput]]:
    """Return the dataset inputs of the subworkflow, by the source outside."""
    inside = set(chosen)
    entries: dict[str, tuple[str, DatasetInput]] = {}
    taken = set(chosen)
    for edge in document.edges():
        text = str(edge.source)
        if edge.node not in inside or edge.source.node in inside or text in entries:
            continue
        wanted = edge.source.node if edge.source.port is None else edge.port
        name = free_name(wanted, taken, is_port=True)
        taken.add(name)
        offer = offered(document, tools, edge.source)
        behind = tools.get(edge.node)
        port = behind.inputs.get(edge.port) if behind is not None else None
        fields: dict[str, object] = {"kind": "file"}
        if port is not None:
            fields = {"kind": port.kind, "axes": port.axes, "help": port.help}
        if isinstance(offer, Offer):
            fields |= {"kind": offer.kind, "axes": offer.axes}
        entries[text] = (name, DatasetInput.model_validate(fields))
    return entries


def _exits(document: Document, chosen: Collection[str]) -> dict[str, str]:
    """Return the outputs of the subworkflow, by the source inside."""
    inside = set(chosen)
    wanted: dict[str, str] = {}
    for name, text in document.outputs.items():
        if Source.parse(text).node in inside:
            wanted.setdefault(text, name)
    for edge in document.edges():
        if edge.source.node in inside and edge.node not in inside:
            wanted.setdefault(str(edge.source), edge.source.port or "")
    taken: set[str] = set()
    exits = {}
    for text, name in wanted.items():
        exits[text] = free_name(name, taken, is_port=True)
        taken.add(exits[text])
    return exits


def unpack(
    document: Document, name: str, inner: Document
) -> tuple[Document, list[str]]:
    """Put the nodes of a subworkflow in its place; returns their ids too.

    Parameters
    ----------
    document : Document
        Where its node is.
    name : str
        The node.
    inner : Document
        What is in it.
    """
    node = node_of(document, name)
    outer = {port: node.sources(port) for port in node.wires}
    place = document.layout.nodes.get(name, (0.0, 0.0))
    part = inner.model_copy(
        update={
            "inputs": {},
            "outputs": {},
            "layout": inner.layout.model_copy(
                update={
                    "nodes": {
                        one: xy
                        for one, xy in inner.layout.nodes.items()
                        if one in inner.nodes
                    }
                }
            ),
        }
    )
    left, top = corner(part)
    entries = {entry: f"entry__{entry}" for entry in inner.inputs}
    part = with_sources_replaced(
        part,
        lambda one: Source(node=entries[one.node]) if one.node in entries else one,
    )
    # stand-ins, so that the wires from outside survive the pasting
    stand_ins = {stand_in: inner.inputs[entry] for entry, stand_in in entries.items()}
    held = document.model_copy(update={"inputs": {**document.inputs, **stand_ins}})
    pasted = paste(
        held, part, shift=(place[0] - left, place[1] - top), with_inputs=True
    )
    ids = pasted.ids

    def resolved(source: Source) -> Source | None:
        if source.node == name and source.port is not None:
            text = inner.outputs.get(source.port)
            if text is None:
                return None
            found = Source.parse(text)
            if found.node in inner.inputs:
                return _first(outer.get(found.node, ()))
            return found.model_copy(update={"node": ids[found.node]})
        for entry, stand_in in entries.items():
            if source.node == stand_in:
                return _first(outer.get(entry, ()))
        return source

    result = pasted.document.model_copy(
        update={
            "inputs": {
                one: entry
                for one, entry in pasted.document.inputs.items()
                if one not in stand_ins
            }
        }
    )
    result = with_sources_replaced(result, resolved)
    result = remove_nodes(result, [name])
    if node.state != "enabled":
        for one in inner.nodes:
            result = with_node(result, ids[one], state=node.state)
    if "job" in (node.isolation, inner.isolation):
        for one in inner.nodes:
            result = with_node(result, ids[one], isolation="job")
    return result, [ids[one] for one in inner.nodes]


def _first(sources: tuple[Source, ...]) -> Source | None:
    return sources[0] if sources else None


__all__ = ["is_port_name", "make_subworkflow", "unpack"]
