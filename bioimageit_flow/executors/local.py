"""The executor of this machine: threads that wait for processes, held to tokens."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

import psutil

from bioimageit_flow.executors.gpu_tokens import GpuTokens, granted_gpus, named
from bioimageit_flow.model.tool import Resources

CPUS_VARIABLE = "BIOIMAGEIT_FLOW_CPUS"
MEMORY_VARIABLE = "BIOIMAGEIT_FLOW_MEMORY_BYTES"
"""Environment variables with the tokens that a user lets all jobs have together."""

_MEMORY_SHARE = 0.9

T = TypeVar("T")


class LocalExecutor:
    """Runs tasks in threads while cpu, memory and GPU tokens last.

    A task that asks for more than the whole machine has runs alone.

    Parameters
    ----------
    cpus : int, optional
        Number of cpu tokens; by default the processors that this process may use.
    memory_bytes : int, optional
        Memory tokens; by default nine tenths of the machine's memory.
    gpus : sequence of str, optional
        Numbers of the GPUs, each for one task at a time; by default those that this
        process may use. Where none is known, one task at a time may look for one.
    """

    def __init__(
        self,
        cpus: int | None = None,
        memory_bytes: int | None = None,
        gpus: Sequence[str] | None = None,
    ) -> None:
        self.cpus = cpus or _named(CPUS_VARIABLE) or usable_cpus()
        total = int(psutil.virtual_memory().total * _MEMORY_SHARE)
        self._memory = memory_bytes or min(_named(MEMORY_VARIABLE) or total, total)
        self._free_cpus = self.cpus
        self._free_memory = self._memory
        self._gpus = GpuTokens(gpus)
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(self.cpus, thread_name_prefix="job")

    def has_room(self, resources: Resources) -> bool:
        """Say whether a task with these needs can be started now."""
        cpu, memory = self._tokens(resources)
        with self._lock:
            return (
                cpu <= self._free_cpus
                and memory <= self._free_memory
                and self._gpus.has(resources.gpu)
            )

    def submit(
        self, resources: Resources, task: Callable[[], T], then: Callable[[T], None]
    ) -> None:
        """Start a task; its tokens are free again before anybody is told of its end."""
        cpu, memory = self._tokens(resources)
        with self._lock:
            self._free_cpus -= cpu
            self._free_memory -= memory
            gpus = self._gpus.take(resources.gpu)

        def run() -> None:
            granted_gpus.set(named(gpus))
            try:
                result = task()
            finally:
                with self._lock:
                    self._free_cpus += cpu
                    self._free_memory += memory
                    self._gpus.give_back(gpus)
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


def _named(variable: str) -> int | None:
    """Return the number that a variable holds; None where it holds none above 0."""
    text = os.environ.get(variable, "").strip()
    return int(text) or None if text.isdecimal() else None


def usable_cpus() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
