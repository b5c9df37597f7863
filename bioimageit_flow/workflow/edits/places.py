"""Edits of the layout: places of nodes, frames, notes and waypoints."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.workflow.document import (
    Document,
    Frame,
    Note,
    Point,
    Rectangle,
)
from bioimageit_flow.workflow.edits.changing import free_name, with_layout

NOTE_SIZE = (220.0, 120.0)


def note_ids(document: Document) -> tuple[str, ...]:
    """Return the ids of the notes: their own, or ``note_1`` and so on."""
    return tuple(
        note.id or f"note_{number}"
        for number, note in enumerate(document.notes, start=1)
    )


def note_places(document: Document) -> dict[str, Rectangle]:
    """Return where every note is, also those to which the file gives no place."""
    known = document.layout.notes
    return {
        id_: known.get(id_, (0.0, -160.0 - 140.0 * number, *NOTE_SIZE))
        for number, id_ in enumerate(note_ids(document))
    }


def with_named_notes(document: Document) -> Document:
    """Return a document each of whose notes carries its id."""
    if all(note.id for note in document.notes):
        return document
    notes = tuple(
        note.model_copy(update={"id": id_})
        for id_, note in zip(note_ids(document), document.notes, strict=True)
    )
    return document.model_copy(update={"notes": notes})


def add_note(document: Document, text: str, at: Point) -> tuple[Document, str]:
    """Add a note; returns its id too."""
    document = with_named_notes(document)
    id_ = free_name("note", set(taken_ids(document)))
    notes = (*document.notes, Note(text=text, id=id_))
    places = {**document.layout.notes, id_: (*_point(at), *NOTE_SIZE)}
    document = document.model_copy(update={"notes": notes})
    return with_layout(document, notes=places), id_


def set_note(document: Document, id_: str, text: str) -> Document:
    """Change the text of a note."""
    document = with_named_notes(document)
    if id_ not in note_ids(document):
        raise WorkflowError(f"There is no note called {id_!r}.")
    notes = tuple(
        note.model_copy(update={"text": text}) if note.id == id_ else note
        for note in document.notes
    )
    return document.model_copy(update={"notes": notes})


def remove_notes(document: Document, ids: Collection[str]) -> Document:
    """Remove notes, also from the frames that carry them."""
    if not ids:
        return document
    document = with_named_notes(document)
    layout = document.layout
    notes = tuple(note for note in document.notes if note.id not in ids)
    return with_layout(
        document.model_copy(update={"notes": notes}),
        notes={id_: rect for id_, rect in layout.notes.items() if id_ not in ids},
        frames=tuple(
            frame.model_copy(
                update={"nodes": tuple(n for n in frame.nodes if n not in ids)}
            )
            for frame in layout.frames
        ),
    )


def add_frame(
    document: Document,
    members: Iterable[str],
    title: str,
    rect: Rectangle,
    colour: str = "grey",
) -> tuple[Document, str]:
    """Add a frame around some nodes and notes; returns its id too."""
    id_ = free_name("frame", set(taken_ids(document)))
    frame = Frame(
        id=id_, title=title, colour=colour, rect=rect, nodes=tuple(sorted(members))
    )
    kept = tuple(
        other.model_copy(
            update={"nodes": tuple(n for n in other.nodes if n not in frame.nodes)}
        )
        for other in document.layout.frames
    )
    return with_layout(document, frames=(*kept, frame)), id_


def change_frame(document: Document, id_: str, **fields: object) -> Document:
    """Change the title, colour, rectangle or members of a frame."""
    if all(frame.id != id_ for frame in document.layout.frames):
        raise WorkflowError(f"There is no frame called {id_!r}.")
    frames = [
        {**dict(frame), **fields} if frame.id == id_ else frame
        for frame in document.layout.frames
    ]
    return with_layout(document, frames=frames)


def remove_frames(document: Document, ids: Collection[str]) -> Document:
    """Remove frames; what they carry stays."""
    if not ids:
        return document
    frames = tuple(frame for frame in document.layout.frames if frame.id not in ids)
    return with_layout(document, frames=frames)


def taken_ids(document: Document) -> tuple[str, ...]:
    """Return the ids of everything on the canvas but wires."""
    frames = (frame.id for frame in document.layout.frames)
    return (*document.inputs, *document.nodes, *note_ids(document), *frames)


def move(document: Document, places: Mapping[str, Point]) -> Document:
    """Place nodes, dataset inputs, notes and frames.

    A frame takes along what it carries, unless that is given a place of its own.

    Raises
    ------
    WorkflowError
        If something is not there.
    """
    known = set(taken_ids(document))
    for name in places:
        if name not in known:
            raise WorkflowError(f"There is nothing called {name!r} to move.")
    frames = {frame.id: frame for frame in document.layout.frames}
    wanted: dict[str, Point] = {}
    for id_, frame in frames.items():
        if id_ in places:
            (x, y), rect = places[id_], frame.rect
            wanted |= _carried(document, frame, x - rect[0], y - rect[1])
    wanted |= {name: _point(place) for name, place in places.items()}
    nodes = dict(document.layout.nodes)
    notes = dict(document.layout.notes)
    for name, (x, y) in wanted.items():
        if name in frames:
            width, height = frames[name].rect[2:]
            frames[name] = frames[name].model_copy(
                update={"rect": (x, y, width, height)}
            )
        elif name in document.nodes or name in document.inputs:
            nodes[name] = (x, y)
        else:
            size = notes[name][2:] if name in notes else NOTE_SIZE
            notes[name] = (x, y, *size)
    return with_layout(
        document,
        nodes=nodes,
        notes=notes,
        frames=tuple(frames.values()),
        waypoints=_bends_along(document, nodes),
    )


def _bends_along(
    document: Document, nodes: Mapping[str, Point]
) -> dict[str, tuple[Point, ...]]:
    """Move the waypoints of wires whose ends both moved by the same way."""
    before = document.layout.nodes
    waypoints = dict(document.layout.waypoints)
    for edge in document.edges() if waypoints else ():
        points = waypoints.get(str(edge))
        ends = (edge.source.node, edge.node)
        if not points or any(end not in before or end not in nodes for end in ends):
            continue
        ways = {
            (nodes[end][0] - before[end][0], nodes[end][1] - before[end][1])
            for end in ends
        }
        if len(ways) == 1:
            ((dx, dy),) = ways
            waypoints[str(edge)] = tuple((x + dx, y + dy) for x, y in points)
    return waypoints


def _carried(
    document: Document, frame: Frame, by_x: float, by_y: float
) -> dict[str, Point]:
    layout = document.layout
    carried = {}
    for name in frame.nodes:
        place = layout.nodes.get(name) or layout.notes.get(name)
        if place is not None:
            carried[name] = (place[0] + by_x, place[1] + by_y)
    return carried


def resize(document: Document, id_: str, rect: Rectangle) -> Document:
    """Give a frame or a note another rectangle; nothing else moves."""
    rect = (float(rect[0]), float(rect[1]), max(40.0, rect[2]), max(30.0, rect[3]))
    if any(frame.id == id_ for frame in document.layout.frames):
        return change_frame(document, id_, rect=rect)
    if id_ in note_ids(document):
        return with_layout(
            with_named_notes(document), notes={**document.layout.notes, id_: rect}
        )
    raise WorkflowError(f"There is no frame or note called {id_!r}.")


def set_waypoints(document: Document, key: str, points: Sequence[Point]) -> Document:
    """Lead a wire through points; none for the straight way."""
    waypoints = dict(document.layout.waypoints)
    waypoints.pop(key, None)
    if points:
        waypoints[key] = tuple(_point(one) for one in points)
    return with_layout(document, waypoints=waypoints)


def _point(at: Point) -> Point:
    return (float(at[0]), float(at[1]))
