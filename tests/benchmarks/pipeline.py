"""A pipeline of three steps and a merge on small images, by us and by others.

The same images, the same scripts in the same containers, two at a time:

* ``bioimageit-flow run`` (warm workers), from a cold start of the program,
* ``bioimageit-flow run --isolation job`` (a container per job),
* a worker written by hand: one container, preloaded, a fork per job, fed directly,
* ``docker run`` for each step (``xargs -P 2``), to which all are compared,
* ``cwltool --parallel``, Snakemake and Dask, each step by ``docker run``.

What they give is compared: the merged table has to be the same.
"""

import shlex
import shutil
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from bioimageit_flow import Experiment
from tests.benchmarks.measuring import Measured, Row, measure_command
from tests.benchmarks.peers import AT_A_TIME, cwl_way, dask_way, snakemake_way
from tests.benchmarks.pipeline_steps import (
    IMAGE,
    MERGED,
    NODES,
    STEPS,
    TOOLBOX,
    make_images,
    merge_command,
    prepare_merge,
    step_command,
    write_workflow,
)

PART = "1. pipeline of 3 steps and a merge"
HAND = "docker run per step"
PROGRAM = Path(sys.executable).with_name("bioimageit-flow")

Way = Callable[[Sequence[str], Path, Path], Measured]
"""Runs the pipeline over images (by name) of a folder into another; both absolute."""


def _ours(*options: str) -> Way:
    def way(_stems: Sequence[str], data: Path, out: Path) -> Measured:
        write_workflow(out / "benchmark.flow.yaml")
        place = out / "experiment"
        with Experiment.create(place) as experiment:
            experiment.import_files([data])
        command = [str(PROGRAM), "run", str(out / "benchmark.flow.yaml"), "--json"]
        command += ["--experiment", str(place), "--bind", "images=raw"]
        command += ["--runtime", "container", "--jobs", str(AT_A_TIME), *options]
        took = measure_command(command)
        (table,) = place.glob("results/*/merge/table/*.csv")
        shutil.copyfile(table, out / MERGED)
        return took

    return way


def _again(_stems: Sequence[str], _data: Path, out: Path) -> Measured:
    """Run what `_ours` has run: nothing is left to do."""
    warm = out.with_name("ours warm")
    command = [str(PROGRAM), "run", str(warm / "benchmark.flow.yaml"), "--json"]
    command += ["--experiment", str(warm / "experiment"), "--bind", "images=raw"]
    took = measure_command([*command, "--runtime", "container"])
    shutil.copyfile(warm / MERGED, out / MERGED)
    return took


def _by_hand(stems: Sequence[str], data: Path, out: Path) -> Measured:
    steps = [step_command(number, "STEM", data, out) for number in range(len(STEPS))]
    lines = [shlex.join(words).replace("STEM", '"$1"') for words in steps]
    script = out / "steps.sh"
    script.write_text("set -e\n" + "\n".join(lines) + "\n", "utf-8")
    xargs = f"xargs -P {AT_A_TIME} -n 1 sh {shlex.quote(str(script))}"
    command = ["sh", "-c", f"{xargs} && {shlex.join(merge_command(out))}"]
    return measure_command(command, text="\n".join(stems))


def _fork_worker(stems: Sequence[str], data: Path, out: Path) -> Measured:
    here = Path(__file__).with_name("fork_worker.py")
    tools = [f"/tools/{step.tool}" for step in STEPS]
    binds = [f"{NODES / TOOLBOX}:/tools:ro", f"{here}:/fork_worker.py:ro"]
    binds += [f"{data}:/data:ro", f"{out}:/out"]
    run = ["docker", "run", "--rm", "-i", "--network", "none", "--user", "0:0"]
    run += ["--workdir", "/tmp", "-e", f"PYTHONPATH=/tools/lib:{':'.join(tools)}"]
    run += [word for bind in binds for word in ("-v", bind)]
    run += [IMAGE, "python", "/fork_worker.py", "/data", "/out", str(AT_A_TIME)]
    command = ["sh", "-c", f"{shlex.join(run)} && {shlex.join(merge_command(out))}"]
    return measure_command(command, text="\n".join(stems))


WAYS: Mapping[str, Way] = {
    HAND: _by_hand,
    "ours warm": _ours(),
    "ours again, nothing to do": _again,
    "ours isolated": _ours("--isolation", "job"),
    "preloaded fork worker": _fork_worker,
    "cwltool": cwl_way,
    "snakemake": snakemake_way,
    "dask": dask_way,
}
"""By name; the first is what all are compared with."""


def pipeline(
    place: Path,
    counts: Sequence[int],
    sizes: Sequence[int],
    names: Sequence[str],
    repeat: int = 1,
) -> Iterator[Row]:
    """Run the pipeline over so many images of so many pixels, each way.

    Parameters
    ----------
    names : sequence of str
        Of the ways, from `WAYS`.
    repeat : int
        How often; the medians are told.
    """
    for size in sizes:
        for count in counts:
            part = f"{PART}, {size}x{size} pixels"
            found: dict[str, list[Measured]] = {name: [] for name in names}
            for turn in range(repeat):
                here = place / f"{count} of {size}, {turn}"
                data = here / "images"
                images = make_images(data, count, size)
                stems = [path.name.removesuffix(".ome.tif") for path in images]
                for name in names:
                    out = here / name
                    out.mkdir()
                    prepare_merge(stems, out)
                    found[name].append(WAYS[name](stems, data, out))
                check_same({name: here / name / MERGED for name in names})
                shutil.rmtree(here)
            yield from _rows(part, count, found)


def _rows(
    part: str, count: int, found: Mapping[str, Sequence[Measured]]
) -> Iterator[Row]:
    jobs = count * len(STEPS) + 1
    medians = {
        name: statistics.median(one.wall_s for one in times)
        for name, times in found.items()
    }
    for name, times in found.items():
        took = Measured(
            medians[name],
            statistics.median(one.cpu_s for one in times),
            max(one.peak_bytes for one in times),
        )
        ratio = medians[name] / medians[HAND] if HAND in medians else None
        facts: dict[str, float | str] = {"ms a job": 1000 * medians[name] / jobs}
        yield Row(part, name, count, took, ratio, facts)


def check_same(tables: Mapping[str, Path]) -> None:
    """Stop if the ways do not agree on the merged table."""
    texts = {name: path.read_bytes() for name, path in tables.items()}
    first, *others = texts
    for name in others:
        if texts[name] != texts[first]:
            raise SystemExit(f"{name} does not give the same table as {first}")
