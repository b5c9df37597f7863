"""Annotations: values as people type them, and how they flow downstream."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bioimageit_flow.model.data import AnnotationValue

_KEY = re.compile(r"[^\W\d][\w \-.]{0,63}")
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_MAX_NUMBER = 400
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")


def check_key(key: str) -> str:
    """Return the key of an annotation, without white space around it.

    Raises
    ------
    ValueError
        If it is empty, longer than 64 characters, does not begin with a letter or
        ``_``, or has characters other than letters, digits, space, ``_``, ``-`` and
        ``.``.
    """
    key = key.strip()
    if not _KEY.fullmatch(key):
        raise ValueError(
            f"{key!r} is not a key: a key begins with a letter or '_' and has letters, "
            "digits, spaces, '_', '-' or '.', at most 64 of them"
        )
    return key


def read_value(text: str) -> AnnotationValue:
    """Return what a typed text means: a whole number, a number, true/false, or text.

    Text with leading zeros (``01``) stays text, because well and patient numbers are
    names, not quantities; so do whole numbers beyond 64 bits, because a bar code must
    keep every digit.
    """
    text = text.strip()
    if len(text) > _MAX_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        number = int(text)
        return number if -(2**63) <= number < 2**63 else text
    if _NUMBER.fullmatch(text) and not re.match(r"[-+]?0[0-9]", text):
        value = float(text)
        return value if abs(value) != float("inf") else text
    if text in ("true", "false"):
        return text == "true"
    return text


@dataclass(frozen=True, slots=True)
class Conflict:
    """Several values of one key reached one item."""

    values: tuple[AnnotationValue, ...]


View = Mapping[str, AnnotationValue | Conflict]
"""Annotations that an item sees: its own and its ancestors'."""


_NOTHING: View = {}


def merge(own: Mapping[str, AnnotationValue], parents: Iterable[View]) -> View:
    """Return the annotations that an item sees.

    An item's own value wins over its ancestors'; ancestors that differ make a
    `Conflict`, which is an error only for who uses that key.
    """
    above = [parent for parent in parents if parent]
    if not above:
        return own or _NOTHING
    if not own and len(above) == 1:
        return above[0]  # shared: views of a line of jobs take no memory
    seen: dict[str, list[AnnotationValue]] = {}
    for parent in above:
        for key, value in parent.items():
            values = value.values if isinstance(value, Conflict) else (value,)
            known = seen.setdefault(key, [])
            known.extend(one for one in values if not _is_among(one, known))
    merged: dict[str, AnnotationValue | Conflict] = {
        key: values[0] if len(values) == 1 else Conflict(tuple(values))
        for key, values in seen.items()
    }
    return merged | dict(own)


def _is_among(value: AnnotationValue, known: list[AnnotationValue]) -> bool:
    # True equals 1 in Python, but an annotation `true` is not the number 1.
    return any(
        value == other and isinstance(value, bool) is isinstance(other, bool)
        for other in known
    )
