"""Isolation that was asked for survives what people do on the canvas."""

from collections.abc import Callable

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.workflow.comparing import compare
from bioimageit_flow.workflow.edits.nesting import make_subworkflow, unpack
from bioimageit_flow.workflow.file import document_of, read_document, write_document


def isolated(editor: Editor) -> set[str]:
    nodes = editor.document.nodes
    return {name for name, node in nodes.items() if node.isolation == "job"}


def test_isolation_is_set_undone_and_kept_in_the_file(
    example: Callable[[str], Editor],
) -> None:
    editor = example("two_populations")
    before = editor.document
    editor.set_isolation("spots", "job")
    assert isolated(editor) == {"spots"}
    again = read_document(write_document(editor.document))
    assert again.nodes["spots"].isolation == "job"
    (difference,) = compare(before, editor.document)
    assert (difference.what, difference.name) == ("isolation", "spots")
    editor.undo()
    assert editor.document == before
    editor.set_isolation(None, "job")
    assert editor.document.isolation == "job"
    assert isolated(editor) == set()


def test_other_edits_keep_it(example: Callable[[str], Editor]) -> None:
    editor = example("two_populations")
    editor.set_isolation(["spots", "deconvolve"], "job")
    editor.set_parameter("spots", "threshold", 5.0)
    editor.set_state("spots", "disabled")
    editor.rename("spots", "Find them")
    editor.rename_id("deconvolve", "sharpen")
    assert isolated(editor) == {"spots", "sharpen"}


def test_subworkflows_keep_it_inside_and_out(
    example: Callable[[str], Editor],
) -> None:
    editor = example("two_populations")
    editor.set_isolation("spots", "job")
    nested, name = make_subworkflow(
        editor.document, ["deconvolve", "spots"], "Inner", editor.ports
    )[:2]
    inside = nested.nodes[name].workflow
    assert isinstance(inside, dict)
    assert inside["nodes"]["spots"]["isolation"] == "job"
    nodes = dict(nested.nodes)
    nodes[name] = nodes[name].model_copy(update={"isolation": "job"})
    nested = nested.model_copy(update={"nodes": nodes})
    flat, ids = unpack(nested, name, document_of(inside))
    assert len(ids) == 2
    assert {flat.nodes[one].isolation for one in ids} == {"job"}
