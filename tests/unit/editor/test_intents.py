from pathlib import Path

import pytest

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.scene import Changes, NodeRole, Scene, difference
from bioimageit_flow.errors import ToolError, WorkflowError
from bioimageit_flow.model.problem import Severity
from bioimageit_flow.workflow import Workflow, read_document
from bioimageit_flow.workflow.document import FromAnnotation, NodeState


def wires(editor: Editor) -> list[str]:
    return list(editor.scene.wires)


@pytest.fixture
def line(editor: Editor) -> Editor:
    """Return images -> gaussian -> threshold -> label_watershed."""
    images = editor.add_dataset("images", "image", (0, 0), axes=["YX"])
    blur = editor.add_tool("skimage/gaussian", connect_from=(images, None))
    mask = editor.add_tool("skimage/threshold", connect_from=(blur, "result"))
    editor.add_tool("skimage/label-watershed", connect_from=(mask, "mask"))
    return editor


def test_tool_is_added_wired_and_selected(line: Editor) -> None:
    assert wires(line) == [
        "images -> gaussian.image",
        "gaussian.result -> threshold.image",
        "threshold.mask -> label_watershed.mask",
    ]
    assert line.selection == {"label_watershed"}
    assert line.scene.nodes["gaussian"].role is NodeRole.TOOL
    assert line.problems == []


def test_new_boxes_do_not_cover_each_other(line: Editor) -> None:
    for _ in range(4):
        line.add_tool("skimage/gaussian", connect_from=("images", None))
    boxes = list(line.scene.nodes.values())

    assert not any(
        abs(a.x - b.x) < a.width and abs(a.y - b.y) < min(a.height, b.height)
        for i, a in enumerate(boxes)
        for b in boxes[i + 1 :]
    )


def test_unknown_tool_is_refused_and_nothing_changes(line: Editor) -> None:
    before = line.workflow.document

    with pytest.raises(ToolError, match="There is no tool"):
        line.add_tool("skimage/gausian")

    assert line.workflow.document is before


def test_refused_wire_names_the_tools_to_insert(line: Editor) -> None:
    verdict = line.try_connect(("gaussian", "result"), ("label_watershed", "mask"))

    assert not verdict.ok
    assert "expects labels, gets image" in verdict.text
    assert verdict.remedy.startswith("Insert Threshold")
    assert verdict.insert[0] == "skimage/threshold@1.0.0"
    with pytest.raises(WorkflowError, match="expects labels, gets image") as caught:
        line.connect(("gaussian", "result"), ("label_watershed", "mask"))
    assert caught.value.remedy == verdict.remedy


def test_remedy_can_be_taken(line: Editor) -> None:
    line.connect_through(
        ("gaussian", "result"), ("label_watershed", "mask"), "skimage/threshold"
    )

    assert "gaussian.result -> threshold_2.image" in wires(line)
    assert "threshold_2.mask -> label_watershed.mask" in wires(line)
    assert "threshold.mask -> label_watershed.mask" not in wires(line)
    assert line.problems == []


def test_circle_is_refused(line: Editor) -> None:
    verdict = line.try_connect(("threshold", "mask"), ("gaussian", "image"))

    assert not verdict.ok
    assert "circle" in verdict.text


def test_inserting_a_tool_makes_room_and_keeps_the_order(line: Editor) -> None:
    line.add_tool("skimage/median", insert_on="gaussian.result -> threshold.image")

    assert "gaussian.result -> median.image" in wires(line)
    assert "median.result -> threshold.image" in wires(line)
    xs = [line.scene.nodes[one].x for one in ("gaussian", "median", "threshold")]
    assert xs == sorted(xs)
    assert xs[2] - xs[1] >= line.scene.nodes["median"].width


def test_tool_that_does_not_fit_is_not_inserted(line: Editor) -> None:
    with pytest.raises(WorkflowError, match="does not fit on the wire"):
        line.add_tool(
            "tables/summarise", insert_on="gaussian.result -> threshold.image"
        )
    assert "summarise" not in line.scene.nodes


def test_group_port_takes_a_further_wire_and_item_port_is_rewired(
    editor: Editor,
) -> None:
    for name in ("one", "two"):
        editor.add_dataset(name, "table")
    join = editor.add_tool("tables/concatenate")
    blur = editor.add_tool("skimage/gaussian")
    for name in ("first", "second"):
        editor.add_dataset(name, "image")

    for name in ("one", "two"):
        editor.connect((name, None), (join, "tables"))
    for name in ("first", "second"):
        editor.connect((name, None), (blur, "image"))

    assert wires(editor) == [
        "one -> concatenate.tables",
        "two -> concatenate.tables",
        "second -> gaussian.image",
    ]


def test_delete_and_reconnect_closes_the_gap(line: Editor) -> None:
    line.remove(["gaussian"], reconnect=True)

    assert wires(line) == [
        "images -> threshold.image",
        "threshold.mask -> label_watershed.mask",
    ]


def test_delete_and_reconnect_drops_what_does_not_fit(line: Editor) -> None:
    line.remove(["threshold"], reconnect=True)

    assert wires(line) == ["images -> gaussian.image"]


