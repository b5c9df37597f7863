import pytest

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.annotation_rules import BySeparator, FromFolders, FromName
from bioimageit_flow.model.annotation_sources import FromMetadata, FromSheet, Line
from bioimageit_flow.model.chosen import ItemName
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.testing.samples import IMAGE


def item(path: str) -> ItemName:
    return ItemName(ItemId(path), path.rpartition("/")[2], "raw", path)


def test_name_comes_before_path() -> None:
    rule = FromName(r"(?P<c>drug|water)[_/](?P<n>\d+)?")
    assert rule.keys == ("c", "n")
    assert rule.values(item("/water/drug_1.tif"), None) == {"c": "drug", "n": "1"}
    assert rule.values(item("/water/x.tif"), None) == {"c": "water"}
    assert rule.values(item("/x.tif"), None) is None


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("(", "no regular expression"),
        ("a+", "no named group"),
        ("(?P<a>" + "x" * 600 + ")", "500"),
    ],
)
def test_bad_expression_is_refused(expression: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        FromName(expression)


def test_expression_that_takes_for_ever_is_stopped() -> None:
    rule = FromName("(?P<a>(a|a)*)$")
    with pytest.raises(DataError, match=r"takes too long.*nothing was set"):
        rule.values(item("a" * 60 + "b"), None)


def test_parts_between_separators() -> None:
    rule = BySeparator("_", ["c", "-", "n"])
    assert rule.values(item("drug_x_01.ome.tif"), None) == {"c": "drug", "n": "01"}
    assert rule.values(item("drug_01.ome.tif"), None) is None
    assert rule.values(item("drug__01.tif"), None) == {"c": "drug", "n": "01"}
    with pytest.raises(DataError, match="given twice"):
        BySeparator("_", ["a", "a"])
    with pytest.raises(DataError, match="at least one key"):
        BySeparator("_", ["-"])


def test_folders_count_from_the_file() -> None:
    rule = FromFolders(["patient", "-", "day"])
    found = rule.values(item("C:\\data\\p1\\x\\d2\\a.tif"), None)
    assert found == {"patient": "p1", "day": "d2"}
    assert rule.values(item("a.tif"), None) is None


def test_rows_of_a_sheet_find_their_items() -> None:
    lines = [
        Line(2, "a.tif", {"n": 1}),
        Line(3, "p2/b.tif", {"n": 2}),
        Line(4, "c", {"n": 3}),
        Line(5, "gone.tif", {"n": 4}),
    ]
    rule = FromSheet("s.csv", lines)
    assert rule.values(item("/x/a.tif"), None) == {"n": 1}
    assert rule.values(item("/p1/b.tif"), None) is None
    assert rule.values(item("/p2/b.tif"), None) == {"n": 2}
    assert rule.values(item("/c.ome.tif"), None) == {"n": 3}
    assert rule.values(item("/a.png"), None) is None
    assert rule.values(item("/c.png"), None) == {"n": 3}
    assert rule.left_over() == ["row 5: gone.tif"]
    assert rule.shared() == ["row 4: c fits 2 items"]


def test_two_rows_of_one_item_are_refused() -> None:
    with pytest.raises(DataError, match=r"rows 2 and 3 of 's\.csv' both name 'a'"):
        FromSheet("s.csv", [Line(2, "a", {}), Line(3, "a", {})])


def test_metadata() -> None:
    rule = FromMetadata({"size_x": "width", "pixel_size_x_um": "px", "axes": "axes"})
    assert rule.values(item("a"), IMAGE) == {"width": 96, "px": 0.1, "axes": "YX"}
    with pytest.raises(DataError, match="no fact 'colour'"):
        FromMetadata({"colour": "c"})
