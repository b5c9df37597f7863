"""The seam to whatever carries jobs to machines."""

from collections.abc import Callable
from typing import Protocol

from bioimageit_flow.model.tool import Resources


class Executor(Protocol):
    """Starts tasks while their resources last."""

    def has_room(self, resources: Resources) -> bool:
        """Say whether a task with these needs can be started now."""

    def submit(self, resources: Resources, task: Callable[[], None]) -> None:
        """Start a task, which must not raise; only when there is room for it."""

    def close(self) -> None:
        """Wait for the tasks that were started, and let go of their threads."""
