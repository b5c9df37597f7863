from bioimageit_flow.workflow.history import MAX_STEPS, History
from tests.builders import a_document

DOCUMENTS = [a_document({}, name=f"v{n}") for n in range(6)]


def a_history(count: int) -> History:
    history = History(DOCUMENTS[0])
    for number in range(1, count + 1):
        history.push(f"step {number}", DOCUMENTS[number])
    return history


def test_undo_and_redo_walk_the_steps() -> None:
    history = a_history(2)

    assert history.undo() == "step 2"
    assert history.undo() == "step 1"
    assert history.undo() == ""
    assert history.present is DOCUMENTS[0]
    assert history.redo() == "step 1"
    assert history.redo() == "step 2"
    assert history.redo() == ""
    assert history.present is DOCUMENTS[2]


def test_new_step_ends_what_was_taken_back() -> None:
    history = a_history(2)
    history.undo()
    history.push("other", DOCUMENTS[5])

    assert [step.words for step in history.steps()] == ["", "step 1", "other"]
    assert history.redo() == ""


def test_steps_with_one_key_are_one() -> None:
    history = a_history(1)
    history.push("drag", DOCUMENTS[2], merge="m")
    history.push("drag on", DOCUMENTS[3], merge="m")

    assert [step.words for step in history.steps()] == ["", "step 1", "drag on"]
    history.undo()
    assert history.present is DOCUMENTS[1]


def test_seal_and_undo_end_a_step() -> None:
    history = a_history(0)
    history.push("drag", DOCUMENTS[1], merge="m")
    history.seal()
    history.push("drag", DOCUMENTS[2], merge="m")
    history.undo()
    history.push("drag", DOCUMENTS[3], merge="m")

    assert len(history.steps()) == 3
    history.undo()
    assert history.present is DOCUMENTS[1]


def test_coming_back_leaves_no_step() -> None:
    history = a_history(1)
    history.push("drag", DOCUMENTS[2], merge="m")
    history.push("drag", DOCUMENTS[1], merge="m")

    assert [step.words for step in history.steps()] == ["", "step 1"]
    assert history.present == DOCUMENTS[1]


def test_jump_goes_anywhere_and_stays_inside() -> None:
    history = a_history(4)
    for step in (0, 4, 2, 3, 1):
        history.jump(step)
        assert history.present is DOCUMENTS[step]
        assert history.steps()[step].is_present
    history.jump(99)
    assert history.present is DOCUMENTS[4]
    history.jump(-5)
    assert history.present is DOCUMENTS[0]


def test_history_is_bounded() -> None:
    history = a_history(0)
    for number in range(MAX_STEPS + 50):
        history.push("s", DOCUMENTS[number % 2 + 1])

    assert len(history.past) == MAX_STEPS
