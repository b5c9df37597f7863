"""The seam to whatever carries jobs to machines."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from bioimageit_flow.model.tool import Resources

T = TypeVar("T")


class Executor(Protocol):
    """Starts tasks while their resources last."""

    def has_room(self, resources: Resources) -> bool:
        """Say whether a task with these needs can be started now."""

    def submit(
        self, resources: Resources, task: Callable[[], T], then: Callable[[T], None]
    ) -> None:
        """Start a task, which must not raise; only when there is room for it.

        Parameters
        ----------
        task : callable
            The work.
        then : callable
            Told what the task returned, once there is room for another.
        """

    def close(self) -> None:
        """Wait for the tasks that were started, and let go of their threads."""
