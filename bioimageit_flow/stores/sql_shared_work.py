"""Work that runs share, in the SQL store."""

from collections.abc import Iterable, Mapping

from bioimageit_flow.model.ids import JobId, RunId, Sha256
from bioimageit_flow.stores import claims, validity
from bioimageit_flow.stores.database import Database
from bioimageit_flow.stores.holders import Holder
from bioimageit_flow.stores.shared_work import Claim


class SqlSharedWork:
    """The part of `SqlStore` that is `SharedWork`."""

    _database: Database

    def claim(
        self, fingerprints: Iterable[Sha256], holder: Holder, run: RunId
    ) -> dict[Sha256, Holder | None]:
        """Claim fingerprints for a run; see `SharedWork.claim`."""
        with self._database.writing() as connection:
            return claims.claim(connection, fingerprints, holder, run)

    def renew(self, run: RunId) -> None:
        """Say that a run still works on what it has claimed."""
        with self._database.writing() as connection:
            claims.renew(connection, run)

    def release(self, run: RunId, fingerprints: Iterable[Sha256] | None = None) -> None:
        """Give up claims of a run; all of them for None."""
        with self._database.writing() as connection:
            claims.release(connection, run, fingerprints)

    def claims(self) -> list[Claim]:
        """List the claims, those that no longer stand as well, by fingerprint."""
        with self._database.reading() as connection:
            return claims.claims(connection)

    def declare_still_valid(
        self,
        results: Mapping[Sha256, JobId],
        reason: str,
        *,
        user: str,
        of: str = "",
    ) -> int:
        """Declare results valid; see `SharedWork.declare_still_valid`."""
        with self._database.writing() as connection:
            return validity.declare(connection, results, reason, user, of)
