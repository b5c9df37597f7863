import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bioimageit_flow.editor.running.following import FollowedRun
from bioimageit_flow.engine.journal import JOURNAL, Journal
from bioimageit_flow.model.events import RunEnded, RunEvent, RunStarted, RunStopped
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.run import RunState
from bioimageit_flow.session.following import Following


def followed(folder: Path, *events: RunEvent) -> FollowedRun:
    journal = Journal(folder)
    for event in events:
        journal.write(event)
    journal.close()
    run = FollowedRun(Following(RunId("r"), folder), "w")
    run.poll()
    return run


def started(*, is_resumed: bool = False) -> RunStarted:
    return RunStarted(RunId("r"), Path("x"), {}, {}, is_resumed)


def test_run_that_could_not_begin_says_why(tmp_path: Path) -> None:
    run = followed(tmp_path, RunStopped("No image.", "Build it."))

    assert (run.state, run.message, run.remedy) == (
        RunState.FAILED,
        "No image.",
        "Build it.",
    )


def test_what_stopped_an_earlier_process_is_forgotten(tmp_path: Path) -> None:
    run = followed(
        tmp_path,
        started(),
        RunStopped("The disk is full.", "Free some."),
        started(is_resumed=True),
        RunEnded(RunState.DONE),
    )

    assert (run.state, run.message, run.begun) == (RunState.DONE, "", 2)


def test_run_that_began_before_keeps_its_pace(tmp_path: Path) -> None:
    begun = datetime.now(UTC) - timedelta(seconds=60)
    lines: list[dict[str, object]] = [
        {"event": "run", "state": "running", "run": "r", "folder": "x"}
        | {"expected": {"spots": 4}, "runtimes": {}},
        {"event": "job", "state": "running", "node": "spots", "item": "a", "job": "1"},
        {"event": "job", "state": "done", "node": "spots", "item": "a", "job": "1"},
    ]
    told: object = begun.isoformat()
    text = "".join(
        json.dumps({"n": n, "t": told, **line}) + "\n" for n, line in enumerate(lines)
    )
    (tmp_path / JOURNAL).write_text(text, encoding="utf-8")
    run = FollowedRun(Following(RunId("r"), tmp_path), "w")

    run.poll()

    node = run.tally.nodes["spots"]
    assert node.ended == 1
    assert 60 <= run.tally.elapsed_s < 120
    left_s = node.eta_s(run.clock())
    assert left_s is not None
    assert 180 <= left_s < 360
