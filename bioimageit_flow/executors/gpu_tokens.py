"""GPUs as tokens: each is given to one task at a time."""

from collections.abc import Sequence
from contextvars import ContextVar

from bioimageit_flow.runtimes.gpus import visible_gpus

granted_gpus: ContextVar[tuple[str, ...]] = ContextVar("granted_gpus", default=())
"""The GPUs that the executor gave to the task of this thread."""

_UNNAMED = ""


class GpuTokens:
    """The GPUs of this machine that are free; not safe for threads by itself.

    Parameters
    ----------
    gpus : sequence of str or None
        Their numbers; None looks for them, once the first is wanted. Where none is
        known, one task at a time may look for one.
    """

    def __init__(self, gpus: Sequence[str] | None) -> None:
        self._given = gpus
        self._all: tuple[str, ...] = ()
        self._free: list[str] = []

    def has(self, number: int) -> bool:
        """Say whether so many are free; more than there are count as all of them."""
        return self._bounded(number) <= len(self._free)

    def take(self, number: int) -> tuple[str, ...]:
        """Take some, which `has` has promised."""
        taken = [self._free.pop(0) for _ in range(self._bounded(number))]
        return tuple(taken)

    def give_back(self, gpus: Sequence[str]) -> None:
        """Give back what was taken."""
        self._free += gpus

    def _bounded(self, number: int) -> int:
        if number and not self._all:
            found = visible_gpus() if self._given is None else self._given
            self._all = tuple(found) or (_UNNAMED,)
            self._free = list(self._all)
        return min(number, len(self._all))


def named(gpus: Sequence[str]) -> tuple[str, ...]:
    """Return the GPUs that have a number."""
    return tuple(one for one in gpus if one != _UNNAMED)
