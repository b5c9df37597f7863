"""The executor of this machine: threads that wait for processes, held to tokens."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

import psutil

from bioimageit_flow.model.tool import Resources

_MEMORY_SHARE = 0.9

T = TypeVar("T")


class LocalExecutor:
    """Runs tasks in threads while cpu and memory tokens last.

    A task that asks for more than the whole machine has runs alone.

    Parameters
    ----------
    cpus : int, optional
        Number of cpu tokens; by default the processors that this process may use.
    memory_bytes : int, optional
        Memory tokens; by default nine tenths of the machine's memory.
    """

    def __init__(
        self, cpus: int | None = None, memory_bytes: int | None = None
    ) -> None:
        self.cpus = cpus or usable_cpus()
        total = int(psutil.virtual_memory().total * _MEMORY_SHARE)
        self._memory = memory_bytes or total
        self._free_cpus = self.cpus
        self._free_memory = self._memory
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(self.cpus, thread_name_prefix="job")

    def has_room(self, resources: Resources) -> bool:
        """Say whether a task with these needs can be started now."""
        cpu, memory = self._tokens(resources)
        with self._lock:
            return cpu <= self._free_cpus and memory <= self._free_memory

    def submit(
        self, resources: Resources, task: Callable[[], T], then: Callable[[T], None]
    ) -> None:
        """Start a task; its tokens are free again before anybody is told of its end."""
        cpu, memory = self._tokens(resources)
        with self._lock:
            self._free_cpus -= cpu
            self._free_memory -= memory

        def run() -> None:
            try:
                result = task()
            finally:
                with self._lock:
                    self._free_cpus += cpu
                    self._free_memory += memory
            then(result)

        self._pool.submit(run)

    def close(self) -> None:
        """Wait for the tasks that were started."""
        self._pool.shutdown(wait=True)

    def _tokens(self, resources: Resources) -> tuple[int, int]:
        return (
            min(resources.cpu, self.cpus),
            min(resources.memory_bytes, self._memory),
        )


def usable_cpus() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
