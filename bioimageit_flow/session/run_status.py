"""How the runs of an experiment stand, also those not begun and those killed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bioimageit_flow.engine.asking import last_asked
from bioimageit_flow.engine.carrying import is_carried
from bioimageit_flow.engine.journal import JournalReader
from bioimageit_flow.engine.request_file import REQUEST, read_request
from bioimageit_flow.errors import FlowError, StoreError
from bioimageit_flow.model.events import RunQueued, RunStopped
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.run import JobState, RunState, RunSummary

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment


@dataclass(frozen=True, slots=True)
class RunStatus:
    """How a run stands.

    Attributes
    ----------
    folder : str
        Name of the folder of its results; empty for a run that has not begun.
    state : RunState
        Also queued, paused and interrupted, which the store does not know.
    counts : mapping of JobState to int
        Its jobs by how they ended.
    is_alive : bool
        Whether a process carries it now.
    message : str
        Why it could not begin; empty where it could.
    """

    id: RunId
    name: str
    folder: str
    state: RunState
    started: datetime
    elapsed_s: float | None = None
    counts: Mapping[JobState, int] = field(default_factory=dict)
    is_alive: bool = False
    message: str = ""


def all_statuses(experiment: "Experiment") -> list[RunStatus]:
    """Return how every run stands, newest first."""
    known = [status_of(experiment, summary) for summary in experiment.store.runs()]
    begun = {status.id for status in known}
    others = list(_not_begun(experiment.path / "runs", begun))
    return sorted([*known, *others], key=lambda one: one.started, reverse=True)


def status_of(experiment: "Experiment", summary: RunSummary) -> RunStatus:
    """Return how a run stands that has begun."""
    folder = experiment.folder.run_folder(summary.id)
    is_alive = is_carried(folder)
    return RunStatus(
        summary.id,
        summary.name,
        summary.folder,
        state_now(summary.state, folder),
        summary.started,
        summary.elapsed_s,
        summary.counts,
        is_alive,
    )


def state_now(stored: RunState, folder: Path) -> RunState:
    """Return the state of a run, given what the store says of it."""
    if stored is not RunState.RUNNING:
        return stored
    if not is_carried(folder):
        return RunState.INTERRUPTED
    return RunState.PAUSED if last_asked(folder) == "pause" else RunState.RUNNING


def find_status(experiment: "Experiment", text: str) -> RunStatus:
    """Return how the run stands that a text means; also one that has not begun.

    Raises
    ------
    StoreError
        If there is none, or several begin so.
    """
    try:
        return status_of(experiment, experiment.store.find_run(text))
    except StoreError:
        others = [
            one
            for one in _not_begun(experiment.path / "runs", set())
            if len(text) >= 4 and one.id.startswith(text.lower())
        ]
        if len(others) != 1:
            raise
        return others[0]


def _not_begun(runs: Path, begun: set[RunId]) -> Iterator[RunStatus]:
    for path in runs.glob(f"*/{REQUEST}"):
        folder = path.parent
        if folder.name in begun:
            continue
        try:
            request, document = read_request(folder)
        except FlowError:
            continue
        state, message = _state_before(folder)
        yield RunStatus(
            request.run,
            document.name,
            "",
            state,
            request.asked,
            is_alive=is_carried(folder),
            message=message,
        )


def _state_before(folder: Path) -> tuple[RunState, str]:
    """Return how a run stands that is not in the store."""
    is_alive = is_carried(folder)
    state = RunState.RUNNING if is_alive else RunState.INTERRUPTED
    message = ""
    for event in JournalReader(folder).read():
        match event:
            case RunStopped(text, remedy):
                state, message = RunState.FAILED, f"{text} {remedy}".strip()
            case RunQueued() if is_alive:
                state = RunState.QUEUED
            case _:
                pass
    return state, message
