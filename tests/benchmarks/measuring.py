"""What a benchmark has found: seconds, ratios, memory; as a table and as a plot.

Nothing here says that something is too slow: a benchmark measures, people judge.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(slots=True)
class Measured:
    """What something took.

    Attributes
    ----------
    wall_s : float
        By the clock.
    cpu_s : float
        Of the processor, of this process and what it has waited for.
    peak_bytes : int
        Most memory of one process; 0 where it was not looked at.
    """

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_bytes: int = 0


@dataclass(slots=True)
class Row:
    """One line of a table: what was measured, and how much of it there was.

    Attributes
    ----------
    part, name : str
        Which benchmark, and what ran.
    count : int
        Jobs, images or bytes.
    ratio : float or None
        To what it is compared with.
    facts : mapping
        Further numbers by name.
    """

    part: str
    name: str
    count: int
    took: Measured
    ratio: float | None = None
    facts: Mapping[str, float | str] = field(default_factory=dict)


@contextmanager
def measured() -> Iterator[Measured]:
    """Measure what this process does inside."""
    found = Measured()
    before, begun = _usage(), time.perf_counter()
    yield found
    found.wall_s = time.perf_counter() - begun
    found.cpu_s = _usage() - before
    usage = resource.getrusage(resource.RUSAGE_SELF)
    found.peak_bytes = usage.ru_maxrss * _RSS_UNIT


def _usage() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure_command(
    command: Sequence[str],
    *,
    text: str | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Measured:
    """Run a command to its end and return what it took, with its descendants.

    Raises
    ------
    SystemExit
        If it fails; with the last of what it said.
    """
    variables = {**os.environ, **(environment or {})}
    # A program that is installed has compiled files; ours need not be without.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    with TemporaryDirectory() as place:
        launch = [
            sys.executable,
            "-I",
            "-S",
            str(Path(__file__).with_name("launch.py")),
        ]
        subprocess.run(
            [*launch, place, *command],
            input=(text or "").encode(),
            cwd=folder,
            env=variables,
            check=True,
        )
        told = json.loads(Path(place, "took.json").read_text("utf-8"))
        said = Path(place, "said").read_text("utf-8", "replace")
    if told["code"]:
        raise SystemExit(f"{command[0]} ended with {told['code']}:\n{said[-2000:]}")
    return Measured(told["wall_s"], told["cpu_s"], told["peak"] * _RSS_UNIT)


class Table:
    """Rows, printed as they come and kept for the plot.

    Parameters
    ----------
    say : callable
        Takes text.
    """

    def __init__(self, say: Callable[[str], object]) -> None:
        self.rows: list[Row] = []
        self._say = say
        self._part = ""

    def add(self, row: Row) -> None:
        """Take a row and print it."""
        if row.part != self._part:
            self._part = row.part
            head = f"{'number':>8}{'seconds':>10}{'cpu s':>9}{'ratio':>8}{'MiB':>7}"
            self._say(f"\n{row.part}\n{'':<34}{head}\n")
        self.rows.append(row)
        ratio = "" if row.ratio is None else f"{row.ratio:.3f}"
        peak = f"{row.took.peak_bytes / 2**20:.0f}" if row.took.peak_bytes else ""
        facts = ", ".join(f"{name} {_shown(one)}" for name, one in row.facts.items())
        self._say(
            f"{row.name:<34}{row.count:>8}{row.took.wall_s:>10.2f}"
            f"{row.took.cpu_s:>9.2f}{ratio:>8}{peak:>7}  {facts}".rstrip()
            + "\n"
        )

    def add_all(self, rows: Iterable[Row]) -> None:
        """Take several rows."""
        for row in rows:
            self.add(row)


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"
