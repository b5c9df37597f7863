"""Runs are read in pages, and of many items some are kept that lie evenly apart."""

from itertools import pairwise

import pytest

from bioimageit_flow.provenance import deeds
from bioimageit_flow.provenance.deeds import StoredDeeds
from bioimageit_flow.provenance.report.outputs import Output
from bioimageit_flow.testing.memory_store import MemoryStore
from bioimageit_flow.testing.samples import job_record, produced, raw_item, run_record


def test_few_items_are_all_kept() -> None:
    output = Output("spots", most=8)
    items = [raw_item(f"{n}.tif").item for n in range(8)]
    for item in items:
        output.add(item)

    assert (output.items, output.count) == (items, 8)


@pytest.mark.parametrize("count", [9, 16, 17, 100, 1000])
def test_of_many_items_those_are_kept_that_lie_evenly_apart(count: int) -> None:
    output = Output("spots", most=8)
    items = [raw_item(f"{n}.tif").item for n in range(count)]
    for item in items:
        output.add(item)

    places = [items.index(item) for item in output.items]
    assert output.count == count
    assert 4 <= len(places) <= 8
    (step,) = {b - a for a, b in pairwise(places)}
    assert places[0] == 0
    assert places[-1] + step >= count


def test_items_are_there_for_every_job_however_small_the_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deeds, "_PAGE", 3)
    monkeypatch.setattr(deeds, "_KEPT", 4)
    store = MemoryStore()
    new = [raw_item(f"{n}.tif") for n in range(20)]
    store.add_raw_items(new)
    run = run_record()
    store.begin_run(run)
    each = [produced(path=f"out/{n}") for n in range(20)]
    whole = produced(path="out/whole")
    store.commit_jobs(
        [
            *(
                job_record(run.id, [one.item.id], outputs=[made])
                for one, made in zip(new, each, strict=True)
            ),
            job_record(run.id, [made.id for made in each], outputs=[whole]),
        ]
    )
    found = StoredDeeds(store, run.id)

    for _ in range(2):
        for job in found.jobs():
            for edge in job.consumed:
                assert found.items[edge.item] == store.item(edge.item)
            for made in job.produced:
                assert found.items[made.id].name == made.name
            assert len(found.items) < 12
    assert [item.id for item in found.given()] == [one.item.id for one in new]
    assert [item.id for item in found.ends()] == [whole.id]
