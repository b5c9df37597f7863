"""The word of somebody that results stay valid although their tool changed.

A new image or a mended help text changes the fingerprint of every job of a tool. Who
knows that its results are the same can say so, with a reason; it stands in the lineage
of whatever is reused on that word.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bioimageit_flow.engine.plan import ChangedJob
from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.model.canonical import canonical_hash, canonical_json
from bioimageit_flow.model.ids import JobId, Sha256
from bioimageit_flow.stores.protocol import Store

_SAME = ("inputs", "parameters", "seed")
"""What must not have changed: other data or settings give other results."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What was declared.

    Attributes
    ----------
    jobs : int
        How many results serve again.
    other : int
        How many were left alone: their inputs or parameters changed too, or their
        results are gone.
    change : int or None
        Number of the change, by which it can be taken back; None for none.
    """

    jobs: int
    other: int
    change: int | None


def declare(
    store: Store, changed: Sequence[ChangedJob], reason: str, user: str, of: str
) -> Declared:
    """Declare that what jobs gave before serves them as they are now.

    Raises
    ------
    WorkflowError
        If no reason is given.
    StoreError
        If the experiment cannot be written.
    """
    if not reason.strip():
        raise WorkflowError(
            "A declaration needs a reason.",
            remedy="Say why the results are still valid, such as 'only the help text "
            "changed'.",
        )
    before: dict[Sha256, Sha256] = {}
    for one in changed:
        new, digest = one.resolved.fingerprint, one.resolved.digest
        if new is None or digest is None:
            continue
        parts = new.parts()
        if all(
            canonical_json(parts[name]) == canonical_json(one.before.get(name))
            for name in _SAME
        ):
            before[digest] = canonical_hash(dict(one.before))
    known = store.known_results(before.values())
    results: dict[Sha256, JobId] = {
        new: known[old].job for new, old in before.items() if old in known
    }
    if not results:
        return Declared(0, len(changed), None)
    change = store.declare_still_valid(results, reason, user=user, of=of)
    return Declared(len(results), len(changed) - len(results), change)
