"""The scheduler: a pure state machine at the level of jobs.

Events go in, jobs and problems come out. No input or output, no clock, no threads: the
runner (for real) and the plan (in thought) drive the same machine.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import heappop, heappush
from itertools import count
from typing import Literal

import networkx

from bioimageit_flow.engine.pairing import (
    GroupMatcher,
    ItemMatcher,
    Matcher,
    PortRule,
    Row,
)
from bioimageit_flow.engine.token import Datum, Job, Order, Token
from bioimageit_flow.model.annotation import View, merge
from bioimageit_flow.model.data import NO_ANNOTATIONS, AnnotationValue
from bioimageit_flow.model.problem import Problem
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.workflow.document import Document, MatchBy, Node
from bioimageit_flow.workflow.structure import graph_of

IncompleteGroups = Literal["stop", "run"]


class JobPhase(StrEnum):
    """Where a job is on its way."""

    READY = "ready"
    TAKEN = "taken"
    DONE = "done"
    FAILED = "failed"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Output:
    """One item that a job gave on one port.

    Attributes
    ----------
    datum : Datum or None
        None in a plan, where the job has not run.
    part : str
        Which of many; empty where there is one.
    """

    port: str
    datum: Datum | None
    name: str
    part: str = ""
    annotations: Mapping[str, AnnotationValue] = field(
        default_factory=lambda: NO_ANNOTATIONS
    )


@dataclass(slots=True)
class NodeCounts:
    """How many jobs of a node are in which phase."""

    ready: int = 0
    taken: int = 0
    done: int = 0
    failed: int = 0
    blocked: int = 0

    @property
    def pending(self) -> int:
        """Jobs that have not ended."""
        return self.ready + self.taken


@dataclass(slots=True)
class _NodeState:
    matcher: Matcher
    distance: int
    counts: NodeCounts = field(default_factory=NodeCounts)
    open_wires: dict[str, int] = field(default_factory=dict)
    is_finished: bool = False


class Scheduler:
    """Drives the jobs of one workflow.

    Parameters
    ----------
    document : Document
        Expanded, checked, without circles.
    tools : mapping of str to Tool
        The tool of each node.
    incomplete_groups : {"stop", "run"}
        Whether a group some of whose items failed is blocked, or runs without them.
    """

    def __init__(
        self,
        document: Document,
        tools: Mapping[str, Tool],
        *,
        incomplete_groups: IncompleteGroups = "stop",
    ) -> None:
        self._tools = tools
        self._incomplete = incomplete_groups
        self._numbers = count()
        self._ready: list[tuple[tuple[int, Order, int], Job]] = []
        self._phase: dict[int, JobPhase] = {}
        self._problems: list[Problem] = []
        self._wires: dict[str, list[tuple[str, str]]] = {}
        for edge in document.edges():
            self._wires.setdefault(str(edge.source), []).append((edge.node, edge.port))
        distances = _distances_to_end(document)
        self._nodes = {
            name: _NodeState(_matcher(name, node, tools[name]), distances[name])
            for name, node in document.nodes.items()
        }
        for targets in self._wires.values():
            for node_name, port in targets:
                wires = self._nodes[node_name].open_wires
                wires[port] = wires.get(port, 0) + 1
        self._open_sources = set(document.inputs)
        for name, state in self._nodes.items():
            if not state.open_wires:
                state.is_finished = True
                self._close_outputs(name)

    # Events

    def arrive(self, source: str, tokens: Iterable[Token]) -> None:
        """Take items of a dataset input."""
        for token in tokens:
            self._deliver(source, token)

    def close_input(self, name: str) -> None:
        """Learn that a dataset input has no more items."""
        self._open_sources.discard(name)
        self._close_source(name)

    def job_done(self, job: Job, outputs: Iterable[Output]) -> None:
        """Learn that a job ended well, with what it gave."""
        self._leave(job, JobPhase.DONE)
        self._nodes[job.node].counts.done += 1
        view = _joint_view(job)
        for output in outputs:
            self._deliver(f"{job.node}.{output.port}", _token(job, output, view))
        self._finish_if_over(job.node)

    def job_failed(self, job: Job) -> None:
        """Learn that a job failed; what descends from it is blocked."""
        self._leave(job, JobPhase.FAILED)
        self._nodes[job.node].counts.failed += 1
        self._lose_outputs(job)
        self._finish_if_over(job.node)

    # Instructions

    def take(self) -> Job | None:
        """Return the next job to start: nearest to completion, then in item order."""
        if not self._ready:
            return None
        job = heappop(self._ready)[1]
        self._phase[job.n] = JobPhase.TAKEN
        counts = self._nodes[job.node].counts
        counts.ready -= 1
        counts.taken += 1
        return job

    def take_problems(self) -> list[Problem]:
        """Return what did not pair since the last call."""
        taken, self._problems = self._problems, []
        return taken

    @property
    def is_over(self) -> bool:
        """Whether no job is left, ready, taken or to come."""
        return not self._open_sources and all(
            state.is_finished for state in self._nodes.values()
        )

    def counts(self, node: str) -> NodeCounts:
        """Return the counts of a node; they change as events arrive."""
        return self._nodes[node].counts

    def is_finished(self, node: str) -> bool:
        """Whether a node gets no more jobs and has none pending."""
        return self._nodes[node].is_finished

    # Inside

    def _leave(self, job: Job, phase: JobPhase) -> None:
        if self._phase.get(job.n) is not JobPhase.TAKEN:
            raise AssertionError(
                f"job {job.n} of {job.node} became {phase} while it was "
                f"{self._phase.get(job.n, 'unknown')}"
            )
        del self._phase[job.n]
        self._nodes[job.node].counts.taken -= 1

    def _deliver(self, source: str, token: Token) -> None:
        for node, port in self._wires.get(source, ()):
            state = self._nodes[node]
            self._add_rows(node, state.matcher.arrive(port, token))
            self._problems.extend(state.matcher.take_problems())

    def _close_source(self, source: str) -> None:
        for node, port in self._wires.get(source, ()):
            state = self._nodes[node]
            state.open_wires[port] -= 1
            if state.open_wires[port] == 0:
                self._add_rows(node, state.matcher.close(port))
                self._problems.extend(state.matcher.take_problems())
                self._finish_if_over(node)

    def _add_rows(self, node: str, rows: list[Row]) -> None:
        state = self._nodes[node]
        for row in rows:
            inputs = self._without_lost(row)
            job = Job(
                n=next(self._numbers),
                node=node,
                inputs=inputs,
                order=row.order,
                distance=state.distance,
                roots=row.roots,
                parts=row.parts,
                group=row.group,
            )
            if any(token.is_lost for token in job.tokens):
                state.counts.blocked += 1
                self._lose_outputs(job)
                continue
            state.counts.ready += 1
            self._phase[job.n] = JobPhase.READY
            heappush(self._ready, (job.priority, job))

    def _without_lost(self, row: Row) -> Mapping[str, tuple[Token, ...]]:
        if self._incomplete == "stop":
            return row.inputs
        return {
            port: tuple(token for token in tokens if not token.is_lost) or tokens
            for port, tokens in row.inputs.items()
        }

    def _lose_outputs(self, job: Job) -> None:
        view = _joint_view(job)
        for port in self._tools[job.node].outputs:
            output = Output(port, None, job.label)
            lost = _token(job, output, view, is_lost=True)
            self._deliver(f"{job.node}.{port}", lost)

    def _finish_if_over(self, node: str) -> None:
        state = self._nodes[node]
        if (
            not state.is_finished
            and state.matcher.is_closed
            and (state.counts.pending == 0)
        ):
            state.is_finished = True
            self._close_outputs(node)

    def _close_outputs(self, node: str) -> None:
        for port in self._tools[node].outputs:
            self._close_source(f"{node}.{port}")


def _matcher(name: str, node: Node, tool: Tool) -> Matcher:
    rules = {}
    for port in (port for port in tool.inputs if node.sources(port)):
        rule = node.match.get(port)
        if isinstance(rule, MatchBy):
            rules[port] = PortRule(by=rule.by)
        else:
            use_for_all = rule == "use_for_all" or tool.inputs[port].use_for_all
            rules[port] = PortRule(use_for_all=use_for_all)
    if not tool.takes_group:
        return ItemMatcher(name, rules)
    item_ports = (port for port in rules if tool.inputs[port].takes == "item")
    return GroupMatcher(name, rules, node.group_by, frozenset(item_ports))


def _distances_to_end(document: Document) -> dict[str, int]:
    """Return, for each node, the longest way to a node without successors."""
    graph = graph_of(document)
    distances: dict[str, int] = {}
    for name in reversed(list(networkx.topological_sort(graph))):
        below = (distances[other] for other in graph.successors(name))
        distances[name] = 1 + max(below, default=-1)
    return distances


def _joint_view(job: Job) -> View:
    return merge(dict(job.group), (token.view for token in job.tokens))


def _token(job: Job, output: Output, view: View, *, is_lost: bool = False) -> Token:
    own_part = ((job.node, output.part),) if output.part else ()
    return Token(
        source=f"{job.node}.{output.port}",
        datum=output.datum,
        roots=job.roots,
        view=merge(output.annotations, [view]) if output.annotations else view,
        order=(*job.order, output.part) if output.part else job.order,
        name=output.name,
        parts=job.parts + own_part,
        is_lost=is_lost,
    )
