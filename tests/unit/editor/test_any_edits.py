"""Whatever is done in whatever order: undo restores, nothing dangles, files survive."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.scene import difference
from bioimageit_flow.errors import FlowError
from bioimageit_flow.workflow import Document, Workflow, read_document
from bioimageit_flow.workflow.edits.places import taken_ids
from bioimageit_flow.workflow.file import write_document
from bioimageit_flow.workflow.structure import cyclic_edges

ROOT = Path(__file__).parents[3]

TOOLS = (
    "skimage/gaussian",
    "skimage/threshold",
    "skimage/label-watershed",
    "skimage/measure-regions",
    "skimage/richardson-lucy",
    "tables/concatenate",
)

ACTIONS = (
    "add_tool",
    "add_dataset",
    "add_note",
    "add_frame",
    "connect",
    "disconnect",
    "rewire",
    "remove",
    "reconnect",
    "swap",
    "move",
    "rename",
    "rename_id",
    "parameter",
    "state",
    "insert",
    "waypoint",
    "arrange",
    "align",
    "paste",
    "duplicate",
    "cut",
    "subworkflow",
    "unpack",
    "enter",
    "leave",
)

EXAMPLE = ROOT / "examples" / "nuclei" / "nuclei.flow.yaml"

Step = tuple[str, int, int, int]

STEPS = st.lists(
    st.tuples(
        st.sampled_from(ACTIONS),
        st.integers(0, 50),
        st.integers(0, 50),
        st.integers(0, 5),
    ),
    max_size=25,
)


def pick(things: list[str], number: int) -> str:
    return things[number % len(things)] if things else "nothing"


def do(editor: Editor, step: Step) -> None:
    """Do one thing, as far as it is possible now."""
    action, a, b, c = step
    boxes = list(editor.scene.nodes)
    wires = list(editor.scene.wires)
    node = pick(boxes, a)
    some = {pick(boxes, a + i) for i in range(c + 1)} & set(boxes)
    outs = [
        (view.id, port.name or None)
        for view in editor.scene.nodes.values()
        for port in view.outputs
    ]
    entries = [
        (view.id, port.name)
        for view in editor.scene.nodes.values()
        for port in view.inputs
    ]
    match action:
        case "add_tool":
            editor.add_tool(TOOLS[a % len(TOOLS)])
        case "add_dataset":
            editor.add_dataset("data", ["image", "labels", "table"][a % 3])
        case "add_note":
            editor.add_note("why", (a, b))
        case "add_frame":
            editor.add_frame(some, "part")
        case "connect" if outs and entries:
            editor.connect(outs[a % len(outs)], entries[b % len(entries)])
        case "disconnect":
            editor.disconnect([pick(wires, a)])
        case "rewire" if outs:
            editor.rewire(pick(wires, a), source=outs[b % len(outs)])
        case "remove":
            editor.remove([node])
        case "reconnect":
            editor.remove(some, reconnect=True)
        case "swap":
            editor.swap_tool(node, TOOLS[b % len(TOOLS)])
        case "move":
            editor.move({node: (a, b)})
        case "rename":
            editor.rename(node, f"title {b}")
        case "rename_id":
            editor.rename_id(node, f"name{b}")
        case "parameter":
            editor.set_parameter([node], "sigma", float(b))
        case "state":
            editor.set_state(some, ["enabled", "disabled", "bypass"][b % 3])
        case "insert":
            editor.add_tool(TOOLS[a % len(TOOLS)], insert_on=pick(wires, b))
        case "waypoint":
            editor.add_waypoint(pick(wires, a), (b, c))
        case "arrange":
            editor.arrange(some if a % 2 else None)
        case "align":
            editor.align(some, "left")
        case "paste":
            editor.paste(editor.copy(some), (a, b))
        case "duplicate":
            editor.duplicate(some, with_inputs=bool(b % 2))
        case "cut":
            editor.cut(some)
        case "subworkflow":
            editor.make_subworkflow(some, "part")
        case "unpack":
            editor.unpack(node)
        case "enter":
            editor.enter(node)
        case "leave":
            editor.leave()


def tell_dangling(document: Document) -> list[str]:
    """Return everything that names something that is not there."""
    known = {*document.inputs, *document.nodes}
    keys = {str(edge) for edge in document.edges()}
    every = set(taken_ids(document))
    return [
        *(str(edge) for edge in document.edges() if edge.source.node not in known),
        *(name for name in document.layout.nodes if name not in known),
        *(key for key in document.layout.waypoints if key not in keys),
        *(
            name
            for frame in document.layout.frames
            for name in frame.nodes
            if name not in every
        ),
        *(
            text
            for text in document.outputs.values()
            if text.partition(".")[0] not in known
        ),
    ]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.booleans(), STEPS)
def test_any_edits_leave_a_sound_document_that_can_be_undone(
    catalogue: Catalogue, begins_empty: bool, steps: list[Step]
) -> None:
    workflow = Workflow("Test", catalogue=catalogue)
    if not begins_empty:
        workflow = Workflow.load(EXAMPLE, catalogue=catalogue)
    editor = Editor(workflow)
    shown = editor.scene
    states = [editor.workflow.document]

    for step in steps:
        before = editor.workflow.document
        try:
            do(editor, step)
        except FlowError:
            assert editor.workflow.document == before  # refused: nothing changed
        document = editor.workflow.document
        if document != before:
            states.append(document)
        assert tell_dangling(editor.document) == []
        assert cyclic_edges(editor.document) == []
        assert read_document(write_document(document)) == document
        assert set(editor.document.layout.nodes) == set(editor.scene.nodes)
        changes = difference(shown, editor.scene)
        assert set(shown.nodes) - set(changes.nodes.removed) | set(
            changes.nodes.added
        ) == set(editor.scene.nodes)
        shown = editor.scene

    last = editor.workflow.document
    while editor.undo():
        assert editor.workflow.document in states
    assert editor.workflow.document == states[0]
    while editor.redo():
        pass
    assert editor.workflow.document == last
