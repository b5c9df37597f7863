"""The command that lists the jobs of a run, and makes one ready to be repeated."""

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import experiment_or_here, opened_experiment
from bioimageit_flow.cli.options import AsJson, OfExperiment, ToolFolders
from bioimageit_flow.cli.output import (
    Column,
    Part,
    clean_line,
    count,
    hint,
    say,
    say_json,
    say_table,
    short,
    tell,
)

if TYPE_CHECKING:
    from bioimageit_flow.session.jobs import JobLine, Repeated

_STYLES = {"failed": "bold red", "cancelled": "yellow", "reused": "blue"}


def jobs(
    run: Annotated[
        str,
        typer.Argument(
            metavar="[RUN]",
            help="The run: its folder, name, the beginning of its id, or 'last'.",
        ),
    ] = "last",
    failed: Annotated[
        bool, typer.Option("--failed", help="Only jobs that failed, and why.")
    ] = False,
    node: Annotated[
        str, typer.Option("--node", metavar="NODE", help="Only jobs of one node.")
    ] = "",
    repeat: Annotated[
        tuple[str, Path] | None,
        typer.Option(
            "--repeat",
            metavar="JOB FOLDER",
            help="Make a job ready in a new folder, with copies of its inputs and a "
            "script that runs it again by hand, and print the command.",
        ),
    ] = None,
    experiment: OfExperiment = None,
    tools: ToolFolders = None,
    as_json: AsJson = False,
) -> None:
    """List the jobs of a run; make one ready to repeat by hand.

    A job is one execution of one node on one item or group. What a repeated job writes
    stays in its folder; the experiment is not touched.
    """
    from bioimageit_flow.session.jobs import list_jobs, repeat_job

    with opened_experiment(experiment_or_here(experiment), tools) as opened:
        found = opened.find_run(run)
        if repeat is not None:
            _say_repeated(repeat_job(found, *repeat), as_json=as_json)
            return
        lines = list_jobs(found, failed=failed, node=node)
    if as_json:
        say_json([one.as_json() for one in lines])
    elif lines:
        _say_jobs(lines, with_reasons=failed)
    else:
        hint("No job failed." if failed else "No job has ended.")


def _say_jobs(lines: "list[JobLine]", *, with_reasons: bool) -> None:
    from bioimageit_flow.model.units import format_bytes, format_seconds

    columns = [
        Column("job", is_whole=True),
        Column("node"),
        Column("item"),
        Column("state", is_whole=True),
        Column("took", is_number=True, is_whole=True),
        Column("memory", is_number=True, is_whole=True),
        Column("why" if with_reasons else "cause"),
    ]
    rows: list[list[Part]] = []
    for line in lines:
        one = line.record
        cause = "" if one.cause is None else str(one.cause)
        if one.shared is not None:
            cause = f"from {one.shared.folder}"
        rows.append(
            [
                one.id[:8],
                (one.node, "bold"),
                line.item,
                (str(one.state), _STYLES.get(str(one.state), "")),
                format_seconds(one.elapsed_s) if one.elapsed_s else "",
                "" if one.peak_memory is None else format_bytes(one.peak_memory),
                f"{cause}: {one.message}" if with_reasons and cause else cause,
            ]
        )
    say_table(columns, rows)
    converted = Counter(
        (line.record.node, one) for line in lines for one in line.converted
    )
    for (node, words), number in converted.items():
        say((clean_line(f"{node}: {words} ({count(number, 'job')})"), "dim"))
    if with_reasons:
        first = lines[0].record
        words = f"jobs {first.run[:8]} --repeat {first.id[:8]} FOLDER"
        hint(f"Repeat one by hand: bioimageit-flow {words}")


def _say_repeated(done: "Repeated", *, as_json: bool) -> None:
    if as_json:
        say_json(
            {
                "folder": str(done.folder),
                "script": str(done.script),
                "command": done.command,
                "notes": list(done.notes),
            }
        )
        return
    for note in done.notes:
        tell((note, "yellow"))
    tell(f"The job is ready in {short(done.folder)}; run it with:")
    tell((f"  sh {short(done.script)}", "bold"))
    tell("which does this:")
    sys.stdout.write(f"{clean_line(done.command)}\n")  # never wrapped: to be copied


COMMANDS = (
    Spec(
        "jobs",
        jobs,
        (
            "jobs last --failed",
            "jobs 2026-11-22_3fa2_count --node spots --json",
            "jobs last --repeat 3fa29c1e /tmp/again",
        ),
    ),
)
