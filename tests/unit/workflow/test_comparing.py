from typing import Any

from bioimageit_flow.workflow import Document
from bioimageit_flow.workflow.comparing import compare
from bioimageit_flow.workflow.file import plain_of
from tests.builders import a_document

BASE: dict[str, dict[str, Any]] = {
    "a": {"wires": {"image": "images"}, "parameters": {"sigma": 1}},
    "b": {"wires": {"image": "a.out"}},
}


def told(old: Document, new: Document) -> list[tuple[str, str, str]]:
    return [(str(one.manner), one.what, one.name) for one in compare(old, new)]


def changed(**more: dict[str, Any] | None) -> Document:
    nodes = {name: dict(node) for name, node in BASE.items()}
    for name, fields in more.items():
        if fields is None:
            nodes.pop(name)
        else:
            nodes[name] = {**nodes.get(name, {}), **fields}
    return a_document(nodes)


def test_layout_is_no_difference() -> None:
    old = a_document(BASE)
    new = a_document(BASE, layout={"nodes": {"a": [5, 5]}, "view": {"zoom": 2}})

    assert compare(old, new) == []


def test_nodes_and_wires_come_and_go() -> None:
    assert told(changed(), changed(b=None)) == [
        ("removed", "node", "b"),
        ("removed", "wire", "a.out -> b.image"),
    ]
    assert told(changed(), changed(c={"wires": {"image": "a.out"}})) == [
        ("added", "node", "c"),
        ("added", "wire", "a.out -> c.image"),
    ]


def test_parameters_come_go_and_change() -> None:
    new = changed(a={"parameters": {"depth": 2}}, b={"parameters": {"x": True}})
    assert told(changed(), new) == [
        ("removed", "parameter", "a.sigma"),
        ("added", "parameter", "a.depth"),
        ("added", "parameter", "b.x"),
    ]


def test_everything_else_of_a_node_is_told() -> None:
    new = changed(
        a={
            "tool": "test/other@1.0.0",
            "label": "A",
            "state": "disabled",
            "group_by": ["day"],
            "match": {"image": "use_for_all"},
            "x-mine": 1,
        }
    )
    assert {(what, name) for _, what, name in told(changed(), new)} == {
        ("tool", "a"),
        ("label", "a"),
        ("state", "a"),
        ("group_by", "a"),
        ("match", "a"),
        ("other", "a.x-mine"),
    }


def test_order_of_wires_of_one_port_counts() -> None:
    old = changed(b={"wires": {"images": ["a.out", "images"]}})
    new = changed(b={"wires": {"images": ["images", "a.out"]}})

    assert told(old, new) == [("changed", "wire", "b.images (order)")]


def test_inputs_outputs_notes_and_texts_are_told() -> None:
    old = a_document(BASE, notes=[{"text": "x"}], outputs={"r": "b.out"})
    new = a_document(BASE, ["images", "psf"], name="Other", outputs={"r": "a.out"})

    assert told(old, new) == [
        ("changed", "about", "name"),
        ("added", "input", "psf"),
        ("changed", "output", "r"),
        ("removed", "note", "x"),
    ]


def test_fields_of_an_input_are_told_one_by_one() -> None:
    old = a_document(BASE)
    new = Document.model_validate(
        {
            **plain_of(old),
            "inputs": {"images": {"kind": "labels", "axes": ["YX"]}},
        }
    )

    assert told(old, new) == [
        ("changed", "input", "images.kind"),
        ("added", "input", "images.axes"),
    ]


def test_inside_of_subworkflows_is_told() -> None:
    def outer(inner: Document) -> Document:
        return a_document({"sub": {"tool": None, "workflow": plain_of(inner)}})

    found = told(outer(changed()), outer(changed(a={"parameters": {"sigma": 2}})))
    assert found == [("changed", "parameter", "sub/a.sigma")]
