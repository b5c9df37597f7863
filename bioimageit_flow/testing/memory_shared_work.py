"""Claims and declarations in memory."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from bioimageit_flow.model.changes import ChangeKind
from bioimageit_flow.model.ids import JobId, RunId, Sha256
from bioimageit_flow.model.run import Declaration, JobRecord, JobState
from bioimageit_flow.stores import refusals
from bioimageit_flow.stores.holders import Holder
from bioimageit_flow.stores.shared_work import Claim
from bioimageit_flow.stores.superseding import (
    Earlier,
    check_attempt,
    check_supersedes,
)
from bioimageit_flow.stores.validity import declared_details
from bioimageit_flow.testing.memory_care import MemoryCare


class MemorySharedWork(MemoryCare):
    """The part of a store that is `SharedWork`, and the attempts of jobs."""

    def __init__(self, name: str = "experiment") -> None:
        super().__init__(name)
        self._claims: dict[Sha256, Claim] = {}
        self._declared: list[tuple[int, Mapping[Sha256, JobId]]] = []

    def claim(
        self, fingerprints: Iterable[Sha256], holder: Holder, run: RunId
    ) -> dict[Sha256, Holder | None]:
        """Claim fingerprints for a run; return who holds those that another has."""
        now = datetime.now(UTC)
        answer: dict[Sha256, Holder | None] = {}
        with self._use():
            for fingerprint in fingerprints:
                found = self._claims.get(fingerprint)
                is_own = found and (found.run, found.holder) == (run, holder)
                if found is not None and not is_own and found.stands(now):
                    answer[fingerprint] = found.holder
                else:
                    answer[fingerprint] = None
                    new = Claim(fingerprint, run, holder, now, now)
                    self._claims[fingerprint] = new
        return answer

    def renew(self, run: RunId) -> None:
        """Say that a run still works on what it has claimed."""
        now = datetime.now(UTC)
        with self._use():
            for key, one in self._claims.items():
                if one.run == run:
                    self._claims[key] = Claim(key, run, one.holder, one.claimed, now)

    def release(self, run: RunId, fingerprints: Iterable[Sha256] | None = None) -> None:
        """Give up claims of a run; all of them for None."""
        with self._use():
            wanted = set(self._claims if fingerprints is None else fingerprints)
            for key, one in list(self._claims.items()):
                if one.run == run and key in wanted:
                    del self._claims[key]

    def claims(self) -> list[Claim]:
        """List the claims, those that no longer stand as well, by fingerprint."""
        with self._use():
            return [one for _, one in sorted(self._claims.items())]

    def declare_still_valid(
        self,
        results: Mapping[Sha256, JobId],
        reason: str,
        *,
        user: str,
        of: str = "",
    ) -> int:
        """Declare that results stay valid although their fingerprint changed."""
        with self._use():
            if not reason.strip():
                raise refusals.no_reason_for_validity()
            if not results:
                raise refusals.nothing_to_declare()
            for job in results.values():
                known = self._jobs.get(job)
                if known is None or known.state not in (JobState.DONE, JobState.REUSED):
                    raise refusals.no_results_to_declare(job)
            kind, details = ChangeKind.STILL_VALID, declared_details(results, of)
            n = self._record(kind, user, reason, [], None, details)
            assert n is not None  # it has details
            self._declared.append((n, dict(results)))
            return n

    def _declarations(self) -> dict[Sha256, tuple[JobRecord, Declaration]]:
        """Return what was declared and not taken back, the newest word for each."""
        changes = {one.n: one for one in self.changes()}
        found: dict[Sha256, tuple[JobRecord, Declaration]] = {}
        for n, results in self._declared:
            change = changes[n]
            if change.undone_by is None:
                word = Declaration(n, change.user, change.at, change.note)
                found |= {key: (self._jobs[job], word) for key, job in results.items()}
        return found

    def _superseded(self) -> set[JobId]:
        every = self._jobs.values()
        return {job.supersedes for job in every if job.supersedes is not None}

    def _check_attempts(self, jobs: Iterable[JobRecord]) -> None:
        """Refuse attempts that cannot take the place of those that they name."""
        gone = self._superseded()
        known = {
            key: Earlier.of(job).superseded() if key in gone else Earlier.of(job)
            for key, job in self._jobs.items()
        }
        for job in jobs:
            check_attempt(job)
            if job.supersedes is not None:
                check_supersedes(job, known.get(job.supersedes))
                known[job.supersedes] = known[job.supersedes].superseded()
            known[job.id] = Earlier.of(job)
