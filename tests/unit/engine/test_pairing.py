from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from bioimageit_flow.engine.group_matcher import GroupMatcher
from bioimageit_flow.engine.item_matcher import ItemMatcher
from bioimageit_flow.engine.pairing import PortRule, Row
from bioimageit_flow.engine.token import Token
from bioimageit_flow.model.annotation import Conflict
from tests.builders import a_token


def feed(
    matcher: ItemMatcher | GroupMatcher, arrivals: Iterable[tuple[str, Token]]
) -> list[Row]:
    rows = [row for port, token in arrivals for row in matcher.arrive(port, token)]
    for port in matcher.rules:
        rows += matcher.close(port)
    return rows


def names(rows: Iterable[Row]) -> list[dict[str, list[str]]]:
    return [
        {port: [token.name for token in tokens] for port, tokens in row.inputs.items()}
        for row in rows
    ]


def two_ports(*, has_parts: bool = True) -> ItemMatcher:
    rules = {"a": PortRule(), "b": PortRule()}
    return ItemMatcher("node", rules, has_parts=has_parts)


def test_item_of_the_only_port_is_a_row_at_once() -> None:
    matcher = ItemMatcher("node", {"image": PortRule()})

    rows = matcher.arrive("image", a_token("one"))

    assert names(rows) == [{"image": ["one"]}]


def test_items_with_the_same_raw_item_meet_before_the_ports_are_complete() -> None:
    matcher = two_ports()

    first = matcher.arrive("a", a_token("raw1"))
    second = matcher.arrive("b", a_token("blurred1", roots=["raw1"]))

    assert first == []
    assert names(second) == [{"a": ["raw1"], "b": ["blurred1"]}]


def test_items_never_meet_by_position() -> None:
    rows = feed(
        two_ports(),
        [
            ("a", a_token("raw1")),
            ("a", a_token("raw2")),
            ("b", a_token("x", roots=["raw2"])),
            ("b", a_token("y", roots=["raw1"])),
        ],
    )

    pairs = {(row["a"][0], row["b"][0]) for row in names(rows)}
    assert pairs == {("raw2", "x"), ("raw1", "y")}


def test_item_without_partner_is_named() -> None:
    matcher = two_ports()

    rows = feed(
        matcher,
        [
            ("a", a_token("raw1")),
            ("b", a_token("x", roots=["raw1"])),
            ("a", a_token("lonely", view={"well": "A1"})),
        ],
    )

    (problem,) = matcher.take_problems()
    assert len(rows) == 1
    assert problem.item == "lonely"
    assert "no partner" in problem.text
    assert "well" in problem.fix
    assert "(--match " in problem.fix


def test_item_made_from_several_raw_items_meets_its_only_relative() -> None:
    rows = feed(
        two_ports(),
        [
            ("a", a_token("dna")),
            ("b", a_token("merged", roots=["dna", "actin"])),
        ],
    )

    assert names(rows) == [{"a": ["dna"], "b": ["merged"]}]


def test_one_item_is_never_repeated_for_several_relatives() -> None:
    matcher = two_ports()

    rows = feed(
        matcher,
        [
            ("a", a_token("raw1")),
            ("a", a_token("raw2")),
            ("b", a_token("all", roots=["raw1", "raw2"])),
        ],
    )

    problems = matcher.take_problems()
    assert rows == []
    assert {problem.item for problem in problems} == {"raw1", "raw2", "all"}
    assert all("several items" in p.text for p in problems if p.item == "all")


def test_parts_of_one_image_meet_part_by_part() -> None:
    rows = feed(
        two_ports(),
        [
            ("a", a_token("cell1", roots=["raw"], part="1")),
            ("a", a_token("cell2", roots=["raw"], part="2")),
            ("b", a_token("mask2", roots=["raw"], part="2")),
            ("b", a_token("mask1", roots=["raw"], part="1")),
        ],
    )

    pairs = {(row["a"][0], row["b"][0]) for row in names(rows)}
    assert pairs == {("cell1", "mask1"), ("cell2", "mask2")}


def test_single_item_is_used_for_all_where_the_user_says_so() -> None:
    rules = {"image": PortRule(), "psf": PortRule(use_for_all=True)}
    rows = feed(
        ItemMatcher("node", rules),
        [
            ("image", a_token("raw1")),
            ("psf", a_token("psf")),
            ("image", a_token("raw2")),
        ],
    )

    assert names(rows) == [
        {"image": ["raw1"], "psf": ["psf"]},
        {"image": ["raw2"], "psf": ["psf"]},
    ]
    assert all(row.roots != frozenset({"psf"}) for row in rows)
    assert [row.roots for row in rows] == [frozenset({"raw1"}), frozenset({"raw2"})]


