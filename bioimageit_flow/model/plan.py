"""What is known of a run before anything runs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from bioimageit_flow.model.problem import Problem, errors_among

NEVER_RUN = "not run before"
"""Why a job runs that no run of the workflow has had."""

NOT_READY = "image or environment is not there yet"
"""Why it cannot be known yet whether a job is known."""

WAITS = "waits for new results upstream"
"""Why it is not known yet whether a job runs."""

UNPAIRED = frozenset({"unpaired", "no-group", "ambiguous"})
"""Codes of the problems of items that meet no partner."""


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """One job as far as it can be foreseen.

    Attributes
    ----------
    inputs : mapping of str to tuple of str
        Names of the items by port.
    reason : str
        Why it has to run; empty where its result is known already.
    """

    node: str
    label: str
    inputs: Mapping[str, tuple[str, ...]]
    reason: str


@dataclass(frozen=True, slots=True)
class NodePlan:
    """What one node has to do.

    Attributes
    ----------
    runtime : str
        Where its jobs will run, and why there.
    reused : int
        Jobs whose results are known.
    shared : int
        Those of them that only the shared folder knows.
    new : int
        Jobs that run, whose inputs are there.
    waiting : int
        Jobs that run once results upstream are there; what they are may still show
        that they need not run.
    left_out : int
        Jobs that a filter, a split or a subset leaves out.
    reasons : mapping of str to int
        Why jobs run, in words, with the number of jobs.
    """

    node: str
    tool: str
    runtime: str
    reused: int = 0
    shared: int = 0
    new: int = 0
    waiting: int = 0
    left_out: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)

    @property
    def jobs(self) -> int:
        """All jobs of the node."""
        return self.reused + self.new + self.waiting

    @property
    def place(self) -> str:
        """Where it runs, without its tool: ``container NAME``."""
        return self.runtime.removeprefix(f"{self.tool} runs in: ").removesuffix(".")


@dataclass(frozen=True, slots=True)
class Needs:
    """What a run takes of the machine, as far as that can be foreseen.

    Attributes
    ----------
    disk_bytes : int
        Of the results, from the sizes of the images that go in.
    free_bytes : int or None
        On the disk of the experiment; None where that is not known.
    memory_bytes : int
        Of the hungriest job, as its tool says.
    """

    disk_bytes: int = 0
    free_bytes: int | None = None
    memory_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer to "what would happen if I pressed Run?".

    Attributes
    ----------
    workflow : str
        Name of the workflow.
    inputs : mapping of str to str
        What each dataset input is bound to, in words.
    nodes : tuple of NodePlan
        In the order in which they can run.
    jobs : tuple of PlannedJob
        Every job with what pairs with what.
    problems : tuple of Problem
        Everything that is wrong, at once.
    subset : str
        Which part of the items is taken, in words; empty for all.
    filtered : mapping of str to tuple of str
        Names of the items that filters and splits send away, by where that is.
    excluded : mapping of str to str
        Items that stay out of every run, by name, with the reason.
    needs : Needs
        What the run takes of the machine, as far as that can be foreseen.
    """

    workflow: str
    inputs: Mapping[str, str]
    nodes: tuple[NodePlan, ...]
    jobs: tuple[PlannedJob, ...]
    problems: tuple[Problem, ...]
    subset: str = ""
    filtered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excluded: Mapping[str, str] = field(default_factory=dict)
    needs: Needs = field(default_factory=lambda: Needs())

    @property
    def unpaired(self) -> tuple[Problem, ...]:
        """The problems of items that meet no partner."""
        return tuple(one for one in self.problems if one.code in UNPAIRED)

    @property
    def is_runnable(self) -> bool:
        """Whether no problem stops the run."""
        return not errors_among(self.problems)

    @property
    def total(self) -> int:
        """Number of jobs."""
        return sum(node.jobs for node in self.nodes)

    def _repr_html_(self) -> str:
        from bioimageit_flow.model.markup import facts, table

        nodes = table(
            ["node", "jobs", "reused", "new", "waiting", "why"],
            [
                (n.node, n.jobs, n.reused, n.new, n.waiting, "; ".join(n.reasons))
                for n in self.nodes
            ],
        )
        problems = table(
            ["problem", "where", "what to do"],
            [(p.text, f"{p.node} {p.port}".strip(), p.fix) for p in self.problems],
        )
        bound = facts(self.workflow, [*self.inputs.items(), ("only", self.subset)])
        return f"{bound}{nodes}{problems if self.problems else ''}"

    def as_json(self) -> dict[str, object]:
        """Return the plan as plain values."""
        return {
            "workflow": self.workflow,
            "runnable": self.is_runnable,
            "inputs": dict(self.inputs),
            "nodes": [
                {
                    "node": node.node,
                    "tool": node.tool,
                    "runtime": node.runtime,
                    "jobs": node.jobs,
                    "reused": node.reused,
                    "shared": node.shared,
                    "new": node.new,
                    "waiting": node.waiting,
                    "left_out": node.left_out,
                    "reasons": dict(node.reasons),
                }
                for node in self.nodes
            ],
            "jobs": [
                {
                    "node": job.node,
                    "label": job.label,
                    "inputs": {port: list(names) for port, names in job.inputs.items()},
                    "reason": job.reason,
                }
                for job in self.jobs
            ],
            "subset": self.subset,
            "filtered": {place: list(names) for place, names in self.filtered.items()},
            "excluded": dict(self.excluded),
            "needs": asdict(self.needs),
            "problems": [problem.as_json() for problem in self.problems],
        }
