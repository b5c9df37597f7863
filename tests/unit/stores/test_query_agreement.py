"""A query means the same in SQL and in memory, whatever it asks for."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bioimageit_flow.model.chosen import Selection
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.query import FACTS, facts_of, parse
from bioimageit_flow.stores.server import Server, new_server
from bioimageit_flow.stores.sql import SqlStore
from bioimageit_flow.testing.samples import job_record, produced, raw_item, run_record

KEYS = ("a", "cell line", "größe")
TEXTS = ("drug", "Drug", "", "5", "true", "ä", "a%_'\"\\", "2026-11-22", "z\U0001f600")
NUMBERS = (0, 5, -1, 2.5, 5.0, 2**53, 2**53 + 1, 1e300)

values = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from(NUMBERS),
    st.booleans(),
    st.text(st.characters(exclude_categories=["Cs"], min_codepoint=1), max_size=4),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
)
own = st.dictionaries(st.sampled_from(KEYS), values, max_size=3)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def literal(value: AnnotationValue) -> str:
    if isinstance(value, str):
        return quoted(value)
    return str(value).lower() if isinstance(value, bool) else repr(value)


targets = st.sampled_from([*(quoted(key) for key in KEYS), *FACTS])
literals = values.map(literal) | st.sampled_from(
    ["drug", "5", "true", "a.tif", "raw", "denoise", "count", "image", "run"]
)
comparisons = st.one_of(
    st.tuples(
        targets, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), literals
    ).map(" ".join),
    st.tuples(
        targets,
        st.sampled_from(["~", "!~"]),
        st.sampled_from(
            [
                *("'^d'", "a", "'[0-9]+'", "'\\\\.'", "''", "5", "true"),
                *("'\\\\d'", "'^.$'", "'(?i)DRUG'"),
            ]
        ),
    ).map(" ".join),
    st.tuples(
        targets,
        st.sampled_from(["in", "not in"]),
        st.lists(literals, min_size=1, max_size=3),
    ).map(lambda one: f"{one[0]} {one[1]} ({', '.join(one[2])})"),
    targets.map(lambda target: f"exists {target}"),
)
queries = st.recursive(
    comparisons,
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3).flatmap(
            lambda parts: st.sampled_from([" and ", " or "]).map(
                lambda word: f"({word.join(parts)})"
            )
        )
        | inner.map(lambda one: f"not ({one})")
    ),
    max_leaves=6,
)


def filled(place: Path | Server) -> SqlStore:
    """Make a store with raw items and results of two steps."""
    store = SqlStore.create(place, "x")
    run = run_record("run")
    store.begin_run(run)
    raw = [raw_item(f"{name}.tif") for name in "abc"]
    store.add_raw_items(raw)
    first = [one.item.id for one in raw]
    one, both = produced("d.tif", path="r/d"), produced("both", path="r/e")
    last = produced("last", path="r/f", port="count")
    store.commit_jobs(
        [
            job_record(run.id, first[:1], outputs=[one]),
            job_record(run.id, first[1:], outputs=[both]),
            job_record(run.id, [one.id, both.id], outputs=[last], node="count"),
        ]
    )
    return store


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SqlStore]:
    folder = tmp_path_factory.mktemp("agreement")
    place: Path | Server = folder / "experiment.db"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
        place = new_server(server.url(), folder, "agreement")
    with closing(filled(place)) as store:
        yield store


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(annotations=st.lists(own, min_size=6, max_size=6), text=queries)
@example(annotations=[{}] * 6, text="node !~ '\\\\d'")  # raw items have no node
def test_sql_and_memory_agree(
    store: SqlStore, annotations: list[dict[str, AnnotationValue]], text: str
) -> None:
    items = list(store.items())
    empty = dict.fromkeys(KEYS)
    wanted = [
        (item.id, {**empty, **values})
        for item, values in zip(items, annotations, strict=True)
    ]
    store.annotate_many(wanted, user="x")
    query = parse(text)
    views = store.views(item.id for item in items)
    (run,) = store.runs()
    expected = [
        item.id
        for item in store.items()
        if query.matches(views[item.id], facts_of(item, (run.folder, run.name)))
    ]
    assert [item.id for item in store.selected(Selection(query))] == expected
    assert store.count(Selection(query)) == len(expected)
    raw = [item.id for item in store.items("raw") if item.id in expected]
    found = store.selected(Selection(query, "raw"))
    assert [item.id for item in found] == raw
