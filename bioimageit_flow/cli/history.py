"""Commands that look back: runs, lineage."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import (
    enclosing_experiment,
    experiment_or_here,
    opened_experiment,
)
from bioimageit_flow.cli.options import AsJson, ExperimentHere
from bioimageit_flow.cli.output import (
    Column,
    Part,
    hint,
    say,
    say_json,
    say_table,
    show,
)

if TYPE_CHECKING:
    from bioimageit_flow.session.run_status import RunStatus


def runs(experiment: ExperimentHere = None, as_json: AsJson = False) -> None:
    """List the runs of an experiment, the newest first."""
    place = experiment_or_here(experiment, "EXPERIMENT")
    with opened_experiment(place) as opened:
        found = opened.statuses()
    if as_json:
        say_json([status_as_json(one, place) for one in found])
        return
    if not found:
        hint(f"No runs yet. Next: bioimageit-flow run WORKFLOW -e {place}")
        return
    _say_runs(found)


def status_as_json(status: "RunStatus", experiment: Path) -> dict[str, object]:
    """Return how a run stands as plain values."""
    folder = experiment.absolute() / "results" / status.folder
    return {
        "run": status.id,
        "name": status.name,
        "folder": str(folder) if status.folder else "",
        "state": str(status.state),
        "started": status.started.isoformat(),
        "elapsed_s": status.elapsed_s,
        "jobs": {str(state): number for state, number in status.counts.items()},
        "is_alive": status.is_alive,
        **({"message": status.message} if status.message else {}),
    }


def _say_runs(found: "list[RunStatus]") -> None:
    from bioimageit_flow.cli.run_report import STATE_STYLES
    from bioimageit_flow.model.run import JobState
    from bioimageit_flow.model.units import format_seconds

    columns = [
        Column("run"),
        Column("state", is_whole=True),
        Column("started", is_whole=True),
        Column("took", is_number=True, is_whole=True),
        *(Column(str(state), is_number=True, is_whole=True) for state in JobState),
    ]
    rows: list[list[Part]] = []
    for one in found:
        numbers = [one.counts.get(state, 0) for state in JobState]
        rows.append(
            [
                (one.folder or f"{one.id[:8]} {one.name}", "bold"),
                (str(one.state), STATE_STYLES[one.state]),
                one.started.astimezone().strftime("%Y-%m-%d %H:%M"),
                "" if one.elapsed_s is None else format_seconds(one.elapsed_s),
                *((str(number), "" if number else "dim") for number in numbers),
            ]
        )
    say_table(columns, rows)
    for one in found:
        if one.message:
            say((one.id[:8], "bold"), f": {one.message}")


def lineage(
    where: Annotated[
        list[str],
        typer.Argument(
            metavar="[EXPERIMENT] ITEM",
            help="The item: its id or the beginning of it, its name, or the path of "
            "its file. The experiment may be left out where the path, or the current "
            "folder, lies in it.",
        ),
    ],
    forward: Annotated[
        bool,
        typer.Option("--forward", help="Show what was made from it instead."),
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Show every branch, however many.")
    ] = False,
    lines: Annotated[
        bool,
        typer.Option(
            "--lines",
            help="Print every item and job as a line of JSON, however many.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Trace an item back to raw data, or forward to results.

    Each line is an item; below it stand the job that made it, with tool, version and
    parameters, and the items that job took. Of thousands of items the tree shows some
    and counts the others; --lines tells of all.
    """
    from bioimageit_flow.cli.lineage_tree import drawn, say_summary

    experiment, item = _place_and_item(where)
    with opened_experiment(experiment) as opened:
        found = opened.find_item(item)
        if lines:
            for line in opened.lineage_lines(found, forward=forward):
                say_json(line, on_one_line=True)
            return
        tree, kin = opened.lineage_in_short(found, forward=forward)
        if as_json:
            say_json(tree.as_json() | {"in_all": kin.as_json()})
            return
        show(drawn(tree, forward=forward, every=every))
        is_cut = any(one.left_out for one in tree.walk())
        say_summary(kin, forward=forward, is_cut=is_cut)


def _place_and_item(where: list[str]) -> tuple[Path, str]:
    if len(where) > 2:
        raise typer.BadParameter(
            "Give an experiment and an item, or an item alone.",
            param_hint="[EXPERIMENT] ITEM",
        )
    item = where[-1]
    file = Path(item)
    if len(where) == 2:
        experiment: Path | None = Path(where[0])
    else:
        experiment = enclosing_experiment(file if file.exists() else Path.cwd())
    if experiment is None:
        raise typer.BadParameter(
            f"Neither {item!r} nor the current folder lies in an experiment: name one.",
            param_hint="[EXPERIMENT] ITEM",
        )
    return experiment, _inside(experiment, file) or item


def _inside(experiment: Path, file: Path) -> str:
    """Return the path of a file relative to the experiment, or nothing."""
    root, place = experiment.resolve(), file.resolve()
    if not file.exists() or not place.is_relative_to(root):
        return ""
    return place.relative_to(root).as_posix()


COMMANDS = (
    Spec("runs", runs, ("runs spots", "runs spots --json")),
    Spec(
        "lineage",
        lineage,
        (
            "lineage spots p_value.json",
            "lineage spots 3fa29c1e --forward",
            "lineage spots/results/2026-11-22_3fa2_count/compare/test/test.json --all",
        ),
    ),
)
