"""Commands that give results to other programs: export files, results."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli import exits
from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import experiment_or_here, opened_experiment
from bioimageit_flow.cli.options import AsJson, OfExperiment
from bioimageit_flow.cli.output import count, hint, say, say_json, tell, working

if TYPE_CHECKING:
    from bioimageit_flow.session.export import ExportReport

RunName = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="Beginning of its id, its folder or name, or 'last'."
    ),
]

_SHOWN = 20


def files(
    run: RunName,
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="Where the files go; made if needed."),
    ],
    experiment: OfExperiment = None,
    name: Annotated[
        str,
        typer.Option(
            "--name",
            metavar="TEMPLATE",
            help="How files are called: annotations and name, node, port, part, run, "
            "kind, id, number in braces; slashes make folders.",
        ),
    ] = "{node}/{name}",
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="NODE[.PORT]",
            help="Whose results are taken; may be given several times.",
        ),
    ] = None,
    copy: Annotated[
        bool,
        typer.Option(
            "--copy",
            help="Copy files instead of linking them, so that they may be changed.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write the results of a run as ordinary files, with an index beside them.

    Files are hard links where the disk allows it: they take no space, and are read-only
    as in the experiment. A file that is there already is never replaced. The index says
    for each file what it is and which annotations it has, as CSV and as JSON.
    """
    from bioimageit_flow.session.export import export_files

    with opened_experiment(experiment_or_here(experiment)) as opened:
        found = opened.find_run(run)
        with working(f"Writing {folder}"):
            report = export_files(
                found,
                folder,
                name=name,
                only=only or (),
                mode="copy" if copy else "link",
            )
    if as_json:
        say_json(_as_json(report))
    else:
        _say_export(report)
    raise typer.Exit(exits.BAD_DATA if report.refused else exits.DONE)


def _as_json(report: "ExportReport") -> dict[str, object]:
    return {
        "folder": str(report.folder),
        "written": [one.file for one in report.written],
        "present": [one.file for one in report.present],
        "refused": dict(report.refused),
        "excluded": dict(report.excluded),
        "index": [str(path) for path in report.index],
    }


def _say_export(report: "ExportReport") -> None:
    say((count(len(report.written), "file"), "bold"), f" written to {report.folder}")
    if report.present:
        say(f"{count(len(report.present), 'file')} there already")
    for one in [one for one in report.files if one.note][:_SHOWN]:
        say((f"  {one.file}: ", "yellow"), one.note)
    for name, reason in report.refused.items():
        say(("refused: ", "bold red"), f"{name}: {reason}")
    for name, reason in report.excluded.items():
        say(("excluded: ", "dim"), f"{name}: {reason}")
    hint(f"Index: {report.index[0]}")


def results(
    run: RunName,
    node: Annotated[
        str,
        typer.Argument(metavar="NODE[.PORT]", help="The node whose results are meant."),
    ],
    experiment: OfExperiment = None,
    csv: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write them to this file instead."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the results of a node as one table.

    One row per measured row, with the annotations of its item and the swept values it
    was made with. What is printed is CSV.
    """
    from bioimageit_flow.session.tables import tidy_table

    name, _, port = node.partition(".")
    with opened_experiment(experiment_or_here(experiment)) as opened:
        table = tidy_table(opened.find_run(run), name, port)
        excluded = opened.select(excluded=True)
        left_out = [(f"{one.dataset}/{one.name}", one.excluded) for one in excluded]
    if csv is not None:
        table.write_csv(csv)
        say((count(len(table), "row"), "bold"), f" written to {csv}")
    elif as_json:
        say_json([dict(zip(table.columns, row, strict=True)) for row in table.rows])
    else:
        typer.echo(table.csv(), nl=False)
    for item, reason in left_out:
        tell(("excluded: ", "dim"), f"{item}: {reason}")


COMMANDS = (
    Spec(
        "results",
        results,
        (
            "results last spots --experiment experiment",
            "results last measure.table -e experiment --csv measured.csv",
        ),
    ),
    Spec(
        "files",
        files,
        (
            "export files last for-fiji --experiment spots",
            "export files last for-fiji -e spots "
            "--name '{condition}/{name}_{node}' --only spots",
        ),
    ),
)
