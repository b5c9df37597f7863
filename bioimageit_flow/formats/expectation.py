"""Whether a fact is what somebody expects, and if not, why."""

import math
from collections.abc import Mapping, Sequence

_TOLERANCE = {"value", "within"}
_BOUNDS = {"min", "max"}
_MAX_SHOWN = 200


def compare(expectation: object, value: object) -> str:
    """Say why a value is not what is expected.

    Parameters
    ----------
    expectation : object
        A literal (exact; ``3`` and ``3.0`` are equal, ``true`` and ``1`` are not),
        ``{value: x, within: t}`` or ``{min: a, max: b}`` (either, inclusive), which
        hold for every number of a list; a list (same length, one by one); or a
        mapping (every key that is expected, others do not matter).
    value : object
        Numbers, texts, lists and mappings, as `measure` returns them.

    Returns
    -------
    str
        Empty when it holds; else such as ``area.mean: expected 5 within 0.1, found 7``,
        without a full stop.
    """
    return _difference(expectation, value, "")


def _difference(expectation: object, value: object, where: str) -> str:
    match expectation, value:
        case Mapping(), Mapping():
            return _compare_keys(expectation, value, where)
        case Mapping(), _:
            return _compare_range(expectation, value, where)
        case (list() | tuple(), list() | tuple()):
            return _compare_lists(expectation, value, where)
        case _ if _is_equal(expectation, value):
            return ""
        case _:
            return _unmet(_text(expectation), value, where)


def _compare_keys(
    expectation: Mapping[object, object], value: Mapping[object, object], where: str
) -> str:
    for key, expected in expectation.items():
        inner = f"{where}.{key}" if where else str(key)
        if key not in value:
            known = ", ".join(str(name) for name in value) or "nothing"
            return f"{inner}: expected, but there is only {known}"
        if reason := _difference(expected, value[key], inner):
            return reason
    return ""


def _compare_lists(
    expectation: Sequence[object], value: Sequence[object], where: str
) -> str:
    if len(expectation) != len(value):
        return _unmet(_text(list(expectation)), list(value), where)
    for place, (expected, found) in enumerate(zip(expectation, value, strict=True)):
        if reason := _difference(expected, found, f"{where}[{place}]"):
            return reason
    return ""


def _compare_range(
    expectation: Mapping[object, object], value: object, where: str
) -> str:
    """Compare with a tolerance or bounds."""
    keys = set(expectation)
    if keys != _TOLERANCE and not (keys and keys <= _BOUNDS):
        return _unmet(_text(dict(expectation)), value, where)
    if isinstance(value, list | tuple):
        return _compare_lists(_spread(expectation, len(value)), value, where)
    limits = {key: _number(limit) for key, limit in expectation.items()}
    if None in limits.values():
        return _unmet(f"numbers in {dict(expectation)}", value, where)
    words = (
        f"{expectation['value']} within {expectation['within']}"
        if keys == _TOLERANCE
        else " and ".join(
            f"at {'least' if key == 'min' else 'most'} {limit}"
            for key, limit in expectation.items()
        )
    )
    return "" if _lies_in(limits, _number(value)) else _unmet(words, value, where)


def _spread(expectation: Mapping[object, object], length: int) -> list[object]:
    """Return the expectation of each element of a list."""
    values = expectation.get("value")
    if isinstance(values, list | tuple):
        return [{**expectation, "value": value} for value in values]
    return [expectation] * length


def _lies_in(
    limits: Mapping[object, int | float | None], found: int | float | None
) -> bool:
    if found is None:
        return False
    target, within = limits.get("value"), limits.get("within")
    if target is not None and within is not None:
        return abs(found - target) <= within
    low, high = limits.get("min"), limits.get("max")
    return (low is None or low <= found) and (high is None or found <= high)


def _is_equal(expected: object, value: object) -> bool:
    if isinstance(expected, bool) or isinstance(value, bool):
        return expected is value
    first, second = _number(expected), _number(value)
    if first is not None and second is not None:
        return first == second or (math.isnan(first) and math.isnan(second))
    return type(expected) is type(value) and expected == value


def _number(value: object) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value


def _unmet(expected: str, value: object, where: str) -> str:
    place = f"{where}: " if where else ""
    return f"{place}expected {expected}, found {_text(value)}"


def _text(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."
