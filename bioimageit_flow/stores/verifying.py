"""Finding what was tampered with in a run: its records, attempts and facts.

A walk along the chain of records, some hundred at a time, with the jobs that they are
of. Texts are compared first, and jobs read whole only where these differ: that is many
times as quick, and time stays in proportion to the number of jobs.
"""

import json
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, and_, select

from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.ids import ItemId, Sha256
from bioimageit_flow.model.lineage import GENESIS, LineageRecord
from bioimageit_flow.model.run import JobRecord, RunRecord, RunState
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.bodies import chain_faults, job_body, run_body, same
from bioimageit_flow.stores.record_texts import record_texts
from bioimageit_flow.stores.rows import chunks, json_object, where_among
from bioimageit_flow.stores.run_reading import jobs_by_key

PAGE = 500
"""How many records are looked at at once."""

_QUICK = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":")
).encode

_Inputs = Mapping[ItemId, tuple[Sha256, str]]


@dataclass(frozen=True, slots=True)
class _Row:
    """A record as it is stored."""

    n: int
    kind: str
    text: str
    previous: Sha256
    sha256: Sha256

    @property
    def body(self) -> dict[str, object]:
        """What it says."""
        return json_object(self.text)

    def has_hash(self) -> bool:
        """Say whether its text is the one that was hashed."""
        whole = f'{{"body":{self.text},"previous":"{self.previous}"}}'
        return _hash(whole) == self.sha256


class Verification:
    """A walk along the chain of a run that collects what does not agree.

    Parameters
    ----------
    connection : Connection
        To read the places of the jobs in the chain.
    run : RunRecord
        The run, as the tables have it.
    key : int
        Its key.
    state : RunState
        What the tables say of how it ended.
    """

    def __init__(
        self, connection: Connection, run: RunRecord, key: int, state: RunState
    ) -> None:
        self.faults: list[str] = []
        self._run, self._key, self._state = run, key, state
        self._ended = str(RunState.RUNNING)
        self._previous, self._expected = GENESIS, 0
        self._settled: set[int] = set()  # records of the page that need no more looks
        table = schema.jobs
        query = select(table.c.record_n, table.c.id).where(table.c.run_id == key)
        places = sorted((n, job) for n, job in connection.execute(query))
        self._places = array("q", (n for n, _ in places))
        self._jobs = array("q", (job for _, job in places))

    def check_next(self, connection: Connection) -> bool:
        """Check the next records of the chain; return whether there were any."""
        rows = list(self._page(connection))
        if not rows:
            return False
        same = self._same_jobs(connection, rows)
        self._settled = {self._places[at] for at in same}
        jobs = self._jobs_of(connection, rows[0].n, rows[-1].n, same)
        every = [job for found in jobs.values() for job in found]
        inputs = _inputs_of(connection, every)
        for row in rows:
            self.faults += self._link_faults(row)
            self._previous, self._expected = row.sha256, row.n + 1
            found = jobs.get(row.n, [])
            if found or row.n not in self._settled:
                self.faults += self._facts_faults(row, found, inputs)
        return True

    def _page(self, connection: Connection) -> Iterator[_Row]:
        table = schema.records
        columns = table.c.n, table.c.kind, table.c.body, table.c.previous
        query = (
            select(*columns, table.c.sha256)
            .where(table.c.run_id == self._key, table.c.n >= self._expected)
            .order_by(table.c.n)
            .limit(PAGE)
        )
        for n, kind, text, previous, digest in connection.execute(query):
            yield _Row(n, kind, text, Sha256(previous), Sha256(digest))

    def _same_jobs(self, connection: Connection, rows: Sequence[_Row]) -> set[int]:
        """Return the jobs, by number, that the tables tell as their records do."""
        between = self._between(rows[0].n, rows[-1].n)
        texts: dict[int, str] = {}
        for part in chunks(self._jobs[between.start : between.stop]):
            texts |= record_texts(connection, part)
        records = {row.n: row.text for row in rows if row.kind == "job"}
        return {
            at
            for at in between
            if (text := texts.get(self._jobs[at])) is not None
            and text == records.get(self._places[at])
        }

    def _between(self, first: int, last: int) -> range:
        return range(*(bisect_left(self._places, n) for n in (first, last + 1)))

    def _jobs_of(
        self, connection: Connection, first: int, last: int, same: Set[int]
    ) -> dict[int, list[JobRecord]]:
        """Return the other jobs that say they are of some records, by their place."""
        others = [at for at in self._between(first, last) if at not in same]
        keys = sorted((self._jobs[at], self._places[at]) for at in others)
        by_place: dict[int, list[JobRecord]] = {}
        for n, job in self._read(connection, keys):
            by_place.setdefault(n, []).append(job)
        return by_place

    def _read(
        self, connection: Connection, keys: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[int, JobRecord]]:
        """Go through jobs, each with its place; those that make no sense are faults."""
        try:
            found = jobs_by_key(connection, (key for key, _ in keys))
        except (ValueError, TypeError, KeyError):
            if len(keys) > 1:
                for one in keys:
                    yield from self._read(connection, [one])
                return
            ((_, n),) = keys
            self.faults.append(
                f"The job of record {n} of run {self._run.id} cannot be read: it was "
                "changed after it was recorded."
            )
            self._settled.add(n)
            return
        yield from zip((n for _, n in keys), found, strict=True)

    def _link_faults(self, row: _Row) -> list[str]:
        is_next = (row.n, row.previous) == (self._expected, self._previous)
        if is_next and row.has_hash():
            return []
        record = LineageRecord(
            self._run.id, row.n, row.kind, row.body, row.previous, row.sha256
        )
        return chain_faults(record, self._expected, self._previous)

    def _facts_faults(
        self, row: _Row, jobs: list[JobRecord], inputs: _Inputs
    ) -> list[str]:
        if row.kind == "job":
            if not jobs:
                return [
                    f"Job {row.body.get('job')} of record {row.n} is missing among the "
                    "jobs of the run."
                ]
            return [fault for job in jobs for fault in _job_faults(row, job, inputs)]
        if row.kind == "end":
            self._ended = str(row.body.get("state"))
        elif row.kind == "resume":
            self._ended = str(RunState.RUNNING)
        elif row.kind == "run" and not same(run_body(self._run), row.body):
            return [
                f"Run {self._run.id} differs from its record {row.n}: it was changed "
                "after it was recorded."
            ]
        return [
            f"Job {job.id} of node {job.node} says that record {row.n} is its own, "
            f"which is of the kind {row.kind}: it was changed after it was recorded."
            for job in jobs
        ]

    def finish(self, connection: Connection) -> None:
        """Look for what the chain does not mention."""
        if self._expected == 0:
            self.faults.append(f"Record 0 of run {self._run.id} is missing.")
        if self._ended != self._state:
            self.faults.append(
                f"Run {self._run.id} is {self._state}, its last record of an end says "
                f"{self._ended}: one was removed or changed."
            )
        jobs, records = schema.jobs, schema.records
        query = (
            select(jobs.c.uuid, jobs.c.node)
            .outerjoin(
                records,
                and_(records.c.run_id == self._key, records.c.n == jobs.c.record_n),
            )
            .where(jobs.c.run_id == self._key, records.c.n.is_(None))
            .order_by(jobs.c.id)
        )
        self.faults += [
            f"Job {row.uuid} of node {row.node} has no record: its record was removed, "
            "or it was added after the run."
            for row in connection.execute(query)
        ]


