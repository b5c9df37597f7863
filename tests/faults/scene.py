"""The scene of a fault: an experiment, a process that is hurt, and how all looks after.

`python -m tests.faults.scene FOLDER ACT [...]` is that process: it opens the experiment
in FOLDER with tools of its own and does one thing.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from bioimageit_flow.engine import claims, ended_jobs
from bioimageit_flow.model.events import JobEnded, JobStarted, RunEvent
from bioimageit_flow.model.run import JobState
from bioimageit_flow.session import Experiment, Run, Session
from bioimageit_flow.stores.fault_points import VARIABLE
from bioimageit_flow.testing.in_process import InProcessRuntime
from bioimageit_flow.workflow import Workflow
from tests.integration.engine.lab import FUNCTIONS, Lab

ROOT = Path(__file__).parents[2]
IMAGES = 5
KILLED = -getattr(signal, "SIGKILL", signal.SIGTERM)
Begin = Callable[..., "subprocess.Popen[str]"]
"""Begins a process of a scene, as the fixture of that name does."""


def new_scene(folder: Path, images: int = IMAGES, store: str = "") -> Path:
    """Make an experiment with images in it, and tools for it; return its folder."""
    lab = Lab(folder, store=store)
    lab.import_images(images)
    lab.line().save(folder / "line.flow.yaml")
    lab.close()
    return folder / "experiment"


@contextmanager
def opened(folder: Path) -> Iterator[Experiment]:
    """Open the experiment of a scene, with tools of this process."""
    runtime = InProcessRuntime(FUNCTIONS)
    session = Session([folder / "tools"], runtimes=[runtime])
    with (
        closing(session),
        Experiment.open(folder / "experiment", session=session) as experiment,
    ):
        yield experiment


def line_of(experiment: Experiment, folder: Path) -> Workflow:
    """Return the workflow add -> measure -> join."""
    return Workflow.load(
        folder / "line.flow.yaml", catalogue=experiment.session.catalogue
    )


def hurt(
    folder: Path, act: str, *words: str, fault: str = "", check: bool = False
) -> "subprocess.CompletedProcess[str]":
    """Let a process do something until a fault ends it."""
    return subprocess.run(
        command(folder, act, *words),
        cwd=ROOT,
        env=environment(folder, fault),
        capture_output=True,
        text=True,
        check=check,
        timeout=120,
    )


def command(folder: Path, act: str, *words: str) -> list[str]:
    """Return the command line of a process of this scene."""
    return [sys.executable, "-m", "tests.faults.scene", str(folder), act, *words]


def environment(folder: Path, fault: str = "") -> dict[str, str]:
    """Return its environment."""
    chosen = {"BIOIMAGEIT_FLOW_WORK": str(folder / "work"), VARIABLE: fault}
    return os.environ | chosen


def outcome(experiment: Experiment, run: Run) -> dict[str, object]:
    """Return what a run came to: states, contents, lineage; no ids and no times."""
    jobs = run.jobs()
    gone = {job.supersedes for job in jobs}
    names = {item.id: item.name for item in experiment.store.items()}
    last = [job for job in jobs if job.id not in gone]
    return {
        "state": str(run.state),
        "jobs": sorted(
            (
                job.node,
                str(_made(job.state)),
                str(job.fingerprint),
                sorted(
                    (item.port, item.name, item.content.sha256) for item in job.produced
                ),
                sorted((one.edge, names[one.item]) for one in job.consumed),
            )
            for job in last
        ),
    }


def _made(state: JobState) -> JobState:
    """A result that was known already is as good as one that was made."""
    return JobState.DONE if state is JobState.REUSED else state


def assert_clean(experiment: Experiment) -> None:
    """Fail where `check` finds anything."""
    found = experiment.check(content=True)
    assert [str(one) for one in found.problems] == []
    assert found.is_clean


def _run_and_move(experiment: Experiment, place: Path) -> None:
    """Run the workflow, rename the experiment once a job has ended, say what failed."""
    moved = place / "moved"

    def observe(event: RunEvent) -> None:
        if isinstance(event, JobEnded) and not moved.exists():
            (place / "experiment").rename(moved)

    run = experiment.run(
        line_of(experiment, place), bind={"images": "raw"}, jobs=1, observe=observe
    )
    assert run.report is not None
    for failure in run.report.failures:
        sys.stdout.write(f"{failure.message}\n")


def _stop_in_the_midst(experiment: Experiment, place: Path) -> None:
    """Run the workflow with one slot, and stop as a whole while the second job runs."""
    claims.RENEW_EVERY_S = 0.0  # as it is due after a long stop
    ended_jobs.TOGETHER_S = 0.0  # each job is recorded before the next one starts
    started: list[RunEvent] = []

    def observe(event: RunEvent) -> None:
        if isinstance(event, JobStarted):
            started.append(event)
            if len(started) == 2:
                os.kill(os.getpid(), signal.SIGSTOP)

    workflow = line_of(experiment, place)
    experiment.run(workflow, bind={"images": "raw"}, jobs=1, observe=observe)


def main(arguments: Sequence[str]) -> None:
    """Do one thing in the experiment of a scene."""
    folder, act, *words = arguments
    place = Path(folder)
    with opened(place) as experiment:
        match act:
            case "run":
                workflow = line_of(experiment, place)
                experiment.run(workflow, bind={"images": "raw"}, jobs=2)
            case "move":
                _run_and_move(experiment, place)
            case "stop in the midst":
                _stop_in_the_midst(experiment, place)
            case "share":
                workflow = line_of(experiment, place)
                bind = {"images": "raw"}
                experiment.run(workflow, bind=bind, jobs=2, share=words[0])
            case "resume":
                experiment.resume(words[0] if words else "last", only_failed=True)
            case "import":
                experiment.import_files([place / "images"], dataset="more")
            case _:
                raise SystemExit(f"no act {act!r}")


if __name__ == "__main__":
    main(sys.argv[1:])
