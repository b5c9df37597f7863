from bioimageit_flow.workflow.document import Edge, Source
from bioimageit_flow.workflow.structure import (
    below,
    cyclic_edges,
    order_of,
    would_close_circle,
)
from tests.builders import a_document

DIAMOND = a_document(
    {
        "end": {"wires": {"image": "left.out", "other": "right.out"}},
        "left": {"wires": {"image": "start.out"}},
        "right": {"wires": {"image": "start.out"}},
        "start": {"wires": {"image": "images"}},
    }
)


def test_order_puts_each_node_after_what_it_needs() -> None:
    assert order_of(DIAMOND) == ["start", "left", "right", "end"]


def test_below_finds_everything_downstream() -> None:
    assert below(DIAMOND, {"left"}) == {"left", "end"}


def test_circle_is_named_and_the_rest_is_not() -> None:
    document = a_document(
        {
            "a": {"wires": {"image": "b.out"}},
            "b": {"wires": {"image": "a.out"}},
            "c": {"wires": {"image": "b.out"}},
        }
    )

    assert [str(edge) for edge in cyclic_edges(document)] == [
        "b.out -> a.image",
        "a.out -> b.image",
    ]


def test_wire_back_to_an_ancestor_would_close_a_circle() -> None:
    back = Edge(Source.parse("end.out"), "start", "image")
    on = Edge(Source.parse("start.out"), "end", "image")

    assert would_close_circle(DIAMOND, back)
    assert not would_close_circle(DIAMOND, on)
    assert would_close_circle(DIAMOND, Edge(Source.parse("end.out"), "end", "image"))


def test_circle_check_of_a_dense_graph_ends() -> None:
    # without a set of visited nodes it would walk 2**58 ways
    names = [f"n{i}" for i in range(60)]
    document = a_document(
        {
            name: {"wires": {f"p{j}": f"n{j}.out" for j in range(i)}}
            for i, name in enumerate(names)
        }
    )

    assert not would_close_circle(document, Edge(Source.parse("n0.out"), "n59", "p"))
    assert would_close_circle(document, Edge(Source.parse("n59.out"), "n0", "p"))
