"""What the rest would take, judged by a run over a few items."""

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from bioimageit_flow.model.plan import Plan
from bioimageit_flow.model.run import JobRecord, JobState
from bioimageit_flow.model.units import format_bytes, format_seconds

if TYPE_CHECKING:
    from bioimageit_flow.session.results import Run


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would take.

    Attributes
    ----------
    jobs : int
        How many would run.
    seconds : float
        How long, with as many jobs at once as there are processors.
    bytes : int
        What the results would take on the disk.
    memory : int or None
        The most that one job took, in bytes, where that is known.
    unknown : tuple of str
        Nodes that did not run, so that nothing is known of them.
    """

    jobs: int
    seconds: float
    bytes: int
    memory: int | None = None
    unknown: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What it would take, as a clause."""
        words = [
            f"about {format_seconds(self.seconds)}",
            f"{format_bytes(self.bytes)} of disk",
        ]
        if self.memory is not None:
            words.append(f"up to {format_bytes(self.memory)} of memory for a job")
        return ", ".join(words)


def estimate(run: "Run", plan: Plan, *, processors: int) -> Estimate:
    """Return what a plan would take, by the jobs of a run that did a part of it.

    Parameters
    ----------
    run : Run
        Over a few items of the same workflow.
    plan : Plan
        Of all of them; what is known already costs nothing.
    processors : int
        How many jobs run at once.
    """
    by_node: dict[str, list[JobRecord]] = {}
    for job in run.jobs():
        if job.state is JobState.DONE:
            by_node.setdefault(job.node, []).append(job)
    seconds, size, jobs = 0.0, 0.0, 0
    unknown: list[str] = []
    for node in plan.nodes:
        to_run = node.new + node.waiting
        jobs += to_run
        ran = by_node.get(node.node)
        if not to_run:
            continue
        if not ran:
            unknown.append(node.node)
            continue
        at_once = min(processors, to_run)
        seconds += to_run * fmean(job.elapsed_s for job in ran) / at_once
        size += to_run * fmean(
            sum(item.content.size for item in job.produced) for job in ran
        )
    peaks = [job.peak_memory for ran in by_node.values() for job in ran]
    known = [peak for peak in peaks if peak is not None]
    memory = max(known, default=None)
    return Estimate(jobs, seconds, round(size), memory, tuple(unknown))
