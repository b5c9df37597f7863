"""Work that runs share: the part of the seam of stores for claims and known results."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bioimageit_flow.model.ids import JobId, RunId, Sha256
from bioimageit_flow.stores.holders import Holder

LEASE = timedelta(minutes=2)
"""How long a claim of another machine stands after it was last renewed."""

LONGEST_SILENCE = timedelta(hours=1)
"""How long the claim of a process of this machine stands that lives but is silent."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A fingerprint that a run computes, so that nobody else does.

    Attributes
    ----------
    claimed, renewed : datetime
        Since when, and when its run was last heard of; UTC.
    """

    fingerprint: Sha256
    run: RunId
    holder: Holder
    claimed: datetime
    renewed: datetime

    def stands(self, now: datetime) -> bool:
        """Say whether the claim is to be kept to.

        That of a process that has ended does not; nor does that of a process of which
        nothing was heard for too long. A time that lies ahead counts as long ago: the
        clock was set back, and nobody shall wait for it to catch up.
        """
        match self.holder.is_alive():
            case True:
                longest = LONGEST_SILENCE
            case None:
                longest = LEASE
            case False:
                return False
        return abs(now - self.renewed) <= longest


class SharedWork(Protocol):
    """Who computes what, and which results serve; a part of `Store`."""

    def claim(
        self, fingerprints: Iterable[Sha256], holder: Holder, run: RunId
    ) -> dict[Sha256, Holder | None]:
        """Claim fingerprints for a run; return who holds those that another run has.

        A claim is taken over when its process has ended or was not heard of for too
        long. Those that are now claimed by this run map to None.
        """

    def renew(self, run: RunId) -> None:
        """Say that a run still works on what it has claimed."""

    def release(self, run: RunId, fingerprints: Iterable[Sha256] | None = None) -> None:
        """Give up claims of a run; all of them for None.

        `Store.commit_jobs` gives up the claims of what it commits, `Store.end_run` all
        that its run has left.
        """

    def claims(self) -> list[Claim]:
        """List the claims, those that no longer stand as well, by fingerprint."""

    def declare_still_valid(
        self,
        results: Mapping[Sha256, JobId],
        reason: str,
        *,
        user: str,
        of: str = "",
    ) -> int:
        """Declare that results stay valid although their fingerprint changed.

        From now on `Store.known_results` has the results of these jobs for these new
        fingerprints, unless a job computed them; `Decisions.undo` takes it back.

        Parameters
        ----------
        results : mapping of Sha256 to JobId
            Done or reused jobs by the new fingerprint that their results serve.
        reason : str
            Why they are still valid.
        of : str
            What was declared, for people, such as the name of the node.

        Returns
        -------
        int
            The number of the change that was recorded.

        Raises
        ------
        StoreError
            If there is no reason, nothing to declare, or a job that has no results.
        """
