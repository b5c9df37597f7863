"""The built-in tools are all there, and nothing is wrong with them."""

import pytest

from bioimageit_flow.catalogue import Catalogue, lint
from bioimageit_flow.catalogue.places import Place, built_in_folder
from bioimageit_flow.model.problem import Severity
from bioimageit_flow.provenance.crate.edam import NAMES


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    folder = built_in_folder()
    assert folder is not None
    return Catalogue([Place(folder, "built-in")])


def test_every_built_in_tool_can_be_read(catalogue: Catalogue) -> None:
    assert catalogue.problems == ()
    boxes = {box.id: box for box in catalogue.toolboxes()}
    assert {"skimage", "tables", "imagej"} <= boxes.keys()
    assert all(box.summary and box.tools for box in boxes.values())


def test_every_built_in_tool_has_hashes(catalogue: Catalogue) -> None:
    hashes = [tool.trust_sha256 for tool in catalogue.tools()]
    hashes += [tool.code_sha256 for tool in catalogue.tools()]
    assert all(len(sha256) == 64 for sha256 in hashes)


def test_nothing_is_wrong_with_the_built_in_tools() -> None:
    folder = built_in_folder()
    assert folder is not None
    wrong = [
        f"{problem.item}: {problem}"
        for problem in lint(folder)
        if problem.severity is not Severity.INFO
    ]
    assert wrong == []


def test_built_in_tools_have_terms_of_edam(catalogue: Catalogue) -> None:
    """Each says what it does and for which field; terms are those looked up there."""
    tools = [one.tool for one in catalogue.tools()]

    for field in ("operation", "topic"):
        assert [one.id for one in tools if not one.edam.get(field)] == []
    named = {term for one in tools for terms in one.edam.values() for term in terms}
    assert named - NAMES.keys() == set()


@pytest.mark.parametrize(
    ("query", "id_"),
    [
        ("gaussian blur", "skimage/gaussian"),
        ("deconvolution", "skimage/richardson-lucy"),
        ("watershed", "skimage/label-watershed"),
        ("p-value", "tables/compare-groups"),
        ("macro", "imagej/run-macro"),
        ("maximum projection", "skimage/project"),
    ],
)
def test_a_search_finds_the_tool_that_is_meant(
    catalogue: Catalogue, query: str, id_: str
) -> None:
    assert catalogue.search(query)[0].tool.id == id_