def test_extracted_node_stays_without_wires(line: Editor) -> None:
    line.extract(["gaussian"])

    assert "gaussian" in line.scene.nodes
    assert wires(line) == [
        "images -> threshold.image",
        "threshold.mask -> label_watershed.mask",
    ]


def test_swapped_tool_keeps_wires_and_matching_parameters(line: Editor) -> None:
    said: list[str] = []
    line.message.connect(lambda text, _remedy: said.append(text))
    line.set_parameter("gaussian", "sigma", 2.0)
    line.set_parameter("gaussian", "length_unit", "um")

    line.swap_tool("gaussian", "skimage/median")

    node = line.document.nodes["gaussian"]
    assert node.tool == "skimage/median@1.0.0"
    assert node.parameters == {"length_unit": "um"}
    assert wires(line)[:2] == [
        "images -> gaussian.image",
        "gaussian.result -> threshold.image",
    ]
    assert "no parameter sigma" in said[0]


def test_wires_that_fit_no_port_of_the_new_tool_are_said(line: Editor) -> None:
    said: list[str] = []
    line.message.connect(lambda text, _remedy: said.append(text))

    line.swap_tool("gaussian", "skimage/measure-regions")

    assert "no port for" in said[0]
    assert not any("gaussian.result" in key for key in wires(line))


def test_edits_of_one_parameter_are_one_step(line: Editor) -> None:
    steps = len(line.history)
    for value in (1.5, 2.0, 2.5):
        line.set_parameter("gaussian", "sigma", value)
    assert len(line.history) == steps + 1
    line.set_parameter("threshold", "method", "otsu")

    line.undo()
    assert line.document.nodes["gaussian"].parameters == {"sigma": 2.5}
    line.undo()
    assert line.document.nodes["gaussian"].parameters == {}


def test_parameter_that_comes_back_leaves_no_step(line: Editor) -> None:
    steps = len(line.history)
    line.set_parameter("gaussian", "sigma", 2.0)
    line.set_parameter("gaussian", "sigma", None)

    assert len(line.history) == steps


def test_invalid_value_is_kept_and_marked(line: Editor) -> None:
    line.set_parameter("gaussian", "sigma", -3)

    assert line.document.nodes["gaussian"].parameters == {"sigma": -3}
    view = line.scene.nodes["gaussian"]
    assert view.severity is Severity.ERROR
    assert "below the smallest value" in view.problem


def test_history_can_be_jumped_in(line: Editor) -> None:
    words = [step.words for step in line.history]
    line.jump(1)

    assert list(line.scene.nodes) == ["images"]
    assert [step.words for step in line.history] == words
    assert [step.is_present for step in line.history].index(True) == 1
    assert all(step.is_undone for step in line.history[2:])
    line.jump(len(words) - 1)
    assert len(line.scene.nodes) == 4


def test_several_nodes_are_set_in_one_step(line: Editor) -> None:
    line.add_tool("skimage/gaussian")
    steps = len(line.history)
    line.set_parameter(["gaussian", "gaussian_2"], "sigma", 4.0)

    assert len(line.history) == steps + 1
    assert line.document.nodes["gaussian_2"].parameters == {"sigma": 4.0}


def test_annotation_and_sweep_are_badges(line: Editor) -> None:
    line.set_parameter("gaussian", "sigma", FromAnnotation(annotation="width"))
    assert line.scene.nodes["gaussian"].badge == "@"


def test_states_leave_dataset_inputs_alone(line: Editor) -> None:
    line.set_state(["images", "gaussian"], "bypass")

    assert line.scene.nodes["gaussian"].state is NodeState.BYPASS
    assert line.scene.nodes["images"].state is NodeState.ENABLED


def test_renaming_an_id_takes_wires_and_layout_along(line: Editor) -> None:
    line.add_waypoint("images -> gaussian.image", (100, 50))
    line.rename_id("images", "raw")

    assert wires(line)[0] == "raw -> gaussian.image"
    assert line.scene.wires["raw -> gaussian.image"].waypoints == ((100.0, 50.0),)
    assert line.scene.nodes["raw"].x == 0


@pytest.mark.parametrize("name", ["", "1st", "two words", "gaussian", "a" * 70])
def test_impossible_names_are_refused(line: Editor, name: str) -> None:
    with pytest.raises(WorkflowError):
        line.rename_id("images", name)


def test_rewiring_that_is_refused_leaves_the_wire(line: Editor) -> None:
    key = "threshold.mask -> label_watershed.mask"
    with pytest.raises(WorkflowError):
        line.rewire(key, source=("gaussian", "result"))
    assert key in wires(line)


def test_rewiring_moves_one_end(line: Editor) -> None:
    line.add_dataset("masks", "labels")
    line.rewire("threshold.mask -> label_watershed.mask", source=("masks", None))

    assert "masks -> label_watershed.mask" in wires(line)
    assert "threshold.mask -> label_watershed.mask" not in wires(line)


