"""One job from its inputs to checked outputs, on the machine where it runs.

Stages the inputs, writes ``job.json``, builds the command, runs the process in its
runtime and checks what came out. Publishing and recording are the engine's.
"""

import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from bioimageit_flow.errors import DataError, FlowError
from bioimageit_flow.executors.outputs import OutputFile, collect_outputs
from bioimageit_flow.executors.progress import Progress, parse_progress
from bioimageit_flow.executors.staging import StagedInput, stage
from bioimageit_flow.model.parameter import ParameterValue
from bioimageit_flow.model.run import FailureCause, JobState, RuntimeUsed
from bioimageit_flow.model.tool import InstalledTool
from bioimageit_flow.runtimes.protocol import JobProcess, Outcome, Runtime

logger = logging.getLogger(__name__)

_TAIL_BYTES = 8192
_TAIL_LINES = 4


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What is needed to run one job anywhere.

    Attributes
    ----------
    inputs : mapping of str to tuple of StagedInput
        By port, in group order.
    seed : int
        For tools that draw random numbers.
    log : Path
        Where the output of the process goes.
    folder : Path
        Where the job works; removed by the caller.
    """

    id: str
    run: str
    node: str
    tool: InstalledTool
    used: RuntimeUsed
    inputs: Mapping[str, tuple[StagedInput, ...]]
    parameters: Mapping[str, ParameterValue]
    seed: int
    log: Path
    folder: Path


@dataclass(frozen=True, slots=True)
class JobResult:
    """How a job ended.

    Attributes
    ----------
    outputs : tuple of OutputFile
        Checked and hashed, still in the job's folder.
    message : str
        Why it failed, in one sentence.
    """

    state: JobState
    command: tuple[str, ...] = ()
    outcome: Outcome = field(default_factory=lambda: Outcome(None, 0.0))
    outputs: tuple[OutputFile, ...] = ()
    cause: FailureCause | None = None
    message: str = ""


def run_job(
    spec: JobSpec,
    runtime: Runtime,
    cancel: Event,
    on_progress: Callable[[Progress], None] = lambda _progress: None,
) -> JobResult:
    """Run one job to its end; a failure is a result, not an error.

    Raises
    ------
    RuntimeUnavailableError
        If the engine or the environment fails, as opposed to the job.
    """

    def on_line(line: str) -> None:
        progress = parse_progress(line)
        if progress is not None:
            on_progress(progress)

    tool = spec.tool.tool
    layout = runtime.layout(spec.tool, spec.folder)
    try:
        staged = stage(spec.folder, tool, layout, spec)
    except (DataError, OSError) as error:
        return _failed(FailureCause.BAD_INPUT, _input_message(error))
    process = JobProcess(
        name=f"bioimageit-flow-{spec.id[:13]}",
        tool=spec.tool,
        used=spec.used,
        folder=spec.folder,
        command=staged.command,
        log=spec.log,
        memory_bytes=tool.resources.memory_bytes,
        time_s=tool.resources.time_s,
        cpu=tool.resources.cpu,
        gpu=tool.resources.gpu,
        network=tool.resources.network,
        labels={"run": spec.run, "job": spec.id, "node": spec.node},
        cancel=cancel,
        on_line=on_line,
    )
    outcome = runtime.execute(process)
    if outcome.cancelled:
        return JobResult(JobState.CANCELLED, staged.command, outcome)
    failure = _failure(spec, outcome) or staged.find_tampering()
    if failure is not None:
        return _failed(*failure, staged.command, outcome)
    try:
        outputs = collect_outputs(spec.folder, tool, spec.inputs)
    except FlowError as error:
        missing = "is missing" in error.message
        cause = FailureCause.NO_OUTPUT if missing else FailureCause.WRONG_OUTPUT
        return _failed(cause, error.message, staged.command, outcome)
    return JobResult(JobState.DONE, staged.command, outcome, outputs)


def remove_folder(folder: Path) -> None:
    """Remove the folder of a job, if it is there; what cannot be removed is logged."""

    def report(_function: object, path: str, error: object) -> None:
        logger.warning("%s cannot be removed (%s)", path, error)

    if folder.exists():
        shutil.rmtree(folder, onerror=report)


def last_lines(log: Path) -> str:
    """Return the last useful lines of a log, joined by `` | ``."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    clean = (
        "".join(c if c.isprintable() else " " for c in line)
        for line in text.splitlines()
    )
    lines = [line.strip() for line in clean if line.strip()]
    return " | ".join(lines[-_TAIL_LINES:])


def _failure(spec: JobSpec, outcome: Outcome) -> tuple[FailureCause, str] | None:
    resources = spec.tool.tool.resources
    match outcome.cause:
        case FailureCause.OUT_OF_MEMORY:
            text = f"it needed more than its memory limit of {resources.memory}"
            return FailureCause.OUT_OF_MEMORY, text
        case FailureCause.TIME_LIMIT:
            text = f"it took longer than its time limit of {resources.time}"
            return FailureCause.TIME_LIMIT, text
        case FailureCause.RUNTIME:
            note = f" ({outcome.note})" if outcome.note else ""
            return FailureCause.RUNTIME, f"its container was lost{note}"
    if outcome.exit_code == 0:
        return None
    said = last_lines(spec.log)
    text = f"the tool exited with code {outcome.exit_code}" + (
        f": {said}" if said else " and said nothing"
    )
    no_space = "No space left on device" in said
    return FailureCause.NO_SPACE if no_space else FailureCause.TOOL_ERROR, text


def _failed(
    cause: FailureCause,
    message: str,
    command: tuple[str, ...] = (),
    outcome: Outcome | None = None,
) -> JobResult:
    return JobResult(
        JobState.FAILED,
        command,
        outcome or Outcome(None, 0.0),
        cause=cause,
        message=message,
    )


def _input_message(error: DataError | OSError) -> str:
    if isinstance(error, DataError):
        return error.message
    return f"an input cannot be staged ({error.strerror}: {error.filename})"
