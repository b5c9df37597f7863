"""Room for notes and frames after boxes were arranged.

A note goes along with the box that it stood beside. A frame and what it carries is one
block; whatever lies in its way goes below it, so that a frame holds only what is its.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bioimageit_flow.workflow.document import Document, Frame, Point, Rectangle
from bioimageit_flow.workflow.edits.changing import with_layout

GAP = 40.0
_NOTE_GAP = 16.0
_NEAR = 200.0

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(slots=True)
class _Block:
    """What moves as one: a frame with its boxes and notes, or a box with its notes."""

    ids: set[str] = field(default_factory=set)
    boxes: list[Box] = field(default_factory=list)
    down: float = 0.0

    @property
    def top(self) -> float:
        return min(box[1] for box in self.boxes)

    @property
    def left(self) -> float:
        return min(box[0] for box in self.boxes)

    def lowered(self) -> Iterator[Box]:
        for left, top, right, bottom in self.boxes:
            yield left, top + self.down, right, bottom + self.down


def room_for_notes(
    document: Document, moved: set[str], sizes: Mapping[str, Point]
) -> dict[str, tuple[float, float]]:
    """Return how much room the notes of each box take above and below it."""
    boxes = _boxes_of(document, sizes)
    room: dict[str, tuple[float, float]] = {}
    for note, anchor in _anchors(document, moved, sizes).items():
        _, top, _, bottom = _box(document.layout.notes[note])
        above, below = room.get(anchor, (0.0, 0.0))
        box = boxes[anchor]
        if top >= box[3]:
            below = max(below, bottom - box[3])
        else:
            height = bottom - top + _NOTE_GAP
            above = max(above, box[1] - top if bottom <= box[1] else height)
        room[anchor] = (above, below)
    return room


def with_room(
    before: Document, after: Document, moved: set[str], sizes: Mapping[str, Point]
) -> Document:
    """Let notes follow their boxes, and keep frames clear of what is not theirs.

    Parameters
    ----------
    before, after : Document
        The workflow before and after boxes were placed anew; frames in `after` fit
        what they carry.
    moved : set of str
        Nodes and dataset inputs that were placed.
    sizes : mapping of str to tuple of float
        Width and height of nodes and dataset inputs.
    """
    if not (before.layout.notes or before.layout.frames):
        return after
    anchors = _anchors(before, moved, sizes)
    return with_layout(after, notes=_followed(before, after, anchors, sizes))


def with_clear_frames(
    document: Document, moved: set[str], sizes: Mapping[str, Point], before: Document
) -> Document:
    """Move blocks down until none lies in the way of another."""
    layout = document.layout
    if not (layout.notes or layout.frames):
        return document
    blocks = _blocks(document, _anchors(before, moved, sizes), sizes)
    fixed = [one for one in blocks if not one.ids & moved]
    loose = [one for one in blocks if one.ids & moved]
    taken = [box for block in fixed for box in block.boxes]
    for block in sorted(loose, key=lambda one: (one.top, one.left)):
        for _ in range(2 * len(taken)):
            step = _in_the_way(block, taken)
            if step <= 0:
                break
            block.down += step
        taken += block.lowered()
    down = {id_: block.down for block in loose for id_ in block.ids}
    return with_layout(
        document,
        nodes={
            name: (x, y + down.get(name, 0.0)) for name, (x, y) in layout.nodes.items()
        },
        notes={
            name: (x, y + down.get(name, 0.0), w, h)
            for name, (x, y, w, h) in layout.notes.items()
        },
        frames=tuple(_lowered(frame, down) for frame in layout.frames),
    )


def _lowered(frame: Frame, down: Mapping[str, float]) -> Frame:
    x, y, width, height = frame.rect
    step = max((down.get(one, 0.0) for one in frame.nodes), default=0.0)
    return frame.model_copy(update={"rect": (x, y + step, width, height)})


def _in_the_way(block: _Block, taken: Iterable[Box]) -> float:
    """Return how far a block has to go down to pass the first thing in its way."""
    for box in block.lowered():
        for other in taken:
            if _touch(box, other, GAP / 2):
                return other[3] + GAP - box[1]
    return 0.0


def _touch(one: Box, other: Box, gap: float) -> bool:
    return (
        one[0] < other[2] + gap
        and other[0] < one[2] + gap
        and one[1] < other[3] + gap
        and other[1] < one[3] + gap
    )


def _boxes_of(document: Document, sizes: Mapping[str, Point]) -> dict[str, Box]:
    found = {}
    for name, (x, y) in document.layout.nodes.items():
        width, height = sizes.get(name, (220.0, 100.0))
        found[name] = (x, y, x + width, y + height)
    return found


def _anchors(
    document: Document, moved: set[str], sizes: Mapping[str, Point]
) -> dict[str, str]:
    """Return for each note the box that it stands beside."""
    boxes = _boxes_of(document, sizes)
    found = {}
    for note, rect in document.layout.notes.items():
        frame = next((one for one in document.layout.frames if note in one.nodes), None)
        near = [
            name for name in (frame.nodes if frame else boxes) if name in boxes
        ] or list(boxes)
        if near:
            place = _box(rect)
            best = min(near, key=lambda name: _distance(place, boxes[name]))
            if best in moved and _distance(place, boxes[best]) <= _NEAR:
                found[note] = best
    return found


def _box(rect: Rectangle) -> Box:
    x, y, width, height = rect
    return x, y, x + width, y + height


def _distance(one: Box, other: Box) -> float:
    across = max(one[0] - other[2], other[0] - one[2], 0.0)
    down = max(one[1] - other[3], other[1] - one[3], 0.0)
    return across + down


def _followed(
    before: Document,
    after: Document,
    anchors: Mapping[str, str],
    sizes: Mapping[str, Point],
) -> dict[str, Rectangle]:
    """Return where notes are: along with their box, and above what they would hide."""
    notes = dict(after.layout.notes)
    boxes = _boxes_of(after, sizes)
    taken = list(boxes.values())
    for note, anchor in anchors.items():
        if anchor not in before.layout.nodes:
            continue
        x, y, width, height = notes[note]
        old, new = before.layout.nodes[anchor], after.layout.nodes[anchor]
        x, y = x + new[0] - old[0], y + new[1] - old[1]
        if any(_touch(_box((x, y, width, height)), box, 0.0) for box in taken):
            x, y = new[0], new[1] - height - _NOTE_GAP
        for _ in range(2 * len(taken)):
            mine = _box((x, y, width, height))
            hidden = next((box for box in taken if _touch(mine, box, 0.0)), None)
            if hidden is None:
                break
            y = hidden[1] - height - _NOTE_GAP
        notes[note] = (x, y, width, height)
        taken.append(_box(notes[note]))
    return notes


def _blocks(
    document: Document, anchors: Mapping[str, str], sizes: Mapping[str, Point]
) -> list[_Block]:
    boxes = _boxes_of(document, sizes)
    notes = {note: _box(rect) for note, rect in document.layout.notes.items()}
    blocks: list[_Block] = []
    for frame in document.layout.frames:
        mine = {one for one in frame.nodes if one in boxes or one in notes}
        block = _Block(mine, [_box(frame.rect)])
        for other in [one for one in blocks if one.ids & mine]:  # frames in frames
            blocks.remove(other)
            block.ids |= other.ids
            block.boxes += other.boxes
        blocks.append(block)
    framed = {id_ for block in blocks for id_ in block.ids}
    by_box: dict[str, _Block] = {}
    for name, box in boxes.items():
        if name not in framed:
            by_box[name] = _Block({name}, [box])
    for note, box in notes.items():
        if note in framed:
            continue
        anchor = anchors.get(note, "")
        home = by_box.get(anchor) or next(
            (block for block in blocks if anchor in block.ids), None
        )
        if home is None:
            blocks.append(_Block({note}, [box]))
        else:
            home.ids.add(note)
            home.boxes.append(box)
    return [*blocks, *by_box.values()]
