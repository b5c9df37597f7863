"""The command that runs a workflow."""

from enum import StrEnum
from typing import Annotated

import typer

from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import experiment_or_here, opened_experiment
from bioimageit_flow.cli.options import (
    AsJson,
    Bindings,
    Limit,
    OfExperiment,
    Pilot,
    PilotBy,
    RuntimeName,
    Settings,
    ToolFolders,
    Unpaired,
    UnpairedRule,
    Where,
    WorkflowFile,
    read_pairs,
    read_settings,
)
from bioimageit_flow.cli.output import say_json
from bioimageit_flow.cli.running import say_error_line, watched
from bioimageit_flow.errors import FlowError


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
    workflow: WorkflowFile,
    experiment: OfExperiment = None,
    bind: Bindings = None,
    settings: Settings = None,
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
    is done.

    With --json, stdout gets one JSON object per event and line; the last one is the
    report, or the error that stopped the run.
    """
    from bioimageit_flow.cli.run_report import exit_code, say_report
    from bioimageit_flow.model.selection import Subset
    from bioimageit_flow.workflow import Workflow

    subset = Subset(where, limit, pilot, tuple(by or ()))
    bindings, values = read_pairs(bind, "--bind"), read_settings(settings)
    place = experiment_or_here(experiment)
    try:
        with opened_experiment(place, tools) as opened:
            drawn = Workflow.load(workflow, catalogue=opened.session.catalogue)
            ended = watched(
                lambda observe, cancel: opened.run(
                    drawn,
                    bind=bindings,
                    set=values,
                    runtime=runtime,
                    jobs=jobs,
                    folder=workflow.absolute().parent,
                    subset=subset,
                    incomplete_groups=incomplete_groups.value,
                    unpaired="stop" if unpaired is UnpairedRule.STOP else "leave out",
                    reuse=not no_reuse,
                    isolation=isolation.value,
                    observe=observe,
                    cancel=cancel,
                ),
                as_json=as_json,
            )
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


COMMANDS = (
    Spec(
        "run",
        run,
        (
            "run count.flow.yaml --experiment spots --bind images=raw",
            "run count.flow.yaml -e spots -b images=raw -s spots.threshold=4 --jobs 8",
            "run count.flow.yaml -e spots -b images=raw --pilot 3 --by condition",
            "run count.flow.yaml -e spots -b images=raw --json > report.jsonl",
        ),
    ),
)
