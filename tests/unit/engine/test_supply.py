import gc
import random
from collections.abc import Iterable, Iterator
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimageit_flow.engine.bound_items import BoundItems
from bioimageit_flow.engine.scheduler import Output, Scheduler
from bioimageit_flow.engine.supply import PAGE, Supply
from bioimageit_flow.engine.token import Job, Token
from bioimageit_flow.model.annotation import Conflict, View
from bioimageit_flow.model.data import Content, DataInfo, Imported, Item
from bioimageit_flow.model.ids import ItemId, Sha256
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.workflow.document import Document
from tests.builders import a_document, a_tool

TWO_PORTS = {
    name: {"kind": "image", "formats": ["ome-tiff"]} for name in ("image", "other")
}
LINE = a_document(
    {
        "blur": {"wires": {"image": "images"}},
        "label": {"wires": {"image": "blur.out"}},
    }
)
LINE_TOOLS = {"blur": a_tool("test/blur"), "label": a_tool("test/label")}


def an_item(name: str) -> Item:
    digest = Sha256(sha256(name.encode()).hexdigest())
    info = DataInfo(Kind.IMAGE, "ome-tiff", "YX", (4, 4), "uint8")
    origin = Imported(f"/raw/{name}")
    return Item(ItemId(f"id of {name}"), name, "raw", Content(digest, 16), info, origin)


def bound(
    source: str,
    names: Iterable[str],
    roots: dict[str, frozenset[ItemId]] | None = None,
    views: dict[str, View] | None = None,
) -> BoundItems:
    items = BoundItems(source)
    for name in names:
        item = an_item(name)
        own = (roots or {}).get(name, frozenset({item.id}))
        items.add(item, (views or {}).get(name, {}), own, None)
    items.arrange()
    return items


def supplied(
    document: Document, tools: dict[str, Tool], **inputs: BoundItems
) -> tuple[Scheduler, Supply]:
    scheduler = Scheduler(document, tools)
    return scheduler, Supply(scheduler, inputs, document, tools)


def next_job(scheduler: Scheduler, supply: Supply) -> Job | None:
    while (job := scheduler.take()) is None and not supply.is_over:
        supply.feed()
    return job


@pytest.fixture
def only_new() -> Iterator[None]:
    """What is there already is passed over when objects are counted, for speed."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def alive() -> int:
    return sum(isinstance(one, Token | Job) for one in gc.get_objects())


@pytest.mark.usefixtures("only_new")
def test_tokens_and_jobs_alive_do_not_grow_with_the_items() -> None:
    count = 20 * PAGE
    items = bound("images", (f"image {n}" for n in range(count)))
    scheduler, supply = supplied(LINE, LINE_TOOLS, images=items)
    before, most, done = alive(), 0, 0

    while (job := next_job(scheduler, supply)) is not None:
        output = Output("out", job.tokens[0].datum, job.label)
        scheduler.job_done(job, [output])
        done += 1
        if done % PAGE == 0:
            most = max(most, alive() - before)

    assert done == 2 * count
    assert scheduler.is_over
    assert 0 < most < 3 * PAGE


def test_jobs_come_in_item_order_nearest_to_completion_first() -> None:
    names = [f"image {n}" for n in range(3 * PAGE)]
    random.Random(1).shuffle(names)
    scheduler, supply = supplied(LINE, LINE_TOOLS, images=bound("images", names))
    seen = []

    while (job := next_job(scheduler, supply)) is not None:
        seen.append((job.node, job.label))
        output = Output("out", job.tokens[0].datum, job.label)
        scheduler.job_done(job, [output])

    expected = [f"image {n}" for n in range(3 * PAGE)]
    assert seen == [(node, name) for name in expected for node in ("blur", "label")]


def test_partners_on_two_inputs_meet_though_they_come_in_pages() -> None:
    document = a_document(
        {"both": {"wires": {"image": "left", "other": "right"}}},
        inputs=("left", "right"),
    )
    tools = {"both": a_tool("test/both", inputs=TWO_PORTS)}
    left = [f"a {n}" for n in range(2 * PAGE)]
    roots = {f"z {n}": frozenset({ItemId(f"id of a {n}")}) for n in range(2 * PAGE)}
    scheduler, supply = supplied(
        document,
        tools,
        left=bound("left", left),
        right=bound("right", roots, roots),
    )
    pairs = []

    while (job := next_job(scheduler, supply)) is not None:
        pairs.append((job.inputs["image"][0].name, job.inputs["other"][0].name))
        scheduler.job_done(job, [])

    assert sorted(pairs) == sorted((f"a {n}", f"z {n}") for n in range(2 * PAGE))
    assert scheduler.take_problems() == []


def test_what_serves_all_goes_first_so_that_others_need_not_wait() -> None:
    document = a_document(
        {
            "both": {
                "wires": {"image": "images", "other": "psf"},
                "match": {"other": "use_for_all"},
            }
        },
        inputs=("images", "psf"),
    )
    tools = {"both": a_tool("test/both", inputs=TWO_PORTS)}
    scheduler, supply = supplied(
        document,
        tools,
        images=bound("images", (f"a {n}" for n in range(4 * PAGE))),
        psf=bound("psf", ["z"]),
    )

    supply.feed()

    assert scheduler.counts("both").ready == PAGE
    assert not supply.is_over


def test_raw_items_are_their_own_roots() -> None:
    (token,) = bound("images", ["one"])

    assert token.roots == {ItemId("id of one")}
    assert token.name == "one"
    assert token.datum is not None
    assert token.datum.content == an_item("one").content
    assert token.parts == ()


def test_relatives_are_told_apart_by_the_keys_that_differ() -> None:
    one = frozenset({ItemId("id of raw")})
    roots = {"a": one, "b": one}
    views: dict[str, View] = {"a": {"s": 1, "k": 0}, "b": {"s": 2, "k": 0}}

    first, second, raw = bound("images", ["a", "b", "raw"], roots, views)

    assert [dict(token.parts) for token in (first, second)] == [
        {"=s": "1", "=k": "0"},
        {"=s": "2", "=k": "0"},
    ]
    assert raw.parts == ()


def test_roots_that_all_share_make_no_relatives() -> None:
    psf = ItemId("psf")
    roots = {
        name: frozenset({ItemId(f"raw of {name}"), psf}) for name in ("a", "b", "c")
    }

    tokens = list(bound("images", roots, roots))

    assert [token.roots for token in tokens] == [
        {ItemId(f"raw of {name}")} for name in ("a", "b", "c")
    ]


def test_what_is_left_out_keeps_its_first_reason() -> None:
    items = bound("images", ["a", "b", "c"])

    left = items.without({0: "first"}).without({0: "second", 1: "second"})

    assert [token.left_out for token in left] == ["first", "second", ""]
    assert left.taken == [2]
    assert not left.is_all_left_out
    assert [token.left_out for token in items] == ["", "", ""]


def test_items_can_be_seen_as_they_were() -> None:
    conflict = Conflict((1, 2))
    items = bound("images", ["a", "b"], views={"a": {"k": 1}, "b": {"k": 2}})

    then = items.seen_as({1: {"k": conflict}}, {1: "old name"})

    assert [token.view for token in then] == [{"k": 1}, {"k": conflict}]
    assert [token.name for token in then] == ["a", "old name"]


@given(st.sets(st.text("ab0129._-", min_size=1), min_size=1))
def test_order_is_that_of_names_as_people_sort_them(names: set[str]) -> None:
    tokens = list(bound("images", names))

    assert {token.name for token in tokens} == names
    assert tokens == sorted(tokens, key=lambda token: token.order)
