import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimageit_flow.workflow.document import Document, Edge, Source
from bioimageit_flow.workflow.structure import (
    CircleError,
    below,
    cyclic_edges,
    distances_to_end,
    graph_of,
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


@st.composite
def workflows(draw: st.DrawFn) -> Document:
    """Draw a workflow of up to nine nodes, in any order of the file, any wires."""
    names = draw(st.permutations([f"n{number}" for number in range(9)]))
    names = names[: draw(st.integers(1, 9))]
    sources = [*(f"{name}.out" for name in names), "images", "gone.out"]
    wires = st.dictionaries(
        st.sampled_from(["a", "b", "c"]), st.sampled_from(sources), max_size=2
    )
    return a_document({name: {"wires": draw(wires)} for name in names})


@given(workflows())
def test_order_and_distances_are_those_of_networkx(document: Document) -> None:
    graph = graph_of(document)
    if not networkx.is_directed_acyclic_graph(graph):
        for ask in (order_of, distances_to_end):
            with pytest.raises(CircleError):
                ask(document)
        assert cyclic_edges(document)
        return
    assert cyclic_edges(document) == []
    position = {n: i for i, n in enumerate([*document.inputs, *document.nodes])}
    ordered = networkx.lexicographical_topological_sort(graph, position.__getitem__)
    order = [name for name in ordered if name in document.nodes]

    assert order_of(document) == order
    longest = dict.fromkeys(graph, 0)
    for name in reversed(order):
        longest[name] = max([1 + longest[n] for n in graph.successors(name)], default=0)
    assert distances_to_end(document) == {name: longest[name] for name in order}


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
