"""Work that runs of one experiment would do twice is done once.

Before a job starts, its fingerprint is claimed in the store. What another run that is
alive has claimed is waited for; its result then serves both. The store lets go of a
claim when its job is committed, and of all when the run ends.
"""

import time
from collections.abc import Container, Iterable, Sequence

from bioimageit_flow.engine.waiting import Attempt
from bioimageit_flow.model.ids import RunId, Sha256
from bioimageit_flow.stores.fault_points import fault_point
from bioimageit_flow.stores.holders import this_process
from bioimageit_flow.stores.protocol import Store

LOOK_EVERY_S = 1.0
"""How often a run looks whether another has ended what it waits for."""

RENEW_EVERY_S = 20.0
"""How often the claims of a run are renewed, for runs on other machines."""


class Claims:
    """The fingerprints that one run works on.

    Parameters
    ----------
    is_wanted : bool
        Whether known results are taken at all; a run that takes none waits for none.
    """

    def __init__(self, store: Store, run: RunId, *, is_wanted: bool) -> None:
        self._store = store
        self._run = run
        self._holder = this_process()
        self._is_wanted = is_wanted
        self._look_s = 0.0
        self._renew_s = time.monotonic() + RENEW_EVERY_S

    def sort(self, attempts: Sequence[Attempt]) -> tuple[list[Attempt], list[Attempt]]:
        """Claim attempts; return those that may start and those to wait for."""
        if not self._is_wanted or not attempts:
            return list(attempts), []
        digests = [attempt.digest for attempt in attempts]
        others = self._store.claim(digests, self._holder, self._run)
        fault_point("claimed")
        self._look_s = time.monotonic() + LOOK_EVERY_S
        free = [one for one in attempts if others.get(one.digest) is None]
        return free, [one for one in attempts if others.get(one.digest) is not None]

    def let_go(self, attempts: Iterable[Attempt], running: Container[Sha256]) -> None:
        """Give up attempts that do not start for now, so that nobody waits for them."""
        free = {one.digest for one in attempts if one.digest not in running}
        if free and self._is_wanted:
            self._store.release(self._run, free)
        self.look_soon()  # once they may start

    def look_soon(self) -> None:
        """Have it asked at once for what waits for others."""
        self._look_s = 0.0

    @property
    def is_time_to_look(self) -> bool:
        """Whether to ask again for what another run was working on."""
        return time.monotonic() >= self._look_s

    def renew(self) -> bool:
        """Show other machines that this run is alive, if it is time.

        Returns
        -------
        bool
            Whether it was: what has not begun is to be claimed again then, as others
            may have taken it from a run that was not heard of.
        """
        if not self._is_wanted or time.monotonic() < self._renew_s:
            return False
        self._renew_s = time.monotonic() + RENEW_EVERY_S
        self._store.renew(self._run)
        self.look_soon()
        return True
