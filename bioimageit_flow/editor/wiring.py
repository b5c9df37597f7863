"""Intents of wires, and the tools that are put between or upon them."""

from collections.abc import Iterable, Mapping
from typing import Final

from bioimageit_flow.editor.base import EditorBase
from bioimageit_flow.editor.scene import NODE_WIDTH, NodeView, Point, PortAddress
from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.workflow.document import Document, Edge, Rectangle, Source
from bioimageit_flow.workflow.edits import nodes, places, swapping, wires
from bioimageit_flow.workflow.edits.arranging import COLUMN
from bioimageit_flow.workflow.edits.room import nearest_room
from bioimageit_flow.workflow.interface import Offer, Ported
from bioimageit_flow.workflow.rules import offered
from bioimageit_flow.workflow.structure import below
from bioimageit_flow.workflow.suggestions import (
    Verdict,
    inputs_for,
    outputs_for,
    verdict_on,
)

_NEW_BOX: Final = (NODE_WIDTH, 104.0)
"""As large as a box with two ports: what its tool has is not known before."""


class Wiring(EditorBase):
    """Intents of wires."""

    def connect(self, source: PortAddress, target: tuple[str, str]) -> None:
        """Draw a wire; raises `WorkflowError` with the remedy if a rule forbids it."""
        edge = _edge(source, target)
        document = self._drawn(self.document, self.ports, edge)
        self.commit(f"Wire {edge}", document)

    def try_connect(self, source: PortAddress, target: PortAddress) -> Verdict:
        """Say what the rules have against a wire, and which tools would mend it."""
        if target[1] is None:
            return Verdict(ok=False, text="A dataset input takes no wire.")
        edge = _edge(source, (target[0], target[1]))
        return verdict_on(self.document, self.ports, edge, self.toolset.newest())

    def connect_through(
        self, source: PortAddress, target: tuple[str, str], ref: str
    ) -> str:
        """Put a tool between a source and a port: the remedy of a refused wire."""
        tool = self.toolset.tool(ref)
        name = nodes.new_node_id(self.document, tool.id)
        document = nodes.add_node(self.document, name, tool=str(tool.ref))
        behind = {**self.ports, name: tool}
        start = Source(node=source[0], port=source[1])
        document = self._wired_from(document, behind, start, name)
        document = self._wired_to(document, behind, name, target)
        document = self._placed_between(document, name, source[0], target[0])
        self.commit(f"Insert {tool.name}", document)
        self.select([name])
        return name

    def disconnect(self, keys: Iterable[str]) -> None:
        """Remove wires."""
        edges = [wires.edge_of_key(self.document, key) for key in keys]
        if not edges:
            return
        words = (
            f"Remove the wire {edges[0]}"
            if len(edges) == 1
            else f"Remove {len(edges)} wires"
        )
        self.commit(words, wires.disconnect(self.document, edges))

    def rewire(
        self,
        key: str,
        *,
        source: PortAddress | None = None,
        target: tuple[str, str] | None = None,
    ) -> None:
        """Let a wire begin or end elsewhere; it stays as it is if that is refused."""
        old = wires.edge_of_key(self.document, key)
        start = Source(node=source[0], port=source[1]) if source else old.source
        end = target or (old.node, old.port)
        new = Edge(start, *end)
        if new == old:
            return
        document = wires.disconnect(self.document, [old])
        self.commit(f"Rewire {new}", self._drawn(document, self.ports, new))

    def set_match(
        self, node: str, port: str, *, by: Iterable[str] = (), use_for_all: bool = False
    ) -> None:
        """Say how items of one input meet those of the others."""
        rule = wires.match_rule(by, use_for_all=use_for_all)
        matched = wires.set_match(self.document, node, port, rule)
        self.commit(f"Match {self.title_of(node)}", matched)

    # For the intents that add something

    def _drawn(
        self, document: Document, behind: Mapping[str, Ported], edge: Edge
    ) -> Document:
        """Draw a wire, or refuse it with the tools that would mend it."""
        if edge.node in document.inputs:
            raise WorkflowError("A dataset input takes no wire.", node=edge.node)
        if not verdict_on(document, behind, edge, ()).ok:
            tools = self.toolset.newest()
            verdict = verdict_on(document, behind, edge, tools)
            raise WorkflowError(
                verdict.text, remedy=verdict.remedy, node=edge.node, port=edge.port
            )
        port = behind[edge.node].inputs.get(edge.port) if edge.node in behind else None
        is_group = port is not None and port.takes == "group"
        return wires.connect(document, edge, takes_group=is_group)

    def _wired_from(
        self,
        document: Document,
        behind: Mapping[str, Ported],
        source: Source,
        name: str,
    ) -> Document:
        """Wire a source to the input of a new node that fits it best."""
        offer = offered(document, behind, source)
        if isinstance(offer, str):
            raise WorkflowError(offer)
        entries = inputs_for(behind[name], offer)
        if not entries:
            raise WorkflowError(
                f"{_called(behind[name], name)} takes nothing like {source}"
                f"{f', which is {offer.kind}' if offer else ''}.",
                remedy="Choose another tool.",
            )
        return self._drawn(document, behind, Edge(source, name, entries[0][1]))

    def _wired_to(
        self,
        document: Document,
        behind: Mapping[str, Ported],
        name: str,
        target: tuple[str, str],
    ) -> Document:
        """Wire the output of a new node that fits best to an input port."""
        node, port = target
        wanted = behind[node].inputs.get(port) if node in behind else None
        outs = outputs_for(behind[name], wanted) if wanted is not None else []
        if wanted is not None and not outs:
            raise WorkflowError(
                f"{_called(behind[name], name)} gives nothing that {node}.{port} takes,"
                f" which is {wanted.kind}.",
                remedy="Choose another tool.",
            )
        out = outs[0][1] if outs else next(iter(behind[name].outputs))
        return self._drawn(document, behind, Edge(Source(node=name, port=out), *target))

    def _inserted(
        self, document: Document, behind: Mapping[str, Ported], edge: Edge, name: str
    ) -> Document:
        """Put a node on a wire: in by the port that fits best, out by another."""
        tool = behind.get(name)
        if tool is None:
            raise WorkflowError(f"It is not known what {name} takes and gives.")
        offer = offered(document, behind, edge.source)
        entries = inputs_for(tool, offer if isinstance(offer, Offer) else None)
        wanted = (
            behind[edge.node].inputs.get(edge.port) if edge.node in behind else None
        )
        outs = outputs_for(tool, wanted) if wanted else []
        if not entries or (wanted is not None and not outs):
            raise WorkflowError(
                f"{_called(tool, name)} does not fit on the wire {edge}.",
                remedy="Its kinds must be those of the wire.",
            )
        entry = entries[0][1]
        out = outs[0][1] if outs else next(iter(tool.outputs))
        document = swapping.insert_on(
            document,
            edge,
            name,
            entry,
            out,
            group=tool.inputs[entry].takes == "group",
        )
        for drawn in (
            Edge(edge.source, name, entry),
            Edge(Source(node=name, port=out), edge.node, edge.port),
        ):
            verdict = verdict_on(document, behind, drawn, ())
            if not verdict.ok:
                raise WorkflowError(verdict.text, remedy=verdict.remedy)
        return document

    def _placed_between(
        self,
        document: Document,
        name: str,
        source: str,
        target: str,
        wished: Point | None = None,
    ) -> Document:
        """Place a node between two others, which make room if there is none.

        Where a third box lies there, it goes above or below that.
        """
        places_now = document.layout.nodes
        left, right = places_now.get(source), places_now.get(target)
        if left is None or right is None:
            return places.move(document, {name: right or left or (0.0, 0.0)})
        if wished is not None and (
            left[0] + NODE_WIDTH <= wished[0] <= right[0] - NODE_WIDTH
            or right[0] <= left[0]
        ):
            return places.move(document, {name: wished})
        at = (left[0] + COLUMN, (left[1] + right[1]) / 2)
        missing = at[0] + COLUMN - right[0]
        to = {name: at}
        if missing > 0 and right[0] > left[0]:
            to |= {
                one: (places_now[one][0] + missing, places_now[one][1])
                for one in below(document, {target})
                if one in places_now and places_now[one][0] >= right[0]
            }
        elif missing <= 0:
            to[name] = ((left[0] + right[0]) / 2, at[1])
        moved = places.move(document, to)
        room = nearest_room(
            to[name], _NEW_BOX, self._boxes_of(moved, name), is_sideways=False
        )
        return places.move(moved, {name: room})

    def _boxes_of(self, document: Document, but: str = "") -> list[Rectangle]:
        """Return the boxes and notes of the level, where a document has them."""
        at = document.layout.nodes
        boxes: list[Rectangle] = [
            (*at.get(name, (view.x, view.y)), view.width, view.height)
            for name, view in self.scene.nodes.items()
            if name != but
        ]
        boxes += [
            (note.x, note.y, note.width, note.height)
            for note in self.scene.notes.values()
        ]
        return boxes

    def _beside(
        self,
        source: PortAddress | None,
        target: tuple[str, str] | None,
    ) -> Point:
        """Return a place for something new: by its wires, or by what is selected."""
        views = self.scene.nodes
        if source is not None and source[0] in views:
            return self._free(views[source[0]].x + COLUMN, views[source[0]].y)
        if target is not None and target[0] in views:
            return self._free(views[target[0]].x - COLUMN, views[target[0]].y)
        selected = [views[name] for name in self.selected_nodes if name in views]
        near = max(selected or views.values(), key=lambda view: view.x, default=None)
        return self._free(near.x + COLUMN, near.y) if near else (0.0, 0.0)

    def free_at(
        self,
        place: Point,
        source: PortAddress | None = None,
        target: tuple[str, str] | None = None,
    ) -> Point:
        """Return a place for a new box: the one given where it lies on no other.

        Else beside what it is wired with, what is selected, or the box in its way.
        """
        room = self.room_at(place)
        if room == place:
            return place
        if source is None and target is not None:
            return self._beside(None, target)
        if self.selected_nodes:
            return self._beside(None, None)
        hidden = self._hidden_by(place)
        return room if hidden is None else self._free(hidden.x + COLUMN, hidden.y)

    def _hidden_by(self, place: Point) -> NodeView | None:
        """Return a box whose middle lies behind a new one at a place."""
        (x, y), (width, height) = place, _NEW_BOX
        for view in self.scene.nodes.values():
            middle = view.x + view.width / 2, view.y + view.height / 2
            if x <= middle[0] < x + width and y <= middle[1] < y + height:
                return view
        return None

    def room_at(self, place: Point) -> Point:
        """Return the place nearest to one where a new box lies on no other."""
        return nearest_room(place, _NEW_BOX, self._boxes_of(self.document))

    def _free(self, x: float, y: float) -> Point:
        """Return a place at or below a point where no box is."""
        for _ in self.scene.nodes:
            for view in self.scene.nodes.values():
                if abs(view.x - x) < view.width and abs(view.y - y) < view.height:
                    y = view.y + view.height + 40
                    break
            else:
                break
        return (x, y)


def _edge(source: PortAddress, target: tuple[str, str]) -> Edge:
    return Edge(Source(node=source[0], port=source[1] or None), *target)


def _called(tool: Ported, name: str) -> str:
    return str(getattr(tool, "name", name))
