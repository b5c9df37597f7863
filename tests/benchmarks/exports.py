"""What exports cost: ``python -m tests.benchmarks.exports [COUNT ...]``.

Each COUNT is a number of jobs, in a store filled as in the benchmark of lineage; the
data themselves are only referenced. Prints, for the crate, PROV and the report of the
run, seconds of the processor and by how much the peak of memory rose.
"""

import json
import multiprocessing
import resource
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from time import process_time

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.model.data import Content, Location
from bioimageit_flow.model.run import RunState
from bioimageit_flow.provenance import lineage_lines, trace_in_short
from bioimageit_flow.provenance.crate import CrateOptions, write_crate
from bioimageit_flow.provenance.prov_export import prov_pieces
from bioimageit_flow.provenance.report import report_html
from bioimageit_flow.provenance.story import RunStory, read_story
from bioimageit_flow.stores.sql import SqlStore
from tests.benchmarks.items import batches
from tests.benchmarks.lineage import BATCH, GROUP, RUN, jobs, made_by

DEFAULT = (20_000, 100_000)
WORKFLOW = """
schema: bioimageit-flow/workflow/1
id: 7e2d8b7e-6d0c-4b5e-8c39-0a3c7d3b7f11
name: Screen
inputs: {images: {kind: image}}
nodes:
  smooth: {tool: bench/smooth@1.0.0, wires: {image: images}}
  spots: {tool: bench/spots@1.0.0, wires: {image: smooth.out}}
  table: {tool: bench/table@1.0.0, wires: {in: [spots.out]}}
  summary: {tool: bench/summary@1.0.0, wires: {in: [table.out]}}
outputs: {summary: summary.out}
"""


def fill(path: Path, count: int) -> None:
    """Make a store with a run of so many jobs."""
    images = max(GROUP, count // 2 // GROUP * GROUP)
    with closing(SqlStore.create(path, "Screen")) as store:
        for batch in batches(images):
            store.add_raw_items(batch)
        store.begin_run(replace(RUN, workflow_text=WORKFLOW))
        waiting = []
        for job in jobs(images):
            waiting.append(job)
            if len(waiting) == BATCH:
                store.commit_jobs(waiting)
                waiting = []
        store.commit_jobs(waiting)
        store.end_run(RUN.id, RunState.DONE, 1.0)


def _find(content: Content) -> tuple[Path, Location]:
    place = f"/screen/{content.sha256}"
    return Path(place), Location(
        place, content.size, 0, 0, content.sha256, is_referenced=True
    )


def _crate(story: RunStory, store: SqlStore, folder: Path) -> None:
    write_crate(story, folder / "crate.zip", _find, CrateOptions(data="reference"))


def _prov(story: RunStory, store: SqlStore, folder: Path) -> None:
    with (folder / "prov.json").open("w", encoding="utf-8") as file:
        file.writelines(prov_pieces(story, "json", folder / "prov.db"))


def _report(story: RunStory, store: SqlStore, folder: Path) -> None:
    report_html(story, store, lambda content: _find(content)[0])


def _whence(story: RunStory, store: SqlStore, folder: Path) -> None:
    trace_in_short(store, made_by("summary", 0))


def _lines(story: RunStory, store: SqlStore, folder: Path) -> None:
    with (folder / "lineage.jsonl").open("w", encoding="utf-8") as file:
        for line in lineage_lines(store, made_by("summary", 0)):
            file.write(f"{json.dumps(line)}\n")


Export = Callable[[RunStory, SqlStore, Path], None]
EXPORTS: dict[str, Export] = {
    "crate": _crate,
    "PROV": _prov,
    "report": _report,
    "tree of the summary": _whence,
    "lines of the summary": _lines,
}


def _measure(export: Export, path: Path, folder: Path) -> tuple[float, float]:
    """Return seconds of the processor, and MiB above what the program needs."""
    with closing(SqlStore(path, read_only=True)) as store:
        run = store.find_run("last")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = process_time()
        export(read_story(store, Catalogue([]), run), store, folder)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return process_time() - began, (after - before) / 1024


def main(counts: list[int]) -> None:
    """Measure each export for each number of jobs, in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    print(f"{'jobs':>9}  {'export':<24}{'cpu s':>9}{'peak + MiB':>12}")  # noqa: T201
    for count in counts:
        with tempfile.TemporaryDirectory() as place:
            path = Path(place, "experiment.db")
            fill(path, count)
            for name, export in EXPORTS.items():
                folder = Path(tempfile.mkdtemp(dir=place))
                with spawn.Pool(1) as pool:
                    took, rose = pool.apply(_measure, (export, path, folder))
                print(f"{count:>9}  {name:<24}{took:>9.1f}{rose:>12.0f}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or list(DEFAULT))