def _inputs_of(
    connection: Connection, jobs: Iterable[JobRecord]
) -> dict[ItemId, tuple[Sha256, str]]:
    """Return the content hash and the selector of what jobs consumed."""
    table = schema.items
    query = select(table.c.uuid, table.c.selector, schema.contents.c.sha256).join_from(
        table, schema.contents
    )
    items = {edge.item for job in jobs for edge in job.consumed}
    return {
        ItemId(row["uuid"]): (Sha256(row["sha256"]), row["selector"])
        for row in where_among(connection, query, table.c.uuid, items)
    }


def _job_faults(row: _Row, job: JobRecord, inputs: _Inputs) -> list[str]:
    faults = []
    if not _has_hash(job.parts, job.fingerprint):
        faults.append(f"The fingerprint parts of job {job.id} were changed.")
    missing = [edge.item for edge in job.consumed if edge.item not in inputs]
    if missing:
        faults.append(f"Job {job.id} consumed item {missing[0]}, which is missing.")
        return faults
    now = job_body(job, inputs)
    if _text(now) == row.text:
        return faults
    now, then = _without_paths(now), _without_paths(row.body)
    if not same(now, then):
        keys = sorted({*now, *then})
        changed = [key for key in keys if not same(now.get(key), then.get(key))]
        faults.append(
            f"Job {job.id} of node {job.node} differs from its record {row.n} in "
            f"{', '.join(changed)}: it was changed after it was recorded."
        )
    return faults


def _has_hash(parts: Mapping[str, object], digest: Sha256) -> bool:
    return _hash(_text(parts)) == digest or canonical_hash(parts) == digest


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _text(value: object) -> str:
    """Return a JSON text that nearly always is the canonical one."""
    return _QUICK(_with_whole_numbers(value))


def _with_whole_numbers(value: object) -> object:
    """Return plain values with 1 for 1.0, as canonical JSON writes it."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if isinstance(value, dict):
        return {key: _with_whole_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_whole_numbers(inner) for inner in value]
    return value


def _without_paths(body: Mapping[str, object]) -> dict[str, object]:
    """Leave out where results were published: files may be moved later."""
    produced = body.get("produced")
    if not isinstance(produced, list):
        return dict(body)
    return dict(body) | {"produced": [{**one, "path": None} for one in produced]}
