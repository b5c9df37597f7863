"""What differed between two runs or two files, and by how much."""

from dataclasses import dataclass
from pathlib import Path

from bioimageit_flow.formats import hash_content, probe
from bioimageit_flow.formats.stamps import read_stamp
from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.stamp import Stamp, StampedPort
from bioimageit_flow.provenance.comparing import Change, Comparison
from bioimageit_flow.provenance.comparing import compare_runs as _compare
from bioimageit_flow.provenance.verdict import (
    TOLERANCE,
    Sameness,
    Side,
    Verdict,
    compare_results,
)
from bioimageit_flow.provenance.whence import is_stamp_true
from bioimageit_flow.session.crates import story_of
from bioimageit_flow.session.results import Run
from bioimageit_flow.workflow.branch import branch_document
from bioimageit_flow.workflow.comparing import compare as compare_workflows

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
    altered : tuple of Path
        Those of them that were changed after they were made: their stamps tell of
        the files that they were.
    """

    verdict: Verdict
    changes: tuple[Change, ...]
    altered: tuple[Path, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        changes = [
            {"what": c.what, "where": c.where, "first": c.first, "second": c.second}
            for c in self.changes
        ]
        altered = [str(path) for path in self.altered]
        return {**self.verdict.as_json(), "changes": changes, "altered": altered}


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
    paths = (Path(first), Path(second))
    one, other = (read_stamp(path) for path in paths)
    sides = [_side(*pair) for pair in zip(paths, (one, other), strict=True)]
    altered = [
        side.path
        for side, stamp in zip(sides, (one, other), strict=True)
        if stamp is not None and side.content != stamp.content
    ]
    changes = () if one is None or other is None else tuple(_changes(one, other))
    verdict = compare_results(sides[0], sides[1], tolerance)
    return FileComparison(verdict, changes, tuple(altered))


def _side(path: Path, stamp: Stamp | None) -> Side:
    """Return a file as what its tool wrote, if it still is that."""
    content = hash_content(path).sha256
    if stamp is not None and is_stamp_true(path, stamp, content):
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
            found.append(
                Change("input", f"{one.node}.{port}", *_counted(before, after))
            )
    return [*found, *_above(one, other)]


def _counted(before: StampedPort | None, after: StampedPort | None) -> tuple[str, str]:
    """Say how many items each took; as many, but not the same, are others."""
    first, second = (
        "" if port is None else f"{port.count} item{'s' * (port.count != 1)}"
        for port in (before, after)
    )
    return first, f"{second}, not the same" if first == second else second


def _above(one: Stamp, other: Stamp) -> list[Change]:
    """Say what was done differently on the way to the two files, by their workflows."""
    before, after = (
        branch_document(stamp.branch, stamp.node, stamp.port) for stamp in (one, other)
    )
    told = {f"{one.node}.{name}" for name in {*one.parameters, *other.parameters}}
    return [
        Change(found.what, found.name, _as_text(found.before), _as_text(found.after))
        for found in compare_workflows(before, after)
        if found.what not in ("about", "output")
        and not (found.what == "parameter" and found.name in told)
        and not (found.what == "tool" and found.name == one.node)
    ]


def _as_text(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return canonical_json(value)
