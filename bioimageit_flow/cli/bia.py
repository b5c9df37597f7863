"""The command that writes what the BioImage Archive asks for."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli import exits
from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import (
    experiment_or_here,
    is_experiment,
    opened_experiment,
)
from bioimageit_flow.cli.options import AsJson, OfExperiment
from bioimageit_flow.cli.output import clean_line, count, hint, say, say_json, working

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bioimageit_flow.session.bia import BiaReport, Gap


def bia(
    what: Annotated[
        str,
        typer.Argument(
            metavar="[RUN|EXPERIMENT]",
            help="A run (as in `runs`), or the folder of an experiment.",
        ),
    ] = "last",
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FOLDER]", help="A folder to make.", show_default=False
        ),
    ] = None,
    experiment: OfExperiment = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Only say what archives will ask for and what is missing.",
        ),
    ] = False,
    study: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="What is said of the study; by default study.yaml."
        ),
    ] = None,
    template: Annotated[
        bool, typer.Option("--template", help="Print a study file to fill in.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write files, file lists and study metadata for the BioImage Archive.

    The file list of derived data names the source images of each file. What the study
    is about stands in `study.yaml` in the folder of the experiment (--template prints
    one); --check says what the BioImage Archive and Zenodo will ask for and what is
    missing, and exits with 4 if something is required.
    """
    from bioimageit_flow.session.bia import TEMPLATE, archive_gaps, export_bia

    if template:
        typer.echo(TEMPLATE, nl=False)
        return
    if folder is None and not check:
        raise typer.BadParameter(
            "Name the folder to make, or say --check.", param_hint="FOLDER"
        )
    whole = Path(what) if is_experiment(Path(what)) else None
    with opened_experiment(whole or experiment_or_here(experiment)) as opened:
        found = opened if whole is not None else opened.find_run(what)
        if check or folder is None:
            with working("Looking at what is known"):
                gaps = archive_gaps(found, study=study)
            report = None
        else:
            with working(f"Writing {folder}"):
                report = export_bia(found, folder, study=study)
            gaps = report.gaps
    if as_json:
        say_json(_as_json(report, gaps))
    else:
        _say(report, gaps)
    is_lacking = any(gap.is_required for gap in gaps)
    raise typer.Exit(exits.BAD_DATA if check and is_lacking else exits.DONE)


def _as_json(report: "BiaReport | None", gaps: "Sequence[Gap]") -> dict[str, object]:
    facts: dict[str, object] = {"gaps": [gap.model_dump() for gap in gaps]}
    if report is not None:
        facts |= {
            "folder": str(report.folder),
            "images": report.images,
            "analysed": report.analysed,
        }
    return facts


def _say(report: "BiaReport | None", gaps: "Sequence[Gap]") -> None:
    if report is not None:
        say((str(report.folder), "bold"))
        say(f"{count(report.images, 'raw file')}, {count(report.analysed, 'result')}.")
    if not gaps:
        say(("Nothing is missing.", "green"))
        return
    for is_required, head, style in (
        (True, "Required, and missing:", "bold red"),
        (False, "Asked for, and missing:", "bold yellow"),
    ):
        listed = [gap for gap in gaps if gap.is_required is is_required]
        if listed:
            say((head, style))
        for gap in listed:
            say(f"  {clean_line(gap.text)} ", (f"[{', '.join(gap.asked_by)}]", "dim"))
            say((f"    {clean_line(gap.fix)}", "dim"))
    hint("Write it into study.yaml in the folder of the experiment (--template).")


COMMANDS = (
    Spec(
        "bia",
        bia,
        (
            "export bia last for-the-archive -e spots",
            "export bia spots --check",
            "export bia --template > spots/study.yaml",
        ),
    ),
)
