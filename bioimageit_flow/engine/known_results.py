"""Results that the store knows, asked for once by the plan and the run that follows."""

from collections.abc import Iterable

from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.run import KnownResult
from bioimageit_flow.stores.protocol import Store

REMEMBERED = 10_000
"""How many results are remembered; of more, the store is asked again."""


class KnownResults:
    """Asks the store for known results, and remembers those that it found.

    What is remembered may be gone meanwhile, so whoever takes a result looks at its
    files; what was not there is asked for again, as another run may have made it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._found: dict[Sha256, KnownResult] = {}

    def of(self, fingerprints: Iterable[Sha256]) -> dict[Sha256, KnownResult]:
        """Return what is known to come out for fingerprints, also what was cleaned."""
        wanted = dict.fromkeys(fingerprints)
        known = {one: self._found[one] for one in wanted if one in self._found}
        missing = [one for one in wanted if one not in known]
        if missing:
            found = self._store.known_results(missing, with_cleaned=True)
            known |= found
            if len(self._found) < REMEMBERED:
                self._found |= found
        return known

    def forget(self, fingerprint: Sha256) -> None:
        """Let go of a result that turned out to be gone."""
        self._found.pop(fingerprint, None)
