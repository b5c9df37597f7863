"""The command that says what a run would do."""

from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli import exits
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
    WorkflowFile,
    read_pairs,
    read_settings,
)
from bioimageit_flow.cli.output import (
    Column,
    Part,
    count,
    say,
    say_json,
    say_table,
)
from bioimageit_flow.cli.problems import say_problems
from bioimageit_flow.cli.run import GroupRule, IncompleteGroups
from bioimageit_flow.model.units import format_bytes

if TYPE_CHECKING:
    from bioimageit_flow.model.plan import NodePlan, Plan

_SHOWN_REASONS = 3
_SHOWN_NAMES = 5


def plan(
    workflow: WorkflowFile,
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
    limit: Limit = None,
    where: Where = "",
    pilot: Pilot = None,
    by: PilotBy = None,
    incomplete_groups: GroupRule = IncompleteGroups.STOP,
    unpaired: Unpaired = UnpairedRule.STOP,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="List every job with the items it takes.")
    ] = False,
    upto: UpTo = None,
    force: Force = None,
    share: Share = None,
    tools: ToolFolders = None,
    as_json: AsJson = False,
) -> None:
    """Say what a run would do, with every problem at once.

    Lists the jobs of each node, what is reused, and why the others have to run.

    Nothing runs, nothing is downloaded, nothing is changed. Leaves with code 5 if the
    workflow cannot run as it stands.
    """
    from bioimageit_flow.model.selection import Subset
    from bioimageit_flow.workflow import Workflow

    words = read_adjustments(
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
    words.update(
        {
            "bind": read_pairs(bind, "--bind"),
            "set": read_settings(settings),
            "runtime": runtime,
            "folder": workflow.absolute().parent,
            "subset": Subset(where, limit, pilot, tuple(by or ())),
            "incomplete_groups": incomplete_groups.value,
            "unpaired": "stop" if unpaired is UnpairedRule.STOP else "leave out",
            "upto": tuple(upto or ()),
            "force": tuple(force or ()),
            "share": share,
        }
    )
    with opened_experiment(experiment_or_here(experiment), tools) as opened:
        drawn = Workflow.load(workflow, catalogue=opened.session.catalogue)
        made = opened.plan(drawn, **words)
    if as_json:
        say_json(made.as_json())
    else:
        say_plan(made, with_pairs=pairs)
    raise typer.Exit(exits.DONE if made.is_runnable else exits.NOT_RUNNABLE)


def say_plan(plan: "Plan", *, with_pairs: bool = False) -> None:
    """Show a plan as tables."""
    say((plan.workflow, "bold"))
    for name, words in plan.inputs.items():
        say(f"  {name} ", ("<-", "dim"), f" {words}")
    if plan.subset:
        say(("  only ", "dim"), plan.subset)
    if plan.nodes:
        say()
        _say_nodes(plan)
    if with_pairs and plan.jobs:
        say()
        _say_pairs(plan)
    _say_left_out(plan)
    if plan.problems:
        say()
        say_problems(plan.problems)
    say()
    _say_verdict(plan)


def _say_nodes(plan: "Plan") -> None:
    columns = [
        Column("node"),
        Column("jobs", is_number=True, is_whole=True),
        Column("reused", is_number=True, is_whole=True),
        Column("new", is_number=True, is_whole=True),
        Column("waiting", is_number=True, is_whole=True),
        Column("why"),
        Column("in", style="dim"),
    ]
    rows: list[list[Part]] = []
    for node in plan.nodes:
        numbers = [
            (node.jobs, ""),
            (node.reused, "blue"),
            (node.new, "green"),
            (node.waiting, "cyan"),
        ]
        cells: list[Part] = [
            (str(number), style if number else "dim") for number, style in numbers
        ]
        rows.append([node.node, *cells, _why(node), node.place])
    say_table(columns, rows)


def _why(node: "NodePlan") -> str:
    reasons = [
        reason if number == node.jobs - node.reused else f"{number}: {reason}"
        for reason, number in node.reasons.items()
    ]
    if node.shared:
        which = "" if node.shared == node.jobs else f"{node.shared}: "
        reasons.insert(0, f"{which}known from the shared folder")
    more = len(reasons) - _SHOWN_REASONS
    shown = "; ".join(reasons[:_SHOWN_REASONS])
    return f"{shown}; … and {more} more reasons" if more > 0 else shown


def _say_pairs(plan: "Plan") -> None:
    columns = [Column("node"), Column("job"), Column("takes"), Column("why")]
    rows = [
        (
            job.node,
            job.label,
            "; ".join(
                f"{port}: {', '.join(names)}" for port, names in job.inputs.items()
            ),
            job.reason or "reused",
        )
        for job in plan.jobs
    ]
    say_table(columns, rows)


def _say_left_out(plan: "Plan") -> None:
    """Name what stays out: by filters and splits, and by decisions of people."""
    for place, names in plan.filtered.items():
        shown = ", ".join(names[:_SHOWN_NAMES])
        more = len(names) - _SHOWN_NAMES
        rest = f" and {more} more" if more > 0 else ""
        say(("not on ", "dim"), place, (": ", "dim"), f"{shown}{rest}")
    for name, reason in plan.excluded.items():
        say(("excluded: ", "dim"), f"{name} ({reason})")


def _say_needs(plan: "Plan") -> None:
    needs = plan.needs
    if not needs.memory_bytes:
        return
    free = f" of {format_bytes(needs.free_bytes)} free" if needs.free_bytes else ""
    say(
        (
            f"It takes about {format_bytes(needs.disk_bytes)} of disk{free}, and up to "
            f"{format_bytes(needs.memory_bytes)} of memory for a job.",
            "dim",
        )
    )


def _say_verdict(plan: "Plan") -> None:
    if not plan.is_runnable:
        errors = sum(str(one.severity) == "error" for one in plan.problems)
        say(("It cannot run: ", "bold red"), f"{count(errors, 'problem')} to mend.")
        return
    numbers = [
        (sum(node.reused for node in plan.nodes), "reused"),
        (sum(node.new for node in plan.nodes), "new"),
        (sum(node.waiting for node in plan.nodes), "waiting for new results"),
    ]
    said = ", ".join(f"{number} {word}" for number, word in numbers if number)
    jobs = f"{count(plan.total, 'job')}: {said}" if said else "no job"
    say(("It can run: ", "bold green"), f"{jobs}.")
    _say_needs(plan)


COMMANDS = (
    Spec(
        "plan",
        plan,
        (
            "plan count.flow.yaml --experiment spots --bind images=raw",
            "plan count.flow.yaml -e spots -b images=raw -s spots.threshold=4 --pairs",
            "plan count.flow.yaml -e spots -b 'images=raw where dose > 5' --limit 3",
        ),
    ),
)
