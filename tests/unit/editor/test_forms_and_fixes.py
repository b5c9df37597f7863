from collections.abc import Callable

import pytest

from bioimageit_flow.editor.commands import (
    BY_ID,
    COMMANDS,
    ShortcutError,
    changed_keys,
    keys_of,
    split_keys,
)
from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.form import FieldMode
from bioimageit_flow.model.parameter import ParameterType
from bioimageit_flow.workflow import Workflow, read_document
from bioimageit_flow.workflow.document import FromAnnotation, Sweep, Swept
from tests.builders import a_document

Opener = Callable[[str], Editor]


def test_form_follows_the_descriptor(editor: Editor) -> None:
    node = editor.add_tool("skimage/gaussian")
    form = editor.form()

    sigma, unit, stack = form.fields
    assert form.nodes == (node,)
    assert sigma.name == "sigma"
    assert sigma.type is ParameterType.FLOAT
    assert sigma.default == 1
    assert list(sigma.bounds) == [0, 1000]
    assert sigma.step == 0.5
    assert sigma.is_default
    assert unit.choices == (("px", "pixels"), ("um", "micrometres"))
    assert stack.is_advanced
    editor.set_parameter(node, "sigma", -1)
    field = editor.form().field("sigma")
    assert field is not None
    assert not field.is_default
    assert "below the smallest value" in field.problem


def test_modes_of_a_field(editor: Editor) -> None:
    node = editor.add_tool("skimage/gaussian")
    swept = Swept(sweep=Sweep(values=(1.0, 2.0, 3.0)))
    for value, mode in (
        (FromAnnotation(annotation="width"), FieldMode.ANNOTATION),
        (swept, FieldMode.SWEEP),
        (2.0, FieldMode.CONSTANT),
    ):
        editor.set_parameter(node, "sigma", value)
        field = editor.form().field("sigma")
        assert field is not None
        assert (field.mode, field.value) == (mode, value)
        if value is swept:
            assert editor.scene.nodes[node].badge == "\u00d73"


def test_form_of_several_nodes_has_what_they_share(editor: Editor) -> None:
    blur = editor.add_tool("skimage/gaussian")
    other = editor.add_tool("skimage/gaussian")
    spots = editor.add_tool("skimage/median")
    editor.set_parameter(other, "sigma", 3.0)

    both = editor.form([blur, other])
    sigma = both.field("sigma")
    assert sigma is not None
    assert sigma.is_mixed
    names = [field.name for field in editor.form([blur, spots]).fields]
    assert "sigma" not in names
    assert "length_unit" in names


def test_form_of_a_placeholder_keeps_its_parameters(editor: Editor) -> None:
    document = a_document({"a": {"parameters": {"depth": 3}}})
    opened = Editor(Workflow.of(document, catalogue=editor.workflow.catalogue))

    (field,) = opened.form(["a"]).fields
    assert (field.name, field.value, field.is_known) == ("depth", 3, False)


def fix(editor: Editor, code: str, number: int = 0) -> str:
    problem = next(one for one in editor.problems if one.code == code)
    chosen = editor.fixes(problem)[number]
    chosen.apply()
    return chosen.words


BROKEN = """\
schema: bioimageit-flow/workflow/1
id: 0b9c3a54-3d1f-4c9e-9a57-1f3f3c5d2a11
name: Broken
inputs:
  images: {kind: image}
nodes:
  label:
    tool: skimage/label-watershed@1.0.0
    parameters: {min_distance: -4, nothing: 1}
    wires: {mask: images}
    group_by: [day]
  old:
    tool: skimage/gaussian@0.1.0
    wires: {image: images}
  loose:
    tool: skimage/gaussian@1.0.0
    wires: {image: ghost}
"""


def test_each_fix_takes_its_problem_away(editor: Editor) -> None:
    document = read_document(BROKEN)
    opened = Editor(Workflow.of(document, catalogue=editor.workflow.catalogue))
    codes = {problem.code for problem in opened.problems}
    assert codes == {
        "kind-mismatch",
        "parameter-value",
        "unknown-parameter",
        "group-by-items",
        "unknown-tool",
        "unknown-source",
    }

    assert fix(opened, "kind-mismatch") == "Insert Threshold"
    assert fix(opened, "group-by-items") == "Remove 'group by'"
    assert fix(opened, "parameter-value") == "Set min_distance back to its default"
    assert fix(opened, "unknown-parameter") == "Remove nothing"
    assert fix(opened, "unknown-tool") == "Use version 1.0.0"
    assert fix(opened, "unknown-source") == "Remove the wire ghost -> loose.image"
    assert {problem.code for problem in opened.problems} <= {
        "unwired-input",
        "unwired-node",
    }


