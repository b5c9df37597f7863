from pathlib import Path

import pytest

from bioimageit_flow.editor.running.marks import (
    NodeMark,
    at_level,
    clock,
    marks_of_plan,
    marks_of_run,
    with_marks,
)
from bioimageit_flow.editor.scene import NodeRole, NodeStatus, NodeView, Scene
from bioimageit_flow.model.events import (
    JobEnded,
    JobStarted,
    Preparing,
    RunAsked,
    RunEnded,
    RunEvent,
    RunStarted,
)
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.plan import NEVER_RUN, NOT_READY, WAITS, NodePlan
from bioimageit_flow.model.run import JobState, RunState
from bioimageit_flow.session.run_tally import RunTally


def plan(node: str, **numbers: object) -> NodePlan:
    facts: dict[str, object] = {"reused": 0, "new": 0, "waiting": 0, "reasons": {}}
    return NodePlan(node=node, tool="t", runtime="r", **(facts | numbers))  # type: ignore[arg-type]


def tally(*events: RunEvent, expected: int = 4) -> RunTally:
    made = RunTally(lambda: 10.0)
    made.take(RunStarted(RunId("r"), Path(), {"spots": expected}, {}))
    for event in events:
        made.take(event)
    return made


def ended(number: int, state: JobState = JobState.DONE) -> JobEnded:
    return JobEnded("spots", f"{number}.tif", state)


def test_plan_tells_known_new_and_stale_nodes_apart() -> None:
    marks = marks_of_plan(
        [
            plan("known", reused=40),
            plan("new", new=40, reasons={NEVER_RUN: 40}),
            plan("changed", new=40, reasons={"sigma 1 -> 2": 40}),
            plan(
                "partly",
                reused=30,
                new=8,
                waiting=2,
                reasons={"sigma 1 -> 2": 6, NEVER_RUN: 2},
            ),
            plan("nothing"),
        ]
    )

    assert marks == {
        "known": NodeMark(NodeStatus.REUSED, "40 known"),
        "new": NodeMark(NodeStatus.READY, "40 to run", why=NEVER_RUN),
        "changed": NodeMark(NodeStatus.STALE, "40 of 40 to run", why="sigma 1 -> 2"),
        "partly": NodeMark(
            NodeStatus.STALE,
            "10 of 40 to run",
            why="sigma 1 -> 2 (6); not run before (2)",
        ),
    }


def test_new_workflow_is_ready_as_a_whole() -> None:
    marks = marks_of_plan(
        [plan("first", new=4, reasons={NEVER_RUN: 4}), plan("then", waiting=4)]
    )

    assert marks["then"] == NodeMark(NodeStatus.READY, "4 to run", why=WAITS)


def test_new_node_without_its_image_is_not_stale() -> None:
    marks = marks_of_plan(
        [
            plan("new", new=40, reasons={NOT_READY: 40}),
            plan("both", new=40, reasons={NOT_READY: 1, "sigma 1 -> 2": 39}),
        ]
    )
    assert marks["new"].status is NodeStatus.READY
    assert marks["new"].why == NOT_READY
    assert marks["both"].status is NodeStatus.STALE


def test_what_waits_for_a_changed_node_is_stale_too() -> None:
    marks = marks_of_plan(
        [plan("first", new=4, reasons={"sigma 1 -> 2": 4}), plan("then", waiting=4)]
    )

    assert marks["then"] == NodeMark(NodeStatus.STALE, "4 of 4 to run", why=WAITS)


def test_running_node_says_how_far_it_has_come() -> None:
    made = tally(ended(1), JobStarted("spots", "2.tif"))

    mark = marks_of_run(made, 10.0)["spots"]

    assert mark.status is NodeStatus.RUNNING
    assert mark.text.startswith("1 of 4")
    assert mark.fraction == pytest.approx(0.25)


