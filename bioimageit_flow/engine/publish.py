"""Publishing: from the folder of a job to the results of a run."""

import logging
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from bioimageit_flow.engine.naming import result_name
from bioimageit_flow.engine.stamping import Stamper
from bioimageit_flow.engine.token import Job
from bioimageit_flow.model.data import Location
from bioimageit_flow.model.fingerprint import Fingerprint
from bioimageit_flow.model.naming import distinct_name, safe_name
from bioimageit_flow.stores.fault_points import fault_point
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.places import TakenError

if TYPE_CHECKING:
    from bioimageit_flow.executors.outputs import OutputFile

_log = logging.getLogger(__name__)


class Publisher:
    """Names the results of one run, stamps them and moves them to their place.

    Parameters
    ----------
    folder : ExperimentFolder
        Where results lie.
    run_folder : str
        Name of the run's folder under ``results/``.
    stamper : Stamper
        Writes into each file what made it.
    """

    def __init__(
        self, folder: ExperimentFolder, run_folder: str, stamper: Stamper
    ) -> None:
        self._folder = folder
        self._run_folder = run_folder
        self._stamper = stamper
        self._taken: dict[str, set[str]] = {}
        self._unsettled: set[str] = set()
        self._lock = Lock()

    def publish(
        self,
        job: Job,
        output: "OutputFile",
        token: str,
        fingerprint: Fingerprint | None = None,
    ) -> tuple[str, Location]:
        """Stamp one output and copy it to its place; return its name and location.

        What is in the file is durable then, its name once `settle` was called.

        Parameters
        ----------
        fingerprint : Fingerprint, optional
            Of the job; what is not known by one gets no stamp.
        token : str
            Tells apart results that would have the same name.

        Raises
        ------
        StoreError
            If the disk is full or the experiment is read-only.
        """
        name = result_name(job, output.port, output.part, output.info.format)
        parts = [safe_name(part) for part in job.node.split("/")]
        folder = "/".join(["results", self._run_folder, *parts, output.port])
        with self._lock:
            if folder not in self._taken:
                self._taken[folder] = _names_in(self._folder.path / folder)
            name = distinct_name(name, self._taken[folder], token)
        place = f"{folder}/{name}"
        side_car = None
        if fingerprint is not None:
            side_car = self._stamper.stamp(job.node, output, fingerprint)
        location = self._folder.publish(output.path, place, sync=False)
        fault_point("result published")
        if side_car is not None:
            from bioimageit_flow.formats.stamps import SIDE_CAR

            try:
                self._folder.publish(side_car, f"{place}{SIDE_CAR}", sync=False)
            except TakenError:  # by a result that is called so
                _log.info("%s has no stamp: its place is taken", place)
        fault_point("result stamped")
        with self._lock:
            self._unsettled.add(folder)
        return name, location

    def settle(self) -> None:
        """Make the names of what was published durable: each folder once, for many.

        Raises
        ------
        StoreError
            If the disk fails.
        """
        with self._lock:
            folders, self._unsettled = self._unsettled, set()
        for folder in folders:
            self._folder.sync(folder)
            fault_point("names settled")


def _names_in(folder: Path) -> set[str]:
    """Return what a run that goes on has published already, in lower case."""
    try:
        return {entry.name.lower() for entry in folder.iterdir()}
    except OSError:
        return set()
