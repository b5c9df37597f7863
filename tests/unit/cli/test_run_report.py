from pathlib import Path

import pytest

from bioimageit_flow.cli.run_report import exit_code, say_report
from bioimageit_flow.model.events import Failure, NodeReport, RunReport
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.run import FailureCause, RunState


def report(
    state: RunState = RunState.DONE,
    nodes: dict[str, NodeReport] | None = None,
    failures: tuple[Failure, ...] = (),
    problems: tuple[Problem, ...] = (),
) -> RunReport:
    return RunReport(
        run=RunId("r"),
        name="Count",
        state=state,
        folder=Path("/lab/results/today_Count"),
        elapsed_s=75.0,
        nodes=nodes or {"spots": NodeReport(done=3, reused=1)},
        failures=failures,
        problems=problems,
        runtimes={"spots": "container (img:1)"},
    )


def failure(number: int = 1, message: str = "It has no pixel.") -> Failure:
    log = Path(f"/lab/runs/r/logs/{number}.log")
    cause = FailureCause.TOOL_ERROR
    return Failure("spots", f"a{number}.tif", cause, message, log)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (RunState.DONE, 0),
        (RunState.PARTIAL, 3),
        (RunState.FAILED, 3),
        (RunState.INTERRUPTED, 3),
        (RunState.CANCELLED, 130),
    ],
)
def test_exit_code(state: RunState, code: int) -> None:
    assert exit_code(state) == code


def test_good_run_shows_what_ran_and_where(capsys: pytest.CaptureFixture[str]) -> None:
    say_report(report())

    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "Run today_Count: done in 1 min 15 s",
        "",
        "node   ran  reused  in",
        "spots    3       1  container (img:1)",
        "",
        "Results: /lab/results/today_Count",
    ]


def test_columns_of_trouble_come_with_trouble(
    capsys: pytest.CaptureFixture[str],
) -> None:
    nodes = {
        "spots": NodeReport(done=2, failed=1),
        "sum": NodeReport(blocked=1),
    }
    say_report(report(RunState.PARTIAL, nodes, (failure(),)))

    said = capsys.readouterr()
    assert "node   ran  reused  failed  not run  in" in said.out
    assert "cancelled" not in said.out
    assert "run --failed" in said.err


def test_failures_name_item_cause_message_and_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say_report(
        report(RunState.PARTIAL, None, (failure(message="No pixel.\n\x1b[2Jlast"),))
    )

    out = capsys.readouterr().out
    _, _, tail = out.partition("1 job failed\n")
    assert tail.splitlines()[:4] == [
        "  spots on a1.tif: tool error",
        "    No pixel.",
        "    \\x1b[2Jlast",
        "    log: /lab/runs/r/logs/1.log",
    ]


def test_many_failures_are_cut(capsys: pytest.CaptureFixture[str]) -> None:
    failures = tuple(failure(number) for number in range(500))
    say_report(report(RunState.PARTIAL, None, failures))

    out = capsys.readouterr().out
    assert "500 jobs failed" in out
    assert out.count("log: ") == 20
    assert "and 480 more" in out


def test_what_did_not_pair_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem(
        "unpaired", Severity.WARNING, "psf.tif meets no image.", fix="Use it for all."
    )
    say_report(report(RunState.PARTIAL, None, (), (problem,)))

    assert "psf.tif meets no image." in capsys.readouterr().out
