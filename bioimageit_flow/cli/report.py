"""The command that writes the report of a run."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import experiment_or_here, opened_experiment
from bioimageit_flow.cli.options import OfExperiment, ToolFolders
from bioimageit_flow.cli.output import say, working
from bioimageit_flow.cli.writing import write_text
from bioimageit_flow.errors import DataError


def report(
    run: Annotated[
        str,
        typer.Argument(
            metavar="[RUN]", help="Beginning of its id, its folder or name, or 'last'."
        ),
    ] = "last",
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="What to write; by default report.html in the folder of the run.",
        ),
    ] = None,
    experiment: OfExperiment = None,
    template: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A template of your own."),
    ] = None,
    print_template: Annotated[
        bool,
        typer.Option("--print-template", help="Print the built-in template instead."),
    ] = False,
    thumbnails: Annotated[
        int,
        typer.Option(metavar="N", min=0, help="Pictures of each output at most."),
    ] = 24,
    core_watts: Annotated[
        float,
        typer.Option(metavar="W", min=0, help="Power of a busy processor core."),
    ] = 12.0,
    co2: Annotated[
        float,
        typer.Option(metavar="G", min=0, help="Grams of CO2 per kWh of electricity."),
    ] = 475.0,
    overhead: Annotated[
        float,
        typer.Option(metavar="X", min=1, help="Factor for cooling and supply."),
    ] = 1.0,
    tools: ToolFolders = None,
) -> None:
    """Write what a run did as one HTML file.

    It holds the drawn workflow, results with pictures, results by condition, failures,
    a methods paragraph with references, what went in, and what it cost in time,
    memory, disk and (estimated) energy. It needs no network and no other file.
    """
    from bioimageit_flow.session.report import (
        Assumptions,
        ReportOptions,
        built_in_template,
        make_report,
        read_template,
    )

    if print_template:
        sys.stdout.write(built_in_template())
        return
    if file is not None and file.suffix.casefold() == ".pdf":
        raise DataError(
            f"A report is a page of HTML, and {file.name} would be none.",
            remedy="Write it as .html, open it in a browser, and print it as PDF.",
        )
    assumptions = Assumptions(core_w=core_watts, co2_g_per_kwh=co2, overhead=overhead)
    options = ReportOptions(
        template=None if template is None else read_template(template),
        thumbnails=thumbnails,
        assumptions=assumptions,
    )
    with opened_experiment(experiment_or_here(experiment), tools) as opened:
        found = opened.find_run(run)
        target = file or opened.path / "runs" / found.summary.id / "report.html"
        with working(f"Writing {target}"):
            write_text(target, make_report(found, options))
    say((str(target), "bold"), f"  the run {found.summary.name}")


COMMANDS = (
    Spec(
        "report",
        report,
        (
            "report last spots.html --experiment spots",
            "report 3f2a report.html --template lab.html.j2",
            "report --print-template > lab.html.j2",
        ),
    ),
)
