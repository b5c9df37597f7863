"""The warm workers of one run: started when they pay, shared out, ended."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Protocol

from bioimageit_flow.errors import Cancelled, FlowError
from bioimageit_flow.runtimes.protocol import JobProcess, Outcome
from bioimageit_flow.runtimes.worker import NoWorkerError, Ready

_LOGGER = logging.getLogger(__name__)

IDLE_S = 60.0
"""A worker without work is ended after this time."""

MOST_IDLE_BYTES = 2 * 2**30
"""What workers without work may hold together; those unused longest go first."""

_USUAL_START_S = 0.5
_LEAST_START_S = 0.1
_LOOK_EVERY_S = 0.05


class PooledWorker(Protocol):
    """A worker that runs one job at a time."""

    @property
    def ready(self) -> Ready:
        """What it said when it was ready."""

    @property
    def is_usable(self) -> bool:
        """Whether it can take another job."""

    def execute(self, process: JobProcess) -> Outcome:
        """Run one job to its end; raises `WorkerLostError` if the worker ends."""

    def close(self) -> None:
        """End it with everything of it."""


Key = tuple[object, ...]
"""What jobs must have in common to be run by the same worker."""

Start = Callable[[JobProcess, Callable[[], bool]], PooledWorker]
"""Starts a worker for jobs such as the given one, while it is wanted.

