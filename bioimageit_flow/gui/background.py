"""Work beside the window: it runs in a thread, and its result comes back by a signal.

The window must not wait for longer than a tenth of a second; whatever reads many
files, asks an engine or makes data goes through here.
"""

import logging
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

from bioimageit_flow.errors import FlowError

_log = logging.getLogger(__name__)

_GOODBYE_MS: Final = 10_000


_Calls = tuple[Callable[[Any], None], Callable[[FlowError], None] | None]


class _Answer(QObject):
    """Signals that a thread emits; slots of `Background` get them in its own thread."""

    done = Signal(object, object)
    failed = Signal(object, object)


class _Job(QRunnable):
    def __init__(self, function: Callable[[], object]) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self.answer = _Answer()
        self._function = function

    def run(self) -> None:
        try:
            result = self._function()
        except Exception as error:  # noqa: BLE001 - it is shown in the window
            self.answer.failed.emit(self, error)
        else:
            self.answer.done.emit(self, result)


class Background(QObject):
    """Runs functions in threads of its own pool.

    Attributes
    ----------
    busy_changed : Signal
        With the number of functions that are running.
    """

    busy_changed = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(2)
        self._running: dict[object, _Calls] = {}
        self._quiet: set[object] = set()

    def run(
        self,
        function: Callable[[], object],
        done: Callable[[Any], None],
        failed: Callable[[FlowError], None] | None = None,
        *,
        is_quiet: bool = False,
    ) -> None:
        """Run a function; then call `done` or `failed` in the thread of the window.

        A quiet one, such as what is looked up while one draws, is not shown as work.
        """
        job = _Job(function)
        self._running[job] = (done, failed)
        if is_quiet:
            self._quiet.add(job)
        job.answer.done.connect(self._finish)
        job.answer.failed.connect(self._fail)
        self._pool.start(job)
        self._tell()

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and every answer has been given."""
        return not self._running

    def wait(self) -> None:
        """Wait for what runs; its answers are dropped."""
        self._running.clear()
        self._quiet.clear()
        self._pool.clear()
        self._pool.waitForDone(_GOODBYE_MS)

    @Slot(object, object)
    def _finish(self, job: object, result: object) -> None:
        calls = self._forget(job)
        if calls:
            calls[0](result)

    @Slot(object, object)
    def _fail(self, job: object, error: object) -> None:
        calls = self._forget(job)
        if isinstance(error, FlowError):
            readable = error
        else:
            cause = error if isinstance(error, BaseException) else None
            _log.error("a task in the background failed", exc_info=cause)
            readable = FlowError(f"Something unexpected failed ({error}).")
        if calls and calls[1]:
            calls[1](readable)

    def _forget(self, job: object) -> _Calls | None:
        calls: _Calls | None = self._running.pop(job, None)
        self._quiet.discard(job)
        if calls:
            self._tell()
        return calls

    def _tell(self) -> None:
        self.busy_changed.emit(len(self._running) - len(self._quiet))
