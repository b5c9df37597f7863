"""The beginning of a run: its record, and the folders that it works in."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bioimageit_flow.engine.prepare import Prepared, Request
from bioimageit_flow.engine.recorder import run_folder_name, this_machine
from bioimageit_flow.engine.work_folder import new_work_folder
from bioimageit_flow.model.annotation import Conflict
from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.ids import new_run_id
from bioimageit_flow.model.naming import safe_name
from bioimageit_flow.model.run import RunRecord
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.workflow.file import write_document


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


def new_run(request: Request) -> RunRecord:
    """Return the record of a run that begins now."""
    document = request.document
    text = write_document(document)
    started = datetime.now(UTC)
    run = new_run_id()
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


INPUTS = "inputs.json"


def new_run_folders(
    experiment: ExperimentFolder, run: RunRecord, prepared: Prepared
) -> RunFolders:
    """Make the folders of a run, with the frozen workflow and inputs in them."""
    folder = experiment.new_run_folder(run.id)
    (folder / "workflow.flow.yaml").write_text(run.workflow_text, encoding="utf-8")
    inputs = json.dumps(frozen_inputs(prepared), ensure_ascii=False, indent=1)
    (folder / INPUTS).write_text(inputs, encoding="utf-8")
    logs = folder / "logs"
    logs.mkdir()
    return RunFolders(
        run=folder,
        logs=logs,
        work=new_work_folder(run.id),
        results=experiment.path / "results" / run.folder,
    )


def frozen_inputs(prepared: Prepared) -> dict[str, object]:
    """Return what a run takes, with the annotations as they are when it begins.

    Annotations may be corrected later; what the run paired, grouped and read by is kept
    here.
    """
    return {
        "schema": "bioimageit-flow/inputs/1",
        "bindings": dict(prepared.request.bindings),
        "subset": prepared.request.subset.words,
        "excluded": dict(prepared.bound.excluded),
        "inputs": {
            name: [
                {
                    "item": token.datum.id if token.datum else "",
                    "name": token.name,
                    "annotations": {
                        key: list(value.values)
                        if isinstance(value, Conflict)
                        else value
                        for key, value in sorted(token.view.items())
                    },
                }
                for token in tokens
                if not token.left_out
            ]
            for name, tokens in prepared.bound.tokens.items()
        },
    }


def _plain(value: AnnotationValue | Conflict) -> object:
    return list(value.values) if isinstance(value, Conflict) else value
