"""Jobs that can start, and those that have to wait for a while."""

from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

from bioimageit_flow.engine.resolve import ResolvedJob
from bioimageit_flow.engine.token import Order
from bioimageit_flow.model.ids import JobId, Sha256
from bioimageit_flow.model.retry import Retry
from bioimageit_flow.model.tool import Resources


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a job.

    Attributes
    ----------
    number : int
        From 1.
    supersedes : JobId or None
        The attempt before, in this run.
    tries : int
        Which one it is since somebody last asked for the job, from 1.
    resources : Resources or None
        What it gets where that is not what its tool asks for.
    """

    resolved: ResolvedJob
    number: int = 1
    supersedes: JobId | None = None
    tries: int = 1
    resources: Resources | None = None

    @property
    def digest(self) -> Sha256:
        """The fingerprint of the job."""
        assert self.resolved.digest is not None
        return self.resolved.digest

    @property
    def priority(self) -> tuple[int, Order, int]:
        """What sorts attempts: nearest to completion first, then in item order."""
        return self.resolved.job.priority

    def again(self, before: JobId, retry: Retry) -> "Attempt":
        """Return the attempt that takes the place of this one, known by its job."""
        return replace(
            self,
            number=self.number + 1,
            supersedes=before,
            tries=retry.attempt,
            resources=retry.resources,
        )


class WaitingJobs:
    """The attempts that have not begun.

    Ready ones come in the order of their priority; others come back when their time
    has come, or are looked at again, as another run does their work or did.
    """

    def __init__(self) -> None:
        self._ready: list[tuple[tuple[int, Order, int], int, Attempt]] = []
        self._later: list[tuple[float, int, Attempt]] = []
        self._elsewhere: list[Attempt] = []
        self._alike: dict[Sha256, int] = {}  # how many of the ready ones
        self._n = 0

    def __bool__(self) -> bool:
        return bool(self._ready or self._later or self._elsewhere)

    @property
    def ready(self) -> int:
        """How many can start."""
        return len(self._ready)

    @property
    def elsewhere(self) -> int:
        """How many wait for other runs."""
        return len(self._elsewhere)

    def add(self, attempt: Attempt) -> None:
        """Add an attempt that can start."""
        self._n += 1
        heappush(self._ready, (attempt.priority, self._n, attempt))
        self._alike[attempt.digest] = self._alike.get(attempt.digest, 0) + 1

    def add_later(self, attempt: Attempt, due_s: float) -> None:
        """Add an attempt that can start at a time on the monotonic clock."""
        self._n += 1
        heappush(self._later, (due_s, self._n, attempt))

    def add_elsewhere(self, attempt: Attempt) -> None:
        """Add an attempt whose very work another run is doing, or may do."""
        self._elsewhere.append(attempt)

    def take(self) -> Attempt | None:
        """Return the next attempt that can start."""
        if not self._ready:
            return None
        attempt = heappop(self._ready)[2]
        self._uncount(attempt.digest)
        return attempt

    def take_same(self, digest: Sha256) -> list[Attempt]:
        """Return those that can start and would compute what just came out."""
        if digest not in self._alike:
            return []
        same = [one for one in self._ready if one[2].digest == digest]
        self._ready = [one for one in self._ready if one[2].digest != digest]
        heapify(self._ready)
        del self._alike[digest]
        return [attempt for _, _, attempt in sorted(same)]

    def set_aside(self) -> list[Attempt]:
        """Have those that can start wait until somebody looks again; return them."""
        aside = [attempt for _, _, attempt in self._ready]
        self._ready.clear()
        self._alike.clear()
        self._elsewhere += aside
        return aside

    def take_elsewhere(self) -> list[Attempt]:
        """Return all that wait for other runs, to look again."""
        waiting, self._elsewhere = self._elsewhere, []
        return waiting

    def take_due(self, now_s: float) -> list[Attempt]:
        """Return those whose time has come, on the monotonic clock."""
        due = []
        while self._later and self._later[0][0] <= now_s:
            due.append(heappop(self._later)[2])
        return due

    def _uncount(self, digest: Sha256) -> None:
        left = self._alike[digest] - 1
        if left:
            self._alike[digest] = left
        else:
            del self._alike[digest]