def test_compatible_ports_are_those_that_take_the_wire(line: Editor) -> None:
    found = line.compatible(("images", None))

    assert ("gaussian", "image") in found
    assert ("threshold", "image") in found
    assert ("label_watershed", "mask") not in found
    assert line.compatible(("label_watershed", "mask"), is_output=False) == {
        ("threshold", "mask")
    }
    for node, port in found:
        assert port is not None
        assert line.try_connect(("images", None), (node, port)).ok


def test_selection_marks_views_without_an_edit(line: Editor) -> None:
    steps = len(line.history)
    before = line.scene
    line.select(["gaussian", "images -> gaussian.image", "nobody"])

    changes = difference(before, line.scene)
    assert line.selection == {"gaussian", "images -> gaussian.image"}
    assert changes.nodes.changed == ("gaussian", "label_watershed")
    assert changes.wires.changed == ("images -> gaussian.image",)
    assert len(line.history) == steps
    line.select(["gaussian"], "toggle")
    assert line.selection == {"images -> gaussian.image"}


def test_what_is_gone_is_not_selected(line: Editor) -> None:
    told: list[frozenset[str]] = []
    line.selection_changed.connect(told.append)
    line.select(["gaussian"])
    line.remove(["gaussian"])

    assert line.selection == frozenset()
    assert told[-1] == frozenset()


def test_difference_names_only_what_changed(line: Editor) -> None:
    before = line.scene
    line.move({"gaussian": (5, 900)})

    changes = difference(before, line.scene)
    assert changes.nodes.changed == ("gaussian",)
    assert not changes.wires
    assert changes == difference(before, line.scene)
    assert difference(line.scene, line.scene) == Changes()


def test_scene_is_told_once_per_edit(line: Editor) -> None:
    told: list[Scene] = []
    line.scene_changed.connect(told.append)
    line.disconnect(["images -> gaussian.image"])

    assert len(told) == 1


FOREIGN = """\
schema: bioimageit-flow/workflow/1
id: 0b9c3a54-3d1f-4c9e-9a57-1f3f3c5d2a11
name: Foreign
inputs:
  images: {kind: image}
nodes:
  odd:
    tool: nobody/has-this@2.0.0
    parameters: {depth: 3, mode: fast}
    wires: {image: images, more: [images]}
    x-mine: kept
  spots:
    tool: skimage/detect-spots@1.0.0
    wires: {image: odd.result, nowhere: images, mask: ghost.out}
x-lab: kept
"""


def test_unknown_tools_and_invalid_wires_are_kept_and_shown(editor: Editor) -> None:
    document = read_document(FOREIGN)
    opened = Editor(Workflow.of(document, catalogue=editor.workflow.catalogue))
    view = opened.scene.nodes["odd"]

    assert view.role is NodeRole.MISSING
    assert [port.name for port in view.inputs] == ["image", "more"]
    assert [port.name for port in view.outputs] == ["result"]
    assert opened.scene.wires["images -> spots.nowhere"].problem
    assert opened.scene.wires["ghost.out -> spots.mask"].problem
    assert [one.ref for one in opened.missing_tools()] == ["nobody/has-this@2.0.0"]
    opened.move({"odd": (7, 7)})
    opened.set_parameter("spots", "threshold", 5.0)
    text = opened.workflow.dumps()
    assert "x-mine: kept" in text
    assert "x-lab: kept" in text
    assert "nowhere: images" in text
    assert "depth: 3" in text


def test_wire_of_a_placeholder_can_be_removed(editor: Editor) -> None:
    document = read_document(FOREIGN)
    opened = Editor(Workflow.of(document, catalogue=editor.workflow.catalogue))
    opened.disconnect(["ghost.out -> spots.mask"])
    opened.disconnect(["images -> odd.more"])

    assert "ghost" not in opened.workflow.dumps()


def test_opening_places_what_has_no_place_without_a_step(editor: Editor) -> None:
    document = read_document(FOREIGN)
    opened = Editor(Workflow.of(document, catalogue=editor.workflow.catalogue))

    assert len(opened.history) == 1
    places = {(view.x, view.y) for view in opened.scene.nodes.values()}
    assert len(places) == len(opened.scene.nodes)


@pytest.mark.parametrize("place", [float("nan"), float("inf"), -1e9])
def test_impossible_places_are_refused(line: Editor, place: float) -> None:
    before = line.workflow.document
    with pytest.raises(WorkflowError, match="has no place"):
        line.move({"gaussian": (0, place)})
    assert line.workflow.document is before
    with pytest.raises(WorkflowError, match="layout"):
        read_document(FOREIGN + "layout: {nodes: {odd: [.nan, 0]}}\n")


def test_text_that_no_file_can_hold_is_said_at_saving(
    line: Editor, tmp_path: Path
) -> None:
    line.rename("gaussian", "half \ud800 a pair")
    with pytest.raises(WorkflowError, match="cannot be written"):
        line.save(tmp_path / "x.flow.yaml")
    assert not list(tmp_path.iterdir())
    line.rename("gaussian", "whole")
    line.save(tmp_path / "x.flow.yaml")
