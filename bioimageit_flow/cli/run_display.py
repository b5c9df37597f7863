"""What a run shows while it works: bars, plain lines, or JSON lines."""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from bioimageit_flow.cli.output import (
    clock,
    console,
    count,
    leave_closed_pipe,
    say_json,
    tell,
)
from bioimageit_flow.model.events import (
    JobEnded,
    Preparing,
    ProblemFound,
    RunEvent,
    RunStarted,
)
from bioimageit_flow.model.journal_lines import line_of
from bioimageit_flow.model.run import JobState
from bioimageit_flow.session.run_tally import RunTally

if TYPE_CHECKING:
    from rich.console import RenderableType

STEPS = 10
"""A node tells of its jobs this often where nothing can be redrawn."""

_STOPPING = "Stopping: the jobs that run are being ended; what is done is kept."


class RunDisplay(Protocol):
    """Shows the events of a run; a context manager around it."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def observe(self, event: RunEvent) -> None:
        """Take one event."""

    def announce_stop(self) -> None:
        """Say that the run is being stopped; called from a signal handler."""


class _Open:
    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return


def display_for(*, as_json: bool) -> RunDisplay:
    """Return what suits the place where stderr goes."""
    if as_json:
        return JsonDisplay()
    if console(sys.stderr).is_terminal:
        return LiveDisplay()
    return PlainDisplay()


class JsonDisplay(_Open):
    """One JSON object per event and line on stdout.

    The run goes on when whoever reads the lines goes away: the results matter more.
    """

    def __init__(self) -> None:
        self._is_read = True

    def observe(self, event: RunEvent) -> None:
        """Write one event."""
        if not self._is_read:
            return
        try:
            say_json(line_of(event), on_one_line=True)
        except BrokenPipeError:
            self._is_read = False
            leave_closed_pipe()

    def announce_stop(self) -> None:
        """Say nothing: the events tell."""


class PlainDisplay(_Open):
    """Lines on stderr, a few per node however many jobs it has.

    Parameters
    ----------
    time_of : callable
        Seconds of a clock that never goes back.
    """

    def __init__(self, time_of: Callable[[], float] = time.monotonic) -> None:
        self._tally = RunTally(time_of)
        self._told: dict[str, int] = {}

    def observe(self, event: RunEvent) -> None:
        """Tell what is worth a line."""
        self._tally.take(event)
        match event:
            case Preparing(node, text):
                self._line(node, text)
            case RunStarted(_, folder):
                tell(f"Run {folder.name}: {count(self._tally.expected, 'job')}")
            case JobEnded(node, item, state, _, message):
                if state is JobState.FAILED:
                    first = message.partition("\n")[0]
                    self._line(node, f"failed: {item}: {first}")
                self._step(node, is_quiet=state is JobState.REUSED)
            case ProblemFound(problem):
                self._line(problem.node or "run", str(problem))
            case _:
                pass

    def announce_stop(self) -> None:
        """Write around Python's buffers, which the signal may have interrupted."""
        with suppress(OSError):
            os.write(2, f"{_STOPPING}\n".encode())

    def _step(self, name: str, *, is_quiet: bool) -> None:
        node = self._tally.nodes[name]
        if is_quiet and not node.is_over:
            return  # known results come in a burst
        step = node.ended * STEPS // max(node.expected, 1)
        if step == self._told.get(name, 0):
            return
        self._told[name] = step
        extras = "".join(f", {number} {word}" for number, word in node.counts())
        self._line(name, f"{node.ended}/{node.expected}{extras}")

    def _line(self, name: str, text: str) -> None:
        with suppress(OSError):  # nobody reads: the run goes on
            tell(f"[{clock(self._tally.elapsed_s)}] {name}: {text}")


class LiveDisplay:
    """A bar per node on the terminal, redrawn as jobs end.

    Parameters
    ----------
    time_of : callable
        Seconds of a clock that never goes back.
    """

    def __init__(self, time_of: Callable[[], float] = time.monotonic) -> None:
        from rich.live import Live

        self._tally = RunTally(time_of)
        self._time_of = time_of
        self._lock = Lock()
        self._is_stopping = False
        self._console = console(sys.stderr)
        self._live = Live(
            console=self._console,
            get_renderable=self.draw,
            refresh_per_second=8,
            transient=True,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):  # the terminal may be gone
            self._live.stop()

    def observe(self, event: RunEvent) -> None:
        """Count one event; the next drawing shows it."""
        with self._lock:
            self._tally.take(event)

    def announce_stop(self) -> None:
        """Let the next drawing say so."""
        self._is_stopping = True

    def draw(self) -> "RenderableType":
        """Return what is shown now."""
        from bioimageit_flow.cli.run_bars import bars

        with self._lock:
            return bars(
                self._tally,
                self._time_of(),
                height=self._console.height,
                width=self._console.width,
                is_stopping=self._is_stopping,
            )
