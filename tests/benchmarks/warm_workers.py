"""How long a pipeline of containerised steps takes: warm, isolated, and by hand.

Run with ``python -m tests.benchmarks.warm_workers [--images 10 50] [--size 64]``, on a
machine with a container engine and the image of the skimage toolbox. The same three
steps (smooth, threshold, label) run over the same images

* by ``bioimageit-flow run`` (warm workers), from a cold start of the program,
* by ``bioimageit-flow run --isolation job`` (a container per job),
* by ``docker run`` for each step, two images at a time (``xargs -P 2``),

and the label images are compared. Prints seconds and the ratio to ``docker run``.
"""

import argparse
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioimageit_flow import Experiment, Workflow
from bioimageit_flow.formats import read_array, write_ome_tiff

IMAGE = "bioimageit-flow/skimage:0.1"
TOOLS = Path(__file__).parents[2] / "nodes" / "skimage"
PROGRAM = Path(sys.executable).with_name("bioimageit-flow")
AT_A_TIME = 2


@dataclass(frozen=True)
class Way:
    """A way to run the pipeline, and what it was seen to take."""

    name: str
    run: Callable[[], None]
    labels: Callable[[], list[Path]]


def make_images(folder: Path, count: int, size: int) -> list[Path]:
    """Write images of blobs on noise."""
    random = np.random.default_rng(1)
    folder.mkdir(parents=True)
    y, x = np.mgrid[:size, :size]
    paths = []
    for number in range(count):
        image = random.normal(100, 5, (size, size))
        for cy, cx in random.uniform(8, size - 8, (max(3, size // 24), 2)):
            image += 400 * np.exp(-((y - cy) ** 2 + (x - cx) ** 2) / 18)
        path = folder / f"image_{number:04}.ome.tif"
        write_ome_tiff(path, image.astype(np.uint16), "YX")
        paths.append(path)
    return paths


def write_workflow(path: Path) -> None:
    """Write the pipeline as a workflow."""
    workflow = Workflow("Benchmark")
    images = workflow.add_input("images", "image", axes=["YX"])
    smooth = workflow.add("skimage/gaussian", sigma=1.0)
    mask = workflow.add("skimage/threshold")
    label = workflow.add("skimage/label-watershed")
    images >> smooth["image"]
    smooth["result"] >> mask["image"]
    mask["mask"] >> label["mask"]
    workflow.save(path)


def our_way(
    name: str, place: Path, images: Sequence[Path], options: Sequence[str]
) -> Way:
    """Return a run by this program, as a command, in a new experiment each time."""
    workflow = place / "benchmark.flow.yaml"
    if not workflow.exists():
        write_workflow(workflow)
    experiment = place / name
    empty = place / f"{name} before"
    Experiment.create(empty).import_files([images[0].parent])
    shutil.copytree(empty, experiment)

    def run() -> None:
        command = [str(PROGRAM), "run", str(workflow)]
        command += ["--experiment", str(experiment)]
        command += ["--bind", "images=raw", "--runtime", "container", *options]
        subprocess.run([*command, "--json"], check=True, stdout=subprocess.DEVNULL)

    def labels() -> list[Path]:
        return sorted(experiment.glob("results/*/label_watershed/labels/*.tif"))

    return Way(name, run, labels)


def docker_way(place: Path, images: Sequence[Path]) -> Way:
    """Return ``docker run`` for each step of each image."""
    out = place / "by-hand"
    out.mkdir()
    run = [
        *shlex.split("docker run --rm --network none --user 0:0 --workdir /tmp"),
        *("-e", "PYTHONPATH=/toolbox/lib", "-e", "HOME=/tmp"),
        *("-v", f"{TOOLS / 'lib'}:/toolbox/lib:ro", "-v", f"{out}:/out"),
        *("-v", f"{images[0].parent}:/data:ro"),
    ]

    def step(tool: str, *arguments: str) -> str:
        script = f"{tool.replace('-', '_')}.py"
        mount = ["-v", f"{TOOLS / tool}:/tool:ro"]
        words = [*run, *mount, IMAGE, "python", f"/tool/{script}", *arguments]
        return " ".join(f'"{word}"' for word in words)

    smooth = shlex.split("--sigma=1.0 --length-unit=px --stack=volume")
    mask = shlex.split("--method=otsu --value=0.0 --foreground=bright --per=frame")
    label = shlex.split(
        "--split --min-distance=5.0 --smoothing=1.5 --length-unit=px --min-size=20 "
        "--max-hole=100 --border=keep --connectivity=full --stack=volume"
    )
    lines = [
        step("gaussian", "--image=/data/$1", "--result=/out/smooth-$1", *smooth),
        step("threshold", "--image=/out/smooth-$1", "--mask=/out/mask-$1", *mask),
        step(
            "label-watershed", "--mask=/out/mask-$1", "--labels=/out/label-$1", *label
        ),
    ]
    script = place / "steps.sh"
    script.write_text("set -e\n" + "\n".join(lines) + "\n", "utf-8")
    names = "\n".join(path.name for path in images)

    def by_hand() -> None:
        command = ["xargs", "-P", str(AT_A_TIME), "-n", "1", "sh", str(script)]
        subprocess.run(command, input=names, text=True, check=True)

    return Way("docker run", by_hand, lambda: sorted(out.glob("label-*.tif")))


def compare(ways: Sequence[Way], count: int) -> None:
    """Stop if the ways do not agree."""
    first, *others = ([read_array(path) for path in way.labels()] for way in ways)
    for arrays in (first, *others):
        if len(arrays) != count:
            raise SystemExit(f"{len(arrays)} results instead of {count}")
    for arrays in others:
        for mine, yours in zip(first, arrays, strict=True):
            if not np.array_equal(mine, yours):
                raise SystemExit("the ways do not give the same result")


def measure(place: Path, count: int, size: int, repeat: int) -> dict[str, float]:
    """Return the median seconds of each way."""
    found: dict[str, list[float]] = {}
    for turn in range(repeat):
        here = place / f"{count} images, turn {turn}"
        images = make_images(here / "images", count, size)
        ways = [
            our_way("warm", here, images, []),
            our_way("isolated", here, images, ["--isolation", "job"]),
            docker_way(here, images),
        ]
        for way in ways:
            begun = time.perf_counter()
            way.run()
            found.setdefault(way.name, []).append(time.perf_counter() - begun)
        compare(ways, count)
    return {name: statistics.median(times) for name, times in found.items()}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, nargs="+", default=[10, 50])
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--repeat", type=int, default=1)
    given = parser.parse_args()
    say = sys.stdout.write
    say(f"{'images':>8}  {'way':<12}{'seconds':>9}{'ratio':>8}{'ms a job':>10}\n")
    for count in given.images:
        with tempfile.TemporaryDirectory(prefix="bioimageit-flow-bench-") as place:
            times = measure(Path(place), count, given.size, given.repeat)
        for name, seconds in times.items():
            ratio, each = seconds / times["docker run"], 1000 * seconds / (3 * count)
            say(f"{count:>8}  {name:<12}{seconds:>9.2f}{ratio:>8.3f}{each:>10.1f}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
