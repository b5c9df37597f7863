"""Automatic layout keeps notes beside their boxes and frames free of others."""

import itertools

import pytest

from bioimageit_flow.workflow.document import Document, Frame
from bioimageit_flow.workflow.edits.arranging import arrange

Box = tuple[float, float, float, float]


def a_fan() -> Document:
    """Return one input that feeds six blurs, three of which feed another."""
    nodes = {
        f"n{i}": {"tool": "skimage/gaussian@1.0.0", "wires": {"image": "images"}}
        for i in range(6)
    }
    nodes |= {
        f"m{i}": {"tool": "skimage/gaussian@1.0.0", "wires": {"image": f"n{i}.result"}}
        for i in range(3)
    }
    return arrange(Document.model_validate(plain(nodes)))


def plain(nodes: object) -> dict[str, object]:
    return {
        "schema": "bioimageit-flow/workflow/1",
        "id": "6f1d3c0e-2b8a-4c57-9d64-0a8f5e1b7c23",
        "name": "Fan",
        "inputs": {"images": {"kind": "image"}},
        "nodes": nodes,
        "notes": [{"text": "About n4", "id": "about"}],
    }


def boxes(document: Document) -> dict[str, Box]:
    found = {
        name: (x, y, x + 220.0, y + 80.0)
        for name, (x, y) in document.layout.nodes.items()
    }
    for name, (x, y, width, height) in document.layout.notes.items():
        found[name] = (x, y, x + width, y + height)
    return found


def overlap(one: Box, other: Box) -> bool:
    return (
        one[0] < other[2]
        and other[0] < one[2]
        and one[1] < other[3]
        and other[1] < one[3]
    )


def with_layout(document: Document, **fields: object) -> Document:
    layout = document.layout.model_copy(update=fields)
    return document.model_copy(update={"layout": layout})


def test_note_goes_along_with_its_box() -> None:
    document = a_fan()
    x, y = document.layout.nodes["n4"]
    drawn = with_layout(
        document,
        nodes={**document.layout.nodes, "n4": (x + 900, y + 700)},
        notes={"about": (x + 900, y + 590, 200.0, 90.0)},
    )
    arranged = arrange(drawn)

    note = arranged.layout.notes["about"]
    at = arranged.layout.nodes["n4"]
    assert abs(note[0] - at[0]) < 230
    assert at[1] - note[1] == 110
    for one, other in itertools.combinations(boxes(arranged).values(), 2):
        assert not overlap(one, other)


@pytest.mark.parametrize("framed", [("n1", "m1"), ("n0", "n2"), ("n0", "n5", "m2")])
def test_frame_holds_only_what_is_its(framed: tuple[str, ...]) -> None:
    document = with_layout(
        a_fan(),
        frames=(Frame(id="frame", rect=(0.0, 0.0, 10.0, 10.0), nodes=framed),),
    )
    arranged = arrange(document)
    x, y, width, height = arranged.layout.frames[0].rect
    frame = (x, y, x + width, y + height)

    for name, box in boxes(arranged).items():
        assert overlap(frame, box) is (name in framed), name
    for one, other in itertools.combinations(arranged.layout.nodes, 2):
        assert not overlap(boxes(arranged)[one], boxes(arranged)[other])


def test_two_frames_do_not_lie_on_each_other() -> None:
    frames = (
        Frame(id="one", rect=(0.0, 0.0, 1.0, 1.0), nodes=("n0", "m1")),
        Frame(id="two", rect=(0.0, 0.0, 1.0, 1.0), nodes=("n3", "m0")),
    )
    arranged = arrange(with_layout(a_fan(), frames=frames))
    one, two = (
        (x, y, x + w, y + h)
        for x, y, w, h in (frame.rect for frame in arranged.layout.frames)
    )

    assert not overlap(one, two)


def test_part_that_is_arranged_leaves_the_rest_where_it_is() -> None:
    document = with_layout(
        a_fan(),
        frames=(Frame(id="frame", rect=(0.0, 0.0, 9.0, 9.0), nodes=("n1", "n2")),),
    )
    arranged = arrange(document, {"n1", "n2"})

    for name in ("images", "n0", "n3", "m0"):
        assert arranged.layout.nodes[name] == document.layout.nodes[name]


def test_note_without_a_place_is_clear_of_boxes() -> None:
    """A file may give places to its boxes and none to its notes."""
    document = a_fan()
    places = {name: (300.0 * i, 0.0) for i, name in enumerate(document.layout.nodes)}
    arranged = arrange(with_layout(document, nodes=places, notes={}))
    x, y, width, height = arranged.layout.notes["about"]

    for name in document.layout.nodes:
        box = boxes(arranged)[name]
        assert not overlap((x, y, x + width, y + height), box), name
