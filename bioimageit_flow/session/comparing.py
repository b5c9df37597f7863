"""What differed between two runs or two files, and by how much."""

from dataclasses import dataclass
from pathlib import Path

from bioimageit_flow.formats import hash_content, probe
from bioimageit_flow.formats.stamps import is_stamped_copy, read_stamp
from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.stamp import Stamp
from bioimageit_flow.provenance.comparing import Change, Comparison
from bioimageit_flow.provenance.comparing import compare_runs as _compare
from bioimageit_flow.provenance.verdict import (
    TOLERANCE,
    Sameness,
    Side,
    Verdict,
    compare_results,
)
from bioimageit_flow.session.crates import story_of
from bioimageit_flow.session.results import Run

__all__ = [
    "TOLERANCE",
    "Change",
    "Comparison",
    "FileComparison",
    "Sameness",
    "Verdict",
    "compare_files",
    "compare_runs",
]


@dataclass(frozen=True, slots=True)
class FileComparison:
    """How two files differ.

    Attributes
    ----------
    changes : tuple of Change
        What was done differently, where both have a stamp that says so.
    """

    verdict: Verdict
    changes: tuple[Change, ...]

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        changes = [
            {"what": c.what, "where": c.where, "first": c.first, "second": c.second}
            for c in self.changes
        ]
        return {**self.verdict.as_json(), "changes": changes}


def compare_runs(
    first: Run, second: Run, *, tolerance: float = TOLERANCE
) -> Comparison:
    """Say what differed between two runs, also of two experiments.

    Parameters
    ----------
    tolerance : float
        Up to which relative difference two numbers count as the same.
    """
    return _compare(
        story_of(first),
        story_of(second),
        first.experiment.finder().find,
        second.experiment.finder().find,
        tolerance=tolerance,
    )


def compare_files(
    first: Path | str, second: Path | str, *, tolerance: float = TOLERANCE
) -> FileComparison:
    """Say how two files differ; stamps do not count as a difference of bytes.

    Raises
    ------
    DataError
        If one cannot be read.
    """
    verdict = compare_results(_side(Path(first)), _side(Path(second)), tolerance)
    one, other = read_stamp(Path(first)), read_stamp(Path(second))
    changes = () if one is None or other is None else tuple(_changes(one, other))
    return FileComparison(verdict, changes)


def _side(path: Path) -> Side:
    content = hash_content(path).sha256
    stamp = read_stamp(path)
    if stamp is not None and is_stamped_copy(path, stamp.content):
        content = stamp.content
    return Side(path, content, probe(path))


def _changes(one: Stamp, other: Stamp) -> list[Change]:
    facts = [("tool", "tool"), ("environment", "environment")]
    found = [
        Change(what, one.node, getattr(one, name), getattr(other, name))
        for what, name in facts
        if getattr(one, name) != getattr(other, name)
    ]
    for name in sorted({*one.parameters, *other.parameters}):
        old, new = (
            canonical_json(stamp.parameters[name]) if name in stamp.parameters else ""
            for stamp in (one, other)
        )
        if old != new:
            found.append(Change("parameter", f"{one.node}.{name}", old, new))
    for port in sorted({*one.inputs, *other.inputs}):
        before, after = one.inputs.get(port), other.inputs.get(port)
        if before != after:
            counts = [f"{p.count} items" if p else "" for p in (before, after)]
            found.append(Change("input", f"{one.node}.{port}", *counts))
    return found
