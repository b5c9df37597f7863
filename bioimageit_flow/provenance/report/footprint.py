"""What a run used: time, memory, disk, and an estimate of its energy and CO2.

The estimate follows Green Algorithms (Lannelongue et al. 2021,
doi:10.1002/advs.202100707): processor time by the power of a core, memory by its size
and time. It is no measurement; the assumptions stand beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from bioimageit_flow.model.run import JobRecord, JobState
from bioimageit_flow.provenance.story import RunStory

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
    by_node: dict[str, list[JobRecord]] = {}
    for job in story.jobs:
        by_node.setdefault(job.node, []).append(job)
    nodes = tuple(_use(node, jobs) for node, jobs in by_node.items())
    joules = sum(_joules(job, assumptions) for job in story.jobs)
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


def _use(node: str, jobs: Iterable[JobRecord]) -> NodeUse:
    listed = list(jobs)
    ran = [job for job in listed if job.state is not JobState.REUSED]
    peaks = [job.peak_memory for job in ran if job.peak_memory is not None]
    contents = {
        made.content.sha256: made.content.size
        for job in ran
        for made in job.produced
        if made.location is not None
    }
    return NodeUse(
        node=node,
        tool=listed[0].tool,
        ran=sum(job.state is JobState.DONE for job in listed),
        reused=sum(job.state is JobState.REUSED for job in listed),
        failed=sum(job.state is JobState.FAILED for job in listed),
        wall_s=sum(job.elapsed_s for job in ran),
        median_s=median(job.elapsed_s for job in ran) if ran else 0.0,
        cpu_s=sum(_cpu_s(job) for job in ran),
        peak_memory=max(peaks, default=None),
        bytes=sum(contents.values()),
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
