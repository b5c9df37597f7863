"""Importing files whose names tell their annotations."""

import sys
from typing import Any

import pytest

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.keys import Key, KeyType
from tests.unit.stores.lab import Lab

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX file names")


def test_names_give_annotations(lab: Lab) -> None:
    lab.image("drug_B03_7_1.5.tif", 1)
    lab.image("water_01_8_x.tif", 2)
    pattern = r"(?P<condition>[a-z]+)_(?P<well>\w\d+)_(?P<n>\d)_(?P<dose>[\d.x]+)\."
    lab.take(lab.files, from_name=pattern, annotations={"day": 2})
    assert {item.name: dict(item.annotations) for item in lab.items()} == {
        "drug_B03_7_1.5.tif": {
            "condition": "drug",
            "well": "B03",
            "n": 7,
            "dose": 1.5,
            "day": 2,
        },
        "water_01_8_x.tif": {
            "condition": "water",
            "well": "01",
            "n": 8,
            "dose": "x",
            "day": 2,
        },
    }


def test_names_of_folders_give_annotations(lab: Lab) -> None:
    lab.image("drug/1.tif", 1)
    lab.image("water/1.tif", 2)
    lab.take(lab.files, from_name=r"(?P<condition>drug|water)/(?P<n>\d+)")
    assert sorted(str(item.annotations) for item in lab.items()) == [
        "{'condition': 'drug', 'n': 1}",
        "{'condition': 'water', 'n': 1}",
    ]


def test_group_that_is_not_there_gives_nothing(lab: Lab) -> None:
    lab.take(lab.image("a.tif"), from_name=r"(?P<name>[a-z])(_(?P<n>\d))?\.tif")
    assert lab.items()[0].annotations == {"name": "a"}


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(?P<n>[0-9]", r"no regular expression: .* at character"),
        ("(?P<n>a)(?P<n>b)", "no regular expression"),
        (r"[0-9]+", "has no named group"),
        (f"(?P<{'n' * 65}>.)", "'n+' is not a key"),
        (r"(?P<day>.)", "'day' is given and is in the expression"),
        (r"(?P<n>[0-9])\.tif", r"not found in 'files/a\.tif', .* and 2 more; nothing"),
    ],
)
def test_expression_that_does_not_suit_is_refused_before_anything(
    lab: Lab, pattern: str, words: str
) -> None:
    for n, name in enumerate(["1", "a", "b", "c", "d", "e", "f", "g"]):
        lab.image(f"{name}.tif", n)
    with pytest.raises(DataError, match=words) as caught:
        lab.take(lab.files, from_name=pattern, annotations={"day": 1})
    assert caught.value.remedy
    assert lab.items() == []
    assert lab.in_data() == []


def test_declared_keys_keep_values_as_they_say(lab: Lab) -> None:
    lab.store.declare_key(Key("batch", KeyType.TEXT), user="ada")
    lab.store.declare_key(Key("dose", KeyType.NUMBER, "µM"), user="ada")
    path = lab.image("b_1.50_5.tif")
    pattern = r"b_(?P<batch>[0-9.]+)_(?P<n>[0-9]+)\."
    lab.take(path, from_name=pattern, annotations={"dose": "5 uM"})
    assert lab.items()[0].annotations == {"batch": "1.50", "n": 5, "dose": 5}


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"from_name": r"_(?P<dose>[a-z]+)"}, "'a_high.tif': 'high' is no value of"),
        ({"annotations": {"dose": "5 nM"}}, "'5 nM' is in nM, but the key 'dose'"),
    ],
)
def test_value_that_is_none_of_its_key_is_refused_before_anything(
    lab: Lab, how: dict[str, Any], reason: str
) -> None:
    lab.store.declare_key(Key("dose", KeyType.NUMBER, "µM"), user="ada")
    path = lab.image("a_high.tif")
    with pytest.raises(DataError, match=reason) as refused:
        lab.take(path, **how)
    assert "nothing was imported" in refused.value.message
    assert lab.items() == []


def test_cells_of_a_sheet_are_kept_as_keys_say(lab: Lab) -> None:
    lab.store.declare_key(Key("batch", KeyType.TEXT), user="ada")
    lab.image("a.tif")
    sheet = lab.files / "sheet.csv"
    sheet.write_text("path,batch,n\na.tif,1.50,1.50\n", encoding="utf-8")
    lab.take(sheet=sheet)
    assert lab.items()[0].annotations == {"batch": "1.50", "n": 1.5}
