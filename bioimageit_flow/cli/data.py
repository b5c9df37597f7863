"""Commands for data: new, import, items, datasets, annotate."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli import exits
from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import experiment_or_here, opened_experiment
from bioimageit_flow.cli.options import (
    AsJson,
    ExperimentFolder,
    ExperimentHere,
    read_annotations,
)
from bioimageit_flow.cli.output import (
    Column,
    Part,
    count,
    hint,
    say,
    say_json,
    say_table,
    tell,
    working,
)
from bioimageit_flow.model.kinds import Kind

if TYPE_CHECKING:
    from bioimageit_flow.model.annotation import View
    from bioimageit_flow.model.data import DataInfo, Item
    from bioimageit_flow.session import ImportReport


def new(
    experiment: Annotated[
        Path,
        typer.Argument(
            metavar="EXPERIMENT", help="A folder that is empty or not there yet."
        ),
    ],
    name: Annotated[
        str,
        typer.Option(
            metavar="TEXT", help="What people call it; by default the folder's name."
        ),
    ] = "",
) -> None:
    """Make a new experiment."""
    from bioimageit_flow.session import Experiment

    with Experiment.create(experiment, name=name) as made:
        say("Made the experiment ", (str(made.path), "bold"))
    hint(f"Next: bioimageit-flow import {experiment} FILES...")


def import_files(
    experiment: ExperimentFolder,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILES...",
            help="Files, and folders of files. Put -- before names that begin with a "
            "dash.",
        ),
    ],
    dataset: Annotated[
        str, typer.Option(metavar="NAME", help="The dataset that they go to.")
    ] = "raw",
    reference: Annotated[
        bool,
        typer.Option(
            "--reference",
            help="Leave the files where they are instead of copying them.",
        ),
    ] = False,
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
    kind: Annotated[
        Kind | None,
        typer.Option(
            metavar="KIND",
            help="What the files are, where they do not tell: 'labels'.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import files into a dataset of an experiment.

    A file that cannot be read is named and left out; the others are imported. A file
    that the dataset has already is not imported again.
    """
    annotations = read_annotations(annotate)
    with opened_experiment(experiment) as opened, working("Importing") as told:
        report = opened.import_files(
            list(files),
            dataset=dataset,
            reference=reference,
            annotations=annotations,
            from_name=from_name,
            kind=kind,
            progress=_steps(told),
        )
    if as_json:
        say_json(_import_as_json(report))
    else:
        _say_import(report, experiment)
    raise typer.Exit(exits.DONE if report.is_complete else exits.BAD_DATA)


