"""The command that writes a run as an RO-Crate."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import experiment_or_here, opened_experiment
from bioimageit_flow.cli.options import OfExperiment
from bioimageit_flow.cli.output import say, working


class DataMode(StrEnum):
    """What becomes of the bytes."""

    COPY = "copy"
    REFERENCE = "reference"


def crate(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help="Beginning of its id, its folder or name, or 'last'."
        ),
    ],
    target: Annotated[
        Path,
        typer.Argument(
            metavar="TARGET", help="A folder to make, or a file that ends in .zip."
        ),
    ],
    experiment: OfExperiment = None,
    data: Annotated[
        DataMode,
        typer.Option(
            metavar="copy|reference",
            help="Whether the data go into the crate, or are named where they lie.",
        ),
    ] = DataMode.COPY,
    licence: Annotated[
        str,
        typer.Option(
            metavar="SPDX",
            help="Licence of the data, such as CC-BY-4.0; by default that of the "
            "workflow.",
        ),
    ] = "",
    person: Annotated[str, typer.Option(metavar="NAME", help="Who made the run.")] = "",
    orcid: Annotated[
        str, typer.Option(metavar="ORCID", help="The ORCID of that person.")
    ] = "",
    affiliation: Annotated[
        str, typer.Option(metavar="NAME", help="Where that person works.")
    ] = "",
    affiliation_url: Annotated[
        str, typer.Option(metavar="URL", help="Best the ROR of that place.")
    ] = "",
) -> None:
    """Write a run as a Workflow Run RO-Crate, for others to read, check and archive.

    It holds the workflow, the data, and every job with its tool, parameters, image or
    environment, inputs and outputs, all with checksums.
    """
    from bioimageit_flow.session.crates import CrateOptions, export_crate

    options = CrateOptions(
        data=data.value,
        licence=licence,
        person=person,
        orcid=orcid,
        affiliation=affiliation,
        affiliation_url=affiliation_url,
    )
    with opened_experiment(experiment_or_here(experiment)) as opened:
        found = opened.find_run(run)
        with working(f"Writing {target}"):
            written = export_crate(found, target, options)
    say((str(written), "bold"), f"  the run {found.summary.name}")


COMMANDS = (
    Spec(
        "crate",
        crate,
        (
            "export crate last spots.zip --experiment spots",
            "export crate 3f2a spots-crate -e spots --licence CC-BY-4.0 "
            "--orcid 0000-0002-1825-0097",
        ),
    ),
)
