from dataclasses import replace

import pytest

from bioimageit_flow.editor.experiment.columns import (
    Column,
    Fact,
    columns_of,
    details,
    said,
)
from bioimageit_flow.model.annotation import Conflict
from bioimageit_flow.model.chosen import Order
from bioimageit_flow.model.keys import Key, KeyType, KeyUse
from bioimageit_flow.session.browsing import Row
from bioimageit_flow.testing.samples import raw_item

ITEM = replace(raw_item("a.tif", annotations={"n": 1}).item, excluded="blurred")


def test_keys_stand_between_the_name_and_the_facts() -> None:
    dose = KeyUse("dose", Key("dose", KeyType.NUMBER, unit="µM"))
    columns = columns_of([dose, KeyUse("who", None)])
    assert [one.title for one in columns] == [
        *("name", "dose (µM)", "who", "kind", "image", "size", "excluded")
    ]
    assert [one.is_number for one in columns[:3]] == [False, True, False]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (Column(Fact.NAME), "a.tif"),
        (Column(Fact.KIND), "image"),
        (Column(Fact.FORMAT), "ome-tiff"),
        (Column(Fact.IMAGE), "128 \u00d7 96  YX  uint16"),
        (Column(Fact.SIZE), "5 B"),
        (Column(Fact.EXCLUDED), "blurred"),
        (Column(key="n"), "1"),
        (Column(key="both"), "drug | water"),
        (Column(key="nothing"), ""),
    ],
)
def test_cells_say_what_items_are(column: Column, text: str) -> None:
    row = Row(ITEM, {"n": 1, "both": Conflict(("drug", "water"))})
    assert column.text(row) == text


def test_columns_are_sorted_by_what_they_show() -> None:
    assert Column(key="n").order(is_descending=True) == Order(
        "n", is_key=True, is_descending=True
    )
    assert Column(Fact.SIZE).order(is_descending=False) == Order("size")
    assert Column(Fact.IMAGE).order(is_descending=False) is None


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (True, "true"), (0.1, "0.1"), (3, "3"), ("x", "x")]
)
def test_values_are_said_as_people_write_them(value: str | None, text: str) -> None:
    assert said(value) == text


def test_details_leave_out_what_is_not_known() -> None:
    words = dict(details(ITEM))
    assert words["pixel size"] == "x 0.1 \u00b5m, y 0.1 \u00b5m"
    assert "time step" not in words
