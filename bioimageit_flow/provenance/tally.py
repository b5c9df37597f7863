"""What is told of all jobs of a run together, from going through them once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from bioimageit_flow.model.ids import ItemId
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
    inputs : dict of ItemId to tuple of str
        Over which of the edges that were asked for items came.
    """

    results: int = 0
    tools: dict[str, ToolTally] = field(default_factory=dict[str, ToolTally])
    ended: Counter[tuple[str, JobState]] = field(
        default_factory=Counter[tuple[str, JobState]]
    )
    changes: set[int] = field(default_factory=set[int])
    inputs: dict[ItemId, tuple[str, ...]] = field(
        default_factory=dict[ItemId, tuple[str, ...]]
    )


def tally_of(jobs: Iterable[JobRecord], sources: Iterable[str], files: str) -> Tally:
    """Return what jobs have in common.

    Parameters
    ----------
    sources : iterable of str
        Dataset inputs of the workflow.
    files : str
        The source of the edges over which files of parameters come; such an edge is
        told as a whole.
    """
    tally, wanted = Tally(), {files, *sources}
    names: dict[str, tuple[str, ...]] = {}  # items share one text for each edge
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
        for edge in job.consumed:
            source = edge.edge.partition(" -> ")[0]
            if source in wanted:
                name = edge.edge if source == files else source
                told = tally.inputs.get(edge.item, ())
                if name not in told:
                    more = names.setdefault(name, (name,))
                    tally.inputs[edge.item] = (*told, name) if told else more
    return tally
