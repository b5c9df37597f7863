"""Changes of a workflow for one run."""

from pathlib import Path

import pytest

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.catalogue.places import Place
from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.adjusting import Adjustments, adjust, set_parameter
from bioimageit_flow.workflow.document import (
    Filter,
    MatchBy,
    NodeState,
    Sweep,
    SweepRange,
    Swept,
)
from bioimageit_flow.workflow.edits.nesting import make_subworkflow
from bioimageit_flow.workflow.querying import add_filter, add_split

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Return the built-in tools alone."""
    return Catalogue([Place(ROOT / "nodes", "built-in")])


@pytest.fixture
def drawn(catalogue: Catalogue) -> Workflow:
    """Return smooth -> spots -> wells, and a deconvolution with a PSF."""
    workflow = Workflow("Drawn", catalogue=catalogue)
    images = workflow.add_input("images", "image")
    psf = workflow.add_input("psf", "image")
    smooth = workflow.add("skimage/gaussian", id="smooth")
    spots = workflow.add("skimage/detect-spots", id="spots")
    wells = workflow.add("tables/summarise", id="wells")
    sharp = workflow.add("skimage/richardson-lucy", id="sharp")
    images >> smooth["image"]
    smooth["result"] >> spots["image"]
    spots["points"] >> wells["tables"]
    images >> sharp["image"]
    psf >> sharp["psf"]
    return workflow


def text_of(workflow: Workflow) -> str:
    return canonical_json(workflow.document.model_dump(mode="json", by_alias=True))


def test_everything_that_a_file_says_can_be_said(drawn: Workflow) -> None:
    wanted = Adjustments(
        match={"sharp.psf": "use_for_all", "sharp.image": "well, field"},
        group_by={"wells": "plate,well"},
        sweep={
            "smooth.sigma": "0.5, 1, 2 as blur zip both",
            "spots.threshold": SweepRange.model_validate(
                {"from": 4, "to": 10, "count": 4}
            ),
            "spots.radius": [1, 2],
        },
        filter={"spots.points": "snr > 3", "images": "not name ~ test"},
        disable=["sharp"],
        bypass=["smooth"],
    )

    assert adjust(drawn, wanted) == []

    nodes = drawn.nodes
    assert nodes["sharp"].match == {
        "psf": "use_for_all",
        "image": MatchBy(by=("well", "field")),
    }
    assert nodes["wells"].group_by == ("plate", "well")
    assert nodes["smooth"].parameters["sigma"] == Swept(
        sweep=Sweep(values=(0.5, 1.0, 2.0), key="blur", zip="both")
    )
    assert nodes["spots"].parameters["threshold"].sweep.range.count == 4
    assert nodes["spots"].parameters["radius"].sweep.values == (1, 2)
    assert drawn.document.filters == (
        Filter(node="spots", port="points", where="snr > 3"),
        Filter(node="images", where="not name ~ test"),
    )
    assert nodes["sharp"].state is NodeState.DISABLED
    assert nodes["smooth"].state is NodeState.BYPASS


def test_what_the_file_says_is_taken_back(drawn: Workflow) -> None:
    before = text_of(drawn)
    drawn.match("sharp.psf", use_for_all=True)
    drawn.set_state("sharp", "disabled")
    add_filter(drawn, "spots.points", "snr > 3")
    adjust(drawn, Adjustments(group_by={"wells": ["plate"]}))

    wrong = adjust(
        drawn,
        Adjustments(
            match={"sharp.psf": "ancestor"},
            group_by={"wells": ""},
            filter={"spots.points": ""},
            enable=["sharp"],
        ),
    )

    assert wrong == []
    assert text_of(drawn) == before


def test_split_is_added_wired_and_changed(drawn: Workflow) -> None:
    wanted = Adjustments(
        split={"good=spots.points": "snr > 3"},
        wire=["good.accepted -> wells.tables", "good.rejected->wells.tables"],
    )
    assert adjust(drawn, wanted) == []
    assert drawn.nodes["good"].where == "snr > 3"
    assert drawn.nodes["wells"].wires["tables"] == ("good.accepted", "good.rejected")
    assert drawn.problems() == []

    assert adjust(drawn, Adjustments(split={"good": "snr > 5"})) == []
    assert drawn.nodes["good"].where == "snr > 5"


def test_nodes_inside_of_subworkflows_are_changed(
    drawn: Workflow, tmp_path: Path
) -> None:
    tools, _ = drawn.toolset.ports_of(drawn.document)
    nested, name = make_subworkflow(drawn.document, ["smooth", "spots"], "Find", tools)
    inside = Workflow.of(nested, catalogue=drawn.catalogue)
    inner = inside.toolset.read_inner(inside.nodes[name].workflow or {}, name)
    Workflow.of(inner).save(tmp_path / "find.flow.yaml")
    node = nested.nodes[name].model_copy(update={"workflow": "find.flow.yaml"})
    by_file = nested.model_copy(update={"nodes": {**nested.nodes, name: node}})
    wanted = Adjustments(
        sweep={f"{name}/spots.threshold": "log(1, 100, 3)"}, bypass=[f"{name}/smooth"]
    )

    for document in (nested, by_file):
        changed = Workflow.of(document, catalogue=drawn.catalogue)
        assert adjust(changed, wanted, tmp_path) == []
        set_parameter(changed, f"{name}/spots.radius", 3, tmp_path)
        found = changed.toolset.read_inner(changed.nodes[name].workflow or {}, name)
        assert found.nodes["smooth"].state is NodeState.BYPASS
        assert found.nodes["spots"].parameters["threshold"].sweep.range.log
        assert found.nodes["spots"].parameters["radius"] == 3
    assert "log" not in (tmp_path / "find.flow.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wanted", "what", "says"),
    [
        (Adjustments(match={"sharp.psff": "well"}), "match sharp.psff", "sharp.psf"),
        (Adjustments(match={"sharp.psf": " , "}), "match sharp.psf", "use_for_all"),
        (Adjustments(match={"sharpen.psf": "a"}), "match sharpen.psf", "sharpen"),
        (Adjustments(match={"sharp": "a"}), "match sharp", "node.port"),
        (Adjustments(group_by={"well": "a"}), "group_by well", "wells"),
        (Adjustments(sweep={"sigma": "1,2"}), "sweep sigma", "node.parameter"),
        (Adjustments(sweep={"smooth.s": "1,2"}), "sweep smooth.s", "sigma"),
        (Adjustments(sweep={"smooth.sigma": "few"}), "sweep smooth.sigma", "log(1"),
        (Adjustments(filter={"spot.points": "a=1"}), "filter spot.points", "images"),
        (Adjustments(filter={"images.x": "a=1"}), "filter images.x", "no ports"),
        (Adjustments(filter={"images": "a = = 1"}), "filter images", "expected"),
        (Adjustments(filter={"images": ""}), "filter images", "no filter"),
        (Adjustments(split={"spots": "a = 1"}), "split spots", "NAME=SOURCE"),
        (Adjustments(split={"new=nowhere": "a = 1"}), "split new=nowhere", "images"),
        (Adjustments(wire=["psf"]), "wire psf", "SOURCE -> NODE.PORT"),
        (Adjustments(wire=["psf -> sharp.p"]), "wire sharp.p", "psf"),
        (Adjustments(wire=["spots.points -> smooth.image"]), "wire smooth.image", ""),
        (Adjustments(disable=["images"]), "disable images", "smooth"),
        (Adjustments(bypass=["spots/a"]), "bypass spots/a", "no subworkflow"),
    ],
)
def test_what_cannot_be_is_said_with_the_option_and_a_remedy(
    drawn: Workflow, wanted: Adjustments, what: str, says: str
) -> None:
    before = drawn.document

    (wrong,) = adjust(drawn, wanted)

    assert wrong.what == what
    assert says in f"{wrong.error.message} {wrong.error.remedy}"
    assert drawn.document == before


def test_all_that_is_wrong_is_said_at_once(drawn: Workflow) -> None:
    wanted = Adjustments(
        match={"no.image": "well"}, disable=["nobody"], group_by={"wells": ["plate"]}
    )
    assert [one.what for one in adjust(drawn, wanted)] == [
        "match no.image",
        "disable nobody",
    ]
    assert drawn.nodes["wells"].group_by == ("plate",)


def test_filter_of_a_port_that_is_not_there_is_a_problem(drawn: Workflow) -> None:
    add_filter(drawn, "spots.point", "snr > 3")
    add_split(drawn, "images", "n > 3", id="some")
    add_filter(drawn, "some.rejectd", "n > 1")

    found = [one for one in drawn.problems() if one.code == "unknown-port"]

    assert [one.node for one in found] == ["spots", "some"]
    assert "it has: points" in found[0].text
    assert "accepted, rejected" in found[1].text
