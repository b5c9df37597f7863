"""The scheduler: a pure state machine at the level of jobs.

Events go in, jobs and problems come out. No input or output, no clock, no threads: the
runner (for real) and the plan (in thought) drive the same machine.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from heapq import heappop, heappush
from itertools import count
from typing import Literal

from bioimageit_flow.engine.gates import Gate, gates_of
from bioimageit_flow.engine.matchers import Matcher, matcher_of
from bioimageit_flow.engine.pairing import Row
from bioimageit_flow.engine.parts import parts_of
from bioimageit_flow.engine.token import Datum, Job, Order, Token
from bioimageit_flow.model.annotation import View, merge
from bioimageit_flow.model.data import NO_ANNOTATIONS, AnnotationValue
from bioimageit_flow.model.problem import Problem
from bioimageit_flow.model.query import Facts
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.workflow.document import SPLIT_OUTPUTS, Document
from bioimageit_flow.workflow.structure import distances_to_end
from bioimageit_flow.workflow.sweeps import Variant, variants_of

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
    left_out: int = 0

    @property
    def pending(self) -> int:
        """Jobs that have not ended."""
        return self.ready + self.taken


@dataclass(slots=True)
class _NodeState:
    matcher: Matcher
    distance: int
    variants: Sequence[Variant]
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
    parted : collection of str
        Dataset inputs several of whose items descend from the same raw item.
    is_hurried : bool
        Whether jobs take time, so that those nearest to completion come first, in the
        order that networkx finds. In a plan, and where all is known, they come by item.
    """

    def __init__(
        self,
        document: Document,
        tools: Mapping[str, Tool],
        *,
        incomplete_groups: IncompleteGroups = "stop",
        parted: Collection[str] = (),
        is_hurried: bool = True,
    ) -> None:
        self._tools = tools
        self._incomplete = incomplete_groups
        self._numbers = count()
        self._ready: list[tuple[tuple[int, Order, int], Job]] = []
        self._phase: dict[int, JobPhase] = {}
        self._problems: list[Problem] = []
        self._gates = gates_of(document)
        self._left_out: dict[str, dict[str, None]] = {}
        self._wires: dict[str, list[tuple[str, str]]] = {}
        for edge in document.edges():
            self._wires.setdefault(str(edge.source), []).append((edge.node, edge.port))
        distances = distances_to_end(document) if is_hurried else {}
        parts = parts_of(document, tools, parted)
        self._nodes = {
            name: _NodeState(
                matcher_of(name, node, tools[name], parts),
                distances.get(name, 0),
                variants_of(node, tools[name]),
            )
            for name, node in document.nodes.items()
            if not node.is_split
        }
        for targets in self._wires.values():
            for node_name, port in targets:
                if node_name in self._gates.splits:
                    continue
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
            if self.leads_on(job.node, output.port):
                token = self._token(job, output, view)
                self._deliver(token.source, token)
        self._finish_if_over(job.node)

    def job_failed(self, job: Job) -> None:
        """Learn that a job failed; what descends from it is blocked."""
        self._leave(job, JobPhase.FAILED)
        self._nodes[job.node].counts.failed += 1
        self._lose_outputs(job, is_lost=True)
        self._finish_if_over(job.node)

    # Instructions

    def take(self) -> Job | None:
        """Return the next job to start: nearest to completion, then by item."""
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

    def all_left_out(self) -> dict[str, tuple[str, ...]]:
        """Return the names of what filters and splits sent away, by where that is."""
        return {place: tuple(names) for place, names in self._left_out.items()}

    @property
    def is_over(self) -> bool:
        """Whether no job is left, ready, taken or to come."""
        return not self._open_sources and all(
            state.is_finished for state in self._nodes.values()
        )

    def leads_on(self, node: str, port: str) -> bool:
        """Whether anything becomes of what a node gives on a port."""
        source = f"{node}.{port}"
        return source in self._wires or source in self._gates.filters

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
        for gate in self._gates.filters.get(source, ()):
            if token.left_out:
                break
            verdict = self._judge(gate, token)
            if verdict is None:
                return
            if not verdict:
                self._left_out.setdefault(source, {})[token.name] = None
                token = gate.without(token, verdict)
        for node, port in self._wires.get(source, ()):
            if node in self._gates.splits:
                self._split(self._gates.splits[node], token)
                continue
            state = self._nodes[node]
            self._add_rows(node, state.matcher.arrive(port, token))
            self._problems.extend(state.matcher.take_problems())

    def _split(self, gate: Gate, token: Token) -> None:
        verdict = None if token.left_out else self._judge(gate, token)
        if verdict is None and not token.left_out:
            return
        for port, wanted in zip(SPLIT_OUTPUTS, (True, False), strict=True):
            there = replace(token, source=f"{gate.node}.{port}")
            if verdict is not None and verdict is not wanted:
                self._left_out.setdefault(there.source, {})[token.name] = None
                there = gate.without(there, verdict)
            self._deliver(there.source, there)

    def _judge(self, gate: Gate, token: Token) -> bool | None:
        verdict = gate.judge(token)
        if isinstance(verdict, Problem):
            self._problems.append(verdict)
            return None
        return verdict

    def _close_source(self, source: str) -> None:
        for node, port in self._wires.get(source, ()):
            if node in self._gates.splits:
                for way in SPLIT_OUTPUTS:
                    self._close_source(f"{node}.{way}")
                continue
            state = self._nodes[node]
            state.open_wires[port] -= 1
            if state.open_wires[port] == 0:
                self._add_rows(node, state.matcher.close(port))
                self._problems.extend(state.matcher.take_problems())
                self._finish_if_over(node)

    def _add_rows(self, node: str, rows: list[Row]) -> None:
        for row in rows:
            for job in self._jobs(node, row):
                self._add_job(job)

    def _jobs(self, node: str, row: Row) -> Iterator[Job]:
        """Go through the jobs of one row: one for each combination of swept values."""
        state = self._nodes[node]
        inputs = self._without_lost(row)
        known = dict(row.parts)
        is_swept = len(state.variants) > 1
        for n, variant in enumerate(state.variants):
            parts = variant.parts if variant.values or variant.places else ()
            if any(known.get(name, value) != value for name, value in parts):
                continue  # zipped with a sweep upstream that is at another value
            yield Job(
                n=next(self._numbers),
                node=node,
                inputs=inputs,
                order=(*row.order, f"{n:06d}") if is_swept else row.order,
                distance=state.distance,
                roots=row.roots,
                parts=tuple(dict.fromkeys((*row.parts, *parts))) if known else parts,
                group=row.group,
                swept=variant.values,
            )

    def _add_job(self, job: Job) -> None:
        counts = self._nodes[job.node].counts
        reasons = [token.left_out for token in job.tokens if token.left_out]
        if reasons:
            counts.left_out += 1
            self._lose_outputs(job, left_out=reasons[0])
        elif any(token.is_lost for token in job.tokens):
            counts.blocked += 1
            self._lose_outputs(job, is_lost=True)
        else:
            counts.ready += 1
            self._phase[job.n] = JobPhase.READY
            heappush(self._ready, (job.priority, job))

    def _without_lost(self, row: Row) -> Mapping[str, tuple[Token, ...]]:
        if self._incomplete == "stop":
            return row.inputs
        return {
            port: tuple(token for token in tokens if not token.is_lost) or tokens
            for port, tokens in row.inputs.items()
        }

    def _lose_outputs(
        self, job: Job, *, is_lost: bool = False, left_out: str = ""
    ) -> None:
        """Tell those below that what a job should give will not come."""
        view = _joint_view(job)
        for port in self._tools[job.node].outputs:
            token = self._token(job, Output(port, None, job.label), view)
            token = replace(token, is_lost=is_lost, left_out=left_out)
            self._deliver(token.source, token)

    def _token(self, job: Job, output: Output, view: View) -> Token:
        own_part = ((job.node, output.part),) if output.part else ()
        facts: Facts = {}
        if self._gates:
            port = self._tools[job.node].outputs[output.port]
            facts = {
                "name": (output.name,),
                "kind": (str(port.kind),),
                "format": (port.format,),
                "node": (job.node,),
                "port": (output.port,),
            }
        return Token(
            source=f"{job.node}.{output.port}",
            datum=output.datum,
            roots=job.roots,
            view=merge(output.annotations, [view]) if output.annotations else view,
            order=(*job.order, output.part) if output.part else job.order,
            name=output.name,
            parts=job.parts + own_part,
            facts=facts,
        )

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


def _joint_view(job: Job) -> View:
    own = {**dict(job.group), **job.own_annotations}
    return merge(own, (token.view for token in job.tokens))
