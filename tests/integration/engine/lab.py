"""A small laboratory for tests of whole runs: tools of this process, made images."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bioimageit_flow.formats import read_array, write_ome_tiff
from bioimageit_flow.formats.stamps import SIDE_CAR
from bioimageit_flow.model.yaml_text import write_yaml
from bioimageit_flow.session import Experiment, Run, Session
from bioimageit_flow.testing.in_process import Function, InProcessJob, InProcessRuntime
from bioimageit_flow.workflow import Workflow

IMAGE = {"kind": "image", "formats": ["ome-tiff", "tiff"]}
TIFF = {"kind": "image", "format": "ome-tiff"}
CSV = {"kind": "table", "format": "csv"}

TOOLS: dict[str, dict[str, Any]] = {
    "add": {
        "inputs": {"image": IMAGE},
        "outputs": {"result": TIFF | {"like": "image"}},
        "parameters": {"amount": {"type": "int", "default": 1, "min": 0, "max": 100}},
    },
    "subtract": {
        "inputs": {"image": IMAGE, "other": IMAGE},
        "outputs": {"result": TIFF},
    },
    "measure": {
        "inputs": {"image": IMAGE},
        "outputs": {"table": CSV},
    },
    "join": {
        "inputs": {"tables": {"kind": "table", "takes": "group"}},
        "outputs": {"table": CSV},
        "parameters": {"by": {"type": "text", "default": ""}},
        "reads": ["{by}"],
    },
    "cut": {
        "inputs": {"image": IMAGE},
        "outputs": {"tiles": TIFF | {"many": True}},
    },
}


def add(job: InProcessJob) -> None:
    pixels = read_array(job.inputs("image")[0])
    amount = job.parameters["amount"]
    write_ome_tiff(job.output("result"), pixels + np.uint16(amount), "YX")


def subtract(job: InProcessJob) -> None:
    first = read_array(job.inputs("image")[0])
    other = read_array(job.inputs("other")[0])
    write_ome_tiff(job.output("result"), first - other, "YX")


def measure(job: InProcessJob) -> None:
    pixels = read_array(job.inputs("image")[0])
    write_rows(job.output("table"), [["value"], [int(pixels[0, 0])]])


def join(job: InProcessJob) -> None:
    key = job.parameters["by"]
    rows: list[list[object]] = [["value", key or "none"]]
    annotations = job.description["annotations"]["tables"]
    for path, read in zip(job.inputs("tables"), annotations, strict=True):
        with path.open(newline="") as file:
            values = [row["value"] for row in csv.DictReader(file)]
        rows += [[value, read.get(key, "")] for value in values]
    write_rows(job.output("table"), rows)


def cut(job: InProcessJob) -> None:
    pixels = read_array(job.inputs("image")[0])
    half = pixels.shape[0] // 2
    for name, tile in (("top", pixels[:half]), ("bottom", pixels[half:])):
        write_ome_tiff(job.output("tiles") / f"{name}.ome.tif", tile, "YX")


def write_rows(path: Path, rows: list[list[Any]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


FUNCTIONS: dict[str, Function] = {
    "test/add": add,
    "test/subtract": subtract,
    "test/measure": measure,
    "test/join": join,
    "test/cut": cut,
}


@dataclass
class Lab:
    """An experiment with numbered images and a session of in-process tools.

    Every image carries its own number in its pixels, so that results tell which image
    they come from.
    """

    folder: Path
    functions: dict[str, Function] = field(default_factory=lambda: dict(FUNCTIONS))
    calls: list[str] = field(default_factory=list)
    store: str = ""

    def __post_init__(self) -> None:
        for name, entry in TOOLS.items():
            self.add_tool(name, entry)
        self.runtime = InProcessRuntime(self._counted())
        self.session = Session([self.folder / "tools"], runtimes=[self.runtime])
        place = self.folder / "experiment"
        self.experiment = Experiment.create(
            place, store=self.store, session=self.session
        )

    def _counted(self) -> Mapping[str, Function]:
        def counted(name: str) -> Function:
            def call(job: InProcessJob) -> int | None:
                self.calls.append(name)
                return self.functions[name](job)

            return call

        return {name: counted(name) for name in self.functions}

    def add_tool(self, name: str, entry: Mapping[str, Any]) -> None:
        """Write the descriptor of a tool ``test/<name>``."""
        folder = self.folder / "tools" / "test" / name
        folder.mkdir(parents=True, exist_ok=True)
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

    def add_tool_retry(self, name: str, policy: Mapping[str, Any]) -> None:
        """Give a tool a policy by which its failed jobs are tried again."""
        self.add_tool(name, TOOLS[name] | {"retry": dict(policy)})

    def image(self, number: int, name: str = "", folder: str = "images") -> Path:
        """Write an image whose pixels are its number."""
        place = self.folder / folder
        place.mkdir(exist_ok=True)
        path = place / (name or f"image_{number:03d}.ome.tif")
        write_ome_tiff(path, np.full((4, 4), number, np.uint16), "YX")
        return path

    def import_images(
        self, count: int, dataset: str = "raw", from_name: str | None = None
    ) -> None:
        """Import images with the numbers 1, 2, 3..."""
        files = [self.image(number) for number in range(1, count + 1)]
        self.experiment.import_files(files, dataset=dataset, from_name=from_name)

    def line(self) -> Workflow:
        """Return add -> measure -> join over the dataset input ``images``."""
        workflow = Workflow("Line", catalogue=self.session.catalogue)
        images = workflow.add_input("images", "image")
        first = workflow.add("test/add", id="add", amount=10)
        second = workflow.add("test/measure", id="measure")
        last = workflow.add("test/join", id="join")
        images >> first["image"]
        first["result"] >> second["image"]
        second["table"] >> last["tables"]
        return workflow

    def run(self, workflow: Workflow, **more: Any) -> Run:  # noqa: ANN401
        """Run over the dataset ``raw``."""
        self.calls.clear()
        bind = more.pop("bind", {"images": "raw"})
        return self.experiment.run(workflow, bind=bind, **more)

    def values(self, run: Run, node: str = "join", port: str = "table") -> list[object]:
        """Return the column ``value`` of the tables of a port."""
        return [
            value
            for result in run.results(node, port)
            for value in result.read_table().column("value")
        ]

    def journal(self, run: Run) -> list[dict[str, Any]]:
        """Return the events of a run."""
        folder = self.experiment.path / "runs" / run.summary.id
        lines = (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def files(self) -> Iterator[Path]:
        """Go through the published results, without their side-cars."""
        for path in (self.experiment.path / "results").rglob("*"):
            if path.is_file() and not path.name.endswith(SIDE_CAR):
                yield path

    def close(self) -> None:
        """Close everything."""
        self.experiment.close()
        self.session.close()
