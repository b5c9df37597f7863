"""One job from its inputs to checked outputs, on the machine where it runs.

Stages the inputs, writes ``job.json``, builds the command, runs the process in its
runtime and checks what came out. Publishing and recording are the engine's.
"""

import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

from bioimageit_flow.errors import DataError, FlowError
from bioimageit_flow.executors.failures import bad_input, bad_output, failure_of
from bioimageit_flow.executors.gpu_tokens import granted_gpus
from bioimageit_flow.executors.outputs import OutputFile, collect_outputs
from bioimageit_flow.executors.progress import Progress, parse_progress
from bioimageit_flow.executors.spec import JobSpec
from bioimageit_flow.executors.staging import Staged, stage
from bioimageit_flow.model.run import FailureCause, JobState
from bioimageit_flow.model.shared import SharedOrigin
from bioimageit_flow.runtimes.protocol import JobProcess, Outcome, Runtime

__all__ = ["JobResult", "JobSpec", "process_of", "remove_folder", "run_job"]

logger = logging.getLogger(__name__)

NO_GPU = "on the processor, as no GPU was there"
"""What is noted of a job that would have used a GPU."""


@dataclass(frozen=True, slots=True)
class JobResult:
    """How a job ended.

    Attributes
    ----------
    outputs : tuple of OutputFile
        Checked and hashed, still in the job's folder.
    message : str
        Why it failed, in one sentence.
    shared : SharedOrigin or None
        Where it was made, if it was taken from a shared folder and not run.
    """

    state: JobState
    command: tuple[str, ...] = ()
    outcome: Outcome = field(default_factory=lambda: Outcome(None, 0.0))
    outputs: tuple[OutputFile, ...] = ()
    cause: FailureCause | None = None
    message: str = ""
    shared: SharedOrigin | None = None


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
        return _failed(*bad_input(error))
    outcome = runtime.execute(process_of(spec, staged, cancel, on_line))
    if spec.needs.lacks_gpu:
        note = "; ".join(filter(None, (outcome.note, NO_GPU)))
        outcome = replace(outcome, note=note)
    if outcome.cancelled:
        return JobResult(JobState.CANCELLED, staged.command, outcome)
    failure = failure_of(spec, outcome) or staged.find_tampering()
    if failure is not None:
        return _failed(*failure, staged.command, outcome)
    try:
        outputs = collect_outputs(spec.folder, tool, spec.inputs)
    except FlowError as error:
        return _failed(*bad_output(error), staged.command, outcome)
    return JobResult(JobState.DONE, staged.command, outcome, outputs)


def process_of(
    spec: JobSpec,
    staged: Staged,
    cancel: Event,
    on_line: Callable[[str], None] = lambda _line: None,
) -> JobProcess:
    """Return the process of a job that is staged."""
    needs = spec.needs
    return JobProcess(
        name=f"bioimageit-flow-{spec.id[:13]}",
        tool=spec.tool,
        used=spec.used,
        folder=spec.folder,
        command=staged.command,
        log=spec.log,
        memory_bytes=needs.memory_bytes,
        time_s=needs.time_s,
        cpu=needs.cpu,
        gpu=needs.gpu,
        gpu_ids=granted_gpus.get() if needs.gpu else (),
        network=needs.network,
        labels={"run": spec.run, "job": spec.id, "node": spec.node},
        cancel=cancel,
        on_line=on_line,
    )


def remove_folder(folder: Path) -> None:
    """Remove the folder of a job, if it is there; what cannot be removed is logged."""

    def report(_function: object, path: str, error: object) -> None:
        logger.warning("%s cannot be removed (%s)", path, error)

    if os.path.exists(folder):  # noqa: PTH110 - asked for each job
        shutil.rmtree(folder, onerror=report)


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
