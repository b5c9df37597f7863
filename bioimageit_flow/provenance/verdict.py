"""How much two results differ: in bytes, in values, by how much.

Numbers are held against a relative tolerance: two differ by more than it when
``|a - b| > tolerance * max(|a|, |b|)``. Pixels are held against the range of the first
image, because a pixel near zero has no scale of its own; labels and texts are equal or
are not.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from bioimageit_flow.formats import read_image, read_scalar, read_table
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.kinds import Kind

TOLERANCE = 1e-6


class Sameness(StrEnum):
    """How alike two results are, from the most to the least."""

    BYTES = "identical bytes"
    VALUES = "identical values"
    WITHIN = "within tolerance"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How two results differ.

    Attributes
    ----------
    amount : float
        The largest difference, relative to what it is held against; infinite where
        there is no number for it.
    words : str
        What differs most, in words; empty where nothing does.
    """

    sameness: Sameness
    amount: float = 0.0
    words: str = ""

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        amount = self.amount if math.isfinite(self.amount) else None
        return {"verdict": str(self.sameness), "amount": amount, "words": self.words}


@dataclass(frozen=True, slots=True)
class Side:
    """One of two results.

    Attributes
    ----------
    content : Sha256
        Of its bytes as its tool wrote them, without a stamp.
    """

    path: Path
    content: Sha256
    info: DataInfo
    selector: str = ""


def compare_results(first: Side, second: Side, tolerance: float = TOLERANCE) -> Verdict:
    """Say how two results differ.

    Raises
    ------
    DataError
        If one cannot be read.
    """
    if (first.content, first.selector) == (second.content, second.selector):
        return Verdict(Sameness.BYTES)
    if first.info.kind is not second.info.kind:
        return _different(f"kind {first.info.kind} and kind {second.info.kind}")
    kind = first.info.kind
    if kind.is_pixels:
        return _compare_images(first, second, tolerance)
    if kind.is_tabular:
        return _compare_tables(first, second, tolerance)
    if kind is Kind.SCALAR:
        return _compare_scalars(first, second, tolerance)
    if first.info.format == "png" and second.info.format == "png":
        return _compare_images(first, second, tolerance)
    return _different("their bytes differ")


def _compare_images(first: Side, second: Side, tolerance: float) -> Verdict:
    one = read_image(first.path, first.selector)
    other = read_image(second.path, second.selector)
    if (one.axes, one.array.shape) != (other.axes, other.array.shape):
        return _different(
            f"{one.axes} {_size(one.array.shape)} and "
            f"{other.axes} {_size(other.array.shape)}"
        )
    # Wide enough for every whole number of 32 bits, and signed.
    a, b = one.array.astype(np.float64), other.array.astype(np.float64)
    apart = ~((a == b) | (np.isnan(a) & np.isnan(b)))
    count = int(apart.sum())
    if not count:
        return Verdict(Sameness.VALUES)
    share = f"{count} of {a.size} pixels differ"
    if first.info.kind is Kind.LABELS:
        return Verdict(Sameness.DIFFERENT, count / a.size, share)
    delta = np.abs(a[apart] - b[apart])
    largest = float(np.nanmax(delta)) if not np.isnan(delta).all() else math.inf
    if np.isnan(delta).any():
        return Verdict(Sameness.DIFFERENT, math.inf, f"{share}, some are no numbers")
    span = float(np.nanmax(a) - np.nanmin(a)) or abs(float(np.nanmax(a))) or 1.0
    amount = largest / span
    return Verdict(
        _judged(amount, tolerance),
        amount,
        f"{share}, by up to {largest:.6g} ({_percent(amount)} of the range)",
    )


def _compare_tables(first: Side, second: Side, tolerance: float) -> Verdict:
    one, other = read_table(first.path), read_table(second.path)
    if one.columns != other.columns:
        gone = [name for name in one.columns if name not in other.columns]
        new = [name for name in other.columns if name not in one.columns]
        said = [f"without {', '.join(gone)}"] if gone else []
        said += [f"with {', '.join(new)}"] if new else []
        words = " and ".join(said) or "in another order"
        return _different(f"the columns differ: the second is {words}")
    if len(one) != len(other):
        return _different(f"{_rows(len(one))} and {_rows(len(other))}")
    worst = Verdict(Sameness.VALUES)
    for name in one.columns:
        for row, (a, b) in enumerate(
            zip(one.column(name), other.column(name), strict=True), 1
        ):
            found = _compare_cells(a, b, tolerance, f"{name} in row {row}")
            if found.amount > worst.amount:
                worst = found
    return worst


def _compare_scalars(first: Side, second: Side, tolerance: float) -> Verdict:
    one, other = read_scalar(first.path), read_scalar(second.path)
    worst = Verdict(Sameness.VALUES)
    for name in dict.fromkeys([*one, *other]):
        found = _compare_cells(one.get(name), other.get(name), tolerance, name)
        if found.amount > worst.amount:
            worst = found
    return worst


def _compare_cells(a: object, b: object, tolerance: float, place: str) -> Verdict:
    if a == b:
        return Verdict(Sameness.VALUES)
    if not _is_number(a) or not _is_number(b):
        return Verdict(Sameness.DIFFERENT, math.inf, f"{place}: {_told(a)}, {_told(b)}")
    assert isinstance(a, int | float)
    assert isinstance(b, int | float)
    if math.isnan(a) and math.isnan(b):
        return Verdict(Sameness.VALUES)
    amount = abs(a - b) / max(abs(a), abs(b))
    words = f"{place}: {_told(a)}, {_told(b)} ({_percent(amount)})"
    if math.isnan(amount):
        return Verdict(Sameness.DIFFERENT, math.inf, f"{place}: {a}, {b}")
    return Verdict(_judged(amount, tolerance), amount, words)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _judged(amount: float, tolerance: float) -> Sameness:
    return Sameness.WITHIN if amount <= tolerance else Sameness.DIFFERENT


def _different(words: str) -> Verdict:
    return Verdict(Sameness.DIFFERENT, math.inf, words)


def _told(value: object) -> str:
    if value is None:
        return "nothing"
    return f"{value:.6g}" if isinstance(value, float) else str(value)[:60]


def _percent(amount: float) -> str:
    return f"{amount:.2g} times" if amount > 10 else f"{amount:.2%}"


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number} rows"


def _size(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape))
