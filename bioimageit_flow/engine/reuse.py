"""Results that are known already."""

from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass

from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.naming import own_annotations, result_name
from bioimageit_flow.engine.scheduler import Output
from bioimageit_flow.engine.token import Datum, Job
from bioimageit_flow.errors import DataError
from bioimageit_flow.model.data import LocationState
from bioimageit_flow.model.ids import Sha256, new_item_id
from bioimageit_flow.model.run import KnownResult, ProducedItem
from bioimageit_flow.model.shared import SharedResult
from bioimageit_flow.stores.shared_results import SharedResults

CLEANED = LocationState.CLEANED


@dataclass(frozen=True, slots=True)
class ReusePolicy:
    """Which results are taken instead of running a job.

    Attributes
    ----------
    is_wanted : bool
        Whether known results are taken at all.
    force : collection of str
        Nodes whose known results are not taken.
    redo_failed : bool
        Whether jobs that failed earlier in this run are tried again.
    dormant : collection of str
        Fingerprints whose results are taken although their bytes were cleaned: nothing
        needs these.
    """

    is_wanted: bool = True
    force: Collection[str] = ()
    redo_failed: bool = False
    dormant: Collection[str] = ()

    def takes_known(self, node: str) -> bool:
        """Say whether known results of a node are taken."""
        return self.is_wanted and node not in self.force


def known_outputs(
    job: Job, result: KnownResult, finder: ContentFinder
) -> list[Output] | None:
    """Return what a known result gives a job; None if a file is gone or changed."""
    return None if cleaned_outputs(result, finder) != () else given_outputs(job, result)


def cleaned_outputs(
    result: KnownResult, finder: ContentFinder
) -> tuple[ProducedItem, ...] | None:
    """Return the outputs whose bytes were cleaned; None if others are gone or changed.

    Nothing is returned, ``()``, where all are there.
    """
    cleaned: list[ProducedItem] = []
    for item in result.outputs:
        try:
            finder.check(item.content, item.location)
        except DataError:
            if item.location is None or item.location.state is not CLEANED:
                return None
            cleaned.append(item)
    return tuple(cleaned)


def given_outputs(job: Job, result: KnownResult) -> list[Output]:
    """Return what a known result gives a job, whether its bytes are there or not."""
    outputs: list[Output] = []
    for item in result.outputs:
        name = result_name(job, item.port, item.part, item.info.format)
        datum = Datum(item.id, name, item.content, item.info)
        own = own_annotations(job, item.part)
        outputs.append(Output(item.port, datum, name, item.part, own))
    return outputs


def outputs_of(produced: Iterable[ProducedItem]) -> list[Output]:
    """Return what the scheduler is told of items that were made."""
    return [
        Output(
            item.port,
            Datum(item.id, item.name, item.content, item.info),
            item.name,
            item.part,
            item.annotations,
        )
        for item in produced
    ]


def known_elsewhere(
    shared: SharedResults | None, digests: Iterable[Sha256], known: Container[Sha256]
) -> dict[Sha256, SharedResult]:
    """Return what a shared folder knows for fingerprints that are not known here."""
    if shared is None:
        return {}
    return shared.known(one for one in digests if one not in known)


def shared_outputs(job: Job, result: SharedResult) -> list[Output]:
    """Return what a result of a shared folder would give a job."""
    outputs: list[Output] = []
    for one in result.outputs:
        name = result_name(job, one.port, one.part, one.info.format)
        datum = Datum(new_item_id(), name, one.content, one.info)
        own = own_annotations(job, one.part)
        outputs.append(Output(one.port, datum, name, one.part, own))
    return outputs
