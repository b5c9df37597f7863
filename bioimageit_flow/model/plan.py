"""What is known of a run before anything runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bioimageit_flow.model.problem import Problem, errors_among


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
    new : int
        Jobs that run, whose inputs are there.
    waiting : int
        Jobs that run once results upstream are there; what they are may still show
        that they need not run.
    reasons : mapping of str to int
        Why jobs run, in words, with the number of jobs.
    """

    node: str
    tool: str
    runtime: str
    reused: int = 0
    new: int = 0
    waiting: int = 0
    blocked: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)

    @property
    def jobs(self) -> int:
        """All jobs of the node."""
        return self.reused + self.new + self.waiting


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
    """

    workflow: str
    inputs: Mapping[str, str]
    nodes: tuple[NodePlan, ...]
    jobs: tuple[PlannedJob, ...]
    problems: tuple[Problem, ...]

    @property
    def is_runnable(self) -> bool:
        """Whether no problem stops the run."""
        return not errors_among(self.problems)

    @property
    def total(self) -> int:
        """Number of jobs."""
        return sum(node.jobs for node in self.nodes)

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
                    "new": node.new,
                    "waiting": node.waiting,
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
            "problems": [problem.as_json() for problem in self.problems],
        }
