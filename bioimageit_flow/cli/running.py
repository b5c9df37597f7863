"""One run with everything around it: what it shows, and how it is stopped."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bioimageit_flow.cli.output import say_json
from bioimageit_flow.errors import Cancelled, FlowError

if TYPE_CHECKING:
    from threading import Event

    from bioimageit_flow.model.events import Observer, RunEvent
    from bioimageit_flow.session import Run

Start = Callable[["Observer", "Event"], "Run"]
"""Starts a run with an observer and the event that cancels it; returns at its end."""


def watched(start: Start, *, as_json: bool) -> "Run":
    """Carry out a run and show its progress.

    Ctrl-C asks it to stop and waits for that. With `as_json` every event is a line on
    stdout, and so is the error, if one stops the run.
    """
    from bioimageit_flow.cli.run_display import display_for
    from bioimageit_flow.cli.stopping import StopRequest

    display = display_for(as_json=as_json)
    stop = StopRequest(display.announce_stop)

    def observe(event: "RunEvent") -> None:
        stop.is_under_way = True
        display.observe(event)

    with stop.watching(), display:
        return start(observe, stop.cancel)


def say_error_line(error: FlowError | KeyboardInterrupt) -> None:
    """Write an error as the last JSON line of a run."""
    known = error if isinstance(error, FlowError) else Cancelled("Cancelled.")
    line = {
        "event": "error",
        "error": type(known).__name__,
        "message": known.message,
        "remedy": known.remedy,
        "problems": list(getattr(known, "__notes__", ())),
        "exit_code": known.exit_code,
    }
    say_json(line, on_one_line=True)
