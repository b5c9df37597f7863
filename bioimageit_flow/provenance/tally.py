"""What is told of all jobs of a run together, from going through them once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from bioimageit_flow.model.run import JobRecord, JobState, RuntimeUsed


@dataclass(slots=True)
class ToolTally:
    """What the jobs of one tool have in common.

    Attributes
    ----------
    runtime : RuntimeUsed
        What the last one ran in.
    code : str
        Hash of the tool's own files, of the last one.
    parameters, ports : dict of str to None
        Names of the parameters that were set, and of the ports that gave something.
    """

    runtime: RuntimeUsed
    code: str = ""
    parameters: dict[str, None] = field(default_factory=dict[str, None])
    ports: dict[str, None] = field(default_factory=dict[str, None])


@dataclass(slots=True)
class Tally:
    """What the jobs of a run have in common.

    Attributes
    ----------
    results : int
        How many items they made.
    tools : dict of str to ToolTally
        By reference, in the order of their first jobs.
    ended : Counter of (str, JobState)
        How many jobs of each node ended how.
    changes : set of int
        The words of somebody that reused results still stand on.
    """

    results: int = 0
    tools: dict[str, ToolTally] = field(default_factory=dict[str, ToolTally])
    ended: Counter[tuple[str, JobState]] = field(
        default_factory=Counter[tuple[str, JobState]]
    )
    changes: set[int] = field(default_factory=set[int])


def tally_of(jobs: Iterable[JobRecord]) -> Tally:
    """Return what jobs have in common."""
    tally = Tally()
    for job in jobs:
        tally.ended[job.node, job.state] += 1
        tally.results += len(job.produced)
        if job.declared is not None:
            tally.changes.add(job.declared.change)
        tool = tally.tools.get(job.tool)
        if tool is None:
            tool = tally.tools[job.tool] = ToolTally(job.runtime)
        tool.runtime = job.runtime
        tool.code = str(job.parts.get("code", ""))
        tool.parameters.update(dict.fromkeys(job.parameters))
        tool.ports.update(dict.fromkeys(made.port for made in job.produced))
    return tally
