"""Which failed jobs are tried again, when, and with how much memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bioimageit_flow.model.packaging import Resources
from bioimageit_flow.model.retry import (
    LONGEST_WAIT_S,
    Retry,
    RetryPolicy,
    next_attempt,
)
from bioimageit_flow.model.run import FailureCause

GIB = 2**30
NEEDS = Resources(memory="1 GiB")


def attempts(
    policy: RetryPolicy, cause: FailureCause, machine: int = 64 * GIB
) -> list[Retry]:
    """Return every repetition of a job that always fails by the same cause."""
    found: list[Retry] = []
    needs = NEEDS
    while retry := next_attempt(policy, cause, len(found) + 1, needs, machine):
        found.append(retry)
        needs = retry.resources
    return found


def test_fault_of_the_runtime_is_tried_twice_more_with_growing_waits() -> None:
    found = attempts(RetryPolicy(), FailureCause.RUNTIME)
    assert [(one.attempt, one.wait_s) for one in found] == [(2, 1.0), (3, 2.0)]
    assert {one.resources for one in found} == {NEEDS}


def test_out_of_memory_is_tried_once_more_with_twice_the_memory() -> None:
    (retry,) = attempts(RetryPolicy(), FailureCause.OUT_OF_MEMORY)
    assert retry.resources.memory_bytes == 2 * GIB
    assert retry.resources.cpu == NEEDS.cpu
    assert "2.0 GiB" in retry.reason


def test_memory_that_the_machine_lacks_is_not_given() -> None:
    assert attempts(RetryPolicy(), FailureCause.OUT_OF_MEMORY, 2 * GIB - 1) == []
    assert len(attempts(RetryPolicy(), FailureCause.OUT_OF_MEMORY, 2 * GIB)) == 1


def test_memory_grows_with_each_attempt_that_is_allowed() -> None:
    policy = RetryPolicy(times=5, memory_factor=1.5)
    found = attempts(policy, FailureCause.OUT_OF_MEMORY, 4 * GIB)
    sizes = [one.resources.memory_bytes / GIB for one in found]
    assert sizes == [1.5, 2.25, 3.375]  # the next one would be more than there is


@pytest.mark.parametrize("cause", [None, *FailureCause])
def test_what_would_end_in_the_same_way_is_not_repeated(
    cause: FailureCause | None,
) -> None:
    retry = next_attempt(RetryPolicy(), cause, 1, NEEDS, 64 * GIB)
    is_repeated = cause in (FailureCause.RUNTIME, FailureCause.OUT_OF_MEMORY)
    assert (retry is not None) is is_repeated


def test_tool_says_itself_what_is_repeated() -> None:
    flaky = RetryPolicy(times=3, on=(FailureCause.TOOL_ERROR,), wait_s=0)
    assert len(attempts(flaky, FailureCause.TOOL_ERROR)) == 3
    assert attempts(flaky, FailureCause.RUNTIME) == []
    assert attempts(RetryPolicy(on=()), FailureCause.RUNTIME) == []
    assert attempts(RetryPolicy(times=0), FailureCause.RUNTIME) == []


def test_policy_is_read_from_words_of_a_descriptor() -> None:
    policy = RetryPolicy.model_validate(
        {"times": 2, "on": ["out of memory", "runtime", "tool error"]}
    )
    assert FailureCause.TOOL_ERROR in policy.on


@pytest.mark.parametrize(
    "wrong",
    [
        {"times": 6},
        {"times": -1},
        {"on": ["bad luck"]},
        {"memory_factor": 1.0},
        {"memory_factor": float("inf")},
        {"wait_s": -1},
        {"tries": 2},
    ],
)
def test_policy_out_of_bounds_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RetryPolicy.model_validate(wrong)


@given(
    times=st.none() | st.integers(0, 5),
    factor=st.floats(1.01, 16),
    wait_s=st.floats(0, 300),
    cause=st.sampled_from(FailureCause),
    machine=st.integers(0, 2**40),
)
def test_repetitions_are_bounded_in_number_wait_and_memory(
    times: int | None,
    factor: float,
    wait_s: float,
    cause: FailureCause,
    machine: int,
) -> None:
    policy = RetryPolicy(
        times=times, on=tuple(FailureCause), memory_factor=factor, wait_s=wait_s
    )
    found = attempts(policy, cause, machine)
    assert len(found) <= 5
    for retry in found:
        assert 0 <= retry.wait_s <= LONGEST_WAIT_S
        assert retry.resources.memory_bytes <= max(machine, NEEDS.memory_bytes)


def test_optional_gpu_is_done_without() -> None:
    needs = Resources(gpu=2, gpu_optional=True)
    assert not needs.lacks_gpu
    assert needs.without_gpu().lacks_gpu
    assert needs.without_gpu().gpu == 0
    assert not Resources().lacks_gpu
    with pytest.raises(ValidationError, match="without 'gpu'"):
        Resources(gpu_optional=True)
