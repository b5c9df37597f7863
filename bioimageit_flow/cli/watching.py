"""Commands that attach to runs from elsewhere: watch, cancel, pause."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli import PROGRAM
from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import experiment_or_here, opened_experiment
from bioimageit_flow.cli.options import AsJson, OfExperiment
from bioimageit_flow.cli.output import hint, say, say_json

if TYPE_CHECKING:
    from bioimageit_flow.session import Experiment
    from bioimageit_flow.session.following import Following

LOOK_EVERY_S = 0.2

RunName = Annotated[
    str,
    typer.Argument(
        metavar="[RUN]",
        help="The run: the beginning of its id, its folder, its name, or 'last'.",
        show_default=False,
    ),
]


def watch(
    run: RunName = "last", experiment: OfExperiment = None, as_json: AsJson = False
) -> None:
    """Follow a run that works, from its beginning to its end.

    The run is not touched: Ctrl-C ends the watching only. A run that has ended already
    is told from its journal.
    """
    from bioimageit_flow.cli.run_report import exit_code

    with _opened(experiment) as opened:
        following = opened.follow(_newest(opened, run))
        is_lost = follow_to_end(following, as_json=as_json)
        status = opened.status(following.run)
    if as_json:
        line = {"event": "watched", "run": status.id, "state": str(status.state)}
        say_json(line, on_one_line=True)
    else:
        _say_state(status.folder or status.id[:8], str(status.state), status.message)
        if is_lost:
            hint(f"Its process is gone. Go on: {PROGRAM} run --resume {status.id[:8]}")
    raise typer.Exit(exit_code(status.state))


def cancel(run: RunName = "last", experiment: OfExperiment = None) -> None:
    """Stop a run that works; what is done is kept.

    The jobs that run are ended. The run can be gone on with: `run --resume RUN`.
    """
    with _opened(experiment) as opened:
        known = _newest(opened, run, is_alive=True)
        opened.ask(known, "cancel")
    say("The run ", (known[:8], "bold"), " is asked to stop.")


def pause(
    run: RunName = "last",
    experiment: OfExperiment = None,
    end: Annotated[bool, typer.Option("--end", help="Let it go on.")] = False,
) -> None:
    """Let a run start no more jobs for now; those that run end."""
    with _opened(experiment) as opened:
        known = _newest(opened, run, is_alive=True)
        opened.ask(known, "continue" if end else "pause")
    say("The run ", (known[:8], "bold"), " goes on." if end else " is paused.")


def follow_to_end(following: "Following", *, as_json: bool) -> bool:
    """Show what a run tells until it ends; say whether its process is gone."""
    from bioimageit_flow.cli.run_display import display_for

    pause_between = Event()
    with display_for(as_json=as_json) as display:
        while True:
            events = following.poll()
            for event in events:
                display.observe(event)
            if events:
                continue
            if following.is_over or following.is_lost:
                return following.is_lost
            pause_between.wait(LOOK_EVERY_S)


def _newest(opened: "Experiment", run: str, *, is_alive: bool = False) -> str:
    """Return the id of the run that is meant; the newest may not have begun yet."""
    if run == "last":
        for status in opened.statuses():
            if status.is_alive or not is_alive:
                return status.id
    return opened.status(run).id


@contextmanager
def _opened(experiment: OfExperiment) -> "Iterator[Experiment]":
    with opened_experiment(experiment_or_here(experiment)) as opened:
        yield opened


def _say_state(name: str, state: str, message: str) -> None:
    from bioimageit_flow.cli.run_report import STATE_STYLES
    from bioimageit_flow.model.run import RunState

    say("Run ", (name, "bold"), ": ", (state, STATE_STYLES[RunState(state)]))
    if message:
        say(message)


COMMANDS = (
    Spec("watch", watch, ("watch", "watch 3f2a -e spots", "watch last --json")),
    Spec("cancel", cancel, ("cancel", "cancel 3f2a -e spots")),
    Spec("pause", pause, ("pause 3f2a -e spots", "pause 3f2a -e spots --end")),
)
