from collections.abc import Callable

import pytest

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.workflow import Workflow, read_document

Opener = Callable[[str], Editor]


def test_what_is_copied_is_a_workflow_file(example: Opener) -> None:
    editor = example("nuclei")
    text = editor.copy(["smooth", "mask"])

    part = read_document(text)
    assert list(part.nodes) == ["smooth", "mask"]
    assert [str(edge) for edge in part.edges()] == [
        "dna.result -> smooth.image",
        "smooth.result -> mask.image",
    ]


def test_pasted_nodes_get_free_names_and_keep_their_inner_wires(
    example: Opener,
) -> None:
    editor = example("nuclei")
    before = set(editor.scene.wires)
    ids = editor.paste(editor.copy(["smooth", "mask"]))

    assert ids == ["smooth_2", "mask_2"]
    assert set(editor.scene.wires) - before == {"smooth_2.result -> mask_2.image"}
    assert editor.selection == {"smooth_2", "mask_2"}
    smooth = editor.document.nodes["smooth_2"]
    assert smooth.parameters == editor.document.nodes["smooth"].parameters
    old, new = editor.scene.nodes["smooth"], editor.scene.nodes["smooth_2"]
    assert (old.x, old.y) != (new.x, new.y)


def test_pasting_with_inputs_wires_from_where_the_originals_are(
    example: Opener,
) -> None:
    editor = example("nuclei")
    editor.paste(editor.copy(["smooth"]), with_inputs=True)

    assert "dna.result -> smooth_2.image" in editor.scene.wires


def test_pasted_at_a_point_begins_there(example: Opener) -> None:
    editor = example("nuclei")
    editor.paste(editor.copy(["smooth", "mask"]), (1000, 700))

    view = editor.scene.nodes["smooth_2"]
    assert (view.x, view.y) == (1000, 700)


def test_between_windows_nothing_is_wired_by_chance(
    example: Opener, editor: Editor
) -> None:
    other = example("nuclei")
    editor.add_dataset("images")
    editor.paste(other.copy(["dna", "smooth"]))

    assert list(editor.scene.wires) == ["dna.result -> smooth.image"]


def test_whole_file_can_be_pasted(example: Opener, editor: Editor) -> None:
    other = example("two_populations")
    editor.paste(other.workflow.dumps())

    assert set(editor.document.nodes) == set(other.document.nodes)
    assert set(editor.document.inputs) == set(other.document.inputs)
    assert dict(editor.document.outputs) == dict(other.document.outputs)
    assert set(editor.scene.wires) == set(other.scene.wires)


def test_some_lines_of_a_file_can_be_pasted(editor: Editor) -> None:
    text = "nodes:\n  blur: {tool: skimage/gaussian@1.0.0, parameters: {sigma: 2.5}}\n"
    assert editor.paste(text, (10, 20)) == ["blur"]
    assert editor.document.nodes["blur"].parameters == {"sigma": 2.5}
    view = editor.scene.nodes["blur"]
    assert (view.x, view.y) == (10, 20)
    with pytest.raises(WorkflowError, match="What was pasted"):
        editor.paste("nodes: [1, 2]")


def test_cut_and_paste_brings_everything_back(example: Opener) -> None:
    editor = example("nuclei")
    note = editor.add_note("why", (10, 10))
    frame = editor.add_frame(["smooth", "mask", note], "Part")
    key = "smooth.result -> mask.image"
    editor.add_waypoint(key, (1, 2))
    steps = len(editor.history)

    text = editor.cut([frame])
    assert not {"smooth", "mask"} & set(editor.scene.nodes)
    assert not editor.scene.frames
    assert not editor.scene.notes
    assert len(editor.history) == steps + 1

    editor.paste(text)
    assert {"smooth", "mask"} <= set(editor.scene.nodes)
    assert key in editor.scene.wires
    assert editor.scene.wires[key].waypoints == ((1, 2),)
    (view,) = editor.scene.frames.values()
    assert set(view.nodes) == {"smooth", "mask", *editor.scene.notes}


def test_duplicating_with_and_without_inputs(example: Opener) -> None:
    editor = example("nuclei")
    (alone,) = editor.duplicate(["smooth"])
    (wired,) = editor.duplicate(["smooth"], with_inputs=True)

    assert not editor.document.nodes[alone].wires
    assert editor.document.nodes[wired].wires == {"image": "dna.result"}


@pytest.mark.parametrize("text", ["", "hello", "a: [1", "schema: x/y/1", "{}"])
def test_text_that_is_no_workflow_is_refused(editor: Editor, text: str) -> None:
    with pytest.raises(WorkflowError):
        editor.paste(text)
    assert len(editor.history) == 1


def test_copying_nothing_is_refused(editor: Editor) -> None:
    with pytest.raises(WorkflowError, match="nothing to copy"):
        editor.copy()


def test_subworkflows_are_copied_with_what_is_in_them(example: Opener) -> None:
    editor = example("nuclei")
    sub = editor.make_subworkflow(["smooth", "mask"], "Mask")
    other = Editor(Workflow("Other", catalogue=editor.workflow.catalogue))
    (pasted,) = other.paste(editor.copy([sub]))

    assert list(other.inner(pasted).nodes) == ["smooth", "mask"]


def test_a_paste_that_was_prepared_goes_into_what_there_is_now(
    example: Opener,
) -> None:
    editor = example("nuclei")
    text = editor.copy(["smooth"])
    at_once = editor.paste_later(text, (40.0, 900.0))()
    late = editor.paste_later(text, (80.0, 990.0))()

    (first,) = editor.keep_pasted(at_once)
    (second,) = editor.keep_pasted(late)
    assert first != second
    views = editor.scene.nodes
    assert (views[first].x, views[first].y) == (40.0, 900.0)
    assert (views[second].x, views[second].y) == (80.0, 990.0)
    assert editor.selection == {second}
