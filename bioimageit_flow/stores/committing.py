"""Committing jobs: attempts, facts and records in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from bioimageit_flow.model.run import JobRecord, ProducedItem
from bioimageit_flow.stores.attempts import Attempts, attempt_columns
from bioimageit_flow.stores.bodies import Body, job_body
from bioimageit_flow.stores.claims import release
from bioimageit_flow.stores.late import late_store_module
from bioimageit_flow.stores.lookups import (
    KnownItem,
    consumed_items,
    dataset_keys,
    edge_keys,
    fingerprint_keys,
    input_item,
    result_contents,
    reused_key,
    reused_keys,
    run_keys,
    runtime_keys,
)
from bioimageit_flow.stores.refusals import check_job
from bioimageit_flow.stores.rows import json_text, next_id
from bioimageit_flow.stores.runs import Chain
from bioimageit_flow.stores.superseding import check_attempt
from bioimageit_flow.stores.writing import (
    Row,
    add_annotations,
    add_locations,
    insert_all,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bioimageit_flow.stores import schema
else:
    schema = late_store_module("schema")


def commit_jobs(connection: Connection, jobs: Sequence[JobRecord]) -> None:
    """Commit attempts with their facts; see `Store.commit_jobs`."""
    for job in jobs:
        check_job(job)
        check_attempt(job)
    made = [item for job in jobs for item in job.produced]
    runs = run_keys(connection, jobs)
    chains = {run: Chain(connection, run, known.key) for run, known in runs.items()}
    contents = result_contents(connection, made)
    places = add_locations(
        connection,
        [
            (contents[item.content.sha256], item.location)
            for item in made
            if item.location is not None
        ],
    )
    fingerprints = fingerprint_keys(connection, jobs)
    runtimes = runtime_keys(connection, jobs)
    datasets = dataset_keys(connection, jobs, runs)
    edges = edge_keys(connection, jobs, runs)
    reused = reused_keys(connection, jobs)
    known = consumed_items(connection, jobs)
    attempts = Attempts(connection, jobs)

    job_rows: list[Row] = []
    item_rows: list[Row] = []
    edge_rows: list[Row] = []
    record_rows: list[Row] = []
    item_key = next_id(connection, "items")
    for job_key, job in enumerate(jobs, next_id(connection, "jobs")):
        inputs = {edge.item: input_item(known, edge.item) for edge in job.consumed}
        body = job_body(
            job, {item: (it.content, it.selector) for item, it in inputs.items()}
        )
        record = chains[job.run].append("job", body)
        record_rows.append(record)
        reused[job.id] = job_key
        attempts.add(job, job_key)
        job_rows.append(
            _job_row(job, body)
            | attempt_columns(job)
            | {
                "id": job_key,
                "run_id": runs[job.run].key,
                "fingerprint_id": fingerprints[job.fingerprint],
                "runtime_id": runtimes[job.runtime],
                "record_n": record["n"],
                "reused_from": reused_key(reused, job),
            }
        )
        edge_rows.extend(
            {
                "job_id": job_key,
                "n": n,
                "edge_id": edges[job.run, edge.edge, edge.port],
                "item_id": inputs[edge.item].key,
            }
            for n, edge in enumerate(job.consumed)
        )
        for item in job.produced:
            content = contents[item.content.sha256]
            path = None if item.location is None else item.location.path
            item_rows.append(
                _item_row(item)
                | {
                    "id": item_key,
                    "dataset_id": datasets[job.run, job.node, item.port],
                    "content_id": content,
                    "location_id": None if path is None else places[content, path],
                    "job_id": job_key,
                }
            )
            known[item.id] = KnownItem(item_key, item.content.sha256, "")
            item_key += 1
    insert_all(connection, "jobs", job_rows)
    attempts.mark()
    insert_all(connection, "items", item_rows)
    add_annotations(
        connection,
        (
            (row["id"], item.annotations)
            for row, item in zip(item_rows, made, strict=True)
        ),
    )
    insert_all(connection, "edge_executions", edge_rows)
    insert_all(connection, "records", record_rows)
    for run in runs:
        computed = [job.fingerprint for job in jobs if job.run == run]
        release(connection, run, computed)


def _job_row(job: JobRecord, body: Body) -> Row:
    return {
        "uuid": job.id,
        "node": job.node,
        "tool": job.tool,
        "state": str(job.state),
        "parameters": json_text(dict(job.parameters)),
        "units": json_text(dict(job.units)) if job.units else "{}",
        "command": _command_text(tuple(job.command)),
        "started": body["started"],
        "elapsed_s": job.elapsed_s,
        "cpu_s": job.cpu_s,
        "peak_memory": job.peak_memory,
        "exit_code": job.exit_code,
        "log": job.log,
        "cause": body["cause"],
        "message": job.message,
    }


@lru_cache(maxsize=256)
def _command_text(command: tuple[str, ...]) -> str:
    """Return a command as JSON; staged names are the same, so most jobs share it."""
    return json_text(command)


def _item_row(item: ProducedItem) -> Row:
    return {
        "uuid": item.id,
        "source": None,
        "name": item.name,
        "selector": "",
        "part": item.part,
        "info": json_text(item.info.as_json()),
        "first_annotations": json_text(dict(item.annotations)),
        "kind": str(item.info.kind),
        "format": item.info.format,
    }
