"""An engine that is restarted in mid-run is waited for, and its jobs are run again."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from threading import Event, Lock

from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.runtimes.engine import (
    Engine,
    EngineLostError,
    EngineStuckError,
)
from bioimageit_flow.runtimes.protocol import JobProcess, Outcome
from bioimageit_flow.runtimes.staging import empty_outputs
from bioimageit_flow.runtimes.strays import remove_job

_LOGGER = logging.getLogger(__name__)

RETURN_WITHIN_S = 60.0
"""How long a run waits for an engine that stopped answering: a restart, an upgrade."""

_ASK_EVERY_S = 0.5
_MOST_TIMES = 3
_STUCK_FOR_S = 60.0  # a task of it may take twice that; nobody tries the next at once
NOTE = "its container engine was lost, and it was run again when that was back"


class EngineReturn:
    """Waits for the engine, once for all the jobs that lost it.

    After it has not come back within the time, nobody waits any more until it has
    answered again: the jobs that are left fail at once and can be run later. So do
    those that follow one whose engine took a task and did nothing, for a minute.

    Parameters
    ----------
    within_s : float
        How long it may be away.
    clock : callable
        Seconds that never go back.
    """

    def __init__(
        self,
        within_s: float = RETURN_WITHIN_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._within_s = within_s
        self._clock = clock
        self._lock = Lock()
        self._lost_s: float | None = None
        self._stuck: tuple[float, EngineStuckError] | None = None

    def execute(
        self, engine: Engine, process: JobProcess, run: Callable[[], Outcome]
    ) -> Outcome:
        """Run a job, and again where the engine was lost meanwhile and came back.

        Raises
        ------
        RuntimeUnavailableError
            If the engine fails otherwise, or does not come back.
        """
        self._check_not_stuck()
        for left in range(_MOST_TIMES, -1, -1):
            try:
                if left < _MOST_TIMES:
                    _clear(engine, process)
                outcome = run()
            except RuntimeUnavailableError as error:
                if isinstance(error, EngineStuckError):
                    self._note_stuck(error)
                is_lost = isinstance(error, EngineLostError) or not engine.answers()
                if not left or not is_lost or not self._is_back(engine, process.cancel):
                    raise
                continue
            if left == _MOST_TIMES or outcome.cancelled:
                return outcome
            note = "; ".join(filter(None, (outcome.note, NOTE)))
            return replace(outcome, note=note)
        raise AssertionError("unreachable")

    def _note_stuck(self, error: EngineStuckError) -> None:
        # A copy: the error itself would keep frames and their sockets alive.
        copy = EngineStuckError(error.message, remedy=error.remedy)
        with self._lock:
            self._stuck = self._clock(), copy

    def _check_not_stuck(self) -> None:
        with self._lock:
            if self._stuck is None:
                return
            since_s, error = self._stuck
            if self._clock() - since_s < _STUCK_FOR_S:
                raise EngineStuckError(error.message, remedy=error.remedy)
            self._stuck = None

    def _is_back(self, engine: Engine, cancel: Event) -> bool:
        """Wait for the engine; return whether it answers."""
        while not cancel.is_set():
            if engine.answers():
                self._found()
                return True
            if not self._has_time():
                return False
            cancel.wait(_ASK_EVERY_S)
        return False

    def _has_time(self) -> bool:
        with self._lock:
            now = self._clock()
            if self._lost_s is None:
                self._lost_s = now
                _LOGGER.warning(
                    "The container engine stopped answering; the run waits up to %.0f "
                    "seconds for it.",
                    self._within_s,
                )
            return now - self._lost_s < self._within_s

    def _found(self) -> None:
        with self._lock:
            if self._lost_s is not None:
                _LOGGER.warning("The container engine is back; the run goes on.")
            self._lost_s = None


def _clear(engine: Engine, process: JobProcess) -> None:
    """Remove what the job that lost its engine has left, and may still be writing."""
    job = process.labels.get("job")
    if job:
        remove_job(engine, job)
    empty_outputs(process.folder / "out", process.tool.tool.outputs)
