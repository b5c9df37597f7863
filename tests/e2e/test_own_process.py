"""Runs as processes of their own: followed, killed, resumed, cancelled."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from bioimageit_flow.engine.carrying import carrier_of
from bioimageit_flow.model.events import JobEnded, RunEvent, RunStarted
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.run import JobState, RunState
from bioimageit_flow.session import Experiment, Session
from bioimageit_flow.session.examples import examples
from bioimageit_flow.session.following import Following
from bioimageit_flow.workflow import Workflow
from tests.e2e.engine_needed import require_container

pytestmark = [
    pytest.mark.container,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind"),
]

PATIENCE_S = 180.0
PAUSE_S = 0.1
EXAMPLES = {example.name: example for example in examples()}


class Lab:
    """The example of two populations in an experiment, and its runs."""

    def __init__(self, folder: Path, session: Session) -> None:
        example = EXAMPLES["two_populations"]
        self.pause = Event()
        self.experiment, self.workflow, self.bind = example.set_up(folder, session)

    def start(self) -> RunId:
        return self.experiment.start(
            self.workflow, bind=self.bind, runtime="container", reuse=False
        )

    def until(
        self, following: Following, reached: Callable[[list[RunEvent]], bool]
    ) -> list[RunEvent]:
        """Read events until something is reached."""
        events: list[RunEvent] = []
        end = time.monotonic() + PATIENCE_S
        while not reached(events):
            new = following.poll()
            events += new
            if not new:
                assert time.monotonic() < end, events
                self.pause.wait(PAUSE_S)  # between two looks at a file that grows
        return events

    def to_the_end(self, run: RunId) -> None:
        following = self.experiment.follow(run)
        self.until(following, lambda _events: following.is_over)

    def pid(self, run: RunId) -> int:
        holder = carrier_of(self.experiment.folder.run_folder(run))
        assert holder is not None
        return holder.pid


@pytest.fixture
def lab(session: Session, tmp_path: Path) -> Iterator[Lab]:
    require_container(session)
    made = Lab(tmp_path, session)
    yield made
    made.experiment.close()


def some_ended(events: list[RunEvent]) -> bool:
    return sum(isinstance(event, JobEnded) for event in events) >= 5


def test_killed_run_is_resumed_and_gives_the_same(lab: Lab) -> None:
    whole = lab.start()
    lab.to_the_end(whole)
    run = lab.start()
    following = lab.experiment.follow(run)
    lab.until(following, some_ended)

    os.kill(lab.pid(run), signal.SIGKILL)
    lab.until(following, lambda _events: following.is_lost)

    assert lab.experiment.status(run).state is RunState.INTERRUPTED
    assert lab.experiment.start_again(run) == run
    lab.to_the_end(run)
    status = lab.experiment.status(run)
    assert status.state is RunState.DONE
    assert status.counts == {JobState.DONE: 82}
    assert contents(lab.experiment, run) == contents(lab.experiment, whole)
    assert lab.experiment.store.verify_chain(run) == []


def test_run_is_cancelled_from_elsewhere_and_goes_on(lab: Lab) -> None:
    run = lab.start()
    following = lab.experiment.follow(run)
    events = lab.until(following, some_ended)
    assert isinstance(events[0], RunStarted)

    with Experiment.open(lab.experiment.path) as elsewhere:
        elsewhere.ask(run, "cancel")
        lab.until(following, lambda _events: following.is_over)
        assert elsewhere.status(run).state is RunState.CANCELLED
        elsewhere.start_again(run)

    lab.to_the_end(run)
    assert lab.experiment.status(run).state is RunState.DONE


def test_run_that_cannot_begin_says_why_in_its_journal(lab: Lab) -> None:
    broken = Workflow("Broken", catalogue=lab.experiment.session.catalogue)
    broken.add("skimage/gaussian")

    run = lab.experiment.start(broken)
    lab.to_the_end(run)

    status = lab.experiment.status(run)
    assert status.state is RunState.FAILED
    assert "image" in status.message


def contents(experiment: Experiment, run: RunId) -> set[tuple[str, str, str]]:
    """Return what a run gave, by node, name and bytes."""
    jobs = experiment.store.jobs(run)
    gone = {job.supersedes for job in jobs}
    return {
        (job.node, item.name, item.content.sha256)
        for job in jobs
        if job.id not in gone
        for item in job.produced
    }
