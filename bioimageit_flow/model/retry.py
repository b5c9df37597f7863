"""Whether a failed job is tried once more: when, and with how much memory."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from bioimageit_flow.model.described import Described
from bioimageit_flow.model.packaging import Resources
from bioimageit_flow.model.run import FailureCause
from bioimageit_flow.model.units import format_bytes

USUAL_TIMES = {FailureCause.RUNTIME: 2, FailureCause.OUT_OF_MEMORY: 1}
"""How often a job is tried again where the tool does not say; else once."""

LONGEST_WAIT_S = 300.0
"""The wait before an attempt doubles with each, up to this."""

_DEFAULT_CAUSES = (FailureCause.RUNTIME, FailureCause.OUT_OF_MEMORY)


class RetryPolicy(Described):
    """Which failed jobs of a tool are tried again.

    Attributes
    ----------
    times : int or None
        How often at most. By default twice where the runtime failed (a dead worker, an
        engine that stopped answering), and once for every other cause.
    on : tuple of FailureCause
        The causes, such as ``out of memory``; an empty list for none. An error of the
        tool itself is only tried again where it stands here.
    memory_factor : float
        After ``out of memory``, by how much the memory limit grows.
    wait_s : float
        Seconds before the first repetition; twice as long before each further one.
    """

    times: Annotated[int, Field(ge=0, le=5)] | None = None
    on: tuple[FailureCause, ...] = _DEFAULT_CAUSES
    memory_factor: Annotated[float, Field(gt=1, le=16, allow_inf_nan=False)] = 2.0
    wait_s: Annotated[float, Field(ge=0, le=300, allow_inf_nan=False)] = 1.0


@dataclass(frozen=True, slots=True)
class Retry:
    """One more attempt.

    Attributes
    ----------
    attempt : int
        Its number; the first attempt of a job is 1.
    wait_s : float
        How long to wait before it.
    resources : Resources
        What the job gets this time.
    reason : str
        Why, for people, as a sentence.
    """

    attempt: int
    wait_s: float
    resources: Resources
    reason: str


def next_attempt(
    policy: RetryPolicy,
    cause: FailureCause | None,
    attempt: int,
    resources: Resources,
    machine_memory: int,
) -> Retry | None:
    """Return how a job that failed is tried again; None if it is not.

    Parameters
    ----------
    policy : RetryPolicy
        Of its tool.
    cause : FailureCause or None
        Why it failed.
    attempt : int
        The number of the attempt that failed; the first is 1.
    resources : Resources
        What that attempt had.
    machine_memory : int
        Bytes that one job can have here.
    """
    if cause is None or cause not in policy.on:
        return None
    times = USUAL_TIMES.get(cause, 1) if policy.times is None else policy.times
    if attempt > times:
        return None
    reason = f"It is tried again ({cause})."
    if cause is FailureCause.OUT_OF_MEMORY:
        memory = int(resources.memory_bytes * policy.memory_factor)
        if memory > machine_memory:
            return None  # with the same memory it would end in the same way
        resources = resources.model_copy(update={"memory": f"{memory} B"})
        reason = f"It is tried again with {format_bytes(memory)} of memory."
    wait_s = min(policy.wait_s * 2 ** (attempt - 1), LONGEST_WAIT_S)
    return Retry(attempt + 1, wait_s, resources, reason)
