"""What holds of pairing, groups and sweeps for any data, in any order of arrival."""

from collections import Counter
from collections.abc import Iterable
from itertools import product
from math import prod
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bioimageit_flow.engine.group_matcher import GroupMatcher
from bioimageit_flow.engine.item_matcher import ItemMatcher
from bioimageit_flow.engine.pairing import PortRule, Row
from bioimageit_flow.engine.scheduler import Output, Scheduler
from bioimageit_flow.engine.token import Job, Token
from tests.builders import a_document, a_group_tool, a_token, a_tool

RANDOM = st.randoms(use_true_random=False)
KEYS = st.integers(0, 6)


def feed(
    matcher: ItemMatcher | GroupMatcher, arrivals: Iterable[tuple[str, Token]]
) -> list[Row]:
    rows = [row for port, token in arrivals for row in matcher.arrive(port, token)]
    for port in matcher.rules:
        rows += matcher.close(port)
    return rows


def names(row: Row, port: str) -> list[str]:
    return [token.name for token in row.inputs[port]]


@given(st.lists(KEYS, max_size=12), st.lists(KEYS, max_size=12), RANDOM)
def test_keyed_pairing_is_exact_and_everything_else_is_named(
    left: list[int], right: list[int], random: Random
) -> None:
    rules = {"a": PortRule(), "b": PortRule(by=("key",))}
    matcher = ItemMatcher("node", rules)
    first = [a_token(f"a{n}", view={"key": key}) for n, key in enumerate(left)]
    second = [a_token(f"b{n}", view={"key": key}) for n, key in enumerate(right)]
    arrivals = [*(("a", one) for one in first), *(("b", one) for one in second)]
    random.shuffle(arrivals)

    rows = feed(matcher, arrivals)

    theirs = Counter(right)
    assert sorted(names(row, "a")[0] for row in rows) == sorted(
        one.name for one, key in zip(first, left, strict=True) if theirs[key] == 1
    )
    for row in rows:
        assert row.inputs["a"][0].view == row.inputs["b"][0].view
    paired = {name for row in rows for port in "ab" for name in names(row, port)}
    named = {problem.item for problem in matcher.take_problems()}
    assert paired | named == {one.name for one in (*first, *second)}
    assert not paired & named


@given(
    st.dictionaries(KEYS, st.sets(st.integers(0, 4)), max_size=5),
    st.sets(KEYS),
    RANDOM,
)
def test_every_part_meets_its_own_whole_and_no_other(
    parts: dict[int, set[int]], wholes: set[int], random: Random
) -> None:
    matcher = ItemMatcher("node", {"whole": PortRule(), "part": PortRule()})
    arrivals = [("whole", a_token(f"raw{n}")) for n in wholes]
    arrivals += [
        ("part", a_token(f"raw{n}/{p}", roots=[f"raw{n}"], part=str(p)))
        for n, some in parts.items()
        for p in some
    ]
    random.shuffle(arrivals)

    rows = feed(matcher, arrivals)

    met = sorted((names(row, "whole")[0], names(row, "part")[0]) for row in rows)
    assert met == sorted(
        (f"raw{n}", f"raw{n}/{p}")
        for n, some in parts.items()
        if n in wholes
        for p in some
    )
    everything = {token.name for _, token in arrivals}
    named = {problem.item for problem in matcher.take_problems()}
    assert {name for pair in met for name in pair} | named == everything


@given(st.sets(st.integers(0, 3)), st.sets(st.integers(0, 3)), RANDOM)
def test_pieces_of_two_nodes_never_cross(
    left: set[int], right: set[int], random: Random
) -> None:
    matcher = ItemMatcher("node", {"a": PortRule(), "b": PortRule()})
    arrivals = [
        (port, _piece(node, n))
        for port, node, some in (("a", "cells", left), ("b", "tiles", right))
        for n in some
    ]
    random.shuffle(arrivals)

    rows = feed(matcher, arrivals)

    # One piece on each side can only mean each other: they share their raw data.
    assert len(rows) == (1 if len(left) == len(right) == 1 else 0)
    named = {problem.item for problem in matcher.take_problems()}
    if not rows:
        assert named == {token.name for _, token in arrivals}


def _piece(node: str, n: int) -> Token:
    token = a_token(f"{node}{n}", roots=["raw"], part=str(n))
    return Token(
        **{
            field: getattr(token, field)
            for field in ("source", "datum", "roots", "view", "order", "name")
        },
        parts=((node, str(n)),),
    )


