"""Check what measuring made."""

from pathlib import Path


def label_comes_first_then_time(labels: Path, intensity: Path, table: Path) -> None:
    """Check that the first columns say which object at which time."""
    header, first, *_ = table.read_text(encoding="utf-8").splitlines()
    assert header.startswith("label,t,area_px,"), f"the columns are {header}"
    assert first.startswith("1,0,4,"), f"the first row is {first}"