def test_time_left_is_told_once_it_is_known() -> None:
    made = tally(JobStarted("spots", "1.tif"), ended(1), JobStarted("spots", "2.tif"))

    assert marks_of_run(made, 40.0)["spots"].text == "1 of 4, 1:30 left"


@pytest.mark.parametrize(
    ("events", "status", "text"),
    [
        ([ended(n) for n in range(4)], NodeStatus.DONE, "4 done"),
        ([ended(n, JobState.REUSED) for n in range(4)], NodeStatus.REUSED, "4 reused"),
        (
            [*(ended(n) for n in range(3)), ended(3, JobState.FAILED)],
            NodeStatus.PARTIAL,
            "1 of 4 failed",
        ),
        (
            [ended(n, JobState.FAILED) for n in range(4)],
            NodeStatus.FAILED,
            "4 of 4 failed",
        ),
        ([], NodeStatus.WAITING, "4 waiting"),
        ([RunEnded(RunState.CANCELLED)], NodeStatus.WAITING, "not run"),
    ],
)
def test_node_that_does_not_run_says_why(
    events: list[RunEvent], status: NodeStatus, text: str
) -> None:
    mark = marks_of_run(tally(*events), 10.0)["spots"]

    assert (mark.status, mark.text) == (status, text)


def test_paused_run_says_so() -> None:
    made = tally(ended(1), JobStarted("spots", "2.tif"), RunAsked("pause"))

    assert marks_of_run(made, 10.0)["spots"].text == "1 of 4, paused"


def test_image_that_is_fetched_is_shown_at_its_node() -> None:
    made = RunTally(lambda: 0.0)
    made.take(Preparing("spots", "Getting the image a.org/b/c:0.1: 20 MiB of 80 MiB"))

    assert marks_of_run(made, 0.0) == {
        "spots": NodeMark(NodeStatus.FETCHING, "image: 20 MiB of 80 MiB", 0.25)
    }


def test_environment_that_is_installed_is_shown_at_its_node() -> None:
    made = RunTally(lambda: 0.0)
    made.take(Preparing("spots", "Installing the environment of Tables"))

    text = "Installing the environment of Tables"
    assert marks_of_run(made, 0.0) == {
        "spots": NodeMark(NodeStatus.FETCHING, text, 0.0)
    }


def test_subworkflow_shows_the_worst_of_its_nodes() -> None:
    marks = {
        "top": NodeMark(NodeStatus.DONE),
        "sub/a": NodeMark(NodeStatus.DONE, "4 done", 1.0),
        "sub/b": NodeMark(NodeStatus.FAILED, "4 of 4 failed", 0.5),
    }

    outer = at_level(marks, ())
    inner = at_level(marks, ("sub",))

    assert outer["sub"] == NodeMark(NodeStatus.FAILED, "4 of 4 failed", 0.75)
    assert set(inner) == {"a", "b"}


def test_subworkflow_half_way_is_running() -> None:
    marks = {"sub/a": NodeMark(NodeStatus.DONE), "sub/b": NodeMark(NodeStatus.WAITING)}

    assert at_level(marks, ())["sub"].status is NodeStatus.RUNNING


def test_scene_shows_marks_of_its_nodes_only() -> None:
    view = NodeView("spots", NodeRole.TOOL, "Spots", "", "", 0.0, 0.0)
    marks = {
        "spots": NodeMark(NodeStatus.RUNNING, "1 of 4", 0.25, why="sigma 1 -> 2"),
        "gone": NodeMark(NodeStatus.DONE),
    }

    shown = with_marks(Scene(nodes={"spots": view}), marks)

    assert set(shown.nodes) == {"spots"}
    assert shown.nodes["spots"].progress == "1 of 4"
    assert shown.nodes["spots"].why == "sigma 1 -> 2"
    assert shown.nodes["spots"].status is NodeStatus.RUNNING


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (65, "1:05"), (7205, "2:00:05"), (-3, "0:00")]
)
def test_clock_reads_like_a_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text
