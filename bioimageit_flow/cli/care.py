"""Commands that look after data: exclude, include, correct, delete, verify, ..."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli import exits
from bioimageit_flow.cli.choosing import Named, OfDataset, Where, Yes, chosen_items
from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import experiment_or_here, opened_experiment
from bioimageit_flow.cli.options import AsJson, ExperimentFolder, ExperimentHere
from bioimageit_flow.cli.output import (
    Column,
    count,
    hint,
    say,
    say_json,
    say_table,
    tell,
    working,
)
from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.units import format_bytes

if TYPE_CHECKING:
    from bioimageit_flow.session import Removal

_SHOWN = 20


def exclude(
    experiment: ExperimentFolder,
    items: Named = None,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why they stay out; needed.")
    ] = "",
    where: Where = None,
    dataset: OfDataset = None,
) -> None:
    """Keep items out of later runs, with a reason."""
    with opened_experiment(experiment) as opened:
        found = chosen_items(opened, items, where, dataset)
        opened.exclude(found, reason)
    say(f"Excluded {count(len(found), 'item')}.")


def include(
    experiment: ExperimentFolder,
    items: Named = None,
    where: Where = None,
    dataset: OfDataset = None,
) -> None:
    """Let excluded items take part in runs again."""
    with opened_experiment(experiment) as opened:
        found = chosen_items(opened, items, where, dataset)
        found = [item for item in found if item.excluded]
        opened.include(found)
    say(f"Included {count(len(found), 'item')}.")


def correct(
    experiment: ExperimentFolder,
    items: Named = None,
    where: Where = None,
    dataset: OfDataset = None,
    axes: Annotated[
        str | None, typer.Option(metavar="AXES", help="One letter each, such as ZYX.")
    ] = None,
    pixel_size: Annotated[
        str | None,
        typer.Option(
            metavar="UM",
            help="Micrometres per pixel: 0.1, or x=0.1,y=0.1,z=0.5.",
        ),
    ] = None,
    time_step: Annotated[
        str | None, typer.Option(metavar="S", help="Seconds between frames.")
    ] = None,
    channels: Annotated[
        str | None, typer.Option(metavar="A,B,...", help="Names of the channels.")
    ] = None,
    back: Annotated[
        bool, typer.Option("--back", help="Take every correction of them back.")
    ] = False,
) -> None:
    """Correct what the headers of images say.

    The files stay as they are. What is computed from them is computed again in the
    next run.
    """
    facts: dict[str, object] = {
        "axes": axes,
        "pixel_size_um": None if pixel_size is None else _sizes(pixel_size),
        "time_step_s": time_step,
        "channels": channels.split(",") if channels is not None else None,
    }
    if not back:
        facts = {name: value for name, value in facts.items() if value is not None}
    if not facts:
        raise typer.BadParameter(
            "Say what to correct, such as --pixel-size 0.1.", param_hint="--pixel-size"
        )
    with opened_experiment(experiment) as opened:
        found = chosen_items(opened, items, where, dataset)
        opened.correct(found, **facts)
    say(f"Corrected the metadata of {count(len(found), 'item')}.")


def _sizes(text: str) -> object:
    if "=" not in text:
        return text.strip()
    pairs = (part.partition("=") for part in text.split(","))
    return {axis.strip(): size.strip() for axis, _, size in pairs}


def delete(
    experiment: ExperimentFolder,
    items: Named = None,
    where: Where = None,
    dataset: OfDataset = None,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why, for the record.")
    ] = "",
    yes: Yes = False,
) -> None:
    """Delete the data of items.

    What was recorded of them stays. Without --yes it is only said what would be
    deleted, and what descends from it.
    """
    with opened_experiment(experiment) as opened:
        found = chosen_items(opened, items, where, dataset)
        plan = opened.plan_deletion(found)
        what = f"{count(len(found), 'item')}, at most {format_bytes(plan.bytes)}"
        if not yes:
            say(f"Would delete {what}:")
            for item in found[:_SHOWN]:
                say(f"  {item.name} of {item.dataset}")
            if len(found) > _SHOWN:
                say(f"  … and {len(found) - _SHOWN} more")
            if plan.referenced:
                say(f"{plan.referenced} lie elsewhere: their files are left alone.")
            _say_descendants(plan.descendants)
            hint("Nothing was deleted. Say --yes to do it; it cannot be undone.")
            return
        removal = opened.delete(found, reason)
    _say_removal("Deleted", removal)


def _say_descendants(descendants: dict[str, int]) -> None:
    if not descendants:
        say("Nothing was made from them.")
        return
    say("Made from them, and kept with its lineage:")
    for dataset, number in descendants.items():
        say(f"  {count(number, 'item')} of {dataset}")


def _say_removal(word: str, removal: "Removal") -> None:
    say(f"{word} {count(removal.files, 'file')}, {format_bytes(removal.bytes)}.")
    for text in removal.left:
        tell(("left: ", "bold red"), text)
    if removal.left:
        raise typer.Exit(StoreError.exit_code)


def clean(
    experiment: ExperimentFolder,
    run: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Only the results of this run; see 'runs'."),
    ] = None,
    ends: Annotated[
        bool,
        typer.Option("--ends", help="Also what no other job took as its input."),
    ] = False,
    yes: Yes = False,
) -> None:
    """Drop results that can be made again.

    Their lineage is kept. Only results of tools that always make the same are dropped.
    A later run makes them again when it needs them.
    """
    with opened_experiment(experiment) as opened:
        plan = opened.plan_cleaning(run, with_ends=ends)
        if not yes:
            what = f"{count(len(plan.results), 'result')}, {format_bytes(plan.bytes)}"
            say(f"Would drop {what}.")
            for why, number in plan.kept.items():
                say(f"  kept {number}: {why}")
            if plan.results:
                hint("Nothing was dropped. Say --yes to do it.")
            return
        removal = opened.clean(plan)
    _say_removal("Dropped", removal)


def verify(
    experiment: ExperimentHere = None,
    dataset: OfDataset = None,
    as_json: AsJson = False,
) -> None:
    """Compare every file with its checksum.

    Side-cars, the store, and the records of changes and of runs are verified too.
    """
    from bioimageit_flow.formats.stamps import SIDE_CAR

    place = experiment_or_here(experiment, "EXPERIMENT")
    with opened_experiment(place) as opened, working("Verifying") as told:
        report = opened.verify(
            dataset,
            progress=lambda n: told(f"{n} files") if n % 100 == 0 else None,
        )
        records = [problem.text for problem in opened.store.problems()]
        for run in opened.runs():
            records += opened.store.verify_chain(run.summary.id)
    if as_json:
        say_json(
            {
                "files": report.files,
                "bytes": report.bytes,
                "faults": [
                    {
                        "path": one.path,
                        "item": one.item,
                        "fault": "missing" if one.is_missing else "changed",
                    }
                    for one in report.faults
                ],
                "missing_folders": report.missing_folders,
                "records": records,
            }
        )
    else:
        for folder in report.missing_folders:
            tell(("missing: ", "bold red"), f"the folder {folder}")
        for one in report.faults:
            word = "missing" if one.is_missing else "changed"
            tell((f"{word}: ", "bold red"), f"{one.path} ({one.item})")
        for text in records:
            tell(("record: ", "bold red"), text)
        changed = [one.path for one in report.faults if not one.is_missing]
        side_cars = [path for path in changed if path.endswith(SIDE_CAR)]
        if len(side_cars) < len(changed):
            hint(
                "What needs a changed file is refused: put the original back, or "
                "import the changed file as new."
            )
        if side_cars:
            hint(
                "A side-car only tells what made its file. Remove one that was "
                "changed; `whence` knows the file by its content, too."
            )
        if report.missing_folders:
            hint(f"If it was moved: bioimageit-flow relocate {place} OLD NEW")
        say(
            f"Verified {count(report.files, 'file')}, {format_bytes(report.bytes)}: "
            f"{count(len(report.faults) + len(records), 'fault')}."
        )
    if report.faults or records:
        raise typer.Exit(exits.BAD_DATA)


def relocate(
    experiment: ExperimentFolder,
    old: Annotated[
        Path, typer.Argument(metavar="OLD", help="The folder where files were.")
    ],
    new: Annotated[
        Path, typer.Argument(metavar="NEW", help="The folder where they are now.")
    ],
) -> None:
    """Say where referenced files lie now.

    They are known by their content.
    """
    with opened_experiment(experiment) as opened, working("Looking") as told:
        found = opened.relocate(
            old, new, progress=lambda n: told(f"{n} files") if n % 100 == 0 else None
        )
    say(f"Found {count(len(found.moved), 'file')} in {new}.")
    for path in found.changed:
        tell(("changed: ", "bold red"), path)
    for path in found.missing:
        tell(("missing: ", "bold red"), path)
    if found.changed or found.missing:
        raise typer.Exit(exits.BAD_DATA)


def disk(experiment: ExperimentHere = None, as_json: AsJson = False) -> None:
    """Show how much disk each dataset and each run takes."""
    place = experiment_or_here(experiment, "EXPERIMENT")
    with opened_experiment(place) as opened:
        found = opened.disk_use()
    if as_json:
        say_json(
            [
                {
                    "dataset": one.dataset,
                    "items": one.items,
                    "present": one.present,
                    "referenced": one.referenced,
                    "missing": one.missing,
                }
                for one in found
            ]
        )
        return
    columns = [
        Column("dataset", style="bold"),
        *(
            Column(title, is_number=True, is_whole=True)
            for title in ("items", "here", "elsewhere", "dropped")
        ),
    ]
    rows = [
        [
            one.dataset,
            str(one.items),
            *(
                format_bytes(size) if size else ""
                for size in (one.present, one.referenced, one.missing)
            ),
        ]
        for one in found
    ]
    runs: dict[str, int] = {}
    for one in found:
        run, slash, _ = one.dataset.partition("/")
        if slash:
            runs[run] = runs.get(run, 0) + one.present
    say_table(columns, rows)
    for run, size in runs.items():
        say((run, "bold"), f": {format_bytes(size)}")


COMMANDS = (
    Spec(
        "exclude",
        exclude,
        (
            "exclude spots a01.tif --reason 'out of focus'",
            "exclude spots --where 'name ~ \"_dead_\"' --reason 'dead cells'",
        ),
    ),
    Spec("include", include, ("include spots a01.tif",)),
    Spec(
        "correct",
        correct,
        (
            "correct spots a01.tif --pixel-size 0.1",
            "correct spots --dataset raw --axes ZYX --pixel-size x=0.1,y=0.1,z=0.5",
        ),
    ),
    Spec("delete", delete, ("delete spots a01.tif", "delete spots a01.tif --yes")),
    Spec("clean", clean, ("clean spots", "clean spots --run last --yes")),
    Spec("verify", verify, ("verify spots",)),
    Spec("relocate", relocate, ("relocate spots /mnt/old/plate1 /mnt/new/plate1",)),
    Spec("disk", disk, ("disk spots",)),
)
