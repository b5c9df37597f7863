"""Why a job failed: the cause, recognised, and one sentence for people."""

import errno
import re
from pathlib import Path
from tempfile import TemporaryFile

from bioimageit_flow.errors import DataError, FlowError
from bioimageit_flow.executors.log_lines import LINES, last_lines, useful_lines
from bioimageit_flow.executors.spec import JobSpec
from bioimageit_flow.model.run import FailureCause
from bioimageit_flow.model.units import format_bytes
from bioimageit_flow.runtimes.protocol import NOT_STARTED, Outcome

Failure = tuple[FailureCause, str]
"""The cause, and a sentence without its full stop."""

_KILLED = 128 + 9
_LEAST_ROOM = 4096
"""With fewer bytes on a disk than this, a tool cannot even say what is wrong."""

_LITTLE = 0.5
"""Of the memory limit: who was killed with less in use was not killed for that."""

_SIGNS: tuple[tuple[FailureCause, str, str], ...] = (
    (
        FailureCause.OUT_OF_MEMORY,
        r"CUDA (error: )?out of memory|CUDA_ERROR_OUT_OF_MEMORY|cudaErrorMemoryAlloc",
        "the memory of the GPU ran out",
    ),
    (
        FailureCause.OUT_OF_MEMORY,
        r"\bMemoryError\b|OutOfMemoryError|bad_alloc|Cannot allocate memory"
        r"|Unable to allocate .* for an array|out of memory|GC overhead limit",
        "it ran out of memory, of which it may have {memory}",
    ),
    (
        FailureCause.NO_SPACE,
        r"No space left on device|Disk quota exceeded|\bENOSPC\b|There is not enough "
        r"space on the disk",
        "there was no space left where it writes (its results go to the disk of the "
        "work folder; its /tmp holds half of its {memory} of memory)",
    ),
    (
        FailureCause.PERMISSION,
        r"name resolution|Name or service not known|Network is unreachable"
        r"|Could not resolve host|UnknownHostException|getaddrinfo failed",
        "it tried to use the network, which it is not given",
    ),
    (
        FailureCause.PERMISSION,
        r"Permission denied|PermissionError|Read-only file system"
        r"|Operation not permitted|AccessDeniedException|Access is denied",
        "it tried to read or write what it may not",
    ),
)
_LAST_SIGNS: tuple[tuple[FailureCause, str, str], ...] = (
    (
        FailureCause.BAD_AXES,
        r"\bndim\b|\baxes\b|\baxis \d|broadcast|shape mismatch"
        r"|[Ss]hapes? .* not aligned"
        r"|dimensions?\b.*(expected|must|match|required)"
        r"|(expected|must|requires?|only)\b.*\b(dimensions?|[23]-?D\b)"
        r"|\bdtype\b|pixel type|[Uu]nsupported (data|image) type|bit depth",
        "the image has other axes or another pixel type than it can take",
    ),
)
"""Signs of what is too common a word to be looked for but in the last line."""

_IMAGE = re.compile(
    r"\bimage\b.*(no such|not on this machine|not there|not found|removed|pull)"
    r"|(no such|pull\w*).*\bimage\b",
    re.IGNORECASE,
)


def failure_of(spec: JobSpec, outcome: Outcome) -> Failure | None:
    """Return why a process failed; None if it did not."""
    needs = spec.needs
    match outcome.cause:
        case FailureCause.OUT_OF_MEMORY:
            memory = format_bytes(needs.memory_bytes)
            text = f"it needed more than its memory limit of {memory}"
            return FailureCause.OUT_OF_MEMORY, text
        case FailureCause.TIME_LIMIT:
            text = f"it took longer than its time limit of {needs.time}"
            return FailureCause.TIME_LIMIT, _with_log(text, spec)
        case FailureCause.RUNTIME:
            note = f" ({outcome.note})" if outcome.note else ""
            return FailureCause.RUNTIME, f"its container was lost{note}"
    if outcome.exit_code == 0:
        return None
    found = _recognised(spec)
    if found is not None:
        return found
    if outcome.exit_code == _KILLED:
        return _killed(spec, outcome)
    if outcome.exit_code == NOT_STARTED:
        text = f"its program {spec.program!r} cannot be started"
        return FailureCause.TOOL_ERROR, _with_log(text, spec)
    text = f"the tool exited with code {outcome.exit_code}"
    if not last_lines(spec.log) and (full := _full_place(spec)) is not None:
        return FailureCause.NO_SPACE, f"{text}: there is no space left in {full}"
    return FailureCause.TOOL_ERROR, _with_log(text, spec, silent=" and said nothing")


def bad_output(error: FlowError) -> Failure:
    """Return what is wrong with the outputs of a job."""
    cause = FailureCause.WRONG_OUTPUT
    if "is missing" in error.message:
        cause = FailureCause.NO_OUTPUT
    elif "has the axes" in error.message:
        cause = FailureCause.BAD_AXES
    return cause, error.message


def bad_input(error: DataError | OSError) -> Failure:
    """Return why the inputs of a job cannot be staged."""
    if isinstance(error, DataError):
        return FailureCause.BAD_INPUT, error.message
    cause = cause_of(error)
    if cause is FailureCause.RUNTIME:
        cause = FailureCause.BAD_INPUT
    return cause, f"an input cannot be staged ({error.strerror}: {error.filename})"


def cause_of(error: BaseException) -> FailureCause:
    """Return the cause for a failure of what runs a job, not of the job itself."""
    match error:
        case DataError(__cause__=OSError(errno=errno.ENOSPC | errno.EDQUOT)):
            return FailureCause.NO_SPACE
        case DataError():
            return FailureCause.BAD_INPUT
        case FlowError() if _IMAGE.search(error.message):
            return FailureCause.MISSING_IMAGE
        case FlowError() if re.search("no space left", error.message, re.IGNORECASE):
            return FailureCause.NO_SPACE
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return FailureCause.NO_SPACE
        case PermissionError():
            return FailureCause.PERMISSION
    return FailureCause.RUNTIME


def _recognised(spec: JobSpec) -> Failure | None:
    lines = useful_lines(spec.log)
    for signs, where in ((_SIGNS, lines[-LINES:]), (_LAST_SIGNS, lines[-1:])):
        for cause, sign, text in signs:
            if any(re.search(sign, line) for line in where):
                memory = format_bytes(spec.needs.memory_bytes)
                return cause, _with_log(text.format(memory=memory), spec)
    return None


def _killed(spec: JobSpec, outcome: Outcome) -> Failure:
    peak, limit = outcome.peak_memory, spec.needs.memory_bytes
    if peak is not None and peak < _LITTLE * limit:
        text = (
            "it was killed from outside (exit code 137) while it used "
            f"{format_bytes(peak)} of its {format_bytes(limit)} of memory"
        )
        return FailureCause.RUNTIME, _with_log(text, spec)
    text = (
        "it was killed (exit code 137), as the system does when memory runs out; its "
        f"limit is {format_bytes(limit)}"
    )
    return FailureCause.OUT_OF_MEMORY, _with_log(text, spec)


def _full_place(spec: JobSpec) -> Path | None:
    """Return a folder of a job on whose disk no file can be made any more."""
    for folder in (spec.folder, spec.log.parent):
        try:
            with TemporaryFile(dir=folder) as file:
                file.write(bytes(_LEAST_ROOM))
                file.flush()
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                return folder
    return None


def _with_log(text: str, spec: JobSpec, silent: str = "") -> str:
    said = last_lines(spec.log)
    return f"{text}: {said}" if said else f"{text}{silent}"
