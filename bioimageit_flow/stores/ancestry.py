"""Walking up the lineage: raw ancestors, and the annotations that flow down.

The walk goes up one level of jobs at a time, a few queries per level for all items at
once. Then everything is worked out once per job, oldest first: a job consumed only
items that were recorded before it, so that keys that count up are an order of
dependence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from bioimageit_flow.model.annotation import View, merge
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.stores.late import Late, late_store_module
from bioimageit_flow.stores.rows import (
    chunks,
    item_keys,
    marks,
    own_annotations,
    plain_rows,
)
from bioimageit_flow.stores.run_reading import done_jobs, parts_of

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy import Connection

    from bioimageit_flow.stores import schema
else:
    sa = Late("sqlalchemy")
    schema = late_store_module("schema")

_STARTS = 5_000
"""How many items are walked up from at once; bounds the memory that it takes."""


@dataclass(frozen=True, slots=True)
class Ancestry:
    """The lineage above some items, in keys.

    Attributes
    ----------
    maker : mapping of int to int or None
        The job that made an item; None for a raw item.
    inputs : mapping of int to sequence of int
        The items that a job consumed, in order, by ascending job.
    """

    maker: Mapping[int, int | None]
    inputs: Mapping[int, Sequence[int]]

    @classmethod
    def above(
        cls,
        connection: Connection,
        *,
        items: Iterable[int] = (),
        jobs: Iterable[int] = (),
    ) -> Ancestry:
        """Read the lineage above items and jobs."""
        maker: dict[int, int | None] = {}
        inputs: dict[int, list[int]] = {}
        new_items, new_jobs = set(items), set(jobs)
        while new_items or new_jobs:
            found = _makers(connection, new_items)
            maker |= found
            new_jobs |= {job for job in found.values() if job is not None}
            new_jobs -= inputs.keys()
            inputs |= _inputs(connection, new_jobs)
            new_items = set(chain.from_iterable(inputs[job] for job in new_jobs))
            new_items -= maker.keys()
            new_jobs = set()
        return cls(maker, dict(sorted(inputs.items())))

    def roots_of_jobs(self) -> dict[int, frozenset[int]]:
        """Return the raw items that each job descends from."""
        roots: dict[int, frozenset[int]] = {}
        for job, items in self.inputs.items():
            sets = list(dict.fromkeys(self.roots_of(item, roots) for item in items))
            # Jobs in a chain share one set.
            roots[job] = sets[0] if len(sets) == 1 else frozenset().union(*sets)
        return roots

    def roots_of(
        self, item: int, of_jobs: Mapping[int, frozenset[int]]
    ) -> frozenset[int]:
        """Return the raw items that an item descends from."""
        job = self.maker[item]
        return frozenset((item,)) if job is None else of_jobs[job]


def _makers(connection: Connection, items: Iterable[int]) -> dict[int, int | None]:
    makers: dict[int, int | None] = {}
    for part in chunks(items):
        places = marks(connection, len(part))
        statement = f"SELECT id, job_id FROM items WHERE id IN ({places})"
        makers.update(plain_rows(connection, statement, tuple(part)))
    return makers


def _inputs(connection: Connection, jobs: Iterable[int]) -> dict[int, list[int]]:
    inputs: dict[int, list[int]] = {job: [] for job in jobs}
    for part in chunks(inputs):
        statement = (
            "SELECT job_id, item_id FROM edge_executions "
            f"WHERE job_id IN ({marks(connection, len(part))}) ORDER BY job_id, n"
        )
        for job, item in plain_rows(connection, statement, tuple(part)):
            inputs[job].append(item)
    return inputs


def roots(
    connection: Connection, items: Iterable[ItemId]
) -> dict[ItemId, frozenset[ItemId]]:
    """Return the raw items that items descend from; see `Store.roots`."""
    found: dict[ItemId, frozenset[ItemId]] = {}
    uuids: dict[int, ItemId] = {}
    for part in chunks(item_keys(connection, items).items(), _STARTS):
        ancestry = Ancestry.above(connection, items=(key for _, key in part))
        of_jobs = ancestry.roots_of_jobs()
        by_key = {item: ancestry.roots_of(key, of_jobs) for item, key in part}
        add_uuids(connection, uuids, by_key.values())
        named: dict[frozenset[int], frozenset[ItemId]] = {}
        for item, keys in by_key.items():
            if keys not in named:
                named[keys] = frozenset(uuids[key] for key in keys)
            found[item] = named[keys]
    return found


def add_uuids(
    connection: Connection, uuids: dict[int, ItemId], sets: Iterable[frozenset[int]]
) -> None:
    """Add the ids of the items of some sets of keys to those that are known."""
    wanted = set(chain.from_iterable(set(sets))) - uuids.keys()
    for part in chunks(wanted):
        places = marks(connection, len(part))
        statement = f"SELECT id, uuid FROM items WHERE id IN ({places})"
        uuids.update(plain_rows(connection, statement, tuple(part)))


def views(connection: Connection, items: Iterable[ItemId]) -> dict[ItemId, View]:
    """Return the annotations that items see; see `Store.views`."""
    found: dict[ItemId, View] = {}
    for part in chunks(item_keys(connection, items).items(), _STARTS):
        ancestry = Ancestry.above(connection, items=(key for _, key in part))
        own = own_annotations(connection, ancestry.maker)
        of_jobs: dict[int, View] = {}
        for job, inputs in ancestry.inputs.items():
            parents = (_view(ancestry, own, of_jobs, one) for one in inputs)
            of_jobs[job] = merge({}, parents)
        for item, key in part:
            found[item] = _view(ancestry, own, of_jobs, key)
    return found


def _view(
    ancestry: Ancestry,
    own: Mapping[int, Mapping[str, AnnotationValue]],
    of_jobs: Mapping[int, View],
    item: int,
) -> View:
    job = ancestry.maker[item]
    return merge(own.get(item, {}), () if job is None else (of_jobs[job],))


def last_parts(
    connection: Connection, workflow: str, node: str
) -> dict[frozenset[ItemId], Mapping[str, object]]:
    """Return the parts that a node had last; see `Store.last_parts`."""
    last: dict[frozenset[int], int] = {}
    for part in chunks(done_jobs(connection, workflow, node), _STARTS):
        of_jobs = Ancestry.above(connection, jobs=part).roots_of_jobs()
        last |= {of_jobs[job]: job for job in part}
    uuids: dict[int, ItemId] = {}
    add_uuids(connection, uuids, last)
    parts = parts_of(connection, last.values())
    return {
        frozenset(uuids[key] for key in keys): parts[job] for keys, job in last.items()
    }
