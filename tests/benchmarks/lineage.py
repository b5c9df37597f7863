"""How lineage does with many records: ``python -m tests.benchmarks.lineage [COUNT]``.

Rows, not files: runs are put into the store as an engine would. Of every thousand raw
images each goes through two steps, and one table is made of them all; one summary is
made of all tables. COUNT is the number of jobs. Prints one table: seconds by the clock
and of the processor, and the peak of memory after each step.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.data import Content, DataInfo, Location
from bioimageit_flow.model.ids import ItemId, JobId, RunId, Sha256
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.run import (
    ConsumedEdge,
    JobRecord,
    JobState,
    Machine,
    ProducedItem,
    RunRecord,
    RunState,
    RuntimeUsed,
)
from bioimageit_flow.provenance import trace_back, trace_forward
from bioimageit_flow.stores.sql import SqlStore
from tests.benchmarks.items import Table, batches, new_item

DEFAULT = 1_000_000
GROUP = 1_000
BATCH = 500
TIFF = DataInfo(Kind.IMAGE, "ome-tiff", "YX", (512, 512), "uint16")
CSV = DataInfo(Kind.TABLE, "csv")
USED = RuntimeUsed("container", "image sha256:0a", "tools:1")
MACHINE = Machine("bench", "Linux", "ada", "3.11", "0")
RUN = RunRecord(
    id=RunId("0b9c3a54-3d1f-4c9e-9a57-1f3f3c5d2a11"),
    name="Screen",
    folder="2026-01-01_0b9c3a54_Screen",
    workflow_id="7e2d8b7e-6d0c-4b5e-8c39-0a3c7d3b7f11",
    workflow_sha256=Sha256("0" * 64),
    workflow_text="",
    bindings={"images": "screen"},
    started=datetime(2026, 1, 1, tzinfo=UTC),
    machine=MACHINE,
)


def uuid(*parts: object) -> str:
    """Return an id that follows from what it stands for."""
    digest = sha256("/".join(map(str, parts)).encode()).digest()
    return str(UUID(bytes=digest[:16], version=4))


def job(node: str, number: int, edges: list[ConsumedEdge], info: DataInfo) -> JobRecord:
    """Return one finished job with one result."""
    digest = Sha256(sha256(f"{node}/{number}".encode()).hexdigest())
    name = f"{node}_{number:07}"
    path = f"results/{RUN.folder}/{node}/out/{name}"
    made = ProducedItem(
        id=ItemId(uuid(node, number)),
        port="out",
        name=name,
        content=Content(digest, 524_288),
        info=info,
        location=Location(path, 524_288, number, number, digest),
    )
    parts: dict[str, object] = {
        "tool": f"bench/{node}@1.0.0",
        "parameters": {"amount": number % 7},
        "inputs": canonical_hash([edge.item for edge in edges]),
    }
    return JobRecord(
        id=JobId(uuid("job", node, number)),
        run=RUN.id,
        node=node,
        tool=f"bench/{node}@1.0.0",
        state=JobState.DONE,
        fingerprint=canonical_hash(parts),
        parts=parts,
        runtime=USED,
        parameters={"amount": number % 7},
        consumed=tuple(edges),
        produced=(made,),
        command=("python", "/tool/run.py", str(number)),
        started=RUN.started,
        elapsed_s=0.1,
    )


def made_by(node: str, number: int) -> ItemId:
    """Return the item that a job made."""
    return ItemId(uuid(node, number))


def jobs(images: int) -> Iterator[JobRecord]:
    """Go through the jobs, each after what it consumes."""
    for number in range(images):
        raw = new_item(number).item.id
        edge = ConsumedEdge("images -> smooth.image", "image", raw)
        yield job("smooth", number, [edge], TIFF)
        edge = ConsumedEdge(
            "smooth.out -> spots.image", "image", made_by("smooth", number)
        )
        yield job("spots", number, [edge], CSV)
        if (number + 1) % GROUP == 0:
            group = number // GROUP
            members = range(group * GROUP, number + 1)
            yield job(
                "table",
                group,
                [
                    ConsumedEdge("spots.out -> table.in", "in", made_by("spots", one))
                    for one in members
                ],
                CSV,
            )
    yield job(
        "summary",
        0,
        [
            ConsumedEdge("table.out -> summary.in", "in", made_by("table", one))
            for one in range(images // GROUP)
        ],
        CSV,
    )


def run(folder: Path, count: int) -> None:
    """Measure everything in a new store."""
    images = max(GROUP, count // 2 // GROUP * GROUP)
    table = Table()
    with closing(SqlStore.create(folder / "experiment.db", "Screen")) as store:

        def fill_raw() -> int:
            for batch in batches(images):
                store.add_raw_items(batch)
            return images

        def fill() -> int:
            store.begin_run(replace(RUN))
            waiting: list[JobRecord] = []
            done = 0
            for one in jobs(images):
                waiting.append(one)
                if len(waiting) == BATCH:
                    store.commit_jobs(waiting)
                    done += len(waiting)
                    waiting = []
            store.commit_jobs(waiting)
            store.end_run(RUN.id, RunState.DONE, 1.0)
            return done + len(waiting)

        def back(node: str, number: int) -> Callable[[], object]:
            return lambda: len(trace_back(store, made_by(node, number)).raw_items())

        def forward(number: int) -> Callable[[], object]:
            item = new_item(number).item.id
            return lambda: sum(1 for _ in trace_forward(store, item).walk())

        def found(number: int) -> int:
            content = Sha256(sha256(f"spots/{number}".encode()).hexdigest())
            (item,) = store.items_with_content(content)
            return len(list(trace_back(store, item.id).walk()))

        table.measure(f"add {images} raw items", fill_raw)
        table.measure("commit the jobs", fill)
        middle = images // 2
        table.measure("whence: a file by its content", lambda: found(middle))
        table.measure("back to raw: a spot table", back("spots", middle))
        table.measure(f"back to raw: a table of {GROUP}", back("table", 0))
        table.measure("back to raw: the summary of all", back("summary", 0))
        table.measure("forward: from a raw image", forward(middle))
        table.measure(
            "roots of the summary",
            lambda: len(store.roots([made_by("summary", 0)])[made_by("summary", 0)]),
        )
        table.measure("records", lambda: sum(1 for _ in store.records(RUN.id)))
        table.measure("verify the chain", lambda: len(store.verify_chain(RUN.id)))
    size = (folder / "experiment.db").stat().st_size / 2**20
    print(f"database: {size:.0f} MiB")  # noqa: T201


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    with tempfile.TemporaryDirectory() as place:
        run(Path(place), wanted)
