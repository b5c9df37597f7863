"""Which image of a file: ``series=N``, counted from 0."""

import re

from bioimageit_flow.formats.refusal import Refusal

_SERIES = re.compile(r"series=([0-9]{1,6})")


def series_selector(number: int) -> str:
    """Return the selector of one image of a file, counted from 0."""
    return f"series={number}"


def chosen_series(selector: str, count: int) -> int:
    """Return which of several images a selector means.

    Parameters
    ----------
    selector : str
        ``series=N``; empty for the only image of a file.
    count : int
        How many images there are.

    Raises
    ------
    Refusal
        If there is no such image, or if the file has several and none is chosen.
    """
    if not selector and count == 1:
        return 0
    choices = f"Choose one of 'series=0' to 'series={count - 1}'."
    if not selector:
        raise Refusal(f"holds {count} images and none is chosen", choices)
    match = _SERIES.fullmatch(selector)
    if not match or int(match[1]) >= count:
        raise Refusal(f"has no image {selector!r}", choices)
    return int(match[1])
