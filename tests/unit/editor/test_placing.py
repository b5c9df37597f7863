import pytest

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.edits.arranging import Shape, arrange
from tests.builders import a_document


def place(editor: Editor, name: str) -> tuple[float, float]:
    view = editor.scene.nodes[name]
    return view.x, view.y


@pytest.fixture
def three(editor: Editor) -> Editor:
    for n, at in enumerate([(0, 0), (100, 300), (500, 350)]):
        editor.add_dataset(f"d{n}", "image", at)
    return editor


def test_frame_carries_its_nodes_and_notes(three: Editor) -> None:
    note = three.add_note("why", (40, 500))
    frame = three.add_frame(["d0", "d1", note], "Part")
    view = three.scene.frames[frame]

    three.move({frame: (view.x + 10, view.y - 20)})

    assert place(three, "d0") == (10, -20)
    assert place(three, "d1") == (110, 280)
    assert place(three, "d2") == (500, 350)
    assert (three.scene.notes[note].x, three.scene.notes[note].y) == (50, 480)
    three.undo()
    assert place(three, "d0") == (0, 0)


def test_frame_holds_all_that_it_frames(three: Editor) -> None:
    id_ = three.add_frame(["d0", "d2"], "Part")
    frame = three.scene.frames[id_]
    for name in ("d0", "d2"):
        box = three.scene.nodes[name]
        assert frame.x < box.x
        assert frame.y < box.y
        assert box.x + box.width < frame.x + frame.width
        assert box.y + box.height < frame.y + frame.height


def test_node_is_in_one_frame_at_most(three: Editor) -> None:
    first = three.add_frame(["d0", "d1"])
    three.add_frame(["d1"])

    assert three.scene.frames[first].nodes == ("d0",)


def test_empty_frame_is_refused(three: Editor) -> None:
    three.select([])
    with pytest.raises(WorkflowError, match="nothing to frame"):
        three.add_frame()


def test_frames_and_notes_are_changed_resized_and_removed(three: Editor) -> None:
    frame = three.add_frame(["d0"], "Old")
    note = three.add_note("a", (1, 2))
    three.set_frame(frame, title="New", colour="blue")
    three.set_note(note, "**b**")
    three.resize(note, (5, 6, 300, 1))

    assert three.scene.frames[frame].title == "New"
    assert three.scene.frames[frame].colour == "blue"
    view = three.scene.notes[note]
    assert (view.text, view.x, view.width, view.height) == ("**b**", 5, 300, 30)
    three.remove([frame, note])
    assert not three.scene.frames
    assert not three.scene.notes
    assert len(three.scene.nodes) == 3


def test_notes_of_files_without_ids_stay_apart(catalogue: Catalogue) -> None:
    document = a_document({}, notes=[{"text": "one"}, {"text": "two"}])
    editor = Editor(Workflow.of(document, catalogue=catalogue))

    editor.remove(["note_1"])

    assert [note.text for note in editor.scene.notes.values()] == ["two"]
    assert list(editor.scene.notes) == ["note_2"]


@pytest.mark.parametrize(
    ("side", "xs", "ys"),
    [
        ("left", {0}, {0, 300, 350}),
        ("right", {500}, {0, 300, 350}),
        ("top", {0, 100, 500}, {0}),
        ("bottom", {0, 100, 500}, {350}),
        ("centre", {200}, {0, 300, 350}),
    ],
)
def test_alignment(three: Editor, side: str, xs: set[int], ys: set[int]) -> None:
    three.align(["d0", "d1", "d2"], side)  # type: ignore[arg-type]

    found = [place(three, name) for name in ("d0", "d1", "d2")]
    assert {x for x, _ in found} == xs
    assert {y for _, y in found} == ys


def test_frame_is_not_aligned_with_what_it_carries(three: Editor) -> None:
    frame = three.add_frame(["d0", "d1"])
    three.align(["d0", "d1", "d2", frame], "top")

    assert {place(three, name)[1] for name in ("d0", "d1", "d2")} == {0}
    assert three.scene.frames[frame].y < 0


def test_history_calls_what_was_removed_or_cut_by_its_name(three: Editor) -> None:
    frame = three.add_frame(["d0"], "Old")
    three.remove([frame])
    assert three.history[-1].words == "Remove Old"
    blur = three.add_tool("skimage/gaussian", connect_from=("d0", None))
    three.remove([f"d0 -> {blur}.image"])
    assert three.history[-1].words == "Remove a wire"
    three.cut([blur])
    assert three.history[-1].words == "Cut Gaussian blur"


