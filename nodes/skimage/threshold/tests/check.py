"""Check what the threshold made."""

from pathlib import Path

import tifffile


def a_quarter_of_every_frame(image: Path, mask: Path) -> None:
    """Check that the mask is the upper left quarter at every time point and channel."""
    for place, part in _parts(mask).items():
        assert part == 0.25, f"{part:.3f} of frame {place} is foreground"


def only_the_last_time_point(image: Path, mask: Path) -> None:
    """Check that the first time point is dimmer than the background of the second."""
    for (time, channel), part in _parts(mask).items():
        expected = (0.0, 1.0)[time] if part != 0.25 else 0.25 * time
        assert part == expected, f"{part:.3f} of channel {channel} at {time}"


def _parts(mask: Path) -> dict[tuple[int, int], float]:
    means = tifffile.imread(mask).mean(axis=(2, 3, 4))
    return {(t, c): float(means[t, c]) for t in range(2) for c in range(2)}
