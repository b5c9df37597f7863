"""What differed between two runs, and which results moved."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.data import Content, Item
from bioimageit_flow.model.ids import ItemId, Sha256
from bioimageit_flow.model.run import JobRecord, JobState
from bioimageit_flow.provenance.story import RunStory
from bioimageit_flow.provenance.verdict import (
    TOLERANCE,
    Sameness,
    Side,
    Verdict,
    compare_results,
)

Find = Callable[[Content], Path]
"""Where a content lies; raises `FlowError` if it is gone."""

ResultKey = tuple[str, str, str, str, frozenset[Sha256]]
"""Node, port, part, name, and the contents of what it was made of."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was not the same in both runs.

    Attributes
    ----------
    what : str
        ``parameter``, ``tool``, ``environment``, ``code``, ``node``, ``input``,
        ``jobs``, ``program``, ``system`` or ``run``.
    where : str
        The node, or the name of an item.
    first, second : str
        What it was in each run; empty where it was not there.
    """

    what: str
    where: str
    first: str
    second: str

    def __str__(self) -> str:
        return f"{self.where}: {self.first or '(none)'} -> {self.second or '(none)'}"


@dataclass(frozen=True, slots=True)
class ResultPair:
    """Two results that are the same output for the same raw data."""

    node: str
    port: str
    name: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differed between two runs.

    Attributes
    ----------
    changes : tuple of Change
        What was done differently.
    results : tuple of ResultPair
        Every result that both have.
    only_first, only_second : tuple of str
        Results without a partner, as ``node.port name``.
    """

    first: str
    second: str
    tolerance: float
    changes: tuple[Change, ...]
    results: tuple[ResultPair, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether both gave the same results, within the tolerance."""
        return not (self.only_first or self.only_second or self.moved())

    def moved(self) -> list[ResultPair]:
        """Return the results that differ by more than the tolerance, most first."""
        found = [
            one for one in self.results if one.verdict.sameness is Sameness.DIFFERENT
        ]
        return sorted(found, key=lambda one: -one.verdict.amount)

    def counts(self) -> dict[Sameness, int]:
        """Return how many pairs of results are how alike."""
        return {
            sameness: sum(one.verdict.sameness is sameness for one in self.results)
            for sameness in Sameness
        }

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "first": self.first,
            "second": self.second,
            "tolerance": self.tolerance,
            "changes": [
                {"what": c.what, "where": c.where, "first": c.first, "second": c.second}
                for c in self.changes
            ],
            "counts": {str(same): number for same, number in self.counts().items()},
            "results": [
                {"node": one.node, "port": one.port, "name": one.name}
                | one.verdict.as_json()
                for one in self.results
            ],
            "only_first": list(self.only_first),
            "only_second": list(self.only_second),
        }


def compare_runs(
    first: RunStory,
    second: RunStory,
    find_first: Find,
    find_second: Find,
    *,
    tolerance: float = TOLERANCE,
) -> Comparison:
    """Say what differed between two runs.

    Results are paired by what they are: the same output for the same raw data, or else
    for raw data that are called the same.
    """
    ones, others = results_of(first), results_of(second)
    pairs = _paired(ones, others)
    results = tuple(
        ResultPair(
            key[0],
            key[1],
            key[3],
            _verdict(ones[key], others[partner], find_first, find_second, tolerance),
        )
        for key, partner in pairs.items()
    )
    taken = set(pairs.values())
    return Comparison(
        first.record.folder,
        second.record.folder,
        tolerance,
        tuple(_changes(first, second)),
        results,
        tuple(_called(key) for key in ones if key not in pairs),
        tuple(_called(key) for key in others if key not in taken),
    )


def _called(key: ResultKey) -> str:
    return f"{key[0]}.{key[1]} {key[3]}"


def _verdict(
    one: Item, other: Item, find_one: Find, find_other: Find, tolerance: float
) -> Verdict:
    if one.content.sha256 == other.content.sha256:
        return Verdict(Sameness.BYTES)
    try:
        return compare_results(
            Side(find_one(one.content), one.content.sha256, one.info, one.selector),
            Side(
                find_other(other.content),
                other.content.sha256,
                other.info,
                other.selector,
            ),
            tolerance,
        )
    except FlowError as error:
        words = f"cannot be compared: {error.message}"
        return Verdict(Sameness.DIFFERENT, float("inf"), words)


def results_of(story: RunStory) -> dict[ResultKey, Item]:
    """Return what a run made, by what it is: output, part, name and raw data."""
    roots: dict[ItemId, frozenset[Sha256]] = {}
    found: dict[ResultKey, Item] = {}
    for job in story.successful():
        below: frozenset[Sha256] = frozenset()
        for edge in job.consumed:
            own = frozenset([story.items[edge.item].content.sha256])
            below |= roots.get(edge.item, own)
        for made in job.produced:
            roots[made.id] = below
            item = story.items[made.id]
            found[job.node, made.port, made.part, item.name, below] = item
    return found


def _paired(
    ones: Mapping[ResultKey, Item], others: Mapping[ResultKey, Item]
) -> dict[ResultKey, ResultKey]:
    pairs = {key: key for key in ones if key in others}
    left = [key for key in others if key not in pairs]
    by_name: dict[tuple[str, ...], list[ResultKey]] = {}
    for key in left:
        by_name.setdefault(key[:4], []).append(key)
    for key in ones:
        if key not in pairs and len(by_name.get(key[:4], ())) == 1:
            pairs[key] = by_name.pop(key[:4])[0]
    return {key: pairs[key] for key in ones if key in pairs}


def _changes(first: RunStory, second: RunStory) -> Iterable[Change]:
    ones, others = _by_node(first), _by_node(second)
    for node in dict.fromkeys([*ones, *others]):
        if node not in ones or node not in others:
            yield Change("node", node, _tool(ones, node), _tool(others, node))
            continue
        a, b = ones[node], others[node]
        for what in _FACTS:
            before, after = _told(a.facts[what]), _told(b.facts[what])
            if before != after:
                yield Change(what, node, before, after)
        yield from _parameters(node, a, b)
        if a.failed != b.failed:
            yield Change("jobs", node, f"{a.failed} failed", f"{b.failed} failed")
    yield from _inputs(first, second)
    yield from _surroundings(first, second)


def _surroundings(first: RunStory, second: RunStory) -> Iterable[Change]:
    """Compare what no node says: program, machine, and how the run was asked for."""
    one, other = first.record.machine, second.record.machine
    for what, before, after in (
        ("program", one.program_version, other.program_version),
        ("system", one.os, other.os),
    ):
        if before != after:
            yield Change(what, "BioImageIT Flow", before, after)
    for name, usual in _WAYS.items():
        before, after = (str(s.asked.get(name, usual)) for s in (first, second))
        if before != after:
            yield Change("run", name.replace("_", " "), before, after)


_WAYS = {"incomplete_groups": "stop", "unpaired": "stop"}


@dataclass(slots=True)
class _Done:
    """What the jobs of one node have in common, for each thing every value once."""

    facts: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    settings: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    failed: int = 0

    def add(self, job: JobRecord) -> None:
        for what, ask in _FACTS.items():
            self.facts.setdefault(what, set()).add(ask(job))
        for name, value in job.parameters.items():
            self.settings.setdefault(name, set()).add(canonical_json(value))
        self.failed += job.state is JobState.FAILED


def _by_node(story: RunStory) -> dict[str, _Done]:
    found: dict[str, _Done] = {}
    for job in story.jobs:
        found.setdefault(job.node, _Done()).add(job)
    return found


def _tool(done: Mapping[str, _Done], node: str) -> str:
    return _told(done[node].facts["tool"]) if node in done else ""


_FACTS: Mapping[str, Callable[[JobRecord], str]] = {
    "tool": lambda job: job.tool,
    "environment": lambda job: job.runtime.identity,
    "code": lambda job: str(job.parts.get("code", ""))[:12],
}


def _told(values: Iterable[str]) -> str:
    return ", ".join(sorted(set(values)))


def _parameters(node: str, a: _Done, b: _Done) -> Iterable[Change]:
    for name in sorted({*a.settings, *b.settings}):
        old, new = (_told(one.settings.get(name, ())) for one in (a, b))
        if old != new:
            yield Change("parameter", f"{node}.{name}", old, new)


def _inputs(first: RunStory, second: RunStory) -> Iterable[Change]:
    """Compare what the runs were given: contents by the names of the items."""
    before, after = _given(first), _given(second)
    for name in sorted({*before, *after}):
        old, new = before.get(name, set()), after.get(name, set())
        if old != new:
            yield Change("input", name, _hashes(old), _hashes(new))


def _given(story: RunStory) -> dict[str, set[Sha256]]:
    found: dict[str, set[Sha256]] = {}
    for item in story.given():
        found.setdefault(item.name, set()).add(item.content.sha256)
    return found


def _hashes(contents: Iterable[Sha256]) -> str:
    return ", ".join(sorted(content[:12] for content in contents))
