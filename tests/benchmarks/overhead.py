"""What a job costs that does nothing: plan, scheduler, recorder and store.

The runtime calls functions of this process, the store is a real one on disk. Each size
runs in a process of its own, so that its peak of memory is its own.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks.laboratory import add_items, line, new_session
from tests.benchmarks.measuring import Measured, Row, measured

PART = "2. engine overhead: jobs that do nothing, in this process"


def overhead(
    place: Path, sizes: Sequence[int], tool: str = "bench/nothing"
) -> Iterator[Row]:
    """Run as many jobs as each size says; yield what they cost."""
    first: tuple[int, Measured] | None = None
    for size in sizes:
        folder = place / f"{tool.replace('/', '-')}-{size}"
        command = [sys.executable, "-m", "tests.benchmarks.overhead"]
        found = subprocess.run(
            [*command, str(folder), str(size), tool],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        told = json.loads(found.stdout.splitlines()[-1])
        took = Measured(told["wall_s"], told["cpu_s"], told["peak_bytes"])
        facts: dict[str, float | str] = {
            "s per 1,000": 1000 * took.wall_s / size,
            "cpu s per 1,000": 1000 * took.cpu_s / size,
            "MB of database": told["database_bytes"] / 1e6,
        }
        ratio = None
        if first is None:
            first = (size, took)
        else:
            ratio = (took.wall_s / size) / (first[1].wall_s / first[0])
            growth = took.peak_bytes - first[1].peak_bytes
            facts["MB per 100,000 jobs"] = growth / 1e6 * 100_000 / (size - first[0])
        name = "empty jobs" if tool == "bench/nothing" else "jobs that write a file"
        yield Row(PART, name, size, took, ratio, facts)


def one_size(place: Path, size: int, tool: str) -> dict[str, float]:
    """Run so many jobs in a new experiment and return what they took.

    They are spread over a line of up to four nodes where the tool gives a result.
    """
    from bioimageit_flow.session import Experiment

    session = new_session(place / "tools")
    length = 1 if tool == "bench/nothing" or size % 4 else 4
    with Experiment.create(place / "experiment", session=session) as experiment:
        add_items(experiment, size // length)
        workflow = line(session, tool, length)
        with measured() as took:
            run = experiment.run(
                workflow, bind={"files": "raw"}, observe=lambda _event: None
            )
        assert run.report is not None
        done = sum(report.done for report in run.report.nodes.values())
        if done != size:
            raise SystemExit(f"{done} jobs of {size} were done: {run.state}")
        database = (experiment.path / "experiment.db").stat().st_size
    return {
        "wall_s": took.wall_s,
        "cpu_s": took.cpu_s,
        "peak_bytes": took.peak_bytes,
        "database_bytes": database,
    }


if __name__ == "__main__":
    where, count, name = sys.argv[1:]
    sys.stdout.write(json.dumps(one_size(Path(where), int(count), name)) + "\n")
