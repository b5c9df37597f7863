"""Jobs that have ended and wait for the transaction that records them together."""

import time
from collections.abc import Sequence

from bioimageit_flow.engine.work import JobFinished

TOGETHER_S = 0.02
"""How long a job that has ended waits at least for others to be recorded with it."""

LONGEST_S = 0.25
"""How long it waits at most."""

_SHARE = 4
"""A transaction may take one part in five of the time, while there is other work."""


class EndedJobs:
    """Collects ended jobs, so that one transaction carries several.

    A transaction costs about as much as recording ten jobs. While there is other work
    to start, a job that has ended may wait a moment; what comes after it cannot start
    before it is recorded, so where nothing else can run nobody waits.
    """

    def __init__(self) -> None:
        self._jobs: list[JobFinished] = []
        self._due = 0.0
        self._together_s = TOGETHER_S

    def __bool__(self) -> bool:
        return bool(self._jobs)

    def add(self, jobs: Sequence[JobFinished]) -> None:
        """Add jobs that have just ended."""
        if jobs and not self._jobs:
            self._due = time.monotonic() + self._together_s
        self._jobs.extend(jobs)

    def take(self, *, is_busy: bool) -> list[JobFinished]:
        """Return the jobs that are to be recorded now, and forget them.

        Parameters
        ----------
        is_busy : bool
            Whether all slots are taken by other jobs.
        """
        if is_busy and time.monotonic() < self._due:
            return []
        jobs, self._jobs = self._jobs, []
        return jobs

    def recorded(self, elapsed_s: float) -> None:
        """Note how long the last transaction took: slow ones carry more jobs."""
        self._together_s = min(max(TOGETHER_S, _SHARE * elapsed_s), LONGEST_S)

    def patience_s(self, longest_s: float) -> float:
        """Return how long one may wait for messages before jobs are to be recorded."""
        if not self._jobs:
            return longest_s
        return min(longest_s, max(0.0, self._due - time.monotonic()))