def test_distribution_makes_gaps_equal(three: Editor) -> None:
    three.distribute(["d0", "d1", "d2"], "horizontal")

    assert [place(three, f"d{n}")[0] for n in range(3)] == [0, 250, 500]
    assert [place(three, f"d{n}")[1] for n in range(3)] == [0, 300, 350]


def test_distribution_leaves_notes_alone_and_lays_no_box_on_another(
    three: Editor,
) -> None:
    note = three.add_note("why", (120, -200))
    three.move({"d0": (0, 0), "d1": (40, 0), "d2": (300, 0)})
    three.distribute(["d0", "d1", "d2", note], "horizontal")

    assert three.scene.notes[note].x == 120
    assert [place(three, f"d{n}")[0] for n in range(3)] == [0, 244, 488]


@pytest.mark.parametrize(
    ("at", "between", "after"),
    [
        ((400, 40), (400, 40), 700),  # there is room
        ((100, 30), (300, 0), 700),  # it would lie on the first
        ((600, 30), (300, 0), 700),
    ],
)
def test_a_box_dropped_on_a_wire_lies_between_its_ends(
    at: tuple[float, float], between: tuple[float, float], after: float
) -> None:
    editor = Editor(Workflow("Wire"))
    editor.add_dataset("images", at=(0, 0))
    spots = editor.add_tool(
        "skimage/detect-spots", at=(700, 0), connect_from=("images", None)
    )
    blur = editor.add_tool("skimage/gaussian", at=(0, 500))
    editor.insert_on_wire(f"images -> {spots}.image", blur, at=at)
    x, y = place(editor, blur)
    assert y == between[1]
    assert 220 <= x <= place(editor, spots)[0] - 220
    assert place(editor, spots)[0] == after


def test_ends_make_room_for_a_box_dropped_on_a_short_wire() -> None:
    editor = Editor(Workflow("Wire"))
    editor.add_dataset("images", at=(0, 0))
    spots = editor.add_tool(
        "skimage/detect-spots", at=(260, 0), connect_from=("images", None)
    )
    blur = editor.add_tool("skimage/gaussian", at=(0, 500))
    editor.insert_on_wire(f"images -> {spots}.image", blur, at=(150, 20))

    assert place(editor, "images") == (0, 0)
    assert 220 < place(editor, blur)[0] < place(editor, spots)[0] - 220
    editor.undo()
    assert place(editor, spots) == (260, 0)


def test_moves_of_the_same_boxes_are_one_step(three: Editor) -> None:
    steps = len(three.history)
    for x in range(10):
        three.move({"d0": (x, x)})
    assert len(three.history) == steps + 1
    three.move({"d1": (9, 9)})
    assert len(three.history) == steps + 2


def test_waypoints_change_nothing_but_the_layout(three: Editor) -> None:
    blur = three.add_tool("skimage/gaussian", connect_from=("d0", None))
    key = f"d0 -> {blur}.image"
    before = three.workflow.dumps().partition("layout:")[0]

    three.add_waypoint(key, (50, 60))
    three.add_waypoint(key, (20, 30), 0)
    three.move_waypoint(key, 1, (70, 80))

    assert three.scene.wires[key].waypoints == ((20, 30), (70, 80))
    assert three.workflow.dumps().partition("layout:")[0] == before
    three.remove_waypoint(key, 0)
    assert three.scene.wires[key].waypoints == ((70, 80),)
    with pytest.raises(WorkflowError, match="no bend 3"):
        three.remove_waypoint(key, 2)
    three.disconnect([key])
    assert three.document.layout.waypoints == {}


def overlaps(editor: Editor) -> list[tuple[str, str]]:
    boxes = list(editor.scene.nodes.values())
    return [
        (a.id, b.id)
        for n, a in enumerate(boxes)
        for b in boxes[n + 1 :]
        if a.x < b.x + b.width
        and b.x < a.x + a.width
        and a.y < b.y + b.height
        and b.y < a.y + a.height
    ]


def test_arranging_flows_to_the_right_without_overlaps(
    catalogue: Catalogue,
) -> None:
    nodes = {
        f"n{i}": {
            "tool": "skimage/gaussian@1.0.0",
            "wires": {"image": f"n{(i * 7) % i}.result" if i > 1 else "images"},
        }
        for i in range(1, 80)
    }
    nodes = {
        name: {**node, "wires": {"image": node["wires"]["image"]}}  # type: ignore[index]
        for name, node in nodes.items()
    }
    nodes["n1"]["wires"] = {"image": "images"}
    for i in range(2, 80):
        nodes[f"n{i}"]["wires"] = {"image": f"n{1 + (i * 5) % (i - 1)}.result"}
    editor = Editor(Workflow.of(a_document(nodes), catalogue=catalogue))
    editor.arrange()

    assert overlaps(editor) == []
    for wire in editor.scene.wires.values():
        source, target = wire.source[0], wire.target[0]
        assert editor.scene.nodes[source].x < editor.scene.nodes[target].x


