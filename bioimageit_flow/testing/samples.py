"""Small facts to test with: raw items, runs and jobs that fit together."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count

from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.data import (
    AnnotationValue,
    Content,
    DataInfo,
    Imported,
    Item,
    Location,
    LocationState,
)
from bioimageit_flow.model.ids import (
    ItemId,
    JobId,
    RunId,
    Sha256,
    new_item_id,
    new_job_id,
    new_run_id,
)
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.run import (
    ConsumedEdge,
    JobRecord,
    JobState,
    Machine,
    ProducedItem,
    RunRecord,
    RuntimeUsed,
)
from bioimageit_flow.stores.protocol import NewRawItem

STARTED = datetime(2026, 11, 22, 10, 15, 2, 123456, tzinfo=UTC)
"""When everything happens."""

IMAGE = DataInfo(
    Kind.IMAGE,
    "ome-tiff",
    axes="YX",
    shape=(128, 96),
    dtype="uint16",
    pixel_size_um={"x": 0.1, "y": 0.1},
    channels=("DAPI",),
)
"""What the header of every sample image says."""

_numbers = count()


def content(text: str, *, is_folder: bool = False) -> Content:
    """Return the content of a text."""
    data = text.encode()
    return Content(Sha256(sha256(data).hexdigest()), len(data), is_folder)


def location(
    of: Content,
    path: str,
    *,
    state: LocationState = LocationState.PRESENT,
    is_referenced: bool = False,
) -> Location:
    """Return a place where a content lies unchanged."""
    return Location(
        path=path,
        size=of.size,
        mtime_ns=1_700_000_000_123_456_789,
        inode=2**63 + 5,
        verify_sha256=of.sha256,
        is_referenced=is_referenced,
        state=state,
    )


def raw_item(
    name: str = "a.ome.tif",
    *,
    dataset: str = "raw",
    text: str | None = None,
    selector: str = "",
    annotations: Mapping[str, AnnotationValue] | None = None,
) -> NewRawItem:
    """Return a raw item that was copied in; its content is that of a text."""
    bytes_ = content(name if text is None else text)
    item = Item(
        id=new_item_id(),
        name=name,
        dataset=dataset,
        content=bytes_,
        info=IMAGE,
        origin=Imported(f"/microscope/{name}"),
        selector=selector,
        annotations=dict(annotations or {}),
    )
    return NewRawItem(item, location(bytes_, f"data/{dataset}/{name}"))


def run_record(name: str = "Two populations", **changes: str) -> RunRecord:
    """Return a run that begins, with a folder of its own."""
    run = new_run_id()
    return RunRecord(
        id=run,
        name=name,
        folder=changes.get("folder", f"2026-11-22-{run[:8]}-{next(_numbers)}"),
        workflow_id=changes.get("workflow_id", "0b9c3a54-3d1f-4c9e-9a57-1f3f3c5d2a11"),
        workflow_sha256=content("workflow").sha256,
        workflow_text="schema: bioimageit-flow/workflow/1\n",
        bindings={"images": "raw"},
        started=STARTED,
        machine=Machine("scope", "Linux 6.1", "ada", "3.12.1", "0.1.0"),
    )


def produced(
    name: str = "0.ome.tif",
    *,
    port: str = "image",
    text: str | None = None,
    path: str | None = None,
    part: str = "",
    annotations: Mapping[str, AnnotationValue] | None = None,
) -> ProducedItem:
    """Return a result; published where ``path`` says, else without a location."""
    bytes_ = content(f"result {next(_numbers)}" if text is None else text)
    return ProducedItem(
        id=new_item_id(),
        port=port,
        name=name,
        content=bytes_,
        info=IMAGE,
        location=None if path is None else location(bytes_, path),
        part=part,
        annotations=dict(annotations or {}),
    )


def job_record(
    run: RunId,
    inputs: Iterable[ItemId],
    *,
    node: str = "denoise",
    outputs: Iterable[ProducedItem] | None = None,
    state: JobState = JobState.DONE,
    parameters: Mapping[str, object] | None = None,
    reused_from: JobId | None = None,
    started: datetime | None = STARTED,
) -> JobRecord:
    """Return an attempt; the parameters and inputs decide its fingerprint.

    A done job has one published result unless outputs are given.
    """
    job = new_job_id()
    consumed = tuple(
        ConsumedEdge(f"images -> {node}.image", "image", item) for item in inputs
    )
    parts = {
        "tool": "skimage/gaussian@1.0.0",
        "parameters": dict(parameters or {"sigma": 1.5}),
        "inputs": [edge.item for edge in consumed],
        "node": node,
    }
    if outputs is None:
        done = state is JobState.DONE
        outputs = (produced(path=f"results/{run[:8]}/{job}.ome.tif"),) if done else ()
    return JobRecord(
        id=job,
        run=run,
        node=node,
        tool="skimage/gaussian@1.0.0",
        state=state,
        fingerprint=canonical_hash(parts),
        parts=parts,
        runtime=RuntimeUsed("container", "image sha256:0a", "skimage:0.1"),
        parameters=dict(parameters or {"sigma": 1.5}),
        consumed=consumed,
        produced=tuple(outputs),
        command=("python", "/tool/gaussian.py", "--image", "/job/in/image/0.ome.tif"),
        started=started,
        elapsed_s=0.25,
        cpu_s=0.2,
        peak_memory=2**31,
        exit_code=0 if state is JobState.DONE else None,
        log=f"runs/{run}/logs/{job}.log",
        reused_from=reused_from,
    )
