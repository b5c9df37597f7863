"""The pipeline of the first benchmark: its images, its steps, its commands by hand.

Three steps on each image (smooth, threshold, measure) and a merge of all tables. The
same images of containers and the same scripts are used by everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioimageit_flow import Workflow
from bioimageit_flow.formats import write_ome_tiff

NODES = Path(__file__).parents[2] / "nodes"


@dataclass(frozen=True, slots=True)
class Step:
    """One step on one image, as a command.

    Attributes
    ----------
    tool : str
        Folder of the tool in its toolbox.
    takes, gives : str
        The options of its input and its output.
    ending : str
        Of the name of its result.
    options : tuple of str
        All others.
    """

    tool: str
    takes: str
    gives: str
    ending: str
    options: tuple[str, ...] = ()

    @property
    def script(self) -> str:
        """The name of its script."""
        return f"{self.tool.replace('-', '_')}.py"

    @property
    def module(self) -> str:
        """The module that the script is."""
        return self.tool.replace("-", "_")


STEPS = (
    Step(
        *("gaussian", "--image", "--result", ".ome.tif"),
        ("--sigma=1.0", "--length-unit=px", "--stack=volume"),
    ),
    Step(
        *("threshold", "--image", "--mask", ".ome.tif"),
        ("--method=otsu", "--value=0.0", "--foreground=bright", "--per=frame"),
    ),
    Step("measure-regions", "--labels", "--table", ".csv"),
)
TOOLBOX = "skimage"
IMAGE = "bioimageit-flow/skimage:0.1"
MERGE_TOOLBOX = "tables"
MERGE_IMAGE = "bioimageit-flow/tables:0.1"
MERGED = "merged.csv"


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
    """Write the pipeline as a workflow of ours."""
    workflow = Workflow("Benchmark")
    images = workflow.add_input("images", "image", axes=["YX"])
    smooth = workflow.add("skimage/gaussian", sigma=1.0)
    mask = workflow.add("skimage/threshold")
    measure = workflow.add("skimage/measure-regions")
    merge = workflow.add("tables/concatenate", id="merge")
    images >> smooth["image"]
    smooth["result"] >> mask["image"]
    mask["mask"] >> measure["labels"]
    measure["table"] >> merge["tables"]
    workflow.save(path)


def result_name(stem: str, number: int) -> str:
    """Return what the result of a step (0, 1, 2) on an image is called."""
    return f"{stem}.{number + 1}{STEPS[number].ending}"


def docker_run(toolbox: str, image: str, tool: str, binds: Sequence[str]) -> list[str]:
    """Return the beginning of a ``docker run`` for a tool."""
    mounts = [f"{NODES / toolbox / 'lib'}:/toolbox/lib:ro"]
    mounts += [f"{NODES / toolbox / tool}:/tool:ro", *binds]
    return [
        *("docker", "run", "--rm", "--network", "none", "--user", "0:0"),
        *("--workdir", "/tmp", "-e", "PYTHONPATH=/toolbox/lib", "-e", "HOME=/tmp"),
        *(word for mount in mounts for word in ("-v", mount)),
        image,
    ]


def step_command(number: int, stem: str, data: Path, out: Path) -> list[str]:
    """Return one step on one image by ``docker run``."""
    step = STEPS[number]
    binds = [f"{data}:/data:ro", f"{out}:/out"]
    source = f"/data/{stem}.ome.tif"
    if number:
        source = f"/out/{result_name(stem, number - 1)}"
    return [
        *docker_run(TOOLBOX, IMAGE, step.tool, binds),
        *("python", f"/tool/{step.script}", f"{step.takes}={source}"),
        f"{step.gives}=/out/{result_name(stem, number)}",
        *step.options,
    ]


def prepare_merge(stems: Sequence[str], out: Path) -> None:
    """Write what the merge reads: the list of the tables, and a description."""
    tables = [f"/out/{result_name(stem, len(STEPS) - 1)}" for stem in stems]
    (out / "tables.list").write_text("".join(f"{one}\n" for one in tables), "utf-8")
    (out / "job.json").write_text('{"parameters": {}, "annotations": {}}', "utf-8")


def merge_command(out: Path) -> list[str]:
    """Return the merge of all tables by ``docker run``."""
    return [
        *docker_run(MERGE_TOOLBOX, MERGE_IMAGE, "concatenate", [f"{out}:/out"]),
        *("python", "/tool/concatenate.py", "--tables-list=/out/tables.list"),
        *("--job=/out/job.json", f"--table=/out/{MERGED}", "--items=/out/items.csv"),
        *("--keys=*", "--empty=keep"),
    ]
