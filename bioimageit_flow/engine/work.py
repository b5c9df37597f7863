"""What one job does in a thread of the executor: run, publish, tell the runner."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.naming import own_annotations
from bioimageit_flow.engine.publish import Publisher
from bioimageit_flow.engine.resolve import ResolvedJob, seed_of
from bioimageit_flow.engine.stamping import as_written
from bioimageit_flow.engine.token import Token
from bioimageit_flow.engine.waiting import Attempt
from bioimageit_flow.errors import Cancelled, DataError, FlowError
from bioimageit_flow.executors.desks import Desks, clear_desk
from bioimageit_flow.executors.failures import cause_of
from bioimageit_flow.executors.job import (
    JobResult,
    JobSpec,
    remove_folder,
    run_job,
)
from bioimageit_flow.executors.progress import Progress
from bioimageit_flow.executors.staging import StagedInput
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.ids import JobId, RunId, Sha256, new_item_id
from bioimageit_flow.model.kinds import is_converted
from bioimageit_flow.model.run import (
    FailureCause,
    JobState,
    ProducedItem,
    RuntimeUsed,
)
from bioimageit_flow.model.tool import InstalledTool
from bioimageit_flow.runtimes.protocol import Runtime

if TYPE_CHECKING:
    from bioimageit_flow.engine.sharing import Sharing


@dataclass(frozen=True, slots=True)
class Task:
    """A job on its way: resolved, with an id, a place to work and a log."""

    id: JobId
    run: RunId
    attempt: Attempt
    tool: InstalledTool
    runtime: Runtime
    used: RuntimeUsed
    folder: Path
    log: Path

    @property
    def resolved(self) -> ResolvedJob:
        """The job with everything that decides its result."""
        return self.attempt.resolved

    @property
    def digest(self) -> Sha256:
        """Its fingerprint."""
        return self.attempt.digest


@dataclass(frozen=True, slots=True)
class JobProgressed:
    """A task tells how far it has come."""

    task: Task
    progress: Progress


@dataclass(frozen=True, slots=True)
class JobFinished:
    """A task has ended; its outputs are published."""

    task: Task
    result: JobResult
    produced: tuple[ProducedItem, ...]
    started: datetime


Tell = Callable[[JobProgressed], None]
"""Hands a message to the runner, from any thread."""


def do_task(
    task: Task,
    finder: ContentFinder,
    publisher: Publisher,
    cancel: Event,
    tell: Tell,
    desks: Desks | None = None,
    sharing: "Sharing | None" = None,
) -> JobFinished:
    """Run a task to its end, telling how far it has come; never raises.

    Parameters
    ----------
    desks : Desks, optional
        Folders of earlier jobs to work in; otherwise the job makes its own.
    sharing : Sharing, optional
        What other experiments know, and are told.
    """
    started = datetime.now(UTC)
    produced: tuple[ProducedItem, ...] = ()
    key = _desk_key(task)
    folder = desks.take(key, task.folder) if desks else task.folder
    try:
        spec = _spec(task, finder, folder)
        known = sharing and sharing.take(spec, task.digest, _place_of_shared(task))
        result = known or run_job(
            spec,
            task.runtime,
            cancel,
            lambda progress: tell(JobProgressed(task, progress)),
        )
        if result.state is JobState.DONE:
            if sharing:
                sharing.keep(task.digest, result)
            produced = _publish(task, result, publisher)
    except Cancelled:
        result = JobResult(JobState.CANCELLED)
    except DataError as error:
        result = _failure(cause_of(error), str(error))
    except FlowError as error:
        result = _failure(cause_of(error), str(error))
    except OSError as error:
        text = f"{error.strerror or error}: {error.filename or 'the work folder'}"
        result = _failure(cause_of(error), text)
    except Exception as error:  # noqa: BLE001 - a lost task would hang the run
        text = f"an error of the program itself ({type(error).__name__}: {error})"
        result = _failure(FailureCause.RUNTIME, text)
    finally:
        ports = (key[1:], task.tool.tool.outputs)
        is_good = result.state is JobState.DONE
        if desks and is_good and clear_desk(folder, *ports):
            desks.give_back(key, folder)
        else:
            remove_folder(folder)
        remove_folder(_place_of_copies(task))
    return JobFinished(task, result, produced, started)


def _failure(cause: FailureCause, message: str) -> JobResult:
    return JobResult(JobState.FAILED, cause=cause, message=message)


def _desk_key(task: Task) -> tuple[str, ...]:
    ports = (*task.resolved.job.inputs, *task.resolved.files)
    return (task.resolved.job.node, *ports)


def _spec(task: Task, finder: ContentFinder, folder: Path) -> JobSpec:
    resolved = task.resolved
    place = _place_of_copies(task)
    return JobSpec(
        id=task.id,
        run=task.run,
        node=resolved.job.node,
        tool=task.tool,
        used=task.used,
        inputs={
            port: tuple(
                _staged(token, read, finder, _accepted(task, port), place)
                for token, read in zip(tokens, resolved.annotations[port], strict=True)
            )
            for port, tokens in resolved.job.inputs.items()
        }
        | {
            name: (_staged(token, {}, finder, (), place),)
            for name, token in resolved.files.items()
        },
        parameters=resolved.parameters,
        seed=seed_of(task.digest),
        log=task.log,
        folder=folder,
    )


def _place_of_copies(task: Task) -> Path:
    """Return where inputs without their stamps lie until the task has ended."""
    return task.folder.with_name(f"{task.folder.name}.in")


def _place_of_shared(task: Task) -> Path:
    """Return where a result from a shared folder lies until the task has ended."""
    return _place_of_copies(task) / "shared"


def _accepted(task: Task, port: str) -> tuple[str, ...]:
    """Return the formats that a port reads; none are asked for where it is no port."""
    ports = task.tool.tool.inputs
    return ports[port].formats if port in ports else ()


def _staged(
    token: Token,
    read: Mapping[str, AnnotationValue],
    finder: ContentFinder,
    accepted: tuple[str, ...],
    place: Path,
) -> StagedInput:
    assert token.datum is not None
    datum = token.datum
    form, is_image = datum.info.format, datum.info.axes is not None
    is_other = is_converted(accepted, form, datum.selector, is_image=is_image)
    if is_other or datum.corrected:
        path, info = finder.converted(
            datum.content, datum.selector, form, datum.corrected
        )
        return StagedInput(path, token.name, info, "", read)
    path = as_written(finder.find(datum.content), datum.content, form, place)
    return StagedInput(path, token.name, datum.info, datum.selector, read)


def _publish(
    task: Task, result: JobResult, publisher: Publisher
) -> tuple[ProducedItem, ...]:
    produced = []
    for output in result.outputs:
        name, location = publisher.publish(
            task.resolved.job, output, task.id[:8], task.resolved.fingerprint
        )
        produced.append(
            ProducedItem(
                id=new_item_id(),
                port=output.port,
                name=name,
                content=output.content,
                info=output.info,
                location=location,
                part=output.part,
                annotations=own_annotations(task.resolved.job, output.part),
            )
        )
    return tuple(produced)
