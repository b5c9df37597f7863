"""The command that runs a workflow."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from bioimageit_flow.cli import PROGRAM
from bioimageit_flow.cli.adjusting import (
    Bypassed,
    Disabled,
    Enabled,
    FilterBy,
    GroupBy,
    Match,
    SplitBy,
    SweepOver,
    Wires,
    read_adjustments,
)
from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import experiment_or_here, opened_experiment
from bioimageit_flow.cli.options import (
    AsJson,
    Bindings,
    Force,
    Limit,
    OfExperiment,
    Pilot,
    PilotBy,
    RuntimeName,
    Settings,
    Share,
    ToolFolders,
    Unpaired,
    UnpairedRule,
    UpTo,
    Where,
    read_pairs,
    read_settings,
)
from bioimageit_flow.cli.output import hint, say, say_json
from bioimageit_flow.cli.running import say_error_line, watched
from bioimageit_flow.errors import FlowError

if TYPE_CHECKING:
    from threading import Event

    from bioimageit_flow.model.events import Observer
    from bioimageit_flow.session import Experiment, Run
    from bioimageit_flow.session.wishes import RunWords


class Isolation(StrEnum):
    """How far jobs of one tool are kept from each other."""

    WORKER = "worker"
    JOB = "job"


class IncompleteGroups(StrEnum):
    """What becomes of a group some of whose items failed."""

    STOP = "stop"
    RUN = "run"


GroupRule = Annotated[
    IncompleteGroups,
    typer.Option(
        "--incomplete-groups",
        metavar="stop|run",
        help="Whether a group some of whose items failed is left out (stop), or runs "
        "without them (run).",
    ),
]


def run(
    workflow: Annotated[
        Path | None,
        typer.Argument(
            metavar="WORKFLOW",
            help="A workflow file, *.flow.yaml; none with --resume or --failed.",
            show_default=False,
        ),
    ] = None,
    experiment: OfExperiment = None,
    bind: Bindings = None,
    settings: Settings = None,
    match: Match = None,
    group_by: GroupBy = None,
    sweep: SweepOver = None,
    filters: FilterBy = None,
    split: SplitBy = None,
    wire: Wires = None,
    disable: Disabled = None,
    bypass: Bypassed = None,
    enable: Enabled = None,
    runtime: RuntimeName = "auto",
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            metavar="N",
            help="How many processors the jobs use together; by default all.",
        ),
    ] = None,
    limit: Limit = None,
    where: Where = "",
    pilot: Pilot = None,
    by: PilotBy = None,
    incomplete_groups: GroupRule = IncompleteGroups.STOP,
    unpaired: Unpaired = UnpairedRule.STOP,
    no_reuse: Annotated[
        bool,
        typer.Option(
            "--no-reuse", help="Run every job, also where its result is known."
        ),
    ] = False,
    upto: UpTo = None,
    force: Force = None,
    share: Share = None,
    resume: Annotated[
        str | None,
        typer.Option(
            "--resume",
            metavar="RUN",
            help="Go on with a run that was interrupted or cancelled.",
        ),
    ] = None,
    failed: Annotated[
        str | None,
        typer.Option(
            "--failed",
            metavar="RUN",
            help="Try the failed jobs of a run again, with all that descends from "
            "them, within the same run.",
        ),
    ] = None,
    detach: Annotated[
        bool,
        typer.Option(
            "--detach",
            help="Start the run as a process of its own and return; `watch` follows.",
        ),
    ] = False,
    queue: Annotated[
        bool,
        typer.Option(
            "--queue", help="Wait until the other runs of the experiment have ended."
        ),
    ] = False,
    isolation: Annotated[
        Isolation,
        typer.Option(
            "--isolation",
            metavar="worker|job",
            help="Whether the jobs of a tool come one after the other into a container "
            "that stays warm for the run (worker), or each has its own (job).",
        ),
    ] = Isolation.WORKER,
    tools: ToolFolders = None,
    as_json: AsJson = False,
) -> None:
    """Run a workflow over datasets of an experiment.

    Every input of the workflow is bound to a dataset; each node then runs once per
    item, or once per group. Results that are known already are reused. An item that
    fails stops only what is made from it. Ctrl-C ends the jobs that run and keeps what
    is done; a closed terminal stops nothing. `watch` and `cancel` reach the run from
    elsewhere.

    With --json, stdout gets one JSON object per event and line; the last one is the
    report, or the error that stopped the run.
    """
    from bioimageit_flow.cli.run_report import exit_code, say_report
    from bioimageit_flow.model.selection import Subset

    adjusted = read_adjustments(
        match=match,
        group_by=group_by,
        sweep=sweep,
        filters=filters,
        split=split,
        wire=wire,
        disable=disable,
        bypass=bypass,
        enable=enable,
    )
    more: RunWords = {
        "bind": read_pairs(bind, "--bind"),
        "set": read_settings(settings),
        "runtime": runtime,
        "jobs": jobs,
        "subset": Subset(where, limit, pilot, tuple(by or ())),
        "incomplete_groups": incomplete_groups.value,
        "unpaired": "stop" if unpaired is UnpairedRule.STOP else "leave out",
        "reuse": not no_reuse,
        "isolation": isolation.value,
        "upto": tuple(upto or ()),
        "force": tuple(force or ()),
        "share": share,
        "queue": queue,
    }
    words = cast("RunWords", {**adjusted, **more})
    place = experiment_or_here(experiment)
    again = _again(workflow, resume, failed)
    if again and any([*adjusted.values(), bind, settings]):
        raise typer.BadParameter(
            "A run goes on with what it began with: nothing can be bound, set or "
            "changed. Start a new run: results that are known are reused.",
            param_hint="--resume" if resume else "--failed",
        )
    try:
        with opened_experiment(place, tools) as opened:
            carrying = (
                _New(opened, workflow, words)
                if workflow is not None
                else _Again(opened, again, only_failed=bool(failed), jobs=jobs)
            )
            if detach:
                _say_started(carrying.start(), place, as_json=as_json)
                return
            ended = watched(carrying.run, as_json=as_json)
    except (FlowError, KeyboardInterrupt) as error:
        if as_json:
            say_error_line(error)
        raise
    report = ended.report
    assert report is not None
    if as_json:
        say_json({"event": "report", **report.as_json()}, on_one_line=True)
    else:
        say_report(report)
    raise typer.Exit(exit_code(report.state))


class _New:
    """A run of a workflow."""

    def __init__(self, opened: "Experiment", file: Path, words: "RunWords") -> None:
        from bioimageit_flow.workflow import Workflow

        self._opened = opened
        self._drawn = Workflow.load(file, catalogue=opened.session.catalogue)
        self._words: RunWords = {**words, "folder": file.absolute().parent}

    def run(self, observe: "Observer", cancel: "Event") -> "Run":
        """Carry it out in this process."""
        return self._opened.run(
            self._drawn, observe=observe, cancel=cancel, **self._words
        )

    def start(self) -> str:
        """Start it as a process of its own; return its id."""
        return self._opened.start(self._drawn, **self._words)


class _Again:
    """A run that goes on."""

    def __init__(
        self, opened: "Experiment", run: str, *, only_failed: bool, jobs: int | None
    ) -> None:
        self._opened = opened
        self._run = run
        self._only_failed = only_failed
        self._jobs = jobs

    def run(self, observe: "Observer", cancel: "Event") -> "Run":
        """Go on in this process."""
        return self._opened.resume(
            self._run,
            only_failed=self._only_failed,
            jobs=self._jobs,
            observe=observe,
            cancel=cancel,
        )

    def start(self) -> str:
        """Go on in a process of its own; return the id of the run."""
        return self._opened.start_again(
            self._run, only_failed=self._only_failed, jobs=self._jobs
        )


def _again(workflow: Path | None, resume: str | None, failed: str | None) -> str:
    """Return the run that goes on; empty where a new one begins."""
    given = [one for one in (workflow, resume, failed) if one is not None]
    if len(given) != 1:
        raise typer.BadParameter(
            "Give a workflow file, or --resume RUN, or --failed RUN.",
            param_hint="WORKFLOW",
        )
    return resume or failed or ""


def _say_started(run: str, place: Path, *, as_json: bool) -> None:
    if as_json:
        say_json({"event": "started", "run": run}, on_one_line=True)
        return
    say("Started run ", (run[:8], "bold"), ".")
    hint(f"Follow it: {PROGRAM} watch {run[:8]} -e {place}")


COMMANDS = (
    Spec(
        "run",
        run,
        (
            "run count.flow.yaml --experiment spots --bind images=raw",
            "run --failed last --experiment spots",
            "run --resume 3f2a --experiment spots",
            "run count.flow.yaml -e spots -b images=raw -s spots.threshold=4 --jobs 8",
            "run count.flow.yaml -e spots -b images=raw --pilot 3 --by condition",
            "run count.flow.yaml -e spots -b images=raw --json > report.jsonl",
        ),
    ),
)
