"""Hashing and import, beside ``sha256sum`` and ``cp``.

An import copies each file, hashes it and has the disk keep it (fsync) before the row is
written. So it is compared with ``cp``, ``sha256sum`` and ``sync`` of each file. That
``cp`` and one ``sync`` of the file system, without hashes, take less is told as well.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bioimageit_flow.formats import hash_content, write_ome_tiff
from bioimageit_flow.session import Experiment
from tests.benchmarks.measuring import Measured, Row, measure_command, measured

PART = "4. hashing and import"


def hashing(place: Path, megabytes: int, files: int) -> Iterator[Row]:
    """Hash and import one large and many small images of random pixels."""
    large = place / "large"
    large.mkdir(parents=True)
    side = max(64, int((megabytes * 1e6 / 2) ** 0.5))
    _write(large / "large.ome.tif", side, seed=0)
    yield from _compared(place, large, "one large file")
    small = place / "small"
    small.mkdir()
    for number in range(files):
        _write(small / f"small_{number:05}.ome.tif", 64, seed=number + 1)
    yield from _compared(place, small, "small files")


def _write(path: Path, side: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    write_ome_tiff(path, random.integers(0, 65535, (side, side), np.uint16), "YX")


def _compared(place: Path, folder: Path, what: str) -> Iterator[Row]:
    paths = sorted(folder.iterdir())
    size = sum(path.stat().st_size for path in paths)

    def row(name: str, took: Measured, ratio: float | None = None) -> Row:
        facts: dict[str, float | str] = {"MB per s": size / 1e6 / took.wall_s}
        return Row(PART, f"{what}: {name}", len(paths), took, ratio, facts)

    if shutil.which("sha256sum"):
        theirs = measure_command(["sha256sum", *map(str, paths)])
        yield row("sha256sum", theirs)
        with measured() as ours:
            for path in paths:
                hash_content(path)
        yield row("hashed by us", ours, ours.wall_s / theirs.wall_s)
    like = _copied(place, folder, 'cp -r "$1" "$2" && sha256sum "$2"/* && sync "$2"/*')
    yield row("cp, sha256sum, sync of each", like)
    bare = _copied(place, folder, 'cp -r "$1" "$2" && sync -f "$2"')
    yield row("cp and one sync, no hash", bare, bare.wall_s / like.wall_s)
    with Experiment.create(place / f"import of {folder.name}") as experiment:
        with measured() as ours:
            report = experiment.import_files([folder])
        if len(report.items) != len(paths):
            raise SystemExit(f"{len(report.items)} of {len(paths)} were imported")
    yield row("imported by us", ours, ours.wall_s / like.wall_s)


def _copied(place: Path, folder: Path, script: str) -> Measured:
    copy = place / f"copy of {folder.name}"
    took = measure_command(["sh", "-c", script, "cp", str(folder), str(copy)])
    shutil.rmtree(copy)
    return took
