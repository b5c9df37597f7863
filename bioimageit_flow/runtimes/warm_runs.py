"""The runs that a runtime keeps workers for, and one job by a worker of its run."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock

from bioimageit_flow.errors import Cancelled
from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.model.run import FailureCause, RuntimeUsed
from bioimageit_flow.runtimes.protocol import JobProcess, Outcome
from bioimageit_flow.runtimes.staging import empty_outputs
from bioimageit_flow.runtimes.worker import NoWorkerError, WorkerLostError
from bioimageit_flow.runtimes.worker_pool import Start, WorkerPool

_LOGGER = logging.getLogger(__name__)

Alone = Callable[[JobProcess], Outcome]
"""Runs a job in a container or process of its own."""


class WarmRuns:
    """Keeps a pool of workers for each run that has begun.

    Parameters
    ----------
    start : callable
        Starts a worker.
    """

    def __init__(self, start: Start) -> None:
        self._start = start
        self._runs: dict[str, _WarmRun] = {}
        self._lock = Lock()

    def begin(
        self, run: str, tools: Sequence[tuple[InstalledTool, RuntimeUsed]]
    ) -> None:
        """Be ready for jobs of a run."""
        with self._lock:
            self._runs.setdefault(run, _WarmRun(tools, WorkerPool(self._start)))

    def end(self, run: str) -> bool:
        """End the workers of a run; return whether there may have been some."""
        with self._lock:
            found = self._runs.pop(run, None)
        if found is not None:
            found.pool.close()
        return found is not None and found.has_begun

    def end_all(self) -> None:
        """End the workers of all runs."""
        for run in list(self._runs):
            self.end(run)

    def execute(self, process: JobProcess, alone: Alone, why_not: str = "") -> Outcome:
        """Run one job, by a worker where its run has one.

        Parameters
        ----------
        alone : callable
            Runs it without, where there is no worker; also, once, after its worker has
            died.
        why_not : str
            Why this job cannot be given to a worker.
        """
        run = self._runs.get(process.labels.get("run", ""))
        is_alone = process.tool.tool.isolation == "job"
        if run is None or is_alone or process.tool.ref not in run.refs:
            return alone(process)
        if why_not:
            return replace(alone(process), note=why_not)
        run.start_ahead(process)
        try:
            with run.pool.worker(process) as worker:
                return worker.execute(process)
        except Cancelled:
            return Outcome(exit_code=None, elapsed_s=0.0, cancelled=True)
        except NoWorkerError as error:
            return replace(alone(process), note=f"no warm worker: {error.message}")
        except WorkerLostError as error:
            _LOGGER.warning("%s: %s; it is run once more", process.name, error.message)
            if process.cancel.is_set():
                return Outcome(exit_code=None, elapsed_s=0.0, cancelled=True)
            empty_outputs(process.folder / "out", process.tool.tool.outputs)
            note = "its warm worker died, and it was run once more"
            outcome = replace(alone(process), note=note)
            if outcome.exit_code is None and outcome.cause is None:
                return replace(outcome, cause=FailureCause.RUNTIME)
            return outcome


class _WarmRun:
    """One run with its pool."""

    def __init__(
        self, tools: Sequence[tuple[InstalledTool, RuntimeUsed]], pool: WorkerPool
    ) -> None:
        self.pool = pool
        self.refs = {tool.ref: n for n, (tool, _) in enumerate(tools)}
        self.has_begun = False
        self._waiting = list(tools)
        self._lock = Lock()

    def start_ahead(self, process: JobProcess) -> None:
        """Start workers for the tools that come after one that begins."""
        with self._lock:
            self.has_begun = True
            place = self.refs[process.tool.ref]
            after = [one for one in self._waiting if self.refs[one[0].ref] > place]
            self._waiting = [one for one in self._waiting if one not in after]
        for tool, used in after:
            needs = tool.tool.resources
            if needs.gpu:
                continue  # which GPU it will get is not known yet
            self.pool.start_ahead(
                replace(
                    process,
                    tool=tool,
                    used=used,
                    memory_bytes=needs.memory_bytes,
                    cpu=needs.cpu,
                    gpu=0,
                    gpu_ids=(),
                    network=needs.network,
                )
            )
