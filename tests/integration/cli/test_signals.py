"""Real signals to real processes in the middle of a run."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from bioimageit_flow.model.events import RunStarted
from bioimageit_flow.model.run import RunState
from bioimageit_flow.session import Experiment
from bioimageit_flow.workflow import Workflow
from tests.integration.engine.lab import Lab

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="signals of another kind"
)

PROGRAM = Path(__file__).with_name("program.py")
PATIENCE_S = 120


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """Return a folder with an experiment of four images and a workflow."""
    lab = Lab(tmp_path)
    lab.import_images(4)
    workflow = Workflow("One", catalogue=lab.session.catalogue)
    images = workflow.add_input("images", "image")
    add = workflow.add("test/add", id="add")
    images >> add["image"]
    workflow.save(tmp_path / "one.flow.yaml")
    lab.close()
    yield tmp_path
    assert list((tmp_path / "work").iterdir()) == [], "a work folder is left"


def start(
    place: Path, behaviour: str, *more: str, terminal: int | None = None
) -> subprocess.Popen[str]:
    """Start a run, with pipes or on a terminal."""
    words = ["run", "one.flow.yaml", "-e", "experiment", "-b", "images=raw", "-j", "2"]
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), behaviour, *words, *more],
        cwd=place,
        env={
            **os.environ,
            "BIOIMAGEIT_FLOW_WORK": str(place / "work"),
            "BIOIMAGEIT_FLOW_TOOLS": str(place / "tools"),
            "PYTHONPATH": str(PROGRAM.parents[3]),
            "TERM": "xterm",
        },
        stdin=terminal,
        stdout=subprocess.PIPE if terminal is None else terminal,
        stderr=subprocess.PIPE if terminal is None else terminal,
        start_new_session=terminal is not None,
        text=True,
        encoding="utf-8",
    )


def lines_of(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def last_state(place: Path) -> str:
    with Experiment.open(place / "experiment") as experiment:
        return str(experiment.find_run().state)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("times", [1, 3])
def test_signal_cancels_cleanly(
    place: Path, number: signal.Signals, times: int
) -> None:
    with start(place, "forever", "--json") as process:
        for text in lines_of(process.stdout):
            if json.loads(text)["event"] == "progress":
                break
        for _ in range(times):
            process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE_S)

    report = json.loads(out.splitlines()[-1])
    assert process.returncode == 130
    assert err == ""
    assert report["event"] == "report"
    assert report["state"] == "cancelled"
    assert report["nodes"]["add"]["cancelled"] == 2
    assert last_state(place) == "cancelled"
    assert not list((place / "experiment" / "results").rglob("*.tif"))


def test_run_outlives_its_terminal_and_is_cancelled_from_elsewhere(
    place: Path,
) -> None:
    master, slave = pty.openpty()
    with start(place, "forever", terminal=slave) as process:
        os.close(slave)
        said = b""
        while b"2 running" not in said:
            said += os.read(master, 65536)
        os.close(master)
        process.send_signal(signal.SIGHUP)
        with Experiment.open(place / "experiment") as experiment:
            following = experiment.follow("last")
            while not any(isinstance(one, RunStarted) for one in following.poll()):
                assert not following.is_lost
            status = experiment.status("last")
            assert (status.state, status.is_alive) == (RunState.RUNNING, True)
            experiment.ask("last", "cancel")
        process.wait(PATIENCE_S)

    assert last_state(place) == "cancelled"


def test_interrupt_is_answered_in_words(place: Path) -> None:
    with start(place, "forever") as process:
        for text in lines_of(process.stderr):
            if text.startswith("Run "):
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 130
    assert "Stopping" in err
    assert ": cancelled" in out


def test_terminal_shows_bars_and_is_restored(place: Path) -> None:
    master, slave = pty.openpty()
    with start(place, "forever", terminal=slave) as process:
        os.close(slave)
        said = b""
        is_asked = False
        while True:
            try:
                chunk = os.read(master, 65536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not chunk:
                break
            said += chunk
            if b"2 running" in said and not is_asked:
                is_asked = True
                process.send_signal(signal.SIGINT)
        os.close(master)
        process.wait(PATIENCE_S)

    assert process.returncode == 130
    assert "━".encode() in said
    assert b"0/4" in said
    assert said.count(b"\x1b[?25h") >= said.count(b"\x1b[?25l") > 0
    assert said.rstrip().rfind(b"cancelled") > 0


def test_run_goes_on_when_nobody_reads_its_lines(place: Path) -> None:
    with start(place, "copy", "--json") as process:
        lines_of(process.stdout).readline()
        lines_of(process.stdout).close()
        err = lines_of(process.stderr).read()
        process.wait(PATIENCE_S)

    assert process.returncode == 0
    assert err == ""
    assert last_state(place) == "done"


def test_failed_run_leaves_with_three(place: Path) -> None:
    with start(place, "fail") as process:
        out, _err = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 3
    assert "It has no pixel." in out
    assert "4 jobs failed" in out