def test_two_items_cannot_be_used_for_all() -> None:
    rules = {"image": PortRule(), "psf": PortRule(use_for_all=True)}
    matcher = ItemMatcher("node", rules)

    rows = feed(
        matcher,
        [
            ("image", a_token("raw1")),
            ("image", a_token("raw2")),
            ("psf", a_token("psf1")),
            ("psf", a_token("psf2")),
        ],
    )

    (problem,) = matcher.take_problems()
    assert rows == []
    assert "exactly one item, but it has 2" in problem.text


def test_items_meet_by_keys_the_user_named() -> None:
    rules = {"after": PortRule(), "before": PortRule(by=("patient",))}
    rows = feed(
        ItemMatcher("node", rules),
        [
            ("after", a_token("a1", view={"patient": 1})),
            ("after", a_token("a2", view={"patient": 2})),
            ("before", a_token("b2", view={"patient": 2})),
            ("before", a_token("b1", view={"patient": 1})),
        ],
    )

    pairs = [(row["after"][0], row["before"][0]) for row in names(rows)]
    assert pairs == [("a1", "b1"), ("a2", "b2")]


def test_key_without_or_with_several_partners_is_named() -> None:
    rules = {"after": PortRule(), "before": PortRule(by=("patient",))}
    matcher = ItemMatcher("node", rules)

    rows = feed(
        matcher,
        [
            ("after", a_token("a1", view={"patient": 1})),
            ("after", a_token("a2", view={"patient": 2})),
            ("after", a_token("a3", view={})),
            ("after", a_token("a4", view={"patient": Conflict((1, 2))})),
            ("before", a_token("b2", view={"patient": 2})),
            ("before", a_token("b2again", view={"patient": 2})),
        ],
    )

    texts = {problem.item: problem.text for problem in matcher.take_problems()}
    assert rows == []
    assert "no partner" in texts["a1"]
    assert "2 partners (b2, b2again)" in texts["a2"]
    assert "no annotation 'patient'" in texts["a3"]
    assert "several values" in texts["a4"]


def test_two_items_of_one_raw_item_on_one_port_are_ambiguous() -> None:
    matcher = two_ports()

    feed(
        matcher,
        [("a", a_token("x", roots=["raw"])), ("a", a_token("y", roots=["raw"]))],
    )

    texts = [problem.text for problem in matcher.take_problems()]
    assert any("cannot be told" in text for text in texts)


def test_group_waits_for_all_and_is_in_item_order() -> None:
    matcher = GroupMatcher("node", {"tables": PortRule()}, ())
    early = matcher.arrive("tables", a_token("b"))
    early += matcher.arrive("tables", a_token("a"))

    rows = matcher.close("tables")

    assert early == []
    assert names(rows) == [{"tables": ["a", "b"]}]
    assert rows[0].roots == frozenset({"a", "b"})


def test_group_by_forms_one_group_per_value() -> None:
    matcher = GroupMatcher("node", {"tables": PortRule()}, ("dose",))
    rows = feed(
        matcher,
        [
            ("tables", a_token("x", view={"dose": 10})),
            ("tables", a_token("y", view={"dose": 2})),
            ("tables", a_token("z", view={"dose": 10})),
        ],
    )

    groups = {row.group: [token.name for token in row.inputs["tables"]] for row in rows}
    assert groups == {(("dose", 2),): ["y"], (("dose", 10),): ["x", "z"]}


def test_item_without_group_key_is_named() -> None:
    matcher = GroupMatcher("node", {"tables": PortRule()}, ("dose",))

    rows = feed(
        matcher,
        [("tables", a_token("x", view={"dose": 1})), ("tables", a_token("none"))],
    )

    (problem,) = matcher.take_problems()
    assert len(rows) == 1
    assert problem.item == "none"


@given(
    st.sets(st.integers(0, 30)),
    st.sets(st.integers(0, 30)),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_pairing_never_crosses_repeats_or_drops(
    left: set[int], right: set[int], has_parts: bool, random: "st.DataObject"
) -> None:
    matcher = two_ports(has_parts=has_parts)
    arrivals = [("a", a_token(f"raw{n}")) for n in left]
    arrivals += [("b", a_token(f"made{n}", roots=[f"raw{n}"])) for n in right]
    random.shuffle(arrivals)  # type: ignore[attr-defined]

    rows = feed(matcher, arrivals)

    pairs = sorted((row["a"][0], row["b"][0]) for row in names(rows))
    assert pairs == sorted((f"raw{n}", f"made{n}") for n in left & right)
    unpaired = {problem.item for problem in matcher.take_problems()}
    assert unpaired == {f"raw{n}" for n in left - right} | {
        f"made{n}" for n in right - left
    }
