"""Quantities as people write them: ``1 GiB``, ``10 min``."""

import re
from decimal import Decimal
from functools import lru_cache

_BYTES = {
    "B": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KIB": 2**10,
    "MIB": 2**20,
    "GIB": 2**30,
    "TIB": 2**40,
}
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_QUANTITY = re.compile(r"\s*([0-9]{1,18}(?:\.[0-9]{1,18})?)\s*([A-Za-z]+)\s*")


@lru_cache
def parse_bytes(text: str) -> int:
    """Return the number of bytes of a text such as ``512 MiB`` or ``2 GB``.

    Raises
    ------
    ValueError
        If the text is not a number with a unit of bytes.
    """
    match = _QUANTITY.fullmatch(text)
    if not match or match[2].upper() not in _BYTES:
        raise ValueError(f"{text!r} is not a size such as '512 MiB' or '2 GB'")
    return int(Decimal(match[1]) * _BYTES[match[2].upper()])


@lru_cache
def parse_seconds(text: str) -> float:
    """Return the seconds of a text such as ``10 min`` or ``90 s``.

    Raises
    ------
    ValueError
        If the text is not a number with a unit of time (s, min, h, d).
    """
    match = _QUANTITY.fullmatch(text)
    if not match or match[2] not in _SECONDS:
        raise ValueError(f"{text!r} is not a time such as '90 s', '10 min' or '2 h'")
    return float(match[1]) * _SECONDS[match[2]]


def format_bytes(size: int) -> str:
    """Return a size for people, such as ``1.5 GiB``."""
    value = float(size)
    if size < 1024:
        return f"{size} B"
    for unit in ("KiB", "MiB", "GiB"):
        value /= 1024
        if round(value, 1) < 1024:
            return f"{value:.1f} {unit}"
    return f"{value / 1024:.1f} TiB"


def format_seconds(seconds: float) -> str:
    """Return a duration for people, such as ``1 min 20 s``."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min"