def test_problem_without_a_fix_has_none(editor: Editor) -> None:
    editor.add_tool("skimage/gaussian")
    problem = next(one for one in editor.problems if one.code == "unwired-input")

    assert editor.fixes(problem) == []


def test_search_finds_misspelt_names_and_other_words(editor: Editor) -> None:
    assert editor.search("gausian")[0].title == "Gaussian blur"
    assert editor.search("denoising")[0].category
    assert "skimage/gaussian@1.0.0" in {one.ref for one in editor.search("")}
    assert editor.search("xyzzy") == []


def test_wire_on_empty_canvas_suggests_what_takes_it(example: Opener) -> None:
    editor = example("nuclei")
    tables = editor.suggest(("measure", "table"))
    makers = editor.suggest(("measure", "labels"), is_output=False)

    assert tables
    assert all(one.ref.startswith("tables/") for one in tables[:3])
    assert {one.ref for one in makers} >= {"skimage/threshold@1.0.0"}
    assert editor.suggest(("dna", "result"), "blur")[0].title == "Gaussian blur"
    for one in tables:
        node = editor.add_tool(one.ref, connect_from=("measure", "table"))
        assert f"measure.table -> {node}.{one.port}" in editor.scene.wires


def test_find_names_nodes_parameters_and_notes(example: Opener) -> None:
    editor = example("nuclei")
    editor.add_note("Remember the sigma")

    found = {(one.id, one.parameter) for one in editor.find("sigma")}
    assert found == {("smooth", "sigma"), ("note", "")}
    assert next(one.id for one in editor.find("THRESH")) == "mask"
    assert editor.find(" ") == []


def test_arrows_walk_wires_and_the_rest(example: Opener) -> None:
    editor = example("nuclei")

    assert editor.neighbour("dna", "right") == "smooth"
    assert editor.neighbour("dna", "left") == "images"
    assert editor.neighbour("table", "down") == "summary"
    assert editor.neighbour("summary", "up") == "table"
    assert editor.neighbour("nobody", "up") == "images"


def test_tab_cycles_ports(example: Opener) -> None:
    editor = example("nuclei")
    port = None
    seen = []
    for _ in range(4):
        port = editor.next_port("measure", port)
        seen.append(port)

    assert seen == [
        ("table", True),
        ("labels", False),
        ("intensity", False),
        ("table", True),
    ]
    assert editor.next_port("measure", None, backwards=True) == ("intensity", False)


def test_outline_is_equal_to_the_canvas(example: Opener) -> None:
    editor = example("nuclei")
    editor.add_note("why")
    editor.add_frame(["smooth", "mask"], "Part")
    sub = editor.make_subworkflow(["table"], "Join")
    ids: list[str] = []

    def walk(entries: tuple[object, ...]) -> None:
        for entry in entries:
            ids.append(entry.id)  # type: ignore[attr-defined]
            walk(entry.children)  # type: ignore[attr-defined]

    walk(editor.outline())
    scene = editor.scene
    outer = {one for one in ids if "/" not in one}
    assert outer == {*scene.nodes, *scene.notes, *scene.frames}
    assert f"{sub}/table" in ids
    assert len(ids) == len(set(ids))


def test_commands_have_ids_titles_and_keys_of_their_own() -> None:
    keys = [one for c in COMMANDS for one in split_keys(c.default_shortcut)]

    assert len(keys) == len(set(keys))
    assert len(BY_ID) == len(COMMANDS)
    assert all(one.title and one.category for one in COMMANDS)


def test_key_given_to_another_command_is_taken_from_the_first() -> None:
    changes = changed_keys({}, "edit.find", "Ctrl+Z")

    assert keys_of(changes)["edit.find"] == "Ctrl+Z"
    assert keys_of(changes)["edit.undo"] == ""
    assert keys_of(changed_keys(changes, "edit.find", None))["edit.undo"] == "Ctrl+Z"
    with pytest.raises(ShortcutError, match="is the key of 'Find"):
        changed_keys(changes, "edit.redo", "Ctrl+Z")
    with pytest.raises(ShortcutError, match="no command"):
        changed_keys({}, "edit.everything", "Ctrl+Z")
