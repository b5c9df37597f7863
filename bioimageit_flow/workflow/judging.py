"""The rules over a document that is edited: what did not change is not judged again."""

from collections.abc import Mapping

from bioimageit_flow.model.problem import Problem
from bioimageit_flow.workflow.document import Document, Edge, Node
from bioimageit_flow.workflow.interface import Ported
from bioimageit_flow.workflow.rules import (
    WireProblems,
    check_with,
    edge_problems,
    node_problems,
)
from bioimageit_flow.workflow.structure import cyclic_edges

_Pairs = list[tuple[Edge, tuple[Problem, ...]]]
_Ground = list[object]


class Judge:
    """Judges one document after the other, as an editor asks.

    The answers are those of `wire_problems` and `check_with`. Documents are never
    changed in place, so that the same node before the same neighbours is as it was.
    """

    def __init__(self) -> None:
        self._wires: dict[str, tuple[_Ground, _Pairs]] = {}
        self._nodes: dict[str, tuple[Node, Ported, tuple[Problem, ...]]] = {}
        self._edges: list[Edge] = []
        self._names: tuple[str, ...] = ()
        self._circle: list[Edge] = []

    def wires(self, document: Document, tools: Mapping[str, Ported]) -> WireProblems:
        """Return every wire with what is wrong with it, in the order of the file."""
        nodes, inputs = document.nodes, document.inputs
        into: dict[str, list[Edge]] = {}
        for edge in document.edges():
            into.setdefault(edge.node, []).append(edge)
        found: _Pairs = []
        kept: dict[str, tuple[_Ground, _Pairs]] = {}
        for name, edges in into.items():
            ground: _Ground = [tools.get(name), *edges]
            is_lasting = True
            for edge in edges:
                source = edge.source.node
                before = nodes.get(source)
                ground += (before or inputs.get(source), tools.get(source))
                # What comes out of a split depends on what is before it.
                is_lasting = is_lasting and not (before and before.is_split)
            ground.append(nodes[name].is_split)
            old = self._wires.get(name)
            if old is None or not is_lasting or not _are_same(old[0], ground):
                pairs = [
                    (edge, tuple(edge_problems(document, tools, edge)))
                    for edge in edges
                ]
                old = ground, pairs
            kept[name] = old
            found += old[1]
        self._wires = kept
        return found

    def problems(
        self, document: Document, tools: Mapping[str, Ported], wires: WireProblems
    ) -> list[Problem]:
        """Return every problem of a document whose wires were judged."""
        kept: dict[str, tuple[Node, Ported, tuple[Problem, ...]]] = {}

        def judged(name: str, node: Node, tool: Ported) -> tuple[Problem, ...]:
            old = self._nodes.get(name)
            if old is None or old[0] is not node or old[1] is not tool:
                old = node, tool, tuple(node_problems(name, node, tool))
            kept[name] = old
            return old[2]

        found = check_with(
            document, tools, wires, judged=judged, circle=self._circle_of(document)
        )
        self._nodes = kept
        return found

    def _circle_of(self, document: Document) -> list[Edge]:
        edges = document.edges()
        names = (*document.inputs, *document.nodes)
        if names != self._names or not _are_same(edges, self._edges):
            self._circle = cyclic_edges(document)
            self._names, self._edges = names, edges
        return self._circle


def _are_same(old: list[object] | list[Edge], new: list[object] | list[Edge]) -> bool:
    # Documents asked for in between may have had equal edges made anew.
    pairs = zip(old, new, strict=True)
    return len(old) == len(new) and all(one is two or one == two for one, two in pairs)
