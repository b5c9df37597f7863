"""Search: the right tool first, also for words that are misspelt."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioimageit_flow.catalogue.search import fit, mistakes, rank, words
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.tool import InstalledTool, Tool


def installed(
    id_: str,
    name: str,
    summary: str = "",
    **more: Any,  # noqa: ANN401
) -> InstalledTool:
    tool = Tool.model_validate(
        {
            "schema": "bioimageit-flow/tool/1",
            "id": id_,
            "version": "1.0.0",
            "name": name,
            "summary": summary,
            "command": ["p", "{out}"],
            "outputs": {"out": {"kind": "file", "format": "text"}},
            **more,
        }
    )
    here = Path("/tools") / id_
    return InstalledTool(tool, here, here, "user", Sha256("a"), Sha256("b"))


TOOLS = [
    installed(
        "skimage/gaussian",
        "Gaussian blur",
        "Smooth an image to suppress noise.",
        keywords=["smoothing", "denoising", "filter"],
        help="For hot pixels a median filter is better.",
    ),
    installed(
        "skimage/median",
        "Median filter",
        "Remove single bright pixels.",
        keywords=["denoising", "salt and pepper"],
    ),
    installed(
        "skimage/label-watershed",
        "Label and split objects",
        "Number the objects of a mask, splitting those that touch.",
        keywords=["segmentation", "nuclei", "instances"],
        aliases=["connected components"],
    ),
    installed(
        "skimage/threshold",
        "Threshold",
        "Separate bright objects from the background.",
        keywords=["segmentation", "binarisation"],
        parameters={
            "method": {
                "type": "choice",
                "default": "otsu",
                "choices": [{"value": "otsu", "label": "Otsu"}, {"value": "li"}],
            }
        },
        command=["p", "{out}", "{method}"],
    ),
    installed(
        "skimage/detect-spots",
        "Detect spots",
        "Find bright spots.",
        keywords=["FISH", "LoG", "counting"],
    ),
    installed(
        "tables/compare-groups",
        "Compare two groups",
        "Test whether two conditions differ.",
        keywords=["statistics", "Mann-Whitney", "t-test"],
        help="Compare the number of nuclei, say.",
    ),
    installed("imagej/run-macro", "Run a macro (ImageJ)", "Run an ImageJ macro."),
]


def found(query: str) -> list[str]:
    return [tool.tool.id for tool in rank(query, TOOLS)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("gaussian", "skimage/gaussian"),
        ("Gauss", "skimage/gaussian"),
        ("gausian", "skimage/gaussian"),
        ("guassian", "skimage/gaussian"),
        ("blurr", "skimage/gaussian"),
        ("smooth", "skimage/gaussian"),
        ("median", "skimage/median"),
        ("watershed", "skimage/label-watershed"),
        ("watersched", "skimage/label-watershed"),
        ("connected components", "skimage/label-watershed"),
        ("nuclei", "skimage/label-watershed"),
        ("nucleus", "skimage/label-watershed"),
        ("treshold", "skimage/threshold"),
        ("otsu", "skimage/threshold"),
        ("binarization", "skimage/threshold"),
        ("spot detection", "skimage/detect-spots"),
        ("spots fish", "skimage/detect-spots"),
        ("t-test", "tables/compare-groups"),
        ("ttest", "tables/compare-groups"),
        ("mann whitney", "tables/compare-groups"),
        ("statistcs", "tables/compare-groups"),
        ("compare", "tables/compare-groups"),
        ("imagej", "imagej/run-macro"),
        ("MACRO", "imagej/run-macro"),
        ("skimage/median", "skimage/median"),
    ],
)
def test_the_tool_that_is_meant_comes_first(query: str, first: str) -> None:
    assert found(query)[0] == first


def test_a_name_counts_more_than_keywords_and_they_more_than_help() -> None:
    assert found("median") == ["skimage/median", "skimage/gaussian"]
    assert found("nuclei") == ["skimage/label-watershed", "tables/compare-groups"]


def test_all_words_must_be_found_where_a_tool_has_them_all() -> None:
    assert found("bright spots") == ["skimage/detect-spots"]
    assert found("segmentation mask") == ["skimage/label-watershed"]


def test_some_words_do_where_no_tool_has_them_all() -> None:
    assert found("macro zebra") == ["imagej/run-macro"]


def test_equally_good_tools_are_in_the_order_of_their_names() -> None:
    assert found("segmentation") == ["skimage/label-watershed", "skimage/threshold"]


def test_words_that_nothing_has_find_nothing() -> None:
    assert found("zebra") == []
    assert found("xyzzy qwertz") == []


def test_without_words_every_tool_fits() -> None:
    for query in ("", "  ", "?!"):
        assert len(found(query)) == len(TOOLS)


def test_toolbox_finds_its_tools() -> None:
    assert set(found("tables")) == {"tables/compare-groups"}


def test_short_words_are_not_taken_for_misspelt_ones() -> None:
    assert fit("log", "dog") == 0
    assert fit("cell", "call") > 0


@pytest.mark.parametrize(
    ("one", "other", "number"),
    [
        ("", "", 0),
        ("abc", "abc", 0),
        ("abc", "", 3),
        ("gausian", "gaussian", 1),
        ("guassian", "gaussian", 1),
        ("kitten", "sitting", 3),
        ("ab", "ba", 1),
    ],
)
def test_mistakes_are_counted(one: str, other: str, number: int) -> None:
    assert mistakes(one, other) == number


@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_mistakes_count_the_same_both_ways(one: str, other: str) -> None:
    number = mistakes(one, other)
    assert number == mistakes(other, one)
    assert abs(len(one) - len(other)) <= number <= max(len(one), len(other))
    assert (number == 0) == (one == other)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_query_is_answered(query: str) -> None:
    assert set(found(query)) <= {tool.tool.id for tool in TOOLS}


def test_words_lose_accents_and_signs() -> None:
    assert words("Zellkörper, Größe (µm²)!") == ["zellkorper", "groe", "m2"]
