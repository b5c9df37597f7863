import io
import json
import sys
from pathlib import Path

import pytest
from rich.console import Console

from bioimageit_flow.cli.run_bars import bars
from bioimageit_flow.cli.run_display import (
    JsonDisplay,
    LiveDisplay,
    PlainDisplay,
    display_for,
)
from bioimageit_flow.model.events import (
    JobEnded,
    JobProgress,
    JobStarted,
    Preparing,
    ProblemFound,
    RunEnded,
    RunEvent,
    RunStarted,
)
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.journal_lines import line_of
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.run import JobState, RunState
from bioimageit_flow.session.run_tally import RunTally

PROBLEM = Problem("unpaired", Severity.WARNING, "a.tif meets nothing.", node="sum")


def started(**expected: int) -> RunStarted:
    return RunStarted(RunId("r1"), Path("results/today"), expected, {})


def ended(
    node: str, number: int, state: JobState = JobState.DONE, message: str = ""
) -> JobEnded:
    return JobEnded(node, f"i{number}.tif", state, 0.5, message)


def drawn(tally: RunTally, *, width: int = 80, height: int = 24, **more: bool) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, markup=False)
    told = {"is_stopping": False, **more}
    console.print(bars(tally, 0.0, height=height, width=width, **told))
    return stream.getvalue()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_bars_where_stderr_is_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert isinstance(display_for(as_json=False), LiveDisplay)
    assert isinstance(display_for(as_json=True), JsonDisplay)

    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert isinstance(display_for(as_json=False), PlainDisplay)


def test_plain_lines_are_few_however_many_jobs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    display = PlainDisplay(lambda: 0.0)
    display.observe(started(spots=1000))
    for number in range(1000):
        display.observe(JobStarted("spots", f"i{number}.tif"))
        display.observe(ended("spots", number))

    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Run today: 1000 jobs"
    assert lines[1] == "[0:00] spots: 100/1000"
    assert lines[-1] == "[0:00] spots: 1000/1000"
    assert len(lines) == 11


def test_burst_of_known_results_is_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    display = PlainDisplay(lambda: 0.0)
    display.observe(started(spots=40))
    for number in range(40):
        display.observe(ended("spots", number, JobState.REUSED))

    lines = capsys.readouterr().err.splitlines()
    assert lines[1:] == ["[0:00] spots: 40/40, 40 reused"]


def test_every_failure_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    display = PlainDisplay(lambda: 0.0)
    display.observe(started(spots=100))
    display.observe(ended("spots", 7, JobState.FAILED, "No pixel.\nlast line"))
    display.observe(Preparing("spots", "Pulling"))
    display.observe(ProblemFound(PROBLEM))

    assert capsys.readouterr().err.splitlines()[1:] == [
        "[0:00] spots: failed: i7.tif: No pixel.",
        "[0:00] spots: Pulling",
        "[0:00] sum: a.tif meets nothing.",
    ]


@pytest.mark.parametrize(
    "event",
    [
        Preparing("a", "pulling"),
        started(a=3),
        JobStarted("a", "i"),
        JobProgress("a", "i", 1, 2, "half"),
        ended("a", 1, JobState.FAILED, "why"),
        ProblemFound(PROBLEM),
        RunEnded(RunState.PARTIAL),
    ],
    ids=lambda event: type(event).__name__,
)
def test_every_event_is_a_json_line(
    event: RunEvent, capsys: pytest.CaptureFixture[str]
) -> None:
    JsonDisplay().observe(event)

    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == line_of(event)
    assert json.loads(line)["event"]


def test_run_goes_on_when_nobody_reads_its_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[str] = []

    def broken(value: object, *, on_one_line: bool) -> None:
        written.append(str(value))
        raise BrokenPipeError

    monkeypatch.setattr("bioimageit_flow.cli.run_display.say_json", broken)
    monkeypatch.setattr(
        "bioimageit_flow.cli.run_display.leave_closed_pipe", lambda: None
    )
    display = JsonDisplay()

    display.observe(started(a=1))
    display.observe(ended("a", 1))

    assert len(written) == 1


def test_bars_tell_counts_and_time_left() -> None:
    now = [0.0]
    tally = RunTally(lambda: now[0])
    tally.take(started(blur=4, spots=4))
    tally.take(JobStarted("blur", "i1.tif"))
    tally.take(JobStarted("blur", "i2.tif"))
    now[0] = 60.0
    tally.take(ended("blur", 1))
    tally.take(ended("spots", 1, JobState.FAILED))
    tally.take(ended("spots", 2, JobState.REUSED))
    stream = io.StringIO()
    Console(file=stream, width=90, markup=False).print(
        bars(tally, now[0], height=24, width=90, is_stopping=False)
    )

    blur, spots, whole = stream.getvalue().splitlines()
    assert "1/4" in blur
    assert "1 running" in blur
    assert "about 3:00 left" in blur
    assert "2/4" in spots
    assert "1 reused  1 failed" in spots
    assert whole.startswith("1:00  3 of 8 jobs")


def test_bars_fit_a_low_and_narrow_terminal() -> None:
    tally = RunTally(lambda: 0.0)
    tally.take(started(**{f"a_node_with_a_long_name_{n}": 10 for n in range(30)}))
    tally.take(JobStarted("a_node_with_a_long_name_29", "i"))

    lines = drawn(tally, width=40, height=12).splitlines()

    assert len(lines) < 12
    assert max(map(len, lines)) <= 40
    assert "22 more nodes" in lines[-2]
    assert "1 running" in lines[-3]


def test_bars_say_what_is_got_ready_and_that_they_stop() -> None:
    tally = RunTally(lambda: 0.0)
    assert "Planning" in drawn(tally)

    tally.take(Preparing("spots", "Pulling \x1b[2J"))
    assert "Getting ready spots: Pulling \\x1b[2J" in drawn(tally)

    tally.take(started(spots=2))
    tally.take(JobStarted("spots", "i"))
    assert "Stopping: 1 running job being ended" in drawn(tally, is_stopping=True)


def test_live_display_restores_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    display = LiveDisplay(lambda: 0.0)

    def fail() -> None:
        with display:
            display.observe(started(spots=1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    said = terminal.getvalue()
    assert said.rindex("\x1b[?25h") > said.index("\x1b[?25l")