Raises `NoWorkerError` where there can be none, `Cancelled`, or what the engine raises.
"""


def key_of(process: JobProcess) -> Key:
    """Return what jobs have in common that one worker can run.

    They are of one tool with the same files and rights, in the same image or lock.
    """
    tool = process.tool
    return (
        tool.ref,
        tool.folder,
        process.used.identity,
        process.memory_bytes,
        process.cpu,
        process.gpu,
        process.gpu_ids,
        process.network,
    )


@dataclass(slots=True)
class _Shelf:
    """The workers for one kind of job."""

    idle: list[tuple[float, PooledWorker]] = field(default_factory=list)
    starting: int = 0
    busy: int = 0
    start_s: float = _USUAL_START_S
    waited_s: float = 0.0
    refusal: str = ""

    @property
    def pays_to_wait(self) -> bool:
        """Whether to wait for a busy worker rather than start another.

        Waiting costs, and starting costs: another worker is started once the jobs of
        this kind have waited together as long as starting one takes.
        """
        if self.starting:
            return True
        return self.busy > 0 and self.waited_s < self.start_s


class WorkerPool:
    """The workers of one run; used from several threads at a time.

    Parameters
    ----------
    start : callable
        Starts a worker.
    expected : sequence of JobProcess
        One job of each kind that may come, in the order of the workflow: when jobs of
        one kind begin, workers are started for those after it.
    idle_s : float
        How long a worker may have no work.
    clock : callable
        Seconds that never go back.
    """

    def __init__(
        self,
        start: Start,
        idle_s: float = IDLE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._start = start
        self._idle_s = idle_s
        self._clock = clock
        self._shelves: dict[Key, _Shelf] = {}
        self._changed = Condition()
        self._is_closed = False
        self._background: list[Thread] = []
        self._watcher: Thread | None = None

    @contextmanager
    def worker(self, process: JobProcess) -> Iterator[PooledWorker]:
        """Take a worker for a job, waiting for one or starting it.

        Raises
        ------
        NoWorkerError
            If there can be none; the job then runs without.
        Cancelled
            If the job was cancelled meanwhile.
        """
        key = key_of(process)
        worker = self._take(key, process)
        try:
            yield worker
        finally:
            self._give_back(key, worker)

    def start_ahead(self, process: JobProcess) -> None:
        """Start a worker for jobs that are to come, unless there is one already."""
        key = key_of(process)
        with self._changed:
            if self._is_closed or key in self._shelves:
                return
            self._shelves[key] = _Shelf(starting=1)
            thread = Thread(
                target=self._start_on_shelf,
                args=(key, process),
                name="worker start",
                daemon=True,
            )
            self._background.append(thread)
        thread.start()

    def end_idle(self) -> float:
        """End the workers that had no work for too long.

        Returns
        -------
        float
            Seconds until the next one may have to go.
        """
        with self._changed:
            idle = self._all_idle()
            now = self._clock()
            over = [one for one in idle if now - one[0] >= self._idle_s]
            rest = idle[len(over) :]
            while sum(_held(one[1]) for one in rest) > MOST_IDLE_BYTES and rest[1:]:
                over.append(rest.pop(0))
            ended = [one[1] for one in over]
            for shelf in self._shelves.values():
                shelf.idle = [one for one in shelf.idle if one[1] not in ended]
            oldest = rest[0][0] if rest else now
        _close_all(ended)
        return max(0.0, oldest + self._idle_s - now)

    def close(self) -> None:
        """End all workers; nothing of them is left. Never raises."""
        with self._changed:
            self._is_closed = True
            background = list(self._background)
            self._changed.notify_all()
        for thread in background:
            thread.join()
        with self._changed:
            workers = [one[1] for one in self._all_idle()]
            for shelf in self._shelves.values():
                shelf.idle = []
            watcher = self._watcher
        _close_all(workers)
        if watcher is not None:
            watcher.join()

    # Inside

    def _take(self, key: Key, process: JobProcess) -> PooledWorker:
        with self._changed:
            shelf = self._shelves.setdefault(key, _Shelf())
            while True:
                if shelf.refusal:
                    raise NoWorkerError(shelf.refusal)
                if self._is_closed:
                    raise NoWorkerError("the run is over")
                if process.cancel.is_set():
                    raise Cancelled("Stopped while waiting for a worker.")
                if shelf.idle:
                    shelf.busy += 1
                    return shelf.idle.pop()[1]
                if not shelf.pays_to_wait:
                    break
                before = self._clock()
                self._changed.wait(_LOOK_EVERY_S)
                if not shelf.starting:
                    shelf.waited_s += self._clock() - before
            shelf.starting += 1
            shelf.waited_s = 0.0
        worker = self._started(shelf, process)
        with self._changed:
            shelf.starting -= 1
            shelf.busy += 1
            self._changed.notify_all()
        return worker

    def _start_on_shelf(self, key: Key, process: JobProcess) -> None:
        shelf = self._shelves[key]
        try:
            worker = self._started(shelf, process)
        except FlowError as error:  # a job that needs it meets this again, and says so
            _LOGGER.info("no worker was started ahead: %s", error)
            return
        with self._changed:
            shelf.starting -= 1
            shelf.idle.append((self._clock(), worker))
            self._changed.notify_all()
        self._watch()

    def _started(self, shelf: _Shelf, process: JobProcess) -> PooledWorker:
        began = self._clock()
        try:
            worker = self._start(process, lambda: not self._is_closed)
        except BaseException as error:
            with self._changed:
                shelf.starting -= 1
                if isinstance(error, NoWorkerError):
                    shelf.refusal = error.message
                self._changed.notify_all()
            raise
        shelf.start_s = max(self._clock() - began, _LEAST_START_S)
        return worker

    def _give_back(self, key: Key, worker: PooledWorker) -> None:
        with self._changed:
            shelf = self._shelves[key]
            shelf.busy -= 1
            is_kept = worker.is_usable and not self._is_closed
            if is_kept:
                shelf.idle.append((self._clock(), worker))
            self._changed.notify_all()
        if is_kept:
            self._watch()
        else:
            worker.close()

    def _watch(self) -> None:
        """See to it that workers without work are ended."""
        with self._changed:
            if self._watcher is not None or self._is_closed:
                return
            self._watcher = Thread(
                target=self._end_idle_ones, name="worker pool", daemon=True
            )
            self._watcher.start()

    def _end_idle_ones(self) -> None:
        pause = self._idle_s
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._is_closed, pause)
                if self._is_closed:
                    return
            pause = max(self.end_idle(), 0.1)

    def _all_idle(self) -> list[tuple[float, PooledWorker]]:
        idle = [one for shelf in self._shelves.values() for one in shelf.idle]
        return sorted(idle, key=lambda one: one[0])


def _held(worker: PooledWorker) -> int:
    return worker.ready.rss_bytes


def _close_all(workers: Sequence[PooledWorker]) -> None:
    if not workers:
        return
    with ThreadPoolExecutor(len(workers), thread_name_prefix="worker end") as pool:
        list(pool.map(lambda worker: worker.close(), workers))
