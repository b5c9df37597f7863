"""Intents that change where things are: moves, frames, notes, waypoints, alignment."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, Literal

from bioimageit_flow.editor.base import EditorBase, named
from bioimageit_flow.editor.scene import FrameView, NodeView, NoteView, Point
from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.edits import arranging, places, wires

Side = Literal["left", "right", "top", "bottom", "centre", "middle"]
Axis = Literal["horizontal", "vertical"]
Rectangle = tuple[float, float, float, float]

_LEAST_GAP: Final = 24.0

_Box = NodeView | FrameView | NoteView


class Placing(EditorBase):
    """Intents of the layout; none of them changes what is computed."""

    def move(self, to: Mapping[str, Point]) -> None:
        """Place nodes, notes and frames; a frame takes along what it carries."""
        if not to:
            return
        moved = places.move(self.document, to)
        words = f"Move {named([self.title_of(name) for name in to])}"
        self.commit(words, moved, merge=f"move {sorted(to)}")

    def resize(self, id_: str, rect: Rectangle) -> None:
        """Give a frame or a note another rectangle."""
        resized = places.resize(self.document, id_, rect)
        self.commit(f"Resize {self.title_of(id_)}", resized, merge=f"resize {id_}")

    # Notes and frames

    def add_note(self, text: str = "", at: Point = (0.0, 0.0)) -> str:
        """Add a note in Markdown; returns its id."""
        document, id_ = places.add_note(self.document, text, at)
        self.commit("Add a note", document)
        self.select([id_])
        return id_

    def set_note(self, id_: str, text: str) -> None:
        """Change the text of a note."""
        changed = places.set_note(self.document, id_, text)
        self.commit("Write a note", changed, merge=f"note {id_}")

    def add_frame(self, ids: Collection[str] = (), title: str = "") -> str:
        """Draw a frame around nodes and notes, by default the selected ones.

        Raises
        ------
        WorkflowError
            If there is nothing to frame.
        """
        wanted = set(ids) or self.selection
        members = [
            name for name in (*self.scene.nodes, *self.scene.notes) if name in wanted
        ]
        rect = arranging.rect_around(self.document, members, self.shapes())
        if rect is None:
            raise WorkflowError(
                "There is nothing to frame.", remedy="Select some nodes first."
            )
        document, id_ = places.add_frame(self.document, members, title, rect)
        self.commit("Add a frame", document)
        self.select([id_])
        return id_

    def set_frame(
        self,
        id_: str,
        *,
        title: str | None = None,
        colour: str | None = None,
        nodes: Iterable[str] | None = None,
    ) -> None:
        """Change the title, the colour or the members of a frame."""
        fields: dict[str, object] = {}
        if title is not None:
            fields["title"] = title
        if colour is not None:
            fields["colour"] = colour
        if nodes is not None:
            fields["nodes"] = tuple(nodes)
        changed = places.change_frame(self.document, id_, **fields)
        self.commit("Change a frame", changed, merge=f"frame {id_} {sorted(fields)}")

    # Waypoints

    def add_waypoint(self, key: str, at: Point, index: int | None = None) -> None:
        """Lead a wire through a point; at the end, or before the point of an index."""
        wires.edge_of_key(self.document, key)
        points = list(self.document.layout.waypoints.get(key, ()))
        points.insert(len(points) if index is None else index, at)
        bent = places.set_waypoints(self.document, key, points)
        self.commit("Bend a wire", bent)

    def move_waypoint(self, key: str, index: int, at: Point) -> None:
        """Move a point that a wire is led through."""
        points = self._waypoints(key, index)
        points[index] = at
        bent = places.set_waypoints(self.document, key, points)
        self.commit("Move a bend", bent, merge=f"bend {key} {index}")

    def remove_waypoint(self, key: str, index: int) -> None:
        """Remove a point that a wire is led through."""
        points = self._waypoints(key, index)
        del points[index]
        self.commit(
            "Straighten a wire", places.set_waypoints(self.document, key, points)
        )

    def _waypoints(self, key: str, index: int) -> list[Point]:
        points = list(self.document.layout.waypoints.get(key, ()))
        if not 0 <= index < len(points):
            raise WorkflowError(f"The wire {key} has no bend {index + 1}.")
        return points

    # Order

    def align(self, ids: Collection[str], side: Side) -> None:
        """Bring boxes to one line: left, right, top, bottom, centre (x) or middle (y).

        The outermost box stays where it is.
        """
        boxes = self._boxes(ids)
        if len(boxes) < 2:
            return
        lines: dict[str, tuple[Callable[[Iterable[float]], float], float, bool]] = {
            "left": (min, 0.0, True),
            "right": (max, 1.0, True),
            "centre": (_mean, 0.5, True),
            "top": (min, 0.0, False),
            "bottom": (max, 1.0, False),
            "middle": (_mean, 0.5, False),
        }
        choose, share, is_x = lines[side]

        def edge(box: _Box) -> float:
            return box.x + share * box.width if is_x else box.y + share * box.height

        line = choose([edge(box) for box in boxes])
        to = {
            box.id: (box.x + line - edge(box), box.y)
            if is_x
            else (box.x, box.y + line - edge(box))
            for box in boxes
        }
        self.commit(f"Align {len(boxes)} things", places.move(self.document, to))

    def distribute(self, ids: Collection[str], axis: Axis) -> None:
        """Make the gaps between boxes equal.

        The outermost two stay, unless the others would lie on each other between them.
        Notes stay where they are, unless they alone are distributed.
        """
        is_x = axis == "horizontal"
        notes = self.scene.notes.keys()
        chosen = set(ids) - notes or set(ids)
        boxes = sorted(self._boxes(chosen), key=lambda box: box.x if is_x else box.y)
        if len(boxes) < 3:
            return
        first, last = boxes[0], boxes[-1]
        sizes = [box.width if is_x else box.height for box in boxes]
        start = first.x if is_x else first.y
        end = (last.x + last.width) if is_x else (last.y + last.height)
        gap = max((end - start - sum(sizes)) / (len(boxes) - 1), _LEAST_GAP)
        to = {}
        for box, size in zip(boxes, sizes, strict=True):
            to[box.id] = (start, box.y) if is_x else (box.x, start)
            start += size + gap
        self.commit(f"Distribute {len(boxes)} things", places.move(self.document, to))

    def arrange(self, ids: Collection[str] | None = None) -> None:
        """Place all nodes, or some, in layers from left to right."""
        self.keep_arranged(*self.arrange_later(ids)())

    def arrange_later(
        self, ids: Collection[str] | None = None
    ) -> Callable[[], tuple[Document, Document]]:
        """Return what arranges the level as it is now; it may be called in a thread.

        It changes nothing, and returns what was, and that with its nodes arranged.
        """
        now, shapes = self.document, self.shapes()
        chosen = None if ids is None else set(ids)
        return lambda: (now, arranging.arrange(now, chosen, shapes))

    def keep_arranged(self, before: Document, arranged: Document) -> None:
        """Take what `arrange_later` came to.

        Raises
        ------
        WorkflowError
            If the workflow was changed since.
        """
        if self.document is not before:
            raise WorkflowError(
                "The workflow was changed while it was arranged.",
                remedy="Arrange it again.",
            )
        self.commit("Arrange", arranged)

    def shapes(self) -> dict[str, arranging.Shape]:
        """Return how large the boxes are and where their ports are."""
        return {
            name: arranging.Shape(
                tuple(port.name for port in view.inputs),
                tuple(port.name for port in view.outputs),
            )
            for name, view in self.scene.nodes.items()
        }

    def _boxes(self, ids: Collection[str]) -> list[_Box]:
        """Return what is arranged; not a frame of which something in it is, too."""
        wanted = set(ids)
        every: list[_Box] = [
            *self.scene.nodes.values(),
            *(f for f in self.scene.frames.values() if wanted.isdisjoint(f.nodes)),
            *self.scene.notes.values(),
        ]
        return [box for box in every if box.id in wanted]


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return sum(known) / len(known)
