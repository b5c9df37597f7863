"""Fixes: edits that take a problem away."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bioimageit_flow.editor.base import EditorBase
from bioimageit_flow.model.problem import Problem
from bioimageit_flow.workflow.document import Document, Edge, MatchBy
from bioimageit_flow.workflow.edits import nodes, wires
from bioimageit_flow.workflow.edits.changing import with_node
from bioimageit_flow.workflow.rules import edge_problems
from bioimageit_flow.workflow.structure import cyclic_edges
from bioimageit_flow.workflow.suggestions import verdict_on


@dataclass(frozen=True, slots=True)
class Fix:
    """Something that can be done about a problem.

    Attributes
    ----------
    words : str
        What it does, for a button.
    apply : callable
        Does it, as one step of the history.
    """

    words: str
    apply: Callable[[], object]


class Mending(EditorBase):
    """What can be done about problems."""

    def fixes(self, problem: Problem) -> list[Fix]:
        """Return what can be done about a problem, the best first; maybe nothing."""
        node = problem.node
        if node not in self.document.nodes:
            return []
        match problem.code:
            case "kind-mismatch" | "format-mismatch" | "axes-mismatch":
                return self._wire_fixes(problem)
            case "unknown-port" | "unknown-source" | "several-wires" | "cycle":
                return self._removals(problem)
            case "unknown-tool":
                return self._tool_fixes(node)
            case "group-by-items":
                document = with_node(self.document, node, group_by=())
                return [self._fix("Remove 'group by'", document)]
            case "match-of-group":
                return [self._fix("Group by these keys", self._grouped(node))]
            case "unknown-parameter" | "parameter-value":
                return self._parameter_fixes(node)
            case "unwired-node":
                document = nodes.set_state(self.document, [node], "disabled")
                return [self._fix("Disable it", document)]
        return []

    def _fix(self, words: str, document: Document) -> Fix:
        return Fix(words, lambda: self.commit(words, document))

    def _edges_at(self, problem: Problem) -> list[Edge]:
        return [
            edge
            for edge in self.document.edges()
            if edge.node == problem.node and edge.port == problem.port
        ]

    def _wire_fixes(self, problem: Problem) -> list[Fix]:
        fixes = []
        newest = self.toolset.newest()
        for edge in self._edges_at(problem):
            verdict = verdict_on(self.document, self.ports, edge, newest)
            for ref in verdict.insert:
                tool = self.toolset.tool(ref)
                act = partial(self._insert, edge, ref)
                fixes.append(Fix(f"Insert {tool.name}", act))
        return [*fixes, *self._removals(problem)]

    def _insert(self, edge: Edge, ref: str) -> str:
        # the method is one of `Wiring`, which every editor is
        through: Callable[..., str] = getattr(self, "connect_through")  # noqa: B009
        target = (edge.node, edge.port)
        return through((edge.source.node, edge.source.port), target, ref)

    def _removals(self, problem: Problem) -> list[Fix]:
        fixes = []
        cyclic = cyclic_edges(self.document) if problem.code == "cycle" else []
        for edge in self._edges_at(problem):
            is_wrong = (
                problem.code == "several-wires"
                or edge in cyclic
                or any(edge_problems(self.document, self.ports, edge))
            )
            if is_wrong:
                document = wires.disconnect(self.document, [edge])
                fixes.append(self._fix(f"Remove the wire {edge}", document))
        node = self.document.nodes[problem.node]
        if not fixes and problem.port in node.match:
            document = wires.set_match(self.document, problem.node, problem.port, None)
            fixes.append(self._fix("Remove it from 'match'", document))
        return fixes

    def _tool_fixes(self, node: str) -> list[Fix]:
        ref = self.document.nodes[node].tool or ""
        id_ = ref.partition("@")[0]
        return [
            self._fix(
                f"Use version {version}",
                with_node(self.document, node, tool=f"{id_}@{version}"),
            )
            for version in self.toolset.catalogue.versions(id_)
        ]

    def _grouped(self, node: str) -> Document:
        entry = self.document.nodes[node]
        keys = dict.fromkeys(entry.group_by)
        for rule in entry.match.values():
            if isinstance(rule, MatchBy):
                keys |= dict.fromkeys(rule.by)
        match = {
            port: rule
            for port, rule in entry.match.items()
            if not isinstance(rule, MatchBy)
        }
        return with_node(self.document, node, match=match, group_by=tuple(keys))

    def _parameter_fixes(self, node: str) -> list[Fix]:
        from bioimageit_flow.workflow.rules import parameter_problems

        behind = self.ports.get(node)
        if behind is None:
            return []
        fixes = []
        for name, value in self.document.nodes[node].parameters.items():
            if any(parameter_problems(node, {name: value}, behind)):
                document = nodes.set_parameters(self.document, node, {name: None})
                words = (
                    f"Set {name} back to its default"
                    if name in behind.parameters
                    else f"Remove {name}"
                )
                fixes.append(self._fix(words, document))
        return fixes
