"""What became of the jobs of a run, for who shows all of them at once.

Of a job are read its state, where it ran, why it failed and the raw items behind it:
neither its parameters nor its command, nor what it took and made.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from bioimageit_flow.model.ids import ItemId, JobId, RunId
from bioimageit_flow.model.run import FailureCause, JobState, Outcome, RuntimeUsed
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.ancestry import Ancestry, add_uuids
from bioimageit_flow.stores.rows import run_key, where_among

_QUERY = (
    select(
        schema.jobs.c.id,
        schema.jobs.c.uuid,
        schema.jobs.c.node,
        schema.jobs.c.state,
        schema.jobs.c.elapsed_s,
        schema.jobs.c.cause,
        schema.jobs.c.message,
        schema.runtimes.c.name.label("runtime"),
        schema.runtimes.c.identity,
        schema.runtimes.c.detail,
    )
    .join_from(schema.jobs, schema.runtimes)
    .order_by(schema.jobs.c.id)
)


@dataclass(slots=True)
class Known:
    """What the jobs of a run share, read once."""

    uuids: dict[int, ItemId] = field(default_factory=dict)
    sets: dict[frozenset[int], frozenset[ItemId]] = field(default_factory=dict)
    nodes: dict[str, str] = field(default_factory=dict)
    runtimes: dict[RuntimeUsed, RuntimeUsed] = field(default_factory=dict)


def last_attempts(connection: Connection, run: RunId) -> Sequence[int]:
    """Return the keys of the jobs of a run, without attempts that others replaced."""
    jobs = schema.jobs
    query = (
        select(jobs.c.id)
        .where(jobs.c.run_id == run_key(connection, run))
        .where(jobs.c.superseded_by.is_(None))
        .order_by(jobs.c.id)
    )
    return array("q", connection.execute(query).scalars())


def read_page(
    connection: Connection, keys: Sequence[int], known: Known
) -> list[Outcome]:
    """Return what became of jobs, by their keys in ascending order."""
    behind = Ancestry.above(connection, jobs=keys).roots_of_jobs()
    mine = [behind[key] for key in keys]
    add_uuids(connection, known.uuids, mine)
    found = []
    for row in where_among(connection, _QUERY, schema.jobs.c.id, keys):
        runtime = RuntimeUsed(row["runtime"], row["identity"], row["detail"])
        found.append(
            Outcome(
                JobId(row["uuid"]),
                known.nodes.setdefault(row["node"], row["node"]),
                JobState(row["state"]),
                _named(behind[row["id"]], known),
                known.runtimes.setdefault(runtime, runtime),
                row["elapsed_s"],
                None if row["cause"] is None else FailureCause(row["cause"]),
                row["message"],
            )
        )
    return found


def _named(keys: frozenset[int], known: Known) -> frozenset[ItemId]:
    named = known.sets.get(keys)
    if named is None:
        named = frozenset(known.uuids[key] for key in keys)
        known.sets[keys] = named
    return named
