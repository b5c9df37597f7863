from collections.abc import Callable
from pathlib import Path

import pytest

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.published import PublishedWorkflows
from bioimageit_flow.editor.scene import NodeRole
from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.workflow import Document, Workflow
from bioimageit_flow.workflow.expand import expand_subworkflows
from bioimageit_flow.workflow.file import save_document

Opener = Callable[[str], Editor]


def flat_edges(document: Document, *prefixes: str) -> set[str]:
    """Return the wires of what would run, without names of subworkflows."""
    flat = expand_subworkflows(document, None)
    edges = {str(edge) for edge in flat.edges()}
    for prefix in prefixes:
        edges = {edge.replace(f"{prefix}/", "") for edge in edges}
    return edges


def test_subworkflow_computes_the_same(example: Opener) -> None:
    editor = example("nuclei")
    before = flat_edges(editor.document)
    outputs = dict(editor.document.outputs)

    sub = editor.make_subworkflow(["smooth", "mask", "nuclei"], "Segment nuclei")

    view = editor.scene.nodes[sub]
    assert view.role is NodeRole.SUBWORKFLOW
    assert [port.name for port in view.outputs] == ["labels"]
    assert flat_edges(editor.document, sub) == before
    assert editor.document.outputs == {**outputs, "labels": f"{sub}.labels"}
    assert editor.problems == []


def test_unpacking_gives_back_what_was_packed(example: Opener) -> None:
    editor = example("nuclei")
    before = editor.document
    sub = editor.make_subworkflow(["smooth", "mask", "nuclei"], "Segment")

    editor.unpack(sub)

    assert dict(editor.document.nodes) == dict(before.nodes)
    assert editor.document.outputs == before.outputs


def test_what_would_run_in_the_middle_is_named(example: Opener) -> None:
    editor = example("nuclei")
    with pytest.raises(WorkflowError, match="mask would have to run") as caught:
        editor.make_subworkflow(["smooth", "nuclei"], "Gap")
    assert "Add mask" in caught.value.remedy


def test_inside_a_subworkflow_all_is_edited_and_undone(example: Opener) -> None:
    editor = example("nuclei")
    sub = editor.make_subworkflow(["smooth", "mask"], "Mask")
    editor.enter(sub)

    assert set(editor.scene.nodes) >= {"smooth", "mask"}
    assert editor.scene.trail == ("Nuclei of two conditions", "Mask")
    editor.set_parameter("smooth", "sigma", 0.9)
    editor.add_tool("skimage/median", insert_on="smooth.result -> mask.image")
    editor.leave()

    assert editor.selection == {sub}
    inner = editor.inner(sub)
    assert inner.nodes["smooth"].parameters["sigma"] == 0.9
    assert "median" in inner.nodes
    editor.undo()
    editor.undo()
    assert editor.inner(sub).nodes["smooth"].parameters["sigma"] == 0.3


def test_undoing_the_making_leaves_the_subworkflow(example: Opener) -> None:
    editor = example("nuclei")
    before = editor.document
    sub = editor.make_subworkflow(["smooth", "mask"], "Mask")
    editor.enter(sub)

    editor.undo()

    assert editor.entered == ()
    assert editor.document == before
    assert editor.scene.trail == ("Nuclei of two conditions",)


def test_subworkflow_in_a_subworkflow(example: Opener) -> None:
    editor = example("nuclei")
    before = flat_edges(editor.document)
    outer = editor.make_subworkflow(["smooth", "mask", "nuclei"], "Outer")
    editor.enter(outer)
    inner = editor.make_subworkflow(["smooth", "mask"], "Inner")
    editor.enter(inner)
    editor.rename("smooth", "Calm")

    assert editor.scene.trail == ("Nuclei of two conditions", "Outer", "Inner")
    assert flat_edges(editor.workflow.document, outer, inner) == before
    editor.leave(2)
    assert editor.entered == ()
    assert editor.problems == []


def test_new_port_inside_is_a_port_outside(example: Opener) -> None:
    editor = example("nuclei")
    sub = editor.make_subworkflow(["smooth", "mask"], "Mask")
    editor.enter(sub)
    editor.set_output("smoothed", ("smooth", "result"))
    editor.add_dataset("psf", "image")
    editor.leave()

    view = editor.scene.nodes[sub]
    assert [port.name for port in view.outputs] == ["mask", "smoothed"]
    assert "psf" in [port.name for port in view.inputs]


def test_file_beside_the_workflow_is_embedded_before_it_is_entered(
    example: Opener, tmp_path: Path
) -> None:
    donor = example("nuclei")
    sub = donor.make_subworkflow(["smooth", "mask"], "Mask")
    save_document(donor.inner(sub), tmp_path / "mask.flow.yaml")
    workflow = Workflow("Outer", catalogue=donor.workflow.catalogue)
    workflow.save(tmp_path / "outer.flow.yaml")
    text = (tmp_path / "outer.flow.yaml").read_text()
    text += "nodes: {mask: {workflow: mask.flow.yaml}}\n"
    (tmp_path / "outer.flow.yaml").write_text(text)
    path = tmp_path / "outer.flow.yaml"
    editor = Editor(Workflow.load(path, catalogue=workflow.catalogue), path)

    assert editor.scene.nodes["mask"].role is NodeRole.SUBWORKFLOW
    with pytest.raises(WorkflowError, match=r"is the file mask\.flow\.yaml"):
        editor.enter("mask")
    editor.embed("mask")
    editor.enter("mask")
    assert "smooth" in editor.scene.nodes


def test_entering_a_tool_is_refused(example: Opener) -> None:
    editor = example("nuclei")
    with pytest.raises(WorkflowError, match="is no subworkflow"):
        editor.enter("smooth")
    assert editor.leave() is False


def test_published_subworkflow_stands_in_the_palette(
    example: Opener, editor: Editor, tmp_path: Path
) -> None:
    donor = example("nuclei")
    donor.published = editor.published = PublishedWorkflows(tmp_path)
    sub = donor.make_subworkflow(["smooth", "mask"], "Nice mask")
    donor.publish_subworkflow(sub)

    found = [one for one in editor.search("nice mask") if one.ref.startswith("work")]
    assert [one.title for one in found] == ["Nice mask"]
    images = editor.add_dataset("images")
    added = editor.add_tool(found[0].ref, connect_from=(images, None))
    assert list(editor.inner(added).nodes) == ["smooth", "mask"]
    assert len(editor.scene.wires) == 1
    editor.published.withdraw(found[0].ref)
    assert not list(editor.published.all())


def test_palette_reads_no_other_files(tmp_path: Path) -> None:
    with pytest.raises(WorkflowError, match="no subworkflow"):
        PublishedWorkflows(tmp_path).read("workflow:../../secret")


def test_problem_inside_is_told_outside_and_gone_to(example: Opener) -> None:
    editor = example("nuclei")
    sub = editor.make_subworkflow(["smooth", "mask"], "Mask")
    editor.enter(sub)
    editor.set_parameter("smooth", "sigma", -1)
    editor.leave()

    (problem,) = editor.problems
    assert problem.node == f"{sub}/smooth"
    assert editor.scene.nodes[sub].severity is problem.severity
    assert editor.go_to(problem.node) == "smooth"
    assert editor.entered == (sub,)
    assert editor.selection == {"smooth"}
    (inner,) = editor.problems
    editor.fixes(inner)[0].apply()
    editor.leave()
    assert editor.problems == []
