"""The company in an experiment: who else works there, and what crashes left behind."""

from contextlib import suppress
from pathlib import Path

from bioimageit_flow.errors import StoreError
from bioimageit_flow.stores.presence import Others, Presence, guard, host_of
from bioimageit_flow.stores.sweeping import RecordedPaths, sweep


class Company:
    """One process among those that work in an experiment.

    Parameters
    ----------
    root, signs : Path
        The folder of the experiment, and that of the signs of who works there.
    shared_with_hosts : bool
        Whether other machines may write there.
    """

    def __init__(self, root: Path, signs: Path, *, shared_with_hosts: bool) -> None:
        self._root = root
        self._signs = signs
        self._shared_with_hosts = shared_with_hosts
        self._presence: Presence | None = None

    @property
    def is_joined(self) -> bool:
        """Whether this process has said that it works there."""
        return self._presence is not None

    def join(
        self, recorded: RecordedPaths, *, takes_one_machine: bool
    ) -> tuple[str, ...]:
        """Say that this process works here; return what was swept after a crash.

        Nothing is swept while somebody else works here.

        Parameters
        ----------
        takes_one_machine : bool
            Whether machines may not write here side by side.

        Raises
        ------
        StoreError
            If another machine writes here and must not, or the disk is full.
        """
        with guard(self._signs):
            presence = Presence(self._signs)
            try:
                others = self._others(presence)
                if takes_one_machine:
                    self._check_machine(presence, others)
                swept = self._sweep(others, recorded)
            except BaseException:
                presence.leave()
                raise
            self._presence = presence
        return swept

    def is_alone(self) -> bool:
        """Say whether nobody else works here, as far as can be told."""
        if self._presence is None:
            return not any(self._signs.glob("*.lock"))
        with guard(self._signs):
            return not self._others(self._presence).alive

    def leave(self) -> None:
        """Say that this process does not work here any more."""
        if self._presence is not None:
            self._presence.leave()
            self._presence = None

    def _others(self, presence: Presence) -> Others:
        return presence.others(shared_with_hosts=self._shared_with_hosts)

    def _check_machine(self, presence: Presence, others: Others) -> None:
        here = host_of(presence.path)
        for sign in others.alive:
            if host_of(sign) != here:
                raise StoreError(
                    f"The experiment {self._root} is being written on the machine "
                    f"{host_of(sign)}, and a network drive takes one at a time.",
                    remedy="Close it there; if nothing runs there any more, "
                    f"delete {sign}.",
                )

    def _sweep(self, others: Others, recorded: RecordedPaths) -> tuple[str, ...]:
        if others.alive or not others.dead:
            return ()
        swept = sweep(self._root, recorded)
        for sign in others.dead:
            with suppress(OSError):
                sign.unlink()
        return swept
