"""Bodies of lineage records: plain values that tell the whole story of one fact.

Every store writes the same bodies, so that chains can be compared and verified by
anybody who has the records.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.canonical import canonical_hash, canonical_json
from bioimageit_flow.model.ids import ItemId, RunId, Sha256
from bioimageit_flow.model.lineage import GENESIS, LineageRecord, chain
from bioimageit_flow.model.run import (
    ConsumedEdge,
    JobRecord,
    JobState,
    Machine,
    ProducedItem,
    RunRecord,
    RunState,
)
from bioimageit_flow.stores.times import time_text

Body = dict[str, object]


def run_body(run: RunRecord) -> Body:
    """Return the body of the first record of a run."""
    return {
        "run": run.id,
        "name": run.name,
        "folder": run.folder,
        "workflow": {
            "id": run.workflow_id,
            "sha256": run.workflow_sha256,
            "text_sha256": canonical_hash(run.workflow_text),
        },
        "bindings": dict(run.bindings),
        "started": time_text(run.started),
        "machine": _machine(run.machine),
    }


def job_body(job: JobRecord, contents: Mapping[ItemId, tuple[Sha256, str]]) -> Body:
    """Return the body of the record of a job.

    Parameters
    ----------
    job : JobRecord
        The attempt with its facts.
    contents : mapping
        Content hash and selector of each item that was consumed.
    """
    body: Body = {
        "job": job.id,
        "node": job.node,
        "tool": job.tool,
        "state": str(job.state),
        "fingerprint": job.fingerprint,
        "runtime": {
            "name": job.runtime.name,
            "identity": job.runtime.identity,
            "detail": job.runtime.detail,
        },
        "command": list(job.command),
        "parameters": dict(job.parameters),
        "consumed": [
            consumed_body(edge, *contents[edge.item]) for edge in job.consumed
        ],
        "produced": [produced_body(item) for item in job.produced],
        "started": None if job.started is None else time_text(job.started),
        "elapsed_s": _number(job.elapsed_s),
        "cpu_s": None if job.cpu_s is None else _number(job.cpu_s),
        "peak_memory": job.peak_memory,
        "exit_code": job.exit_code,
        "log": job.log,
        "cause": None if job.cause is None else str(job.cause),
        "message": job.message,
        "reused_from": job.reused_from,
    }
    return body | attempt_body(job)


def _number(value: float) -> float:
    """Return a whole number as one, as it stands in canonical JSON anyhow."""
    return int(value) if float(value).is_integer() else value


def attempt_body(job: JobRecord) -> Body:
    """Return what a record says of an attempt that is not plainly the first.

    And units of its parameters, where they have any. Nothing of others, so that older
    chains of records stay as they are.
    """
    body: Body = {"units": dict(job.units)} if job.units else {}
    if job.supersedes is not None:
        body |= {"attempt": job.attempt, "supersedes": job.supersedes}
    if job.declared is not None:
        word = job.declared
        body["still_valid"] = {
            "change": word.change,
            "user": word.user,
            "at": time_text(word.at),
            "reason": word.reason,
        }
    if job.shared is not None:
        body["shared"] = job.shared.as_json()
    return body


def consumed_body(edge: ConsumedEdge, content: Sha256, selector: str) -> Body:
    """Return what a record says of one edge execution."""
    return {
        "edge": edge.edge,
        "port": edge.port,
        "item": edge.item,
        "content": content,
        "selector": selector,
    }


def produced_body(item: ProducedItem) -> Body:
    """Return what a record says of one item that was made."""
    return {
        "item": item.id,
        "port": item.port,
        "name": item.name,
        "part": item.part,
        "content": item.content.sha256,
        "size": item.content.size,
        "path": None if item.location is None else item.location.path,
        "info": item.info.as_json(),
        "annotations": dict(item.annotations),
    }


def resume_body(machine: Machine, at: datetime) -> Body:
    """Return the body of the record that a run goes on."""
    return {"resumed": time_text(at), "machine": _machine(machine)}


def _machine(machine: Machine) -> Body:
    return {
        "host": machine.host,
        "os": machine.os,
        "user": machine.user,
        "python": machine.python,
        "program_version": machine.program_version,
        # Absent where it is not known, as in records of earlier versions.
        **({"orcid": machine.orcid} if machine.orcid else {}),
    }


def end_body(
    state: RunState,
    elapsed_s: float,
    ended: datetime,
    counts: Mapping[JobState, int],
) -> Body:
    """Return the body of the record of the end of a run."""
    return {
        "state": str(state),
        "elapsed_s": elapsed_s,
        "ended": time_text(ended),
        "jobs": {str(key): count for key, count in counts.items()},
    }


def link(run: RunId, previous: Sha256, body: Body) -> tuple[str, Sha256]:
    """Return the canonical JSON of a body, and the hash of its record.

    The hash is that of `model.lineage.chain`, without writing the body twice.
    """
    try:
        text = canonical_json(body)
    except ValueError as error:
        raise StoreError(
            f"A record of run {run} cannot be written: {error}.",
            remedy="Nothing was recorded; please report this.",
        ) from error
    whole = f'{{"body":{text},"previous":"{previous}"}}'
    return text, Sha256(sha256(whole.encode()).hexdigest())


def follow(
    run: RunId, n: int, kind: str, body: Body, previous: Sha256
) -> LineageRecord:
    """Return the record with a body that follows another."""
    _, digest = link(run, previous, body)
    return LineageRecord(run, n, kind, body, previous, digest)


def chain_faults(
    record: LineageRecord, expected_n: int, previous: Sha256 = GENESIS
) -> list[str]:
    """Return what is wrong with a record at its place in the chain of its run."""
    faults = []
    if record.n != expected_n:
        faults.append(
            f"Record {expected_n} of run {record.run} is missing: "
            f"record {record.n} follows."
        )
    elif record.previous != previous:
        faults.append(
            f"Record {record.n} of run {record.run} does not follow from the record "
            "before it."
        )
    if chain(record.previous, record.body) != record.sha256:
        faults.append(
            f"Record {record.n} of run {record.run} was changed after it was written."
        )
    return faults


def same(one: object, other: object) -> bool:
    """Say whether two plain values are the same in canonical JSON."""
    return canonical_json(one) == canonical_json(other)
