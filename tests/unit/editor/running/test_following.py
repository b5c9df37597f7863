from pathlib import Path

from bioimageit_flow.editor.running.following import FollowedRun
from bioimageit_flow.engine.journal import Journal
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
