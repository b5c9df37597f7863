"""The plan: the run in thought.

Drives the same scheduler, pairing and fingerprints as the runner does. A job whose
result is known hands it on; any other hands on an item of which nothing is known yet.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.dormant import NEEDED, Dormant
from bioimageit_flow.engine.forecast import foresee
from bioimageit_flow.engine.naming import own_annotations, result_name
from bioimageit_flow.engine.pairing import joint_roots
from bioimageit_flow.engine.prepare import Prepared
from bioimageit_flow.engine.resolve import ResolvedJob, Resolver
from bioimageit_flow.engine.reuse import (
    ReusePolicy,
    given_outputs,
    known_elsewhere,
    known_outputs,
    shared_outputs,
)
from bioimageit_flow.engine.scheduler import IncompleteGroups, Output, Scheduler
from bioimageit_flow.engine.token import Job
from bioimageit_flow.model.fingerprint import explain_difference
from bioimageit_flow.model.ids import ItemId, Sha256
from bioimageit_flow.model.plan import (
    NEVER_RUN,
    NOT_READY,
    UNPAIRED,
    WAITS,
    NodePlan,
    Plan,
    PlannedJob,
)
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.run import KnownResult
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.stores.shared_results import SharedResults

Unpaired = Literal["stop", "leave out"]

BATCH = 1000
"""How many jobs are looked at together; more would only take memory."""

UNKNOWN_PART = "?"
FORCED = "asked to run again"


@dataclass(frozen=True, slots=True)
class ChangedJob:
    """A job that ran before with another fingerprint.

    Attributes
    ----------
    before : mapping
        The parts of the fingerprint that it had.
    """

    resolved: ResolvedJob
    before: Mapping[str, object]


@dataclass(slots=True)
class _Tally:
    reused: int = 0
    shared: int = 0
    new: int = 0
    waiting: int = 0
    left_out: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


def make_plan(
    prepared: Prepared,
    store: Store,
    finder: ContentFinder,
    *,
    incomplete_groups: IncompleteGroups = "stop",
    unpaired: Unpaired = "stop",
    folder: Path | None = None,
    reuse: ReusePolicy = ReusePolicy(),  # noqa: B008 - it is frozen
    changed: "list[ChangedJob] | None" = None,
    dormant: set[Sha256] | None = None,
    is_listed: bool = True,
    shared: SharedResults | None = None,
) -> Plan:
    """Return what a run would do. Downloads and changes nothing.

    Parameters
    ----------
    unpaired : {"stop", "leave out"}
        Whether items that meet no partner stop the run, or are left out by name.
    folder : Path, optional
        Of the experiment, to see whether its disk has room.
    reuse : ReusePolicy
        Which known results would be taken.
    changed : list of ChangedJob, optional
        Filled with the jobs that ran before with another fingerprint.
    dormant : set of str, optional
        Filled with the fingerprints whose results were cleaned and are not needed.
    is_listed : bool
        Whether the plan lists each job, which takes memory.
    shared : SharedResults, optional
        What other experiments know.
    """
    problems = list(prepared.problems)
    tallies = {name: _Tally() for name in prepared.order}
    jobs: list[PlannedJob] | None = [] if is_listed else None
    filtered: dict[str, tuple[str, ...]] = {}
    if _can_be_scheduled(prepared):
        scheduler = Scheduler(
            prepared.document,
            prepared.bare_tools,
            incomplete_groups=incomplete_groups,
            parted=prepared.bound.parted,
            is_hurried=False,
        )
        walk = _Walk(prepared, store, finder, scheduler, reuse, changed, shared)
        walk.run(tallies, jobs, problems)
        if dormant is not None:
            dormant |= walk.dormant.asleep()
        filtered = scheduler.all_left_out()
        for name, tally in tallies.items():
            tally.left_out = scheduler.counts(name).left_out
    nodes = tuple(_node_plan(name, prepared, tallies[name]) for name in prepared.order)
    needs, lacking = foresee(prepared, nodes, folder or Path.cwd())
    return Plan(
        workflow=prepared.document.name,
        inputs=prepared.bound.words,
        nodes=nodes,
        jobs=tuple(jobs or ()),
        problems=tuple(judged(dict.fromkeys([*problems, *lacking]), unpaired)),
        subset=prepared.request.subset.words,
        filtered=filtered,
        excluded=prepared.bound.excluded,
        needs=needs,
    )


def judged(problems: Iterable[Problem], unpaired: Unpaired) -> Iterator[Problem]:
    """Yield problems; what is unpaired is a warning where it may be left out."""
    for problem in problems:
        if unpaired == "leave out" and problem.code in UNPAIRED:
            yield replace(
                problem,
                severity=Severity.WARNING,
                text=f"{problem.text} It is left out.",
            )
        else:
            yield problem


def _can_be_scheduled(prepared: Prepared) -> bool:
    broken = {"cycle", "unknown-port", "unknown-source", "several-wires", "sweep"}
    broken |= {"query", "unwired-input", "unwired-node"}
    return set(prepared.tools) == set(prepared.order) and not any(
        problem.code in broken for problem in prepared.problems
    )


class _Walk:
    def __init__(
        self,
        prepared: Prepared,
        store: Store,
        finder: ContentFinder,
        scheduler: Scheduler,
        reuse: ReusePolicy,
        changed: "list[ChangedJob] | None" = None,
        shared: SharedResults | None = None,
    ) -> None:
        self._reuse = reuse
        self._shared = shared
        self._changed = changed
        self._prepared = prepared
        self._store = store
        self._finder = finder
        self._scheduler = scheduler
        self._supply = prepared.supply(scheduler)
        self.dormant = Dormant(prepared.document, finder)
        used = {
            name: choice.availability.used
            for name, choice in prepared.choices.items()
            if choice.availability.used is not None
        }
        self._resolver = Resolver(
            prepared.document, prepared.tools, used, prepared.files
        )
        self._last: dict[str, dict[frozenset[ItemId], Mapping[str, object]]] = {}
        self._holding: dict[str, dict[ItemId, list[frozenset[ItemId]]]] = {}

    def run(
        self,
        tallies: Mapping[str, _Tally],
        jobs: list[PlannedJob] | None,
        problems: list[Problem],
    ) -> None:
        place = -1
        while batch := self._take_some():
            digests = [
                one.digest
                for one in batch
                if one.digest is not None and self._reuse.takes_known(one.job.node)
            ]
            known = self._prepared.results.of(digests)
            elsewhere = known_elsewhere(self._shared, digests, known)
            for resolved in batch:
                job = resolved.job
                tally = tallies[job.node]
                result = known.get(resolved.digest) if resolved.digest else None
                place += 1
                outputs = self._known(resolved, result, place) if result else None
                if outputs is None and result and resolved.digest:  # its files are gone
                    gone = [resolved.digest]
                    elsewhere |= known_elsewhere(self._shared, gone, ())
                if outputs is None and resolved.digest in elsewhere:
                    outputs = shared_outputs(job, elsewhere[resolved.digest])
                    tally.shared += 1
                    self.dormant.need(resolved)  # it may be refused, and run then
                if outputs is not None:
                    tally.reused += 1
                    reason = ""
                else:
                    self.dormant.need(resolved)
                    outputs = self._unknown_outputs(job)
                    reason = self._reason(resolved)
                    is_waiting = reason == WAITS
                    tally.waiting += is_waiting
                    tally.new += not is_waiting
                    tally.reasons[reason] += 1
                if jobs is not None:
                    jobs.append(_planned(job, reason))
                problems.extend(resolved.problems)
                self._scheduler.job_done(job, outputs)
        for sleeper in self.dormant.needed():
            tally = tallies[sleeper.node]
            if known_elsewhere(self._shared, [sleeper.digest], ()):
                tally.shared += 1  # its bytes come from there
                continue
            tally.reused -= 1
            tally.new += 1
            tally.reasons[NEEDED] += 1
            if jobs is not None:
                jobs[sleeper.place] = replace(jobs[sleeper.place], reason=NEEDED)
        problems.extend(self._scheduler.take_problems())

    def _known(
        self, resolved: ResolvedJob, result: KnownResult, place: int
    ) -> list[Output] | None:
        outputs = known_outputs(resolved.job, result, self._finder)
        if outputs is None and self.dormant.sleeps(resolved, result, place):
            outputs = given_outputs(resolved.job, result)
        return outputs

    def _take_some(self) -> list[ResolvedJob]:
        batch: list[ResolvedJob] = []
        while len(batch) < BATCH:
            job = self._scheduler.take()
            if job is not None:
                batch.append(self._resolver.resolve(job))
            elif self._supply.is_over:
                break
            else:
                self._supply.feed()
        return batch

    def _unknown_outputs(self, job: Job) -> list[Output]:
        """Return what a job will give, as far as anything becomes of it."""
        return [
            Output(
                port,
                None,
                result_name(job, port, part, entry.format),
                part,
                own_annotations(job, part),
            )
            for port, entry in self._prepared.tools[job.node].tool.outputs.items()
            for part in [UNKNOWN_PART if entry.many else ""]
            if self._scheduler.leads_on(job.node, port)
        ]

    def _reason(self, resolved: ResolvedJob) -> str:
        job = resolved.job
        if any(token.datum is None for token in job.tokens):
            return WAITS
        if resolved.fingerprint is None:
            return "has problems" if resolved.problems else NOT_READY
        if not self._reuse.takes_known(job.node):
            return FORCED
        if job.node not in self._last:
            workflow = self._prepared.document.id
            self._last[job.node] = self._store.last_parts(workflow, job.node)
        last = self._last[job.node]
        old = last.get(job.roots) or last.get(joint_roots(job.tokens))
        old = old or self._wider(job)
        if old is None:
            return NEVER_RUN
        if self._changed is not None:
            self._changed.append(ChangedJob(resolved, old))
        return explain_difference(old, resolved.fingerprint.parts()) or (
            "its results are gone"
        )

    def _wider(self, job: Job) -> Mapping[str, object] | None:
        """Return what the node had when the job consumed other files beside."""
        if job.node not in self._holding:
            holding: dict[ItemId, list[frozenset[ItemId]]] = {}
            for roots in self._last[job.node]:
                for root in roots:
                    holding.setdefault(root, []).append(roots)
            self._holding[job.node] = holding
        known = [self._holding[job.node].get(root, []) for root in job.roots]
        fewest = min(known, key=len, default=[])
        wider = [roots for roots in fewest if job.roots < roots]
        return self._last[job.node][min(wider, key=len)] if wider else None


def _planned(job: Job, reason: str) -> PlannedJob:
    names = {
        port: tuple(token.name for token in tokens)
        for port, tokens in job.inputs.items()
    }
    return PlannedJob(job.node, job.label, names, reason)


def _node_plan(name: str, prepared: Prepared, tally: _Tally) -> NodePlan:
    choice = prepared.choices.get(name)
    node = prepared.document.nodes[name]
    return NodePlan(
        node=name,
        tool=node.tool or "",
        runtime=choice.reason if choice else "none",
        reused=tally.reused,
        shared=tally.shared,
        new=tally.new,
        waiting=tally.waiting,
        left_out=tally.left_out,
        reasons=dict(tally.reasons.most_common()),
    )
