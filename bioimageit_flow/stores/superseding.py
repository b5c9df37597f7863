"""Which attempt may take the place of which: the rule of every store.

Not only of attempts that failed: a result whose file is gone is made again, and a group
that ran without items that had failed runs once more with them. What the earlier
attempt made keeps its lineage, but is no result of the run any more.
"""

from dataclasses import dataclass, replace

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.run import JobRecord, JobState

_REMEDY = "Nothing was recorded; please report this."


@dataclass(frozen=True, slots=True)
class Earlier:
    """An attempt, as far as a later one has to know it."""

    run: RunId
    node: str
    state: JobState
    attempt: int
    is_superseded: bool

    @classmethod
    def of(cls, job: JobRecord) -> "Earlier":
        """Return what is to be known of a job."""
        return cls(job.run, job.node, job.state, job.attempt, is_superseded=False)

    def superseded(self) -> "Earlier":
        """Return it with another in its place."""
        return replace(self, is_superseded=True)


def check_attempt(job: JobRecord) -> None:
    """Refuse a job whose number of attempt contradicts what it supersedes.

    Raises
    ------
    StoreError
        If a first attempt supersedes one, or a later one none; or if a job that was
        not reused stands on a declaration.
    """
    if (job.attempt == 1) != (job.supersedes is None) or job.attempt < 1:
        raise StoreError(
            f"Job {job.id} is attempt {job.attempt}, which does not fit what it says "
            f"it supersedes ({job.supersedes}).",
            remedy=_REMEDY,
            node=job.node,
        )
    if job.declared is not None and job.state is not JobState.REUSED:
        raise StoreError(
            f"Job {job.id} is {job.state} and cannot stand on somebody's word.",
            remedy=_REMEDY,
            node=job.node,
        )


def check_supersedes(job: JobRecord, earlier: Earlier | None) -> None:
    """Refuse an attempt that cannot take the place of an earlier one.

    Raises
    ------
    StoreError
        If the earlier one is not there, is of another run or node, was superseded
        already, or is not the one before.
    """
    if earlier is None:
        why = "which is not there"
    elif (earlier.run, earlier.node) != (job.run, job.node):
        why = "which is of another run or node"
    elif earlier.is_superseded:
        why = "which was superseded by another already"
    elif job.attempt != earlier.attempt + 1:
        why = f"which is attempt {earlier.attempt} and not the one before"
    else:
        return
    raise StoreError(
        f"Job {job.id}, attempt {job.attempt}, says it supersedes job "
        f"{job.supersedes}, {why}.",
        remedy=_REMEDY,
        node=job.node,
    )
