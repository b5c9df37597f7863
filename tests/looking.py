"""An experiment to be looked at: images with squares of known places, and a run."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioimageit_flow.formats import read_array, write_ome_tiff
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.yaml_text import write_yaml
from bioimageit_flow.session import Experiment, Run, Session
from bioimageit_flow.testing.in_process import InProcessJob, InProcessRuntime
from bioimageit_flow.workflow import Workflow

HEIGHT, WIDTH = 48, 64
SQUARES = ((8, 10, 100), (30, 12, 140), (20, 44, 180))
"""Top, left and brightness; each square is eight pixels wide."""

SIDE = 8
IMAGE = {"kind": "image", "formats": ["ome-tiff", "tiff"]}
LABELS = {"kind": "labels", "formats": ["ome-tiff", "tiff"]}

TOOLS: dict[str, dict[str, Any]] = {
    "segment": {
        "inputs": {"image": IMAGE},
        "outputs": {"labels": {"kind": "labels", "format": "ome-tiff"}},
        "parameters": {"level": {"type": "int", "default": 50, "min": 0, "max": 255}},
    },
    "regions": {
        "inputs": {"labels": LABELS},
        "outputs": {"table": {"kind": "table", "format": "csv"}},
    },
    "spots": {
        "inputs": {"image": IMAGE},
        "outputs": {"points": {"kind": "points", "format": "csv"}},
    },
    "outlines": {
        "inputs": {"image": IMAGE},
        "outputs": {"shapes": {"kind": "shapes", "format": "json"}},
    },
}


def squares(shift: int = 0) -> NDArray[np.uint8]:
    """Return an image with the three squares on black."""
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    for top, left, bright in SQUARES:
        pixels[top : top + SIDE, left : left + SIDE] = bright + shift
    return pixels


def numbered(level: int, shift: int = 0) -> NDArray[np.uint16]:
    """Return the label image of the squares that are brighter than a level."""
    labels = np.zeros((HEIGHT, WIDTH), np.uint16)
    for number, (top, left, bright) in enumerate(SQUARES, 1):
        if bright + shift > level:
            labels[top : top + SIDE, left : left + SIDE] = number
    return labels


def centre(number: int) -> tuple[float, float]:
    """Return the middle (x, y) of a square, counted from 1."""
    top, left, _ = SQUARES[number - 1]
    half = (SIDE - 1) / 2
    return left + half, top + half


def _segment(job: InProcessJob) -> None:
    pixels = read_array(job.inputs("image")[0]).astype(int)
    shift = int(pixels.max()) - SQUARES[-1][2]
    labels = numbered(job.parameters["level"], shift)
    write_ome_tiff(
        job.output("labels"), labels, "YX", pixel_size_um={"x": 0.5, "y": 0.5}
    )


def _regions(job: InProcessJob) -> None:
    labels = read_array(job.inputs("labels")[0])
    rows: list[list[Any]] = [["label", "area_px", "y", "x"]]
    for number in np.unique(labels[labels > 0]):
        ys, xs = np.nonzero(labels == number)
        rows.append([int(number), int(ys.size), ys.mean(), xs.mean()])
    _write(job.output("table"), rows)


def _spots(job: InProcessJob) -> None:
    rows: list[list[Any]] = [["spot", "y", "x", "score"]]
    for number, (_, _, bright) in enumerate(SQUARES, 1):
        x, y = centre(number)
        rows.append([number, y, x, bright])
    _write(job.output("points"), rows)


def _outlines(job: InProcessJob) -> None:
    features = []
    for top, left, bright in SQUARES:
        right, bottom = left + SIDE, top + SIDE
        ring = [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Polygon", "coordinates": [ring]},
                "properties": {"name": f"square {bright}"},
            }
        )
    value = {"type": "FeatureCollection", "features": features}
    job.output("shapes").write_text(json.dumps(value), encoding="utf-8")


def _write(path: Path, rows: list[list[Any]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


@dataclass
class LookingLab:
    """An experiment with two images of squares, their truth, and tools."""

    folder: Path
    session: Session = field(init=False)
    experiment: Experiment = field(init=False)

    def __post_init__(self) -> None:
        for name, entry in TOOLS.items():
            self._add_tool(name, entry)
        functions = {
            "test/segment": _segment,
            "test/regions": _regions,
            "test/spots": _spots,
            "test/outlines": _outlines,
        }
        runtime = InProcessRuntime(functions)
        self.session = Session([self.folder / "tools"], runtimes=[runtime])
        self.experiment = Experiment.create(
            self.folder / "experiment", session=self.session
        )
        for number, name in enumerate(("a", "b")):
            path = self.folder / f"{name}.ome.tif"
            write_ome_tiff(
                path, squares(number), "YX", pixel_size_um={"x": 0.5, "y": 0.5}
            )
            truth = self.folder / f"{name}_truth.ome.tif"
            write_ome_tiff(truth, numbered(120, number), "YX")
            self.experiment.import_files([path], annotations={"true_count": 2})
            self.experiment.import_files([truth], dataset="truth", kind="labels")

    def workflow(self, *, is_swept: bool = False) -> Workflow:
        """Return segment -> regions beside spots; `is_swept`: with several levels."""
        made = Workflow("Squares", catalogue=self.session.catalogue)
        images = made.add_input("images", "image")
        level: Any = {"sweep": {"values": [50, 120, 160]}} if is_swept else 50
        segment = made.add("test/segment", id="segment", level=level)
        regions = made.add("test/regions", id="regions")
        spots = made.add("test/spots", id="spots")
        images >> segment["image"]
        segment["labels"] >> regions["labels"]
        images >> spots["image"]
        return made

    def outlined(self) -> Run:
        """Run a workflow that gives the outlines of the squares."""
        made = Workflow("Outlines", catalogue=self.session.catalogue)
        images = made.add_input("images", "image")
        images >> made.add("test/outlines", id="outlines")["image"]
        return self.experiment.run(made, bind={"images": "raw"})

    def run(self, *, is_swept: bool = False) -> Run:
        """Run it over both images."""
        workflow = self.workflow(is_swept=is_swept)
        return self.experiment.run(workflow, bind={"images": "raw"})

    def item(self, dataset: str, place: int = 0) -> Item:
        """Return an item of a dataset, by name."""
        return self.experiment.items(dataset)[place]

    def close(self) -> None:
        """Close the experiment."""
        self.experiment.close()

    def _add_tool(self, name: str, entry: Mapping[str, Any]) -> None:
        folder = self.folder / "tools" / "test" / name
        folder.mkdir(parents=True)
        ports = [*entry["inputs"], *entry["outputs"], *entry.get("parameters", {})]
        descriptor = {
            "schema": "bioimageit-flow/tool/1",
            "id": f"test/{name}",
            "version": "1.0.0",
            "name": name,
            "summary": "For tests.",
            "command": ["python", "/tool/run.py", *(f"{{{port}}}" for port in ports)],
            "resources": {"memory": "1 MiB"},
            **entry,
        }
        (folder / "run.py").write_text("# runs in this process\n")
        (folder / "tool.yaml").write_text(write_yaml(descriptor), encoding="utf-8")
