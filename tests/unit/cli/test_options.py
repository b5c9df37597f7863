import pytest
import typer

from bioimageit_flow.cli.options import (
    read_annotations,
    read_pairs,
    read_setting,
    read_settings,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("3.5", 3.5),
        ("1e-3", 1e-3),
        ("true", True),
        ("no", "no"),
        ("Otsu", "Otsu"),
        ("", None),
        ("~", None),
        ('""', ""),
        ("'12'", "12"),
        ("[1, 2.5]", [1, 2.5]),
        ("[a, b]", ["a", "b"]),
        ("{annotation: radius}", {"annotation": "radius"}),
        ("#ff0000", "#ff0000"),
        ("a #b", "a #b"),
        ("Title: of a figure", "Title: of a figure"),
        ("*", "*"),
        ("a: b: c", "a: b: c"),
        ("x=y", "x=y"),
    ],
)
def test_setting_is_read_as_people_mean_it(text: str, value: object) -> None:
    assert read_setting(text) == value
    assert type(read_setting(text)) is type(value)


def test_setting_that_is_a_broken_list_is_refused() -> None:
    with pytest.raises(typer.BadParameter, match=r"\[1, 2"):
        read_setting("[1, 2")


def test_settings_keep_later_equal_signs() -> None:
    assert read_settings(["plot.title=a=b"]) == {"plot.title": "a=b"}


@pytest.mark.parametrize("text", ["images", "=raw", ""])
def test_pair_without_key_or_sign_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="key=value"):
        read_pairs([text], "--bind")


def test_pair_given_twice_is_refused() -> None:
    with pytest.raises(typer.BadParameter, match="twice"):
        read_pairs(["images=a", "images=b"], "--bind")


def test_annotations_are_typed() -> None:
    read = read_annotations(["dose=3", "well=01", "is dead=true", "note=a=b"])

    assert read == {"dose": 3, "well": "01", "is dead": True, "note": "a=b"}


def test_annotation_with_a_bad_key_is_refused() -> None:
    with pytest.raises(typer.BadParameter, match="not a key"):
        read_annotations(["3x=1"])
