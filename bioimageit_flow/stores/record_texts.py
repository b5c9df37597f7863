"""Texts of records of jobs, put together from what the tables say of them now.

Whoever verifies a chain compares these with the records: where they are the same, the
job is as it was recorded, and nothing more need be read of it. Statements go to the
driver as they are, because a chain may have a million jobs.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

from sqlalchemy import Connection

from bioimageit_flow.model.run import JobState
from bioimageit_flow.stores.rows import marks, plain_rows

_QUICK = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":")
).encode

_JOBS = """
SELECT jobs.id, jobs.uuid, jobs.node, jobs.tool, jobs.state, fingerprints.sha256,
    fingerprints.parts, runtimes.name, runtimes.identity, runtimes.detail,
    jobs.parameters, jobs.command, jobs.started, jobs.elapsed_s, jobs.cpu_s,
    jobs.peak_memory, jobs.exit_code, jobs.log, jobs.cause, jobs.message, reused.uuid,
    jobs.units
FROM jobs
JOIN fingerprints ON fingerprints.id = jobs.fingerprint_id
JOIN runtimes ON runtimes.id = jobs.runtime_id
LEFT JOIN jobs AS reused ON reused.id = jobs.reused_from
LEFT JOIN jobs AS earlier ON earlier.superseded_by = jobs.id
WHERE earlier.id IS NULL AND jobs.declared_in IS NULL AND jobs.id IN ({})
"""
_CONSUMED = """
SELECT edge_executions.job_id, edges.edge, edges.port, items.uuid, items.selector,
    contents.sha256
FROM edge_executions
JOIN edges ON edges.id = edge_executions.edge_id
JOIN items ON items.id = edge_executions.item_id
JOIN contents ON contents.id = items.content_id
WHERE edge_executions.job_id IN ({})
ORDER BY edge_executions.job_id, edge_executions.n
"""
_PRODUCED = """
SELECT items.job_id, items.uuid, datasets.port, items.name, items.part,
    contents.sha256, contents.size, locations.path, items.info, items.first_annotations
FROM items
JOIN contents ON contents.id = items.content_id
JOIN datasets ON datasets.id = items.dataset_id
LEFT JOIN locations ON locations.id = items.location_id
WHERE items.job_id IN ({})
ORDER BY items.job_id, items.id
"""


def record_texts(connection: Connection, jobs: Sequence[int]) -> dict[int, str]:
    """Return the texts that the records of jobs should have, by the key of the job.

    Nothing of a job that is to be looked at more closely: its fingerprint is not that
    of its parts, or it took the place of an earlier attempt, rests on the word of
    somebody, or points to a result of another experiment.

    Parameters
    ----------
    jobs : sequence of int
        Keys of jobs, no more than stand in one query.
    """
    if not jobs:
        return {}

    def read(statement: str) -> list[tuple[Any, ...]]:
        wanted = statement.format(marks(connection, len(jobs)))
        return plain_rows(connection, wanted, tuple(jobs))

    consumed: defaultdict[int, list[str]] = defaultdict(list)
    for job, edge, port, item, selector, content in read(_CONSUMED):
        consumed[job].append(
            f'{{"content":"{content}","edge":{_word(edge)},"item":"{item}",'
            f'"port":{_word(port)},"selector":{_word(selector)}}}'
        )
    produced: defaultdict[int, list[str]] = defaultdict(list)
    for job, *facts in read(_PRODUCED):
        produced[job].append(_produced(*facts))
    return {
        row[0]: _text(row, consumed[row[0]], produced[row[0]])
        for row in read(_JOBS)
        if _is_plain(row)
    }


def _is_plain(row: Sequence[Any]) -> bool:
    digest, parts = row[5:7]
    if row[4] == JobState.REUSED and row[20] is None:
        return False
    text = _json(parts).encode("utf-8", "surrogatepass")
    return bool(sha256(text).hexdigest() == digest)


def _produced(
    item: str,
    port: str,
    name: str,
    part: str,
    content: str,
    size: int,
    path: str | None,
    info: str,
    annotations: str,
) -> str:
    return (
        f'{{"annotations":{_known_json(annotations)},"content":"{content}",'
        f'"info":{_known_json(info)},"item":"{item}","name":{_word(name)},'
        f'"part":{_word(part)},"path":{_word(path)},"port":{_word(port)},'
        f'"size":{size}}}'
    )


def _text(row: Sequence[Any], consumed: Sequence[str], produced: Sequence[str]) -> str:
    """Return the text of a record, with its keys in canonical order."""
    _, job, node, tool, state, fingerprint, _, name, identity, detail = row[:10]
    parameters, command, started, elapsed_s, cpu_s = row[10:15]
    peak_memory, exit_code, log, cause, message, reused, units = row[15:]
    in_units = "" if units == "{}" else f',"units":{_known_json(units)}'
    return (
        f'{{"cause":{_word(cause)},"command":{_json(command)},'
        f'"consumed":[{",".join(consumed)}],"cpu_s":{_number(cpu_s)},'
        f'"elapsed_s":{_number(elapsed_s)},"exit_code":{_number(exit_code)},'
        f'"fingerprint":"{fingerprint}","job":"{job}","log":{_word(log)},'
        f'"message":{_word(message)},"node":{_word(node)},'
        f'"parameters":{_known_json(parameters)},'
        f'"peak_memory":{_number(peak_memory)},"produced":[{",".join(produced)}],'
        f'"reused_from":{_word(reused)},'
        f'"runtime":{{"detail":{_word(detail)},"identity":{_word(identity)},'
        f'"name":{_word(name)}}},"started":{_word(started)},"state":"{state}",'
        f'"tool":{_word(tool)}{in_units}}}'
    )


def _word(value: str | None) -> str:
    return "null" if value is None else encode_basestring(value)


def _number(value: float | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def _float(text: str) -> float:
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


_READ = json.JSONDecoder(parse_float=_float).decode
"""Reads 1 for 1.0, as canonical JSON writes it."""


def _json(text: str) -> str:
    """Return a JSON text anew: the canonical one, nearly always; as it is if broken."""
    try:
        return _QUICK(_READ(text))
    except (ValueError, RecursionError):
        return text


_known_json = lru_cache(maxsize=1024)(_json)
"""The same, for texts that many jobs share."""
