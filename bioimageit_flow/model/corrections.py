"""Corrected metadata: what the header of a file should have said."""

import math
from collections.abc import Callable, Mapping, Sequence

from bioimageit_flow.model.data import DataInfo

AXES = "TZCYXS"


def read_corrections(info: DataInfo, facts: Mapping[str, object]) -> dict[str, object]:
    """Return corrections as they are kept; None takes one back.

    Parameters
    ----------
    info : DataInfo
        What the header says.
    facts : mapping
        ``axes`` (a text such as ``ZYX``), ``pixel_size_um`` (micrometres by ``x``,
        ``y``, ``z``, or one number for ``x`` and ``y``), ``time_step_s``, ``channels``
        (names).

    Raises
    ------
    ValueError
        If one does not fit the image, or cannot be corrected.
    """
    for name in facts:
        if name not in _READERS:
            raise ValueError(
                f"{name!r} cannot be corrected, only {', '.join(_READERS)} can"
            )
    if info.axes is None:
        raise ValueError("it is no image, so that there is nothing to correct")
    axes = str(facts.get("axes") or info.axes).upper()
    return {
        name: None if value is None else _READERS[name](info, axes, value)
        for name, value in facts.items()
    }


def _axes(info: DataInfo, _axes: str, value: object) -> str:
    text = str(value).strip().upper()
    if len(text) != len(info.shape):
        raise ValueError(
            f"the axes {text!r} are {len(text)}, but the image has "
            f"{len(info.shape)} dimensions"
        )
    if len(set(text)) != len(text) or not set(text) <= set(AXES):
        raise ValueError(f"{text!r} are no axes: use each of {', '.join(AXES)} once")
    for old, new in zip(info.axes or "", text, strict=True):
        if old != new and (old in "YXS" or new in "YXS"):
            raise ValueError(
                f"Y, X and S of {info.axes!r} stay where they are; {text!r} moves them"
            )
    return text


def _pixel_size(info: DataInfo, axes: str, value: object) -> dict[str, float]:
    given = value if isinstance(value, Mapping) else {"x": value, "y": value}
    sizes = {str(axis): float(size) for axis, size in info.pixel_size_um.items()}
    for axis, size in given.items():
        name = str(axis).lower()
        if name not in ("x", "y", "z") or name.upper() not in axes:
            raise ValueError(f"the image has no axis {axis!r} with a pixel size")
        sizes[name] = _positive(size, f"pixel size of {name}")
    return sizes


def _time_step(_info: DataInfo, axes: str, value: object) -> float:
    if "T" not in axes:
        raise ValueError("the image has no axis T and no time step")
    return _positive(value, "time step")


def _channels(info: DataInfo, axes: str, value: object) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError("channels are a list of names")
    names = [str(name).strip() for name in value]
    count = info.shape[axes.index("C")] if "C" in axes else 1
    if len(names) != count:
        raise ValueError(
            f"{len(names)} names of channels are given, but the image has {count}"
        )
    return names


def _positive(value: object, what: str) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0) or isinstance(value, bool):
        raise ValueError(f"{value!r} is no {what}, which is a number above 0")
    return number


_READERS: Mapping[str, Callable[[DataInfo, str, object], object]] = {
    "axes": _axes,
    "pixel_size_um": _pixel_size,
    "time_step_s": _time_step,
    "channels": _channels,
}
