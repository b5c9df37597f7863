"""All benchmarks by one command: ``python -m tests.benchmarks [PART ...]``.

Parts are ``pipeline`` (needs a container engine with the images of the toolboxes, and
installs cwltool, Snakemake and Dask once in an environment of their own), ``overhead``,
``reruns`` and ``hashing``. Prints a table with ratios, and writes ``results.json`` and
``results.svg`` into a folder. It judges nothing.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.hashing import hashing
from tests.benchmarks.measuring import Table
from tests.benchmarks.overhead import overhead
from tests.benchmarks.pipeline import WAYS, pipeline
from tests.benchmarks.plotting import write_plot
from tests.benchmarks.reruns import reruns

PARTS = ("pipeline", "overhead", "reruns", "hashing")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what was asked for, print and plot it."""
    given = _parser().parse_args(arguments)
    table = Table(_say)
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bioimageit-flow-bench-") as folder:
        place = Path(folder).resolve()
        for part in given.parts or PARTS:
            _measure(part, given, place / part, table)
            rows = [asdict(row) for row in table.rows]
            (given.out / "results.json").write_text(json.dumps(rows, indent=1), "utf-8")
            write_plot(given.out / "results.svg", table.rows)
    _say(f"\nWritten: {given.out / 'results.svg'} and results.json\n")


def _measure(part: str, given: argparse.Namespace, place: Path, table: Table) -> None:
    place.mkdir()
    match part:
        case "pipeline":
            ways = pipeline(place, given.images, given.pixels, given.ways, given.repeat)
            table.add_all(ways)
        case "overhead":
            table.add_all(overhead(place, given.jobs))
            table.add_all(overhead(place, given.jobs[:1], "bench/copy"))
        case "reruns":
            table.add_all(reruns(place, given.files))
        case "hashing":
            table.add_all(hashing(place, given.megabytes, given.files))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART")
    parser.add_argument("--out", type=Path, default=Path("benchmark-results"))
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    for name, default, words in (
        ("--images", [50, 200, 1000], "pipeline: how many images"),
        ("--pixels", [64, 512], "pipeline: side of each image"),
        ("--jobs", [10_000, 100_000], "overhead: how many jobs"),
    ):
        parser.add_argument(name, type=int, nargs="+", default=default, help=words)
    for name, number, words in (
        ("--repeat", 1, "pipeline: how often; medians are told"),
        ("--files", 1000, "reruns, hashing: how many files"),
        ("--megabytes", 1000, "hashing: size of the large file"),
    ):
        parser.add_argument(name, type=int, default=number, help=words)
    return parser


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
