"""A worker as one would write it by hand for this pipeline: preloaded, forked per job.

Runs inside the container, is fed directly (no plan, no records, no isolation between
jobs) and ends with the merge left to do. Only the standard library and the tools.

``python fork_worker.py DATA OUT JOBS_AT_A_TIME < stems``, with the folders of the tools
and their library on ``PYTHONPATH``.
"""

import os
import sys
from importlib import import_module
from types import ModuleType


def main() -> int:
    """Take one image after the other through all steps, so many at a time."""
    data, out, at_a_time = sys.argv[1], sys.argv[2], int(sys.argv[3])
    gaussian, threshold, measure_regions = map(
        import_module, ("gaussian", "threshold", "measure_regions")
    )

    def smooth(stem: str) -> int:
        source, target = f"{data}/{stem}.ome.tif", f"{out}/{stem}.1.ome.tif"
        words = [f"--image={source}", f"--result={target}", "--sigma=1.0"]
        sys.argv = ["gaussian", *words, "--length-unit=px", "--stack=volume"]
        return _code(gaussian)

    def mask(stem: str) -> int:
        source, target = f"{out}/{stem}.1.ome.tif", f"{out}/{stem}.2.ome.tif"
        words = [f"--image={source}", f"--mask={target}", "--method=otsu"]
        more = ["--value=0.0", "--foreground=bright", "--per=frame"]
        sys.argv = ["threshold", *words, *more]
        return _code(threshold)

    def measure(stem: str) -> int:
        source, target = f"{out}/{stem}.2.ome.tif", f"{out}/{stem}.3.csv"
        sys.argv = ["measure_regions", f"--labels={source}", f"--table={target}"]
        return _code(measure_regions)

    steps = (smooth, mask, measure)
    stems = sys.stdin.read().split()
    waiting = [(stem, 0) for stem in reversed(stems)]
    running: dict[int, tuple[str, int]] = {}
    while waiting or running:
        while waiting and len(running) < at_a_time:
            stem, number = waiting.pop()
            child = os.fork()
            if child == 0:
                os._exit(steps[number](stem))
            running[child] = (stem, number)
        child, status = os.wait()
        stem, number = running.pop(child)
        if status:
            return 1
        if number + 1 < len(steps):
            waiting.append((stem, number + 1))
    return 0


def _code(module: ModuleType) -> int:
    try:
        module.main(module.run)
    except SystemExit as error:
        return int(error.code or 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