@given(st.lists(st.tuples(KEYS, st.sampled_from("xyz")), max_size=20), RANDOM)
def test_groups_partition_the_items(
    items: list[tuple[int, str]], random: Random
) -> None:
    matcher = GroupMatcher("node", {"tables": PortRule()}, ("plate", "well"))
    tokens = [
        a_token(f"i{n:02d}", view={"plate": plate, "well": well})
        for n, (plate, well) in enumerate(items)
    ]
    arrivals = [("tables", token) for token in tokens]
    random.shuffle(arrivals)

    rows = feed(matcher, arrivals)

    assert len(rows) == len(set(items))
    grouped = [name for row in rows for name in names(row, "tables")]
    assert sorted(grouped) == [token.name for token in tokens]
    for row in rows:
        assert names(row, "tables") == sorted(names(row, "tables"))
        values = dict(row.group)
        assert all(token.view == values for token in row.inputs["tables"])


SWEPT = {
    "parameters": {
        "first": {"type": "int", "default": 1},
        "second": {"type": "int", "default": 1},
        "third": {"type": "int", "default": 1},
    }
}


def finished(scheduler: Scheduler) -> list[Job]:
    jobs = []
    while (job := scheduler.take()) is not None:
        jobs.append(job)
        scheduler.job_done(job, [Output("out", None, job.label)])
    return jobs


@settings(deadline=None)
@given(
    st.integers(0, 5),
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
    st.booleans(),
    st.data(),
)
def test_sweep_and_group_counts_equal_the_arithmetic(
    items: int, lengths: list[int], is_zipped: bool, data: st.DataObject
) -> None:
    if is_zipped:
        lengths = [lengths[0]] * len(lengths)
    sweeps: dict[str, Any] = {
        name: {
            "sweep": {
                "values": list(range(length)),
                **({"zip": "z"} if is_zipped else {}),
            }
        }
        for name, length in zip(("first", "second", "third"), lengths, strict=False)
    }
    chosen = data.draw(st.sets(st.sampled_from(sorted(sweeps))))
    document = a_document(
        {
            "blur": {"wires": {"image": "images"}, "parameters": sweeps},
            "label": {"wires": {"image": "blur.out"}},
            "merge": {"wires": {"images": ["label.out"]}, "group_by": sorted(chosen)},
        }
    )
    tools = {
        "blur": a_tool("test/blur", **SWEPT),
        "label": a_tool("test/label"),
        "merge": a_group_tool(),
    }
    scheduler = Scheduler(document, tools)
    scheduler.arrive("images", [a_token(f"i{n}") for n in range(items)])
    scheduler.close_input("images")

    jobs = Counter(job.node for job in finished(scheduler))

    count = lengths[0] if is_zipped else prod(lengths)
    by_name = dict(zip(sweeps, lengths, strict=True))
    kept = [by_name[name] for name in chosen]
    groups = (max(kept, default=1)) if is_zipped else prod(kept)
    assert jobs["blur"] == jobs["label"] == items * count
    assert jobs["merge"] == (groups if items else 0)
    assert scheduler.is_over
    assert scheduler.take_problems() == []


@settings(deadline=None)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), RANDOM)
def test_two_swept_branches_meet_in_a_grid_of_each_item(
    items: int, left: int, right: int, random: Random
) -> None:
    def swept(name: str, count: int) -> dict[str, Any]:
        return {name: {"sweep": {"values": list(range(count))}}}

    document = a_document(
        {
            "blur": {"wires": {"image": "images"}, "parameters": swept("first", left)},
            "label": {
                "wires": {"image": "images"},
                "parameters": swept("second", right),
            },
            "join": {"wires": {"image": "blur.out", "other": "label.out"}},
        }
    )
    two = {"image": {"kind": "image"}, "other": {"kind": "image"}}
    tools = {
        "blur": a_tool("test/blur", **SWEPT),
        "label": a_tool("test/label", **SWEPT),
        "join": a_tool("test/join", inputs=two),
    }
    scheduler = Scheduler(document, tools)
    scheduler.arrive("images", [a_token(f"i{n}") for n in range(items)])
    scheduler.close_input("images")
    begun: list[Job] = []
    while (job := scheduler.take()) is not None:
        begun.append(job)
    random.shuffle(begun)
    for job in begun:
        scheduler.job_done(job, [Output("out", None, job.label)])

    met = [
        (next(iter(job.roots)), *(value for _, value in sorted(job.parts)))
        for job in finished(scheduler)
        if job.node == "join"
    ]

    assert sorted(met) == sorted(
        (f"i{n}", str(a), str(b))
        for n, a, b in product(range(items), range(left), range(right))
    )
