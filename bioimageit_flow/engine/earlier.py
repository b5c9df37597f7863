"""What the jobs of a run came to before it was interrupted, or ended with failures.

A job is known again by what it consumes: the same node, the same items over the same
edges, the same parameters. Its last attempt counts. What an attempt made anew stands
for what the one before it had made, so that the jobs below are known again as well.
"""

from collections.abc import Iterable

from bioimageit_flow.engine.records import consumed_edges
from bioimageit_flow.engine.resolve import ResolvedJob
from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.ids import ItemId, JobId
from bioimageit_flow.model.run import ConsumedEdge, JobRecord

_Edges = tuple[tuple[str, ItemId], ...]
_Key = tuple[str, _Edges, str]


class EarlierJobs:
    """The jobs that a run has committed already.

    Parameters
    ----------
    records : iterable of JobRecord
        All attempts of the run, in the order in which they were committed.
    """

    def __init__(self, records: Iterable[JobRecord] = ()) -> None:
        self._last: dict[_Key, JobRecord] = {}
        self._made: dict[JobId, JobRecord] = {}
        self._stands_for: dict[ItemId, ItemId] = {}
        self._by_node: dict[str, dict[JobId, JobRecord]] = {}
        gone: set[JobId] = set()
        for record in records:
            self.follow(record)
            edges = self._edges(record.consumed)
            key = record.node, edges, canonical_json(dict(record.parameters))
            self._last[key] = record
            self._made[record.id] = record
            self._by_node.setdefault(record.node, {})[record.id] = record
            if record.supersedes is not None:
                gone.add(record.supersedes)
        for known in self._by_node.values():
            for job in gone & known.keys():
                del known[job]

    def __bool__(self) -> bool:
        return bool(self._last)

    def follow(self, record: JobRecord) -> None:
        """Take note that an attempt takes the place of an earlier one."""
        before = self._made.get(record.supersedes) if record.supersedes else None
        if before is None:
            return
        old = {(item.port, item.part): item.id for item in before.produced}
        for item in record.produced:
            known = old.get((item.port, item.part))
            if known is not None:
                self._stands_for[item.id] = self._stands_for.get(known, known)

    def _edges(self, consumed: Iterable[ConsumedEdge]) -> _Edges:
        same = self._stands_for
        return tuple((edge.edge, same.get(edge.item, edge.item)) for edge in consumed)

    def of(self, resolved: ResolvedJob) -> JobRecord | None:
        """Return the last attempt of a job; None if there was none."""
        edges = self._edges(consumed_edges(resolved))
        node, parameters = resolved.job.node, canonical_json(dict(resolved.parameters))
        return self._last.get((node, edges, parameters))

    def narrower(self, resolved: ResolvedJob) -> JobRecord | None:
        """Return the last attempt of the same group, which then had fewer items.

        Items that failed are missing in a group that ran without them; once they are
        there, the group that runs with them takes its place.
        """
        if not any(len(tokens) > 1 for tokens in resolved.job.inputs.values()):
            return None
        items = set(self._edges(consumed_edges(resolved)))
        parameters = dict(resolved.parameters)
        for record in self._by_node.get(resolved.job.node, {}).values():
            before = set(self._edges(record.consumed))
            if before and before < items and dict(record.parameters) == parameters:
                return record
        return None
