"""Experiments for the benchmarks: many small items, tools that do next to nothing.

Items are put into the store as an import leaves them, but without a wait for the disk
after each file, so that a benchmark of a hundred thousand jobs is not one of imports.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from bioimageit_flow.model.data import Content, DataInfo, Imported, Item
from bioimageit_flow.model.ids import Sha256, new_item_id
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.yaml_text import write_yaml
from bioimageit_flow.session import Experiment, Session
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.protocol import NewRawItem
from bioimageit_flow.testing.in_process import (
    Function,
    InProcessJob,
    InProcessRuntime,
)
from bioimageit_flow.workflow import Workflow

BATCH = 5_000

_FILE = {"kind": "file", "formats": ["file"]}

TOOLS: Mapping[str, Mapping[str, Any]] = {
    "nothing": {
        "inputs": {"file": _FILE},
        "outputs": {"result": {"kind": "file", "format": "file", "optional": True}},
    },
    "copy": {
        "inputs": {"file": _FILE},
        "outputs": {"result": {"kind": "file", "format": "file"}},
        "parameters": {"amount": {"type": "int", "default": 1}},
    },
    "merge": {
        "inputs": {"files": _FILE | {"takes": "group"}},
        "outputs": {"result": {"kind": "file", "format": "file"}},
    },
}
"""A tool that is called and gives nothing, one that writes a file, one for all."""


def do_nothing(_job: InProcessJob) -> None:
    """Be called."""


def copy(job: InProcessJob) -> None:
    """Write a small file that depends on the input and the parameter."""
    given = job.description
    (source,) = given["inputs"]["file"]
    text = f"{Path(source).read_text('utf-8')} {given['parameters']['amount']}"
    Path(given["outputs"]["result"]).write_text(text, "utf-8")


def merge(job: InProcessJob) -> None:
    """Write the files of a group into one."""
    given = job.description
    texts = [Path(path).read_text("utf-8") for path in given["inputs"]["files"]]
    Path(given["outputs"]["result"]).write_text("".join(texts), "utf-8")


FUNCTIONS: Mapping[str, Function] = {
    "bench/nothing": do_nothing,
    "bench/copy": copy,
    "bench/merge": merge,
}


def new_session(folder: Path) -> Session:
    """Return a session whose tools are functions of this process."""
    for name, entry in TOOLS.items():
        place = folder / "bench" / name
        place.mkdir(parents=True, exist_ok=True)
        ports = [*entry["inputs"], *entry["outputs"], *entry.get("parameters", {})]
        descriptor = {
            "schema": "bioimageit-flow/tool/1",
            "id": f"bench/{name}",
            "version": "1.0.0",
            "name": name,
            "summary": "For benchmarks.",
            "command": ["python", "/tool/run.py", *(f"{{{port}}}" for port in ports)],
            "resources": {"memory": "1 MiB"},
            **entry,
        }
        (place / "run.py").write_text("# runs in this process\n", "utf-8")
        (place / "tool.yaml").write_text(write_yaml(descriptor), "utf-8")
    return Session([folder], runtimes=[InProcessRuntime(FUNCTIONS)])


def add_items(experiment: Experiment, count: int, dataset: str = "raw") -> None:
    """Add small files to an experiment, each with its own content."""
    place = experiment.path / "data" / dataset
    place.mkdir(parents=True, exist_ok=True)
    batch: list[NewRawItem] = []
    for item in _items(experiment.folder, dataset, count):
        batch.append(item)
        if len(batch) == BATCH:
            experiment.store.add_raw_items(batch)
            batch = []
    if batch:
        experiment.store.add_raw_items(batch)


def _items(folder: ExperimentFolder, dataset: str, count: int) -> Iterator[NewRawItem]:
    info = DataInfo(Kind.FILE, "file")
    for number in range(count):
        name = f"item_{number:06}.txt"
        relative = f"data/{dataset}/{name}"
        path = folder.path / relative
        text = f"{number}\n"
        path.write_text(text, "utf-8")
        digest = Sha256(sha256(text.encode()).hexdigest())
        item = Item(
            id=new_item_id(),
            name=name,
            dataset=dataset,
            content=Content(digest, len(text)),
            info=info,
            origin=Imported(f"/source/{name}"),
        )
        yield NewRawItem(item, folder.located(path, relative, digest))


def line(session: Session, tool: str, length: int) -> Workflow:
    """Return a workflow of one tool after another over the dataset input ``files``."""
    workflow = Workflow("Benchmark", catalogue=session.catalogue)
    source = workflow.add_input("files", "file")
    for number in range(1, length + 1):
        node = workflow.add(tool, id=f"step_{number}")
        source >> node["file"]
        source = node["result"]
    return workflow


def tree(session: Session, length: int) -> Workflow:
    """Return a line that ends in one job for all files."""
    workflow = line(session, "bench/copy", length)
    workflow.add("bench/merge", id="merge")
    workflow.connect(f"step_{length}.result", "merge.files")
    return workflow
