import pytest

from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.model.run import JobState
from tests.integration.engine.lab import Lab

BIND = {"images": "raw"}


def changed_tool(lab: Lab) -> None:
    """Change the files of a tool, which changes the fingerprint of its jobs."""
    (lab.folder / "tools" / "test" / "add" / "run.py").write_text("# another comment\n")
    lab.session.__dict__.pop("catalogue", None)


def test_results_serve_again_on_somebodys_word(lab: Lab) -> None:
    lab.import_images(3)
    line = lab.line()
    lab.run(line)
    changed_tool(lab)
    plan = lab.experiment.plan(line, bind=BIND)
    assert {node.node: node.new for node in plan.nodes}["add"] == 3

    done = lab.experiment.declare_still_valid(
        line, ["add"], "only a comment changed", bind=BIND
    )
    run = lab.run(line)

    assert (done.jobs, done.other) == (3, 0)
    assert lab.calls == []
    assert {job.state for job in run.jobs()} == {JobState.REUSED}
    reasons = {job.declared.reason for job in run.jobs() if job.declared is not None}
    assert reasons == {"only a comment changed"}


def test_results_of_other_settings_are_left_alone(lab: Lab) -> None:
    lab.import_images(2)
    line = lab.line()
    lab.run(line)

    done = lab.experiment.declare_still_valid(
        line, ["add"], "why not", bind=BIND, set={"add.amount": 50}
    )

    assert (done.jobs, done.other, done.change) == (0, 2, None)


def test_declaration_is_taken_back(lab: Lab) -> None:
    lab.import_images(2)
    line = lab.line()
    lab.run(line)
    changed_tool(lab)
    done = lab.experiment.declare_still_valid(
        line, ["add"], "only a comment changed", bind=BIND
    )

    assert done.jobs == 2
    lab.experiment.undo()

    plan = lab.experiment.plan(line, bind=BIND)
    assert {node.node: node.new for node in plan.nodes}["add"] == 2


def test_what_was_taken_back_after_a_run_can_be_declared_again(lab: Lab) -> None:
    lab.import_images(2)
    line = lab.line()
    lab.run(line)
    changed_tool(lab)
    before = lab.experiment.plan(line, bind=BIND)
    lab.experiment.declare_still_valid(line, ["add"], "a comment", bind=BIND)
    lab.run(line)
    lab.experiment.undo()

    plan = lab.experiment.plan(line, bind=BIND)
    assert plan.nodes == before.nodes  # also in why they are new
    again = lab.experiment.declare_still_valid(line, ["add"], "really", bind=BIND)
    assert (again.jobs, again.other) == (2, 0)
    lab.run(line)
    assert lab.calls == []


@pytest.mark.parametrize(
    ("nodes", "reason", "said"),
    [(["add"], "  ", "needs a reason"), (["ad"], "x", "no node 'ad'")],
)
def test_declaration_without_sense_is_refused(
    lab: Lab, nodes: list[str], reason: str, said: str
) -> None:
    lab.import_images(1)

    with pytest.raises(WorkflowError, match=said):
        lab.experiment.declare_still_valid(lab.line(), nodes, reason, bind=BIND)