def test_arranging_respects_the_order_of_ports() -> None:
    document = a_document(
        {
            "b": {"wires": {"image": "images"}},
            "a": {"wires": {"image": "images"}},
            "end": {"wires": {"first": "a.out", "second": "b.out"}},
        }
    )
    shapes = {
        "images": Shape((), ("",)),
        "a": Shape(("image",), ("out",)),
        "b": Shape(("image",), ("out",)),
        "end": Shape(("first", "second"), ("out",)),
    }
    places = arrange(document, None, shapes).layout.nodes

    assert places["a"][1] < places["b"][1]
    assert places["images"][0] < places["a"][0] == places["b"][0] < places["end"][0]


def test_arranging_a_selection_leaves_the_rest(three: Editor) -> None:
    blur = three.add_tool("skimage/gaussian", (900, 900), connect_from=("d2", None))
    three.arrange(["d2", blur])

    assert place(three, "d0") == (0, 0)
    assert place(three, "d1") == (100, 300)
    assert place(three, "d2")[0] == 500


def test_arranging_circles_chains_and_crowds_ends() -> None:
    ring = a_document(
        {
            "a": {"wires": {"image": "b.out"}},
            "b": {"wires": {"image": "a.out"}},
            "c": {"wires": {"image": "c.out"}},
        },
        inputs=[],
    )
    chain = a_document(
        {
            f"n{i}": {"wires": {"image": f"n{i - 1}.out" if i else "images"}}
            for i in range(1000)
        }
    )
    crowd = a_document({f"n{i}": {"wires": {"image": "images"}} for i in range(1000)})

    for document in (ring, chain, crowd):
        places = arrange(document).layout.nodes
        assert len(set(places.values())) == len({*document.nodes, *document.inputs})


def test_frames_follow_what_is_arranged(three: Editor) -> None:
    frame = three.add_frame(["d0", "d1", "d2"])
    three.arrange()

    view = three.scene.frames[frame]
    for name in ("d0", "d1", "d2"):
        box = three.scene.nodes[name]
        assert view.x < box.x < view.x + view.width
        assert view.y < box.y < view.y + view.height


def test_a_tool_that_mends_a_wire_lies_on_no_other_box() -> None:
    editor = Editor(Workflow("Mend"))
    editor.add_dataset("images", at=(0, 0))
    blur = editor.add_tool(
        "skimage/gaussian", at=(260, 0), connect_from=("images", None)
    )
    editor.add_tool("skimage/threshold", at=(520, 0), connect_from=(blur, "result"))
    measure = editor.add_tool("skimage/measure-regions", at=(900, 0))
    between = editor.connect_through(
        (blur, "result"), (measure, "labels"), "skimage/threshold"
    )

    assert overlaps(editor) == []
    assert place(editor, blur)[0] < place(editor, between)[0]
    assert place(editor, between)[0] < place(editor, measure)[0]


def test_new_boxes_put_at_one_place_lie_side_by_side() -> None:
    editor = Editor(Workflow("Pile"))
    assert editor.room_at((7, 9)) == (7, 9)
    for _ in range(12):
        editor.add_tool("skimage/gaussian", at=editor.room_at((10, 10)))

    assert overlaps(editor) == []
    assert all(
        abs(view.x) < 800 and abs(view.y) < 800 for view in editor.scene.nodes.values()
    )


def test_a_tool_that_gives_to_a_port_is_put_left_of_it() -> None:
    editor = Editor(Workflow("Back"))
    blur = editor.add_tool("skimage/gaussian", at=(500, 0))
    x, y = editor.free_at((520, 40), None, (blur, "image"))
    assert x < 500 - 220
    assert y == 0


def test_a_tool_put_on_a_box_comes_right_of_it_and_one_near_it_stays_near() -> None:
    editor = Editor(Workflow("On"))
    blur = editor.add_tool("skimage/gaussian", at=(500, 0))
    editor.add_tool("skimage/gaussian", at=(900, 0))
    editor.select([])
    x, y = editor.free_at((510, 10))
    assert place(editor, blur)[0] + 220 < x < 900
    assert y > 0
    x, y = editor.free_at((500, 60))
    assert x == 500
    assert 60 < y < 150
