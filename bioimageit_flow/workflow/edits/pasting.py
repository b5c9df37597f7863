"""Taking a part of a workflow out, and putting one in: copy, paste, duplicate.

What is copied is a workflow itself, so the clipboard holds the same text as a file.
"""

from collections.abc import Collection
from dataclasses import dataclass

from bioimageit_flow.model.ids import is_uuid
from bioimageit_flow.workflow.document import Document, Point, Source
from bioimageit_flow.workflow.edits.changing import free_id, free_name
from bioimageit_flow.workflow.edits.places import (
    NOTE_SIZE,
    note_ids,
    taken_ids,
    with_named_notes,
)
from bioimageit_flow.workflow.edits.wires import with_sources_replaced


def extract(document: Document, ids: Collection[str]) -> Document:
    """Return a workflow of some nodes, dataset inputs, notes and frames.

    Wires from elsewhere are kept in it: pasting with its inputs finds them again.

    Parameters
    ----------
    document : Document
        Where they are.
    ids : collection of str
        Which; a frame brings along what it carries.
    """
    document = with_named_notes(document)
    layout = document.layout
    chosen = set(ids)
    for frame in layout.frames:
        if frame.id in chosen:
            chosen.update(frame.nodes)
    nodes = {name: node for name, node in document.nodes.items() if name in chosen}
    keys = {
        str(edge)
        for edge in document.edges()
        if edge.node in nodes
        and (edge.source.node in nodes or edge.source.node in chosen)
    }
    return document.model_copy(
        update={
            "description": "",
            "nodes": nodes,
            "inputs": {n: e for n, e in document.inputs.items() if n in chosen},
            "outputs": {
                name: text
                for name, text in document.outputs.items()
                if Source.parse(text).node in chosen
            },
            "filters": tuple(one for one in document.filters if one.node in chosen),
            "notes": tuple(note for note in document.notes if note.id in chosen),
            "layout": layout.model_copy(
                update={
                    "nodes": {n: xy for n, xy in layout.nodes.items() if n in chosen},
                    "notes": {n: xy for n, xy in layout.notes.items() if n in chosen},
                    "frames": tuple(f for f in layout.frames if f.id in chosen),
                    "waypoints": {
                        key: points
                        for key, points in layout.waypoints.items()
                        if key in keys
                    },
                    "view": {},
                }
            ),
        }
    )


@dataclass(frozen=True, slots=True)
class Pasted:
    """A document with something put in, and the new ids by the old."""

    document: Document
    ids: dict[str, str]


def paste(
    document: Document,
    part: Document,
    *,
    shift: Point = (0.0, 0.0),
    with_inputs: bool = False,
) -> Pasted:
    """Put a workflow into another, under names that are free.

    Parameters
    ----------
    document : Document
        Into which.
    part : Document
        What `extract` gave, or any workflow.
    shift : tuple of float
        By how much it is moved.
    with_inputs : bool
        Whether wires from outside of the part are kept where their source is there.
    """
    assert is_uuid(document.id)
    document, part = with_named_notes(document), with_named_notes(part)
    ids = _new_ids(document, part)
    known = {*document.inputs, *document.nodes}

    def moved(source: Source) -> Source | None:
        if source.node in part.nodes or source.node in part.inputs:
            return source.model_copy(update={"node": ids[source.node]})
        return source if with_inputs and source.node in known else None

    rewired = with_sources_replaced(part, moved)
    outputs = dict(document.outputs)
    for name, text in rewired.outputs.items():
        if Source.parse(text).node in ids.values():
            outputs[free_name(name, set(outputs), is_port=True)] = text
    filters = tuple(
        one.model_copy(update={"node": ids[one.node]})
        for one in part.filters
        if one.node in ids
    )
    notes = tuple(note.model_copy(update={"id": ids[note.id]}) for note in part.notes)
    nodes = {ids[name]: node for name, node in rewired.nodes.items()}
    joined = document.model_copy(
        update={
            "nodes": {**document.nodes, **nodes},
            "inputs": {
                **document.inputs,
                **{ids[name]: entry for name, entry in part.inputs.items()},
            },
            "outputs": outputs,
            "filters": (*document.filters, *filters),
            "notes": (*document.notes, *notes),
        }
    )
    return Pasted(_with_joined_layout(joined, part, ids, shift), ids)


def _new_ids(document: Document, part: Document) -> dict[str, str]:
    ids: dict[str, str] = {}
    taken = set(taken_ids(document))
    for name in taken_ids(part):
        free = name if name not in taken else free_name(name, taken)
        while free in document.nodes or free in document.inputs:
            free = free_id(document, free)
        taken.add(free)
        ids[name] = free
    return ids


def _with_joined_layout(
    document: Document, part: Document, ids: dict[str, str], shift: Point
) -> Document:
    dx, dy = shift
    old, new = document.layout, part.layout
    keys = {str(edge) for edge in document.edges()}
    waypoints = dict(old.waypoints)
    for key, points in new.waypoints.items():
        renamed = _renamed_key(key, ids)
        if renamed in keys:
            waypoints[renamed] = tuple((x + dx, y + dy) for x, y in points)
    frames = tuple(
        frame.model_copy(
            update={
                "id": ids[frame.id],
                "rect": (frame.rect[0] + dx, frame.rect[1] + dy, *frame.rect[2:]),
                "nodes": tuple(ids[name] for name in frame.nodes if name in ids),
            }
        )
        for frame in new.frames
    )
    layout = old.model_copy(
        update={
            "nodes": {
                **old.nodes,
                **{
                    ids[name]: (x + dx, y + dy)
                    for name, (x, y) in new.nodes.items()
                    if name in ids
                },
            },
            "notes": {
                **old.notes,
                **{
                    ids[name]: (rect[0] + dx, rect[1] + dy, *rect[2:])
                    for name, rect in new.notes.items()
                    if name in ids
                },
            },
            "frames": (*old.frames, *frames),
            "waypoints": waypoints,
        }
    )
    return document.model_copy(update={"layout": layout})


def _renamed_key(key: str, ids: dict[str, str]) -> str:
    ends = []
    for end in key.split(" -> "):
        node, dot, port = end.partition(".")
        ends.append(f"{ids.get(node, node)}{dot}{port}")
    return " -> ".join(ends)


def corner(document: Document) -> Point:
    """Return the upper left corner of all that has a place; (0, 0) if nothing has."""
    layout = document.layout
    points = [
        *layout.nodes.values(),
        *(rect[:2] for rect in layout.notes.values()),
        *(frame.rect[:2] for frame in layout.frames),
    ]
    if not points:
        return (0.0, 0.0)
    return (min(x for x, _ in points), min(y for _, y in points))


__all__ = ["NOTE_SIZE", "Pasted", "corner", "extract", "note_ids", "paste"]
