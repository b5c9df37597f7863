"""Causes of failures are recognised from how a process ended and what it said."""

import errno
import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bioimageit_flow.errors import DataError, RuntimeUnavailableError
from bioimageit_flow.executors.failures import (
    bad_input,
    bad_output,
    cause_of,
    failure_of,
)
from bioimageit_flow.model.run import FailureCause
from bioimageit_flow.runtimes.protocol import Outcome
from tests.unit.executors.job_bench import spec

TRACEBACK = """\
Traceback (most recent call last):
  File "/tool/run.py", line 12, in <module>
    main()
    ^^^^^^
  File "/opt/env/lib/python3.12/site-packages/numpy/core.py", line 3, in main
    return np.zeros(size)
{error}
"""


@pytest.mark.parametrize(
    ("log", "cause"),
    [
        (TRACEBACK.format(error="MemoryError"), "out of memory"),
        (
            TRACEBACK.format(
                error="numpy._core._exceptions._ArrayMemoryError: Unable to allocate "
                "7.45 GiB for an array with shape (1000000000,) and data type float64"
            ),
            "out of memory",
        ),
        (
            'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space\n'
            "\tat ij.process.FloatProcessor.<init>(FloatProcessor.java:31)\n"
            "\t... 12 more\n",
            "out of memory",
        ),
        (
            "terminate called after throwing an instance of 'std::bad_alloc'\n",
            "out of memory",
        ),
        (
            TRACEBACK.format(error="torch.OutOfMemoryError: CUDA out of memory."),
            "out of memory",
        ),
        (
            TRACEBACK.format(error="OSError: [Errno 28] No space left on device: 'x'"),
            "no space left",
        ),
        (
            TRACEBACK.format(
                error="PermissionError: [Errno 13] Permission denied: '/job/in/0.tif'"
            ),
            "permission",
        ),
        ("touch: cannot touch '/etc/x': Read-only file system\n", "permission"),
        (
            TRACEBACK.format(
                error="socket.gaierror: [Errno -3] Temporary failure in name resolution"
            ),
            "permission",
        ),
        (
            TRACEBACK.format(error="ValueError: image must be 2-D, got shape (3, 4)"),
            "bad axes or type",
        ),
        (
            TRACEBACK.format(
                error="ValueError: operands could not be broadcast together"
            ),
            "bad axes or type",
        ),
        (
            TRACEBACK.format(error="TypeError: dtype float64 is not supported"),
            "bad axes or type",
        ),
        (TRACEBACK.format(error="ZeroDivisionError: division by zero"), "tool error"),
        ("", "tool error"),
    ],
)
def test_cause_is_recognised_from_the_log(tmp_path: Path, log: str, cause: str) -> None:
    found = failure_of(spec(tmp_path, log), Outcome(1, 0.1))
    assert found is not None
    assert found[0] == cause, found
    assert "\n" not in found[1]
    assert "Traceback" not in found[1]
    last = log.strip().splitlines()[-1].strip() if log else "said nothing"
    if not last.startswith("..."):
        assert last[:200] in found[1]


def test_tool_that_has_no_room_to_say_why_it_failed_is_recognised(
    tmp_path: Path,
) -> None:
    words = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)]
    if shutil.which("mount") is None or subprocess.run(words, check=False).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        job = spec(tmp_path)
        job.folder.mkdir(exist_ok=True)
        with suppress(OSError):
            (tmp_path / "ballast").write_bytes(bytes(1 << 17))
        found = failure_of(job, Outcome(1, 0.1))
        (tmp_path / "ballast").unlink()
        other = failure_of(job, Outcome(1, 0.1))
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
    assert found is not None
    assert found[0] is FailureCause.NO_SPACE
    assert str(tmp_path) in found[1]
    assert other is not None
    assert other[0] is FailureCause.TOOL_ERROR


