"""A judge that remembers says what the rules say."""

from hypothesis import given
from hypothesis import strategies as st

from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.judging import Judge
from bioimageit_flow.workflow.rules import check_with, wire_problems
from tests.benchmarks.canvas import graph

EDITOR = graph(12, columns=4)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 10)), max_size=14))
def test_a_judge_says_what_the_rules_say(edits: list[tuple[int, int]]) -> None:
    workflow = Workflow.of(EDITOR.document, catalogue=EDITOR.toolset.catalogue)
    editor = type(EDITOR)(workflow)
    judge = Judge()
    for kind, number in edits:
        names = list(editor.document.nodes)
        wires = list(editor.scene.wires)
        name = names[number % len(names)] if names else ""
        match kind:
            case 0 if name:
                editor.remove([name])
            case 1 if wires:
                editor.disconnect([wires[number % len(wires)]])
            case 2 if name:
                editor.rename(name, f"title {number}")
            case 3 if name:
                editor.duplicate([name], with_inputs=True)
            case 4:
                editor.undo()
            case _ if name:
                editor.move({name: (number * 10.0, 5.0)})
        document, tools = editor.document, editor.ports
        judged = judge.wires(document, tools)
        assert judged == wire_problems(document, tools)
        assert [edge for edge, _ in judged] == document.edges()
        assert judge.problems(document, tools, judged) == check_with(document, tools)


def test_what_did_not_change_is_not_judged_again() -> None:
    workflow = Workflow.of(EDITOR.document, catalogue=EDITOR.toolset.catalogue)
    editor = type(EDITOR)(workflow)
    judge = Judge()
    before = {id(pair) for pair in judge.wires(editor.document, editor.ports)}
    another = Workflow.loads(workflow.dumps(), catalogue=EDITOR.toolset.catalogue)
    another.document.edges()  # of another editor, asked in between
    editor.rename("n0", "Another")
    after = judge.wires(editor.document, editor.ports)
    new = [pair for pair in after if id(pair) not in before]
    touched = {"n0"} | {edge.node for edge, _ in after if edge.source.node == "n0"}
    assert {edge.node for edge, _ in new} <= touched
    assert len(new) < len(after)
