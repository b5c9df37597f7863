"""What a classic run becomes: its record, its workflow, and the report of it all."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.naming import safe_name
from bioimageit_flow.model.run import Machine, RunRecord
from bioimageit_flow.model.yaml_text import write_yaml
from bioimageit_flow.stores.classic_reading import (
    ClassicExperiment,
    ClassicResult,
    ClassicRun,
)
from bioimageit_flow.stores.import_report import ImportReport, LeftOut

RUNTIME = "BioImageIT"
"""Name of the runtime of imported jobs."""


@dataclass(frozen=True, slots=True)
class ClassicReport:
    """What became of a classic experiment.

    Attributes
    ----------
    raw : ImportReport
        Of the raw data.
    runs : tuple of RunId
        The new runs.
    results : int
        Number of new processed items.
    skipped, refused : tuple of LeftOut
        Runs that were imported before; metadata and files that could not be.
    notes : tuple of str
        What is imported and may surprise.
    """

    name: str
    raw: ImportReport
    runs: tuple[RunId, ...] = ()
    results: int = 0
    skipped: tuple[LeftOut, ...] = ()
    refused: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def whole(self) -> ImportReport:
        """The report of all files, to be saved or shown."""
        return replace(
            self.raw,
            skipped=(*self.raw.skipped, *self.skipped),
            refused=(*self.refused, *self.raw.refused),
            notes=(*self.notes, *self.raw.notes),
        )


def run_record(
    run_id: RunId,
    run: ClassicRun,
    results: Sequence[ClassicResult],
    experiment: ClassicExperiment,
) -> RunRecord:
    """Return the record of a classic run, at the time of its results."""
    times = (_time(str(one.datum.values.get("date", ""))) for one in results)
    started = next((time for time in times if time), None)
    started = started or _time(experiment.date) or datetime.now(UTC)
    workflow = str(uuid5(NAMESPACE_URL, f"workflow {run_id}"))
    name = f"{run.dataset}: {run.tool}"
    text = _workflow(workflow, name, run, results)
    label = safe_name(f"{run.dataset}_{run.tool}", limit=60)
    return RunRecord(
        id=run_id,
        name=name,
        folder=f"{started:%Y-%m-%d}_{run_id[:8]}_{label}",
        workflow_id=workflow,
        workflow_sha256=canonical_hash(text),
        workflow_text=text,
        bindings={port_of(name): of for name, of in run.inputs.items()},
        started=started,
        machine=Machine("unknown", "", experiment.author, "", RUNTIME),
    )


def by_job(results: Sequence[ClassicResult]) -> list[list[ClassicResult]]:
    """Group results that one job made: those of the same inputs."""
    groups: dict[tuple[tuple[str, Path], ...], list[ClassicResult]] = defaultdict(list)
    for result in results:
        groups[result.inputs].append(result)
    return list(groups.values())


def _workflow(
    workflow: str,
    name: str,
    run: ClassicRun,
    results: Sequence[ClassicResult],
) -> str:
    """Return a workflow file with the one node that a classic run was."""
    ports = {port_of(port) for one in results for port, _ in one.inputs}
    node = node_of(run)
    document = {
        "schema": "bioimageit-flow/workflow/1",
        "id": workflow,
        "name": name,
        "description": f"Imported from {RUNTIME}; the tool was {run.tool} ({run.url}).",
        "inputs": {port: {"kind": "file"} for port in sorted(ports)},
        "nodes": {
            node: {
                "tool": f"classic/{node}@0.0.0",
                "label": run.tool,
                "parameters": {
                    port_of(name): value for name, value in run.parameters.items()
                },
                "wires": {port: port for port in sorted(ports)},
            }
        },
    }
    return write_yaml(document)


def node_of(run: ClassicRun) -> str:
    """Return the name of a classic tool as the name of a node."""
    slug = re.sub(r"[^a-z0-9]+", "-", safe_name(run.tool, limit=60).lower())
    return slug.strip("-") or "tool"


def port_of(name: str) -> str:
    """Return a name of the command line of a classic tool as a name of a port."""
    clean = re.sub(r"[^a-z0-9]+", "_", safe_name(name, limit=40).lower()).strip("_")
    return clean if clean[:1].isalpha() else f"port_{clean}".rstrip("_")


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
