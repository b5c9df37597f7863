"""The beginning of a run: its record, and the folders that it works in."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bioimageit_flow.engine.earlier import EarlierJobs
from bioimageit_flow.engine.frozen import freeze
from bioimageit_flow.engine.obtain import Obtained
from bioimageit_flow.engine.prepare import Prepared, Request
from bioimageit_flow.engine.recorder import run_folder_name, this_machine
from bioimageit_flow.engine.work_folder import new_work_folder, remove_work_folders
from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.naming import safe_name
from bioimageit_flow.model.run import RunRecord, RuntimeUsed
from bioimageit_flow.stores.fault_points import fault_point
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.places import writing
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.stores.publishing import write_text
from bioimageit_flow.stores.sweeping import sweep_results
from bioimageit_flow.workflow.file import write_document

RUNTIMES = "runtimes.json"


@dataclass(frozen=True, slots=True)
class RunFolders:
    """Where a run writes.

    Attributes
    ----------
    run : Path
        ``runs/<run id>``: frozen workflow, journal, logs.
    logs : Path
        Logs of the jobs.
    work : Path
        Where jobs work; removed at the end of the run.
    results : Path
        Where results lie.
    """

    run: Path
    logs: Path
    work: Path
    results: Path


@dataclass(frozen=True, slots=True)
class BegunRun:
    """A run that begins or goes on.

    Attributes
    ----------
    earlier : EarlierJobs
        What it did before it was interrupted.
    elapsed_s : float
        How long it worked before.
    """

    run: RunRecord
    folders: RunFolders
    is_resumed: bool = False
    earlier: EarlierJobs = field(default_factory=EarlierJobs)
    elapsed_s: float = 0.0


def known_run(store: Store, run: RunId) -> RunRecord | None:
    """Return a run that has begun; None for one that has not.

    Raises
    ------
    StoreError
        If the store cannot be read: whether it has begun is not known then.
    """
    if not store.has_run(run):
        return None
    return store.run_record(run)


def begin_run(
    run: RunId,
    experiment: ExperimentFolder,
    store: Store,
    prepared: Prepared,
    obtained: Mapping[str, Obtained],
) -> BegunRun:
    """Make what a run needs before its first job; records nothing yet.

    Raises
    ------
    StoreError
        If the experiment cannot be written.
    RuntimeUnavailableError
        If the run goes on, and an image or environment is not the one it began with.
    """
    place = experiment.run_folder(run)
    used = {node: one.used for node, one in obtained.items()}
    record = known_run(store, run)
    if record is None:
        freeze(place, prepared)
        fault_point("inputs frozen")
        _write_runtimes(place, used)
        record = new_run(run, prepared.request)
        return BegunRun(record, _folders(experiment, record))
    _check_runtimes(place, used)
    remove_work_folders(run)
    sweep_results(experiment.path, store.recorded_paths, f"results/{record.folder}")
    return BegunRun(
        record,
        _folders(experiment, record),
        is_resumed=True,
        earlier=EarlierJobs(store.jobs(run)),
        elapsed_s=store.find_run(run).elapsed_s or 0.0,
    )


def new_run(run: RunId, request: Request) -> RunRecord:
    """Return the record of a run that begins now."""
    document = request.document
    text = write_document(document)
    started = datetime.now(UTC)
    return RunRecord(
        id=run,
        name=document.name,
        folder=run_folder_name(started, run, safe_name(document.name, limit=60)),
        workflow_id=document.id,
        workflow_sha256=canonical_hash(text),
        workflow_text=text,
        bindings=dict(request.bindings),
        started=started,
        machine=this_machine(),
    )


def _folders(experiment: ExperimentFolder, run: RunRecord) -> RunFolders:
    place = experiment.run_folder(run.id)
    logs = place / "logs"
    with writing(logs):
        logs.mkdir(exist_ok=True)
        fault_point("run folder made")
    return RunFolders(
        run=place,
        logs=logs,
        work=new_work_folder(run.id),
        results=experiment.path / "results" / run.folder,
    )


def _write_runtimes(place: Path, used: Mapping[str, RuntimeUsed]) -> None:
    plain = {node: asdict(one) for node, one in used.items()}
    write_text(place / RUNTIMES, [json.dumps(plain, indent=1)])


def _check_runtimes(place: Path, used: Mapping[str, RuntimeUsed]) -> None:
    """Refuse to go on in another image or environment than before."""
    try:
        before = json.loads((place / RUNTIMES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return  # of a version that did not write it: records say what was used
    for node, now in used.items():
        then = RuntimeUsed(**before[node]) if node in before else now
        if (then.name, then.identity) != (now.name, now.identity):
            is_same_name = (then.name, then.detail) == (now.name, now.detail)
            one, other = (_words_of(used, is_same_name) for used in (then, now))
            raise RuntimeUnavailableError(
                f"The run began with {one} for {node}; now it would be {other}.",
                remedy="Bring back what it began with, or start a new run: results "
                "that are known are reused.",
            )


def _words_of(used: RuntimeUsed, is_exact: bool) -> str:
    """Name what runs a node; exactly where its name alone may mean another content."""
    if is_exact and used.detail:
        return f"{used.name} {used.detail} ({used.identity})"
    return f"{used.name} {used.detail or used.identity}"
