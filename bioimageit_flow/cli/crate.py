"""The command that writes a run as an RO-Crate."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import (
    experiment_or_here,
    is_experiment,
    opened_experiment,
)
from bioimageit_flow.cli.options import OfExperiment, ToolFolders
from bioimageit_flow.cli.output import hint, say, tell, working


class DataMode(StrEnum):
    """What becomes of the bytes."""

    COPY = "copy"
    REFERENCE = "reference"


def crate(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN|EXPERIMENT",
            help="A run (beginning of its id, its folder or name, or 'last'), or the "
            "folder of an experiment, with all its runs.",
        ),
    ],
    target: Annotated[
        Path | None,
        typer.Argument(
            metavar="[TARGET]",
            help="A folder to make, or a file that ends in .zip; none with --in-place.",
            show_default=False,
        ),
    ] = None,
    experiment: OfExperiment = None,
    in_place: Annotated[
        bool,
        typer.Option(
            "--in-place",
            help="Make the folder of the experiment a crate itself: its metadata and a "
            "preview are written into it, and nothing is copied.",
        ),
    ] = False,
    data: Annotated[
        DataMode,
        typer.Option(
            metavar="copy|reference",
            help="Whether the data go into the crate, or are named where they lie.",
        ),
    ] = DataMode.COPY,
    with_images: Annotated[
        bool,
        typer.Option(
            "--images",
            help="Take the container images along in which the jobs ran, as files of "
            "`docker save`: large, but nothing has to be built or got elsewhere.",
        ),
    ] = False,
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
    tools: ToolFolders = None,
) -> None:
    """Write a run or a whole experiment as an RO-Crate, to read, check and archive.

    It holds the workflow, the data, the tools, and every job with its parameters, image
    or environment, inputs and outputs, all with checksums. What is said of the study in
    `study.yaml` of the experiment goes in as well (see `export bia`).
    """
    from bioimageit_flow.session.crate_images import saving
    from bioimageit_flow.session.crates import (
        CrateOptions,
        export_crate,
        export_experiment,
        make_crate_of,
    )

    lacking: list[str] = []
    options = CrateOptions(
        lacks=lacking.append,
        data=data.value,
        licence=licence,
        person=person,
        orcid=orcid,
        affiliation=affiliation,
        affiliation_url=affiliation_url,
    )
    whole = Path(run) if is_experiment(Path(run)) else None
    if (target is None) != in_place or (in_place and whole is None):
        raise typer.BadParameter(
            "Name where the crate goes, or an experiment and --in-place.",
            param_hint="TARGET",
        )
    if in_place and with_images:
        raise typer.BadParameter(
            "A crate in place takes no images along.", param_hint="--images"
        )
    with opened_experiment(whole or experiment_or_here(experiment), tools) as opened:
        if with_images:
            options = replace(options, save_image=saving(opened.session, tell))
        with working(f"Writing {target or whole}"):
            if target is None:
                written = make_crate_of(opened, options)
            elif whole is not None:
                written = export_experiment(opened, target, options)
            else:
                written = export_crate(opened.find_run(run), target, options)
        name = opened.find_run(run).summary.name if whole is None else ""
    what = f"the run {name}" if name else f"the experiment {opened.path.name}"
    say((str(written), "bold"), f"  {what}")
    if lacking:
        say(f"It lacks the files of {', '.join(lacking)}: not on this machine.")
        hint("Name the folder that holds them with --tools, and write the crate anew.")


COMMANDS = (
    Spec(
        "crate",
        crate,
        (
            "export crate last spots.zip --experiment spots",
            "export crate 3f2a spots-crate -e spots --licence CC-BY-4.0 "
            "--orcid 0000-0002-1825-0097",
            "export crate spots spots-all.zip",
            "export crate spots --in-place",
            "export crate last spots-with-images.zip -e spots --images",
        ),
    ),
)
