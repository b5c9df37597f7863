"""Roots and views of any lineage: the SQL store against the one in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bioimageit_flow.model.annotation import Conflict
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.stores.sql import SqlStore
from bioimageit_flow.testing.memory_store import MemoryStore
from bioimageit_flow.testing.samples import (
    job_record,
    produced,
    raw_item,
    run_record,
)

values = st.one_of(
    st.booleans(),
    st.integers(-3, 3),
    st.floats(-3, 3, allow_nan=False).map(lambda x: round(x, 1)),
    st.sampled_from(["a", "1", "true", "é"]),
)
own = st.dictionaries(st.sampled_from("abc"), values, max_size=3)
raws = st.lists(own, min_size=1, max_size=4)
jobs = st.lists(
    st.tuples(st.lists(st.integers(0, 50), max_size=4), st.lists(own, max_size=2)),
    max_size=8,
)
changes = st.lists(
    st.tuples(st.integers(0, 50), st.sampled_from("abc"), st.one_of(st.none(), values)),
    max_size=4,
)


@pytest.fixture(scope="module")
def sql_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    path: Path = tmp_path_factory.mktemp("store") / "experiment.db"
    with SqlStore.create(path, "x") as store:
        yield store


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(raws=raws, jobs=jobs, changes=changes)
def test_roots_and_views_agree_with_the_simple_walk(
    sql_store: SqlStore,
    raws: list[dict[str, AnnotationValue]],
    jobs: list[tuple[list[int], list[dict[str, AnnotationValue]]]],
    changes: list[tuple[int, str, AnnotationValue | None]],
) -> None:
    memory = MemoryStore()
    stores = (sql_store, memory)
    new = [
        raw_item(f"{n}.tif", selector=f"series={n}", annotations=one)
        for n, one in enumerate(raws)
    ]
    run = run_record()
    items: list[ItemId] = [one.item.id for one in new]
    batch = []
    for inputs, outputs in jobs:
        made = [
            produced(path=f"out/{n}", annotations=n_) for n, n_ in enumerate(outputs)
        ]
        consumed = [items[n % len(items)] for n in inputs]
        batch.append(job_record(run.id, consumed, outputs=made))
        items += [one.id for one in made]
    for store in stores:
        store.add_raw_items(new)
        store.begin_run(run)
        store.commit_jobs(batch)
        for n, key, value in changes:
            store.annotate({items[n % len(items)]: {key: value}}, user="ada")
    assert sql_store.roots(items) == memory.roots(items)
    assert typed(sql_store, items) == typed(memory, items)
    assert sql_store.verify_chain(run.id) == []
    expected = [record.sha256 for record in memory.records(run.id)]
    assert [record.sha256 for record in sql_store.records(run.id)] == expected


def typed(store: SqlStore | MemoryStore, items: list[ItemId]) -> object:
    """Return views in a form in which ``1``, ``1.0`` and ``True`` differ."""
    return {
        item: {
            key: [
                (type(one), one)
                for one in (value.values if isinstance(value, Conflict) else (value,))
            ]
            for key, value in view.items()
        }
        for item, view in store.views(items).items()
    }
