"""What is said at the end of a run: failures that are alike are said once."""

from pathlib import Path

import pytest

from bioimageit_flow.cli.run_report import SHOWN_ITEMS, say_report
from bioimageit_flow.model.events import Failure, NodeReport, RunReport
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.run import FailureCause, RunState

LOST = "The container engine stopped answering."


def failure(item: str, message: str = LOST, node: str = "spots") -> Failure:
    log = Path(f"logs/{item}.log")
    return Failure(node, item, FailureCause.RUNTIME, message, log)


def said(
    capsys: pytest.CaptureFixture[str],
    *failures: Failure,
    folder: Path = Path("results"),
) -> str:
    report = RunReport(
        run=RunId("0123456789"),
        name="Count",
        state=RunState.PARTIAL,
        folder=folder,
        elapsed_s=1.0,
        nodes={"spots": NodeReport(failed=len(failures))},
        failures=failures,
        problems=(),
        runtimes={},
    )
    say_report(report)
    return capsys.readouterr().out


def test_failures_that_say_the_same_are_said_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    alike = [failure(f"{n}.tif") for n in range(40)]
    other = failure("odd.tif", "the tool exited with code 1")
    text = said(capsys, *alike[:20], other, *alike[20:])
    assert "41 jobs failed" in text
    assert text.count(LOST) == 1
    shown = ", ".join(f"{n}.tif" for n in range(SHOWN_ITEMS))
    assert f"spots on {shown} and 35 more: runtime" in text
    assert "spots on odd.tif" in text
    assert "… and" not in text


def test_many_different_failures_are_cut_and_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = said(capsys, *(failure(f"{n}.tif", f"reason {n}") for n in range(30)))
    assert "reason 19" in text
    assert "reason 20" not in text
    assert "… and 10 more" in text


def test_commands_to_go_on_name_an_experiment_that_one_is_not_in(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    experiment = tmp_path / "my spots"
    results = experiment / "results" / "one"
    results.mkdir(parents=True)
    (experiment / "experiment.db").write_bytes(b"")

    monkeypatch.chdir(tmp_path)
    text = said(capsys, failure("odd.tif"), folder=results)
    assert "jobs 01234567 -e 'my spots' --repeat odd.tif FOLDER" in text
    monkeypatch.chdir(experiment)
    text = said(capsys, failure("odd.tif"), folder=results)
    assert "jobs 01234567 --repeat odd.tif FOLDER" in text
