"""The command import: files, folders, sheets and classic experiments."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli import exits
from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import opened_experiment
from bioimageit_flow.cli.options import AsJson, ExperimentFolder, read_annotations
from bioimageit_flow.cli.output import console, count, hint, say, say_json, tell
from bioimageit_flow.model.kinds import Kind

if TYPE_CHECKING:
    from bioimageit_flow.session import ImportReport

ReportFile = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help="Write what became of each file to a .csv or .json file.",
    ),
]

RAW = "raw"
_NAMED = 3
_NOTES = 5


def import_files(
    experiment: ExperimentFolder,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILES...",
            help="Files, and folders of files. Put -- before names that begin with a "
            "dash.",
        ),
    ] = None,
    dataset: Annotated[
        str, typer.Option(metavar="NAME", help="The dataset that they go to.")
    ] = RAW,
    reference: Annotated[
        bool,
        typer.Option(
            "--reference",
            help="Leave the files where they are instead of copying them.",
        ),
    ] = False,
    include: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GLOB",
            help="Of the files in folders only these, such as '*.tif'; may be given "
            "several times.",
        ),
    ] = None,
    match: Annotated[
        str | None,
        typer.Option(
            metavar="REGEX",
            help="Of the files in folders only those in whose path this is found.",
        ),
    ] = None,
    annotate: Annotated[
        list[str] | None,
        typer.Option(
            "--annotate",
            "-a",
            metavar="KEY=VALUE",
            help="An annotation of every item; may be given several times.",
        ),
    ] = None,
    from_name: Annotated[
        str | None,
        typer.Option(
            metavar="REGEX",
            help="Read annotations from the file names: each named group "
            "(?P<key>...) becomes one.",
        ),
    ] = None,
    from_folders: Annotated[
        str | None,
        typer.Option(
            metavar="KEY,...",
            help="Read annotations from the names of the folders that a file lies in, "
            "its own folder last; - leaves one out.",
        ),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A .csv or .xlsx with a row per file; its other columns become "
            "annotations. Files without a row are not imported.",
        ),
    ] = None,
    path_column: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The column of the sheet that names the file; by default 'path', "
            "'file' or the like.",
        ),
    ] = None,
    kind: Annotated[
        Kind | None,
        typer.Option(
            metavar="KIND",
            help="What the files are, where they do not tell: 'labels'.",
        ),
    ] = None,
    is_classic: Annotated[
        bool,
        typer.Option(
            "--classic",
            help="FILES is the folder of a classic BioImageIT experiment: import its "
            "data with annotations, results and lineage.",
        ),
    ] = False,
    report: ReportFile = None,
    as_json: AsJson = False,
) -> None:
    """Import files into a dataset of an experiment.

    A file that cannot be read is named and left out; the others are imported. A file
    that the dataset has already is not imported again, so that an import that was
    interrupted can be repeated.
    """
    if not files and sheet is None:
        raise typer.BadParameter("Name files or a --sheet.", param_hint="FILES...")
    check_report(report)
    annotations = read_annotations(annotate)
    if is_classic:
        used = (include, match, annotate, from_name, from_folders, sheet, path_column)
        if any(used) or kind is not None or dataset != RAW:
            raise typer.BadParameter(
                "A classic experiment says itself what its files are.",
                param_hint="--classic",
            )
        _import_classic(
            list(files or ()), experiment, report, reference=reference, as_json=as_json
        )
    with opened_experiment(experiment) as opened, import_progress() as progress:
        made = opened.import_files(
            list(files or ()),
            dataset=dataset,
            reference=reference,
            include=include or (),
            match=match,
            annotations=annotations,
            from_name=from_name,
            from_folders=from_folders.split(",") if from_folders else (),
            sheet=sheet,
            path_column=path_column,
            kind=kind,
            progress=progress,
        )
    if report is not None:
        made.save(report)
    if as_json:
        say_json(made.as_json())
    else:
        say_import(made, experiment)
    raise typer.Exit(exits.DONE if made.is_complete else exits.BAD_DATA)


def _import_classic(
    files: list[Path],
    experiment: Path,
    report: Path | None,
    *,
    reference: bool,
    as_json: bool,
) -> None:
    """Import a classic experiment with its results and lineage."""
    if len(files) != 1:
        raise typer.BadParameter(
            "Name the one folder of the classic experiment.", param_hint="FILES..."
        )
    with opened_experiment(experiment) as opened, import_progress() as progress:
        made = opened.import_classic(files[0], reference=reference, progress=progress)
    whole = made.whole
    if report is not None:
        whole.save(report)
    if as_json:
        say_json(whole.as_json() | {"runs": list(made.runs), "results": made.results})
    else:
        say_import(whole, experiment)
        runs = count(len(made.runs), "run")
        say(f"Imported {runs} with {count(made.results, 'result')}")
    raise typer.Exit(exits.DONE if whole.is_complete else exits.BAD_DATA)


def check_report(report: Path | None) -> None:
    """Refuse the name of a report before anything is imported."""
    if report is not None and report.suffix.lower() not in (".csv", ".json"):
        raise typer.BadParameter(
            f"'{report}' ends in neither .csv nor .json.", param_hint="--report"
        )


@contextmanager
def import_progress() -> Iterator[Callable[[int, int], None]]:
    """Draw a bar on stderr where it is a terminal; elsewhere write a few lines."""
    err = console(sys.stderr)
    if not err.is_terminal:
        yield _steps(tell)
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("Importing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("files"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as drawn:
        task = drawn.add_task("", total=None)
        yield lambda done, of: drawn.update(task, completed=done, total=of)


def _steps(report: Callable[[str], None]) -> Callable[[int, int], None]:
    """Return what tells of an import in steps, however many files there are."""

    def progress(done: int, of: int) -> None:
        every = max(of // 20, 25)
        if done % every == 0 and done < of:
            report(f"{done} of {of} files")

    return progress


def say_import(report: "ImportReport", experiment: Path) -> None:
    """Say what became of the files, the many in few words."""
    files, made = len(report.imported), len(report.items)
    images = f" ({count(made, 'item')})" if made != files else ""
    say(f"Imported {count(files, 'file')}{images} into ", (report.dataset, "bold"))
    if report.skipped:
        say(f"Passed over {count(len(report.skipped), 'file')}:")
        _say_reasons((one.path, one.reason) for one in report.skipped)
    for note in report.notes[:_NOTES]:
        say(("Note: ", "yellow"), note)
    if len(report.notes) > _NOTES:
        say(f"{count(len(report.notes) - _NOTES, 'more note')}; --report lists all.")
    for one in report.refused:
        tell(("refused: ", "bold red"), one.reason)
        if one.remedy:
            tell("         ", one.remedy)
    if report.refused:
        rest = ", the others are imported" if made else ""
        tell(f"{count(len(report.refused), 'file')} refused{rest}.")
    if made:
        hint(f"Next: bioimageit-flow items {experiment}")


def _say_reasons(left_out: Iterable[tuple[str, str]]) -> None:
    """Say each reason once, with the files it holds for."""
    by_reason: dict[str, list[str]] = {}
    for path, reason in left_out:
        by_reason.setdefault(reason, []).append(path)
    for reason, paths in by_reason.items():
        more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
        say(f"  {', '.join(paths[:_NAMED])}{more}: {reason}")


COMMANDS = (
    Spec(
        "import",
        import_files,
        (
            "import spots images/ --from-name '(?P<condition>[a-z]+)_(?P<n>\\d+)'",
            "import spots plates/ --include '*.tif' --from-folders plate,well",
            "import spots --sheet samples.xlsx --report imported.csv",
            "import spots psf.tif --dataset psf --annotate microscope=SP8",
            "import spots --reference /mnt/microscope/2026-11-22",
            "import spots --classic /data/myexperiment",
        ),
    ),
)