def test_words_of_earlier_lines_do_not_make_a_cause(tmp_path: Path) -> None:
    log = (
        "reading axes YX, dtype uint16\nprocessing 2D image\n"
        "the sample is not in focus\n"
    )
    found = failure_of(spec(tmp_path, log), Outcome(3, 0.1))
    assert found is not None
    assert found[0] is FailureCause.TOOL_ERROR
    assert "code 3" in found[1]


def test_success_is_no_failure_whatever_was_printed(tmp_path: Path) -> None:
    log = "MemoryError: caught, and done in pieces\n"
    assert failure_of(spec(tmp_path, log), Outcome(0, 0.1)) is None


def test_limits_are_told_with_their_values(tmp_path: Path) -> None:
    job = spec(tmp_path)
    memory = failure_of(job, Outcome(137, 1, cause=FailureCause.OUT_OF_MEMORY))
    late = failure_of(job, Outcome(None, 1, cause=FailureCause.TIME_LIMIT))
    lost = failure_of(job, Outcome(None, 1, cause=FailureCause.RUNTIME, note="died"))
    assert memory is not None
    assert "1.0 GiB" in memory[1]
    assert late is not None
    assert "10 min" in late[1]
    assert lost is not None
    assert "(died)" in lost[1]
    more = job.needs.model_copy(update={"memory": "2 GiB"})
    again = failure_of(
        replace(job, resources=more), Outcome(1, 1, cause=FailureCause.OUT_OF_MEMORY)
    )
    assert again is not None
    assert "2.0 GiB" in again[1]


def test_code_137_is_memory_unless_little_was_used(tmp_path: Path) -> None:
    job = spec(tmp_path)
    unknown = failure_of(job, Outcome(137, 1))
    full = failure_of(job, Outcome(137, 1, peak_memory=2**30))
    little = failure_of(job, Outcome(137, 1, peak_memory=2**20))
    assert unknown is not None
    assert full is not None
    assert unknown[0] is full[0] is FailureCause.OUT_OF_MEMORY
    assert little is not None
    assert little[0] is FailureCause.RUNTIME
    assert "killed from outside" in little[1]


def test_missing_program_is_named(tmp_path: Path) -> None:
    found = failure_of(spec(tmp_path, "cannot start python: gone\n"), Outcome(127, 0))
    assert found is not None
    assert "'python' cannot be started" in found[1]


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (RuntimeUnavailableError("The image x:1 is not on this machine."), "missing"),
        (
            RuntimeUnavailableError(
                "The container engine failed while running j: No such image: x:1."
            ),
            "missing",
        ),
        (
            RuntimeUnavailableError(
                "The image x (sha256:0123) was removed from the engine."
            ),
            "missing",
        ),
        (RuntimeUnavailableError("write /x: no space left on device."), "no space"),
        (RuntimeUnavailableError("The container engine stopped answering."), "runtime"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "x"), "no space"),
        (PermissionError(errno.EACCES, "no", "x"), "permission"),
        (DataError("The input x is not there."), "bad input"),
        (ValueError("a fault of ours"), "runtime"),
    ],
)
def test_failures_of_the_runtime_have_causes(error: Exception, cause: str) -> None:
    assert cause_of(error).value.startswith(cause)


def test_inputs_and_outputs_have_causes() -> None:
    full = bad_input(OSError(errno.ENOSPC, "No space left on device", "/w"))
    gone = bad_input(FileNotFoundError(errno.ENOENT, "No such file", "/x"))
    assert full[0] is FailureCause.NO_SPACE
    assert gone[0] is FailureCause.BAD_INPUT
    assert bad_output(DataError("output 'a' is missing: x"))[0] == "missing output"
    axes = DataError("output 'a': 0.tif has the axes ZYX where YX is declared.")
    assert bad_output(axes)[0] is FailureCause.BAD_AXES
    assert bad_output(DataError("output 'a': is a link"))[0] == "wrong output"
