"""Trees of many items are cut short; what they leave out is counted."""

import pytest

from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.provenance import lineage_lines, trace_back, trace_in_short
from bioimageit_flow.provenance.drawing import draw_graph
from bioimageit_flow.provenance.picture import draw_lineage
from bioimageit_flow.testing.memory_store import MemoryStore
from bioimageit_flow.testing.samples import job_record, produced, raw_item, run_record

COUNT = 40


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def filled(store: MemoryStore) -> tuple[ItemId, ItemId]:
    """Return a raw item of many, and what was made of all of them together."""
    new = [raw_item(f"{n}.tif") for n in range(COUNT)]
    store.add_raw_items(new)
    run = run_record()
    store.begin_run(run)
    each = [produced(path=f"out/{n}") for n in range(COUNT)]
    whole = produced(path="out/whole")
    store.commit_jobs(
        [
            *(
                job_record(run.id, [one.item.id, new[0].item.id], outputs=[made])
                for one, made in zip(new, each, strict=True)
            ),
            job_record(run.id, [made.id for made in each], outputs=[whole]),
        ]
    )
    return new[0].item.id, whole.id


def test_few_items_are_all_there(store: MemoryStore) -> None:
    _, whole = filled(store)

    tree, kin = trace_in_short(store, whole)

    assert tree.as_json() == trace_back(store, whole).as_json()
    assert sum(kin.items.values()) == len(tree.raw_items()) == COUNT


def test_of_many_items_some_are_shown_and_all_are_counted(store: MemoryStore) -> None:
    raw, whole = filled(store)

    tree, kin = trace_in_short(store, whole, whole=COUNT)

    assert (len(tree.branches), tree.left_out) == (3, COUNT - 3)
    assert len(list(tree.walk())) < 20
    assert kin.families[0].jobs == COUNT + 1
    forward, made = trace_in_short(store, raw, forward=True, whole=COUNT)
    assert (len(forward.branches), forward.left_out) == (3, COUNT - 3)
    assert sum(made.items.values()) == COUNT + 1


def test_picture_counts_what_it_leaves_out(store: MemoryStore) -> None:
    _, whole = filled(store)
    tree, _ = trace_in_short(store, whole, whole=COUNT)

    picture = draw_lineage(tree, title="Where it comes from")

    assert f"and {COUNT - 3} more" in picture
    assert picture.count("<g data-id") < 20
    assert draw_graph([], [], title="nothing").startswith("<svg")


def test_lines_tell_everything_once(store: MemoryStore) -> None:
    _, whole = filled(store)

    lines = list(lineage_lines(store, whole))

    raw = [line for line in lines if "job" not in line]
    jobs = [line for line in lines if "job" in line]
    assert (len(raw), len(jobs)) == (COUNT, COUNT + 1)
    assert jobs[-1]["produced"][0]["item"] == whole  # type: ignore[index]
    known = {line["item"] for line in raw}
    for job in jobs:
        consumed: list[dict[str, str]] = job["consumed"]  # type: ignore[assignment]
        made: list[dict[str, str]] = job["produced"]  # type: ignore[assignment]
        assert {one["item"] for one in consumed} <= known
        known |= {one["item"] for one in made}
