"""Collecting garbage while a run works: rarely, and not among what was there before."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_OFTEN = (10_000, 20, 20)
"""Ten times as rarely as Python does by itself: jobs leave next to no circles."""


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Leave out of collections what was there before, such as all modules.

    Looking through it takes a tenth of a second each time, which is as long as hundreds
    of jobs whose results are known.
    """
    before, is_outermost = gc.get_threshold(), gc.get_freeze_count() == 0
    if is_outermost:
        gc.freeze()
    gc.set_threshold(*map(max, before, _OFTEN))  # what is rarer already stays so
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if is_outermost:
            gc.unfreeze()