def _steps(report: Callable[[str], None]) -> Callable[[int, int], None]:
    """Return what tells of an import in steps, however many files there are."""

    def progress(done: int, of: int) -> None:
        every = max(of // 20, 25)
        if done % every == 0 and done < of:
            report(f"{done} of {of} files")

    return progress


def _import_as_json(report: "ImportReport") -> dict[str, object]:
    return {
        "dataset": report.dataset,
        "imported": [
            {"path": one.path, "items": [item.id for item in one.items]}
            for one in report.imported
        ],
        "skipped": [{"path": one.path, "why": one.reason} for one in report.skipped],
        "refused": [
            {"path": one.path, "why": one.reason, "remedy": one.remedy}
            for one in report.refused
        ],
    }


def _say_import(report: "ImportReport", experiment: Path) -> None:
    files, made = len(report.imported), len(report.items)
    images = f" ({count(made, 'item')})" if made != files else ""
    say(f"Imported {count(files, 'file')}{images} into ", (report.dataset, "bold"))
    if report.skipped:
        say(f"Passed over {count(len(report.skipped), 'file')}:")
        _say_reasons((one.path, one.reason) for one in report.skipped)
    for one in report.refused:
        tell(("refused: ", "bold red"), one.reason)
        if one.remedy:
            tell("         ", one.remedy)
    if report.refused:
        tell(f"{count(len(report.refused), 'file')} refused, the others are imported.")
    if made:
        hint(f"Next: bioimageit-flow items {experiment}")


def _say_reasons(left_out: Iterable[tuple[str, str]]) -> None:
    """Say each reason once, with the files it holds for."""
    by_reason: dict[str, list[str]] = {}
    for path, reason in left_out:
        by_reason.setdefault(reason, []).append(path)
    for reason, paths in by_reason.items():
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        say(f"  {', '.join(paths[:3])}{more}: {reason}")


def items(
    experiment: ExperimentHere = None,
    dataset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only this dataset; see 'datasets'."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List items with their annotations.

    Annotations of the items that an item was made from are listed too.
    """
    place = experiment_or_here(experiment, "EXPERIMENT")
    with opened_experiment(place) as opened:
        found = opened.items(dataset)
        views = opened.annotations(found)
    if as_json:
        say_json([_item_as_json(one, views[one.id]) for one in found])
        return
    if not found:
        hint(f"No items yet. Next: bioimageit-flow import {place} FILES...")
        return
    keys = list(dict.fromkeys(key for view in views.values() for key in view))
    columns = [
        Column("item", style="bold"),
        *([] if dataset else [Column("dataset")]),
        Column("kind", is_whole=True),
        Column("size"),
        *(Column(key, style="cyan") for key in keys),
        Column("id", style="dim", is_whole=True),
    ]
    rows: list[list[Part]] = [
        [
            one.name + (f" [{one.selector}]" if one.selector else ""),
            *([] if dataset else [one.dataset]),
            str(one.info.kind),
            _size(one.info),
            *(_value(views[one.id], key) for key in keys),
            one.id[:8],
        ]
        for one in found
    ]
    say_table(columns, rows)


def datasets(experiment: ExperimentHere = None, as_json: AsJson = False) -> None:
    """List the datasets: imported ones, then results of runs."""
    place = experiment_or_here(experiment, "EXPERIMENT")
    with opened_experiment(place) as opened:
        found = opened.datasets()
    if as_json:
        say_json(
            [
                {"name": one.name, "kind": str(one.kind), "items": one.count}
                for one in found
            ]
        )
        return
    if not found:
        hint(f"No datasets yet. Next: bioimageit-flow import {place} FILES...")
        return
    columns = [
        Column("dataset", style="bold"),
        Column("kind", is_whole=True),
        Column("items", is_number=True, is_whole=True),
    ]
    say_table(columns, [(one.name, str(one.kind), str(one.count)) for one in found])


def annotate(
    experiment: ExperimentFolder,
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="ITEM... KEY=VALUE...",
            help="Items by id, the beginning of an id, or name; then annotations. "
            "KEY= removes one.",
        ),
    ],
) -> None:
    """Set annotations of items; every change is recorded."""
    pairs = [text for text in what if "=" in text]
    names = [text for text in what if "=" not in text]
    if not pairs or not names:
        raise typer.BadParameter(
            "Name at least one item and one KEY=VALUE.",
            param_hint="ITEM... KEY=VALUE...",
        )
    values: dict[str, bool | int | float | str | None] = {
        key: None if value == "" else value
        for key, value in read_annotations(pairs, "KEY=VALUE").items()
    }
    with opened_experiment(experiment) as opened:
        found = [opened.find_item(name) for name in names]
        opened.annotate(found, values)
    say(f"Annotated {count(len(found), 'item')}.")


def _size(info: "DataInfo") -> str:
    if info.axes is None:
        return ""
    shape = "x".join(map(str, info.shape))
    return f"{info.axes} {shape} {info.dtype or ''}".strip()


def _value(view: "View", key: str) -> Part:
    from bioimageit_flow.model.annotation import Conflict

    if key not in view:
        return ""
    value = view[key]
    if isinstance(value, Conflict):
        return " | ".join(map(_plain, value.values)), "yellow"
    return _plain(value)


def _plain(value: bool | int | float | str) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _item_as_json(item: "Item", view: "View") -> dict[str, object]:
    from bioimageit_flow.model.annotation import Conflict
    from bioimageit_flow.model.data import Imported

    origin = item.origin
    return {
        "id": item.id,
        "name": item.name,
        "dataset": item.dataset,
        "sha256": item.content.sha256,
        "bytes": item.content.size,
        "selector": item.selector,
        "part": item.part,
        **item.info.as_json(),
        "origin": (
            {"imported_from": origin.source}
            if isinstance(origin, Imported)
            else {"run": origin.run, "node": origin.node, "port": origin.port}
        ),
        "annotations": {
            key: {"conflict": list(value.values)}
            if isinstance(value, Conflict)
            else value
            for key, value in view.items()
        },
    }


COMMANDS = (
    Spec("new", new, ("new spots", 'new /data/spots --name "Spots, two populations"')),
    Spec(
        "import",
        import_files,
        (
            "import spots images/ --from-name '(?P<condition>[a-z]+)_(?P<n>\\d+)'",
            "import spots *.tif --annotate microscope=SP8 --annotate patient=7",
            "import spots psf.tif --dataset psf",
            "import spots --reference /mnt/microscope/2026-11-22",
        ),
    ),
    Spec("items", items, ("items spots", "items spots --dataset raw --json")),
    Spec("datasets", datasets, ("datasets spots",)),
    Spec(
        "annotate",
        annotate,
        (
            "annotate spots a01.tif a02.tif condition=control",
            "annotate spots 3fa29c1e x=",
        ),
    ),
)
