"""The command by which somebody vouches for known results."""

from typing import Annotated

import typer

from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import experiment_or_here, opened_experiment
from bioimageit_flow.cli.options import (
    AsJson,
    Bindings,
    OfExperiment,
    RuntimeName,
    Settings,
    ToolFolders,
    WorkflowFile,
    read_pairs,
    read_settings,
)
from bioimageit_flow.cli.output import count, hint, say, say_json


def vouch(
    workflow: WorkflowFile,
    node: Annotated[
        list[str],
        typer.Option(
            "--node", metavar="NODE", help="Whose results; may be given several times."
        ),
    ],
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why they are valid.")
    ],
    experiment: OfExperiment = None,
    bind: Bindings = None,
    settings: Settings = None,
    runtime: RuntimeName = "auto",
    tools: ToolFolders = None,
    as_json: AsJson = False,
) -> None:
    """Vouch for known results whose tool changed without effect.

    Where only the tool, its image or its environment changed, and neither data nor
    parameters, what is known serves again. Who said so, when and why stands in the
    lineage of whatever is reused; `undo` takes it back.
    """
    from bioimageit_flow.workflow import Workflow

    with opened_experiment(experiment_or_here(experiment), tools) as opened:
        drawn = Workflow.load(workflow, catalogue=opened.session.catalogue)
        done = opened.declare_still_valid(
            drawn,
            node,
            reason,
            bind=read_pairs(bind, "--bind"),
            set=read_settings(settings),
            runtime=runtime,
            folder=workflow.absolute().parent,
        )
    if as_json:
        say_json({"jobs": done.jobs, "other": done.other, "change": done.change})
        return
    say("Results that serve again: ", (str(done.jobs), "bold"), ".")
    if done.other:
        hint(f"{count(done.other, 'job')} left alone: data or parameters changed too.")


COMMANDS = (
    Spec(
        "vouch",
        vouch,
        (
            "vouch count.flow.yaml -e spots -b images=raw --node spots --reason "
            "'only its help text changed'",
        ),
    ),
)
