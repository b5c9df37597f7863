"""The command that writes a run as a PROV document."""

from pathlib import Path
from typing import Annotated

import typer

from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.export import RunName
from bioimageit_flow.cli.opening import experiment_or_here, opened_experiment
from bioimageit_flow.cli.options import OfExperiment
from bioimageit_flow.cli.output import say, working
from bioimageit_flow.cli.writing import write_pieces


def prov(
    run: RunName,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Ends in .json (PROV-JSON) or .provn."),
    ],
    experiment: OfExperiment = None,
) -> None:
    """Write a run in the words of W3C PROV, for other programs to read."""
    from bioimageit_flow.session.prov import format_of, prov_of

    with opened_experiment(experiment_or_here(experiment)) as opened:
        found = opened.find_run(run)
        with working(f"Writing {file}"):
            write_pieces(file, prov_of(found, format_of(file)))
    say((str(file), "bold"), f"  the run {found.summary.name}")


COMMANDS = (
    Spec(
        "prov",
        prov,
        ("export prov last run.json --experiment spots", "export prov 3f2a run.provn"),
    ),
)
