import pytest

from bioimageit_flow.errors import QueryError
from bioimageit_flow.model.annotation import Conflict, View
from bioimageit_flow.model.query import facts_of, parse
from bioimageit_flow.testing.samples import raw_item

VIEW: View = {
    "condition": "drug",
    "dose": 5,
    "ratio": 0.5,
    "dead": False,
    "well": "01",
    "day": "2026-11-22",
    "mixed": Conflict(("a", 2)),
}
FACTS = facts_of(raw_item("drug_01.ome.tif").item)


@pytest.mark.parametrize(
    "text",
    [
        "condition = drug",
        "condition != control",
        "dose = 5.0 and ratio < 1",
        'not dose = "5"',
        "dose in (1, 5) and dose not in (6, 7)",
        "well = 01 and not well = 1",
        "dead = false and not dead = 0",
        "day > 2026-11-01 and day < 2027-01-01",
        'condition ~ "^dr" and condition !~ "^con"',
        "dose ~ 5",
        "exists dose and not exists other",
        "not other = 1 and not other != 1",
        "mixed = a and mixed = 2 and mixed != a",
        'name ~ "drug_\\d+" and kind = image and dataset = raw and format = ome-tiff',
        "not exists run and not node = x",
        "not condition > 5 and not dose > aaa and not dead > 0",
    ],
)
def test_holds(text: str) -> None:
    assert parse(text).matches(VIEW, FACTS)
    assert not parse(f"not ({text})").matches(VIEW, FACTS)


def test_facts_are_missing_where_none_are_given() -> None:
    assert not parse("name = a").matches({"name": "a"})
    assert parse('"name" = a').matches({"name": "a"})


def test_expression_that_takes_for_ever_is_stopped() -> None:
    query = parse('exists a and a ~ "(a|a)*$"')
    with pytest.raises(QueryError, match="takes too long") as caught:
        query.matches({"a": "a" * 60 + "b"})
    assert caught.value.position == 13
