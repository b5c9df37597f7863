"""Whether side-cars say what the records of jobs say.

A stamp follows from the work alone, so what a side-car has to say can be made again
from the record of the job that made the file, and from the workflow of its run.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bioimageit_flow.errors import DataError, FlowError
from bioimageit_flow.formats.stamps import read_side_car, side_car_of
from bioimageit_flow.model.data import Location, Produced
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.run import JobRecord, ProducedItem
from bioimageit_flow.model.stamp import Stamp, stamp_of
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.workflow.branch import branch_of
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.file import read_document

PlaceOf = Callable[[Location], Path]
"""Tells the path where a content lies."""


def altered_side_cars(store: Store, place_of: PlaceOf) -> Iterator[tuple[Path, str]]:
    """Go through the side-cars of results that do not say what the records say.

    Yields
    ------
    tuple of Path, str
        The side-car, and the name of the item whose file it lies beside.
    """
    known = _Known(store)
    doubtful: dict[Path, ProducedItem] = {}
    for run in store.runs():
        for job in store.each_job(run.id):
            for made in job.produced:
                if made.location is None or not job.parts:
                    continue
                place = side_car_of(place_of(made.location))
                if place.exists():
                    due = known.stamp(job, made)
                    if due is not None and _said(place) != due:
                        doubtful[place] = made
    for place, made in doubtful.items():
        # equal bytes lie once, with the stamp of the job that made them first
        said = _said(place)
        if said is None or all(said != one for one in known.stamps_of(made)):
            yield place, made.name


def _said(place: Path) -> Stamp | None:
    try:
        return read_side_car(place)
    except DataError:
        return None


@dataclass
class _Known:
    """The stamps that follow from records."""

    store: Store
    _run: RunId | None = None
    _document: Document | None = None
    _branches: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def stamp(self, job: JobRecord, made: ProducedItem) -> Stamp | None:
        """Return the stamp of what a job made; None if its workflow cannot be read."""
        branch = self._branch(job)
        if branch is None:
            return None
        place = job.node, made.port, made.part
        return stamp_of(job.parts, job.fingerprint, made.content.sha256, place, branch)

    def stamps_of(self, made: ProducedItem) -> Iterator[Stamp | None]:
        """Go through the stamps of all results with the bytes of one."""
        for item in self.store.items_with_content(made.content.sha256):
            if not isinstance(item.origin, Produced):
                continue
            step = self.store.step(item.id)
            if step.job is None:
                continue
            job = self.store.job(step.job.id)
            yield from (self.stamp(job, one) for one in job.produced)

    def _branch(self, job: JobRecord) -> Mapping[str, Any] | None:
        if job.run != self._run:
            self._run, self._branches = job.run, {}
            record = self.store.run_record(job.run)
            try:
                self._document = read_document(record.workflow_text, record.folder)
            except FlowError:  # of a newer version, or of another program
                self._document = None
        if self._document is None:
            return None
        if job.node not in self._branches:
            self._branches[job.node] = branch_of(self._document, job.node)
        return self._branches[job.node]
