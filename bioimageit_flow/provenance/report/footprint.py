"""What a run used: time, memory, disk, and an estimate of its energy and CO2.

The estimate follows Green Algorithms (Lannelongue et al. 2021,
doi:10.1002/advs.202100707): processor time by the power of a core, memory by its size
and time. It is no measurement; the assumptions stand beside it.
"""

from collections import Counter
from dataclasses import dataclass, field

from bioimageit_flow.model.run import JobRecord, JobState
from bioimageit_flow.provenance.story import RunStory
from bioimageit_flow.stores.spooled_numbers import SpooledNumbers

_GIB = 2**30


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the estimate of energy assumes.

    Attributes
    ----------
    core_w : float
        Watts of a busy processor core.
    memory_w_per_gib : float
        Watts per GiB of memory in use.
    overhead : float
        What cooling and supply take on top: 1 for a computer in an office.
    co2_g_per_kwh : float
        Of the electricity; the default is the world's average (IEA 2019).
    """

    core_w: float = 12.0
    memory_w_per_gib: float = 0.3725
    overhead: float = 1.0
    co2_g_per_kwh: float = 475.0


@dataclass(frozen=True, slots=True)
class NodeUse:
    """What one node used.

    Attributes
    ----------
    wall_s, median_s, cpu_s : float
        Of the jobs that ran: seconds in all, of the middle one, and of processors.
    peak_memory : int or None
        Bytes, of the largest job.
    bytes : int
        Of the results that it made new.
    """

    node: str
    tool: str
    ran: int
    reused: int
    failed: int
    wall_s: float
    median_s: float
    cpu_s: float
    peak_memory: int | None
    bytes: int


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a run used in all."""

    nodes: tuple[NodeUse, ...]
    wall_s: float
    cpu_s: float
    bytes: int
    energy_wh: float
    co2_g: float
    assumptions: Assumptions


def footprint_of(story: RunStory, assumptions: Assumptions) -> Footprint:
    """Return what a run used."""
    by_node: dict[str, _Sums] = {}
    spool = SpooledNumbers()
    joules = 0.0
    for job in story.jobs:
        if job.node not in by_node:
            by_node[job.node] = _Sums(job.node, job.tool, spool)
        by_node[job.node].add(job)
        joules += _joules(job, assumptions)
    nodes = tuple(sums.use() for sums in by_node.values())
    energy = joules / 3600 * assumptions.overhead
    return Footprint(
        nodes,
        sum(one.wall_s for one in nodes),
        sum(one.cpu_s for one in nodes),
        sum(one.bytes for one in nodes),
        energy,
        energy / 1000 * assumptions.co2_g_per_kwh,
        assumptions,
    )


@dataclass(slots=True)
class _Sums:
    """What the jobs of a node used: a few numbers, whatever the number of jobs.

    How long each took, for the median, and which contents were made, to count equal
    ones once, waits in a file.
    """

    node: str
    tool: str
    spool: SpooledNumbers
    states: Counter[JobState] = field(default_factory=Counter[JobState])
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak: int | None = None

    def add(self, job: JobRecord) -> None:
        """Take a job."""
        self.states[job.state] += 1
        if job.state is JobState.REUSED:
            return
        self.spool.add(self.node, job.elapsed_s)
        self.wall_s += job.elapsed_s
        self.cpu_s += _cpu_s(job)
        if job.peak_memory is not None:
            self.peak = max(job.peak_memory, self.peak or 0)
        for made in job.produced:
            if made.location is not None:
                self.spool.put(self.node, made.content.sha256, made.content.size)

    def use(self) -> NodeUse:
        """Return the sums."""
        return NodeUse(
            node=self.node,
            tool=self.tool,
            ran=self.states[JobState.DONE],
            reused=self.states[JobState.REUSED],
            failed=self.states[JobState.FAILED],
            wall_s=self.wall_s,
            median_s=self.spool.median(self.node),
            cpu_s=self.cpu_s,
            peak_memory=self.peak,
            bytes=self.spool.sum_of_sizes(self.node),
        )


def _cpu_s(job: JobRecord) -> float:
    """Return processor seconds; a job without a measurement kept one core busy."""
    return job.elapsed_s if job.cpu_s is None else job.cpu_s


def _joules(job: JobRecord, assumed: Assumptions) -> float:
    if job.state is JobState.REUSED:
        return 0.0
    memory_gib = (job.peak_memory or 0) / _GIB
    memory = memory_gib * assumed.memory_w_per_gib * job.elapsed_s
    return _cpu_s(job) * assumed.core_w + memory
