"""Publishing: from the folder of a job to the results of a run."""

from threading import Lock

from bioimageit_flow.engine.naming import result_name
from bioimageit_flow.engine.token import Job
from bioimageit_flow.executors.outputs import OutputFile
from bioimageit_flow.model.data import Location
from bioimageit_flow.model.naming import distinct_name, safe_name
from bioimageit_flow.stores.folder import ExperimentFolder


class Publisher:
    """Names the results of one run and moves them to their place.

    Parameters
    ----------
    folder : ExperimentFolder
        Where results lie.
    run_folder : str
        Name of the run's folder under ``results/``.
    """

    def __init__(self, folder: ExperimentFolder, run_folder: str) -> None:
        self._folder = folder
        self._run_folder = run_folder
        self._taken: dict[tuple[str, str], set[str]] = {}
        self._lock = Lock()

    def publish(self, job: Job, output: OutputFile, token: str) -> tuple[str, Location]:
        """Copy one output to its place; return its name and location.

        Parameters
        ----------
        token : str
            Tells apart results that would have the same name.

        Raises
        ------
        StoreError
            If the disk is full or the experiment is read-only.
        """
        name = result_name(job, output.port, output.part, output.info.format)
        with self._lock:
            taken = self._taken.setdefault((job.node, output.port), set())
            name = distinct_name(name, taken, token)
        parts = [safe_name(part) for part in job.node.split("/")]
        place = "/".join(["results", self._run_folder, *parts, output.port, name])
        return name, self._folder.publish(output.path, place)
