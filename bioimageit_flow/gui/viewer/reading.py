"""Reading beside the window, the newest wish first: what is old is broken off."""

import logging
from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import Any, Final

from PySide6.QtCore import (
    QCoreApplication,
    QObject,
    QRunnable,
    QThreadPool,
    Signal,
    Slot,
)

from bioimageit_flow.errors import FlowError

_log = logging.getLogger(__name__)

_GOODBYE_MS: Final = 10_000
_EVERY_S: Final = 0.15
"""What is there already is shown so often."""

Tell = Callable[[object], bool]
"""Given what is there so far; False says that nobody waits for the rest."""


class _Voice(QObject):
    partly = Signal(object, object)
    done = Signal(object, object)
    failed = Signal(object, object)


class _Job(QRunnable):
    def __init__(self, work: Callable[[Tell], object]) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self.voice = _Voice()
        self.stopped = Event()
        self.result: object = None
        self._work = work
        self._told = monotonic()

    def run(self) -> None:
        try:
            result = None if self.stopped.is_set() else self._work(self._tell)
        except Exception as error:  # noqa: BLE001 - it is shown in the window
            self.voice.failed.emit(self, error)
        else:
            self.result = result
            self.voice.done.emit(self, result)

    def _tell(self, part: object) -> bool:
        now = monotonic()
        is_time = part is not None and now - self._told > _EVERY_S
        if is_time and not self.stopped.is_set():
            self._told = now
            self.voice.partly.emit(self, part)
        return not self.stopped.is_set()


class Reading(QObject):
    """One thread that reads what was asked for last.

    Parameters
    ----------
    shown : callable
        Given results, in the thread of the window: parts while it is being read, and
        the whole. None, the result of work that was broken off, is not handed on.
    failed : callable
        Given what went wrong.
    dropped : callable, optional
        Given results that nobody waits for any more, such as open files.

    Attributes
    ----------
    busy_changed : Signal
        Whether something is being read.
    """

    busy_changed = Signal(bool)

    def __init__(
        self,
        shown: Callable[[Any], None],
        failed: Callable[[FlowError], None],
        parent: QObject | None = None,
        dropped: Callable[[Any], None] = lambda _result: None,
    ) -> None:
        super().__init__(parent)
        self._shown, self._failed, self._dropped = shown, failed, dropped
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._jobs: list[_Job] = []
        self._wanted: _Job | None = None

    @property
    def is_idle(self) -> bool:
        """Whether every thread has ended and every answer was given."""
        return not self._jobs

    def ask(self, work: Callable[[Tell], object]) -> None:
        """Do this next; what is being done for an earlier wish is broken off."""
        for job in self._jobs:
            job.stopped.set()
        job = _Job(work)
        job.voice.partly.connect(self._take_part)
        job.voice.done.connect(self._take)
        job.voice.failed.connect(self._fail)
        self._jobs.append(job)
        self._wanted = job
        self._pool.start(job)
        if len(self._jobs) == 1:
            self.busy_changed.emit(True)

    def release(self) -> None:
        """Break off and wait for the thread; nothing is handed on any more."""
        self._wanted = None
        for job in self._jobs:
            job.stopped.set()
        self._pool.waitForDone(_GOODBYE_MS)
        for job in self._jobs:
            if job.result is not None:
                self._dropped(job.result)
        self._jobs.clear()
        QCoreApplication.removePostedEvents(self)

    @Slot(object, object)
    def _take_part(self, job: object, part: object) -> None:
        if job is self._wanted:
            self._shown(part)

    @Slot(object, object)
    def _take(self, job: object, result: object) -> None:
        is_wanted = self._forget(job)
        if result is not None:
            (self._shown if is_wanted else self._dropped)(result)

    @Slot(object, object)
    def _fail(self, job: object, error: object) -> None:
        if not self._forget(job):
            return
        if isinstance(error, FlowError):
            self._failed(error)
            return
        cause = error if isinstance(error, BaseException) else None
        _log.error("reading failed", exc_info=cause)
        self._failed(FlowError(f"Something unexpected failed ({error})."))

    def _forget(self, job: object) -> bool:
        """Let go of a job that has ended; say whether its answer is still wanted."""
        self._jobs = [one for one in self._jobs if one is not job]
        if not self._jobs:
            self.busy_changed.emit(False)
        return job is self._wanted
