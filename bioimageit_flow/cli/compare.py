"""The command that compares two runs, or two files."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli import exits
from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import experiment_or_here, opened_experiment
from bioimageit_flow.cli.options import AsJson, OfExperiment
from bioimageit_flow.cli.output import (
    Column,
    clean_line,
    count,
    say,
    say_json,
    say_table,
    working,
)
from bioimageit_flow.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bioimageit_flow.session.comparing import Change, Comparison, FileComparison

_SHOWN = 20

OtherExperiment = Annotated[
    Path | None,
    typer.Option(
        "--other",
        metavar="FOLDER",
        help="The experiment of the second run, where it is another one.",
    ),
]
Tolerance = Annotated[
    float,
    typer.Option(
        metavar="SHARE",
        min=0,
        help="Up to which relative difference two numbers count as the same.",
    ),
]


def compare(
    first: Annotated[
        str, typer.Argument(metavar="FIRST", help="A run (as in `runs`), or a file.")
    ],
    second: Annotated[
        str, typer.Argument(metavar="SECOND", help="Another run, or another file.")
    ],
    experiment: OfExperiment = None,
    other: OtherExperiment = None,
    tolerance: Tolerance = 1e-6,
    every: Annotated[
        bool, typer.Option("--all", help="List everything, however much.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what differed between two runs or files, and by how much.

    Of runs: parameters, tools, environments and inputs, and which results moved.
    Exits with 3 if a result moved by more than the tolerance.
    """
    same = compare_any(
        first,
        second,
        experiment,
        other,
        tolerance=tolerance,
        every=every,
        as_json=as_json,
    )
    if not same:
        raise typer.Exit(exits.FAILED)


def compare_any(
    first: str,
    second: str,
    experiment: Path | None,
    other: Path | None,
    *,
    tolerance: float,
    every: bool,
    as_json: bool,
) -> bool:
    """Compare two files that are there, or else two runs; say whether they agree."""
    if Path(first).exists() and Path(second).exists():
        return _compare_files(first, second, tolerance, as_json=as_json)
    missing = [one for one in (first, second) if not Path(one).exists()]
    if len(missing) == 1 and experiment is None:
        raise DataError(f"There is no file {missing[0]}.", remedy="Check the path.")
    place = experiment_or_here(experiment)
    return _compare_runs(
        (place, first), (other or place, second), tolerance, every, as_json
    )


def _compare_files(first: str, second: str, tolerance: float, *, as_json: bool) -> bool:
    from bioimageit_flow.session.comparing import Sameness, compare_files

    found = compare_files(first, second, tolerance=tolerance)
    if as_json:
        say_json(found.as_json())
    else:
        _say_files(found)
    return found.verdict.sameness is not Sameness.DIFFERENT


def _say_files(found: "FileComparison") -> None:
    words = f": {found.verdict.words}" if found.verdict.words else ""
    say((str(found.verdict.sameness), "bold"), clean_line(words))
    for path in found.altered:
        say(
            (clean_line(path.name), "bold yellow"),
            " was changed after it was made; its stamp tells of the file that it was.",
        )
    _say_changes(found.changes, every=True)


def _compare_runs(
    first: tuple[Path, str],
    second: tuple[Path, str],
    tolerance: float,
    every: bool,
    as_json: bool,
) -> bool:
    from bioimageit_flow.session.comparing import compare_runs

    with ExitStack() as stack:
        one = stack.enter_context(opened_experiment(first[0]))
        is_one_place = first[0].resolve() == second[0].resolve()
        other = (
            one if is_one_place else stack.enter_context(opened_experiment(second[0]))
        )
        runs = one.find_run(first[1]), other.find_run(second[1])
        with working("Comparing"):
            found = compare_runs(*runs, tolerance=tolerance)
    if as_json:
        say_json(found.as_json())
    else:
        _say_runs(found, every=every)
    return found.is_same


def _say_runs(found: "Comparison", *, every: bool) -> None:
    say((clean_line(found.first), "bold"), " and ", (clean_line(found.second), "bold"))
    _say_changes(found.changes, every=every)
    say()
    counts = ", ".join(f"{n} {same}" for same, n in found.counts().items() if n)
    say(f"{count(len(found.results), 'pair')} of results: {counts or 'none'}.")
    moved = found.moved()
    if moved:
        say((f"Moved by more than {found.tolerance:g}:", "bold yellow"))
        rows = [
            (f"  {one.node}.{one.port}", one.name, one.verdict.words)
            for one in (moved if every else moved[:_SHOWN])
        ]
        say_table([Column(""), Column("", is_whole=True), Column("")], rows)
        _say_more(len(moved) - len(rows))
    for where, names in (("first", found.only_first), ("second", found.only_second)):
        if names:
            say((f"Only in the {where} run:", "bold yellow"))
            for name in names if every else names[:_SHOWN]:
                say(clean_line(f"  {name}"))
            _say_more(0 if every else len(names) - _SHOWN)


def _say_changes(changes: "Iterable[Change]", *, every: bool) -> None:
    listed = list(changes)
    if not listed:
        say("Nothing is known to have been done differently.")
        return
    say("Done differently:")
    for one in listed if every else listed[:_SHOWN]:
        say(clean_line(f"  {one.what}  {one}"))
    _say_more(0 if every else len(listed) - _SHOWN)


def _say_more(number: int) -> None:
    if number > 0:
        say((f"  … and {number} more (--all)", "dim"))


COMMANDS = (
    Spec(
        "compare",
        compare,
        (
            "compare last 3f2a --experiment spots",
            "compare last last -e spots --other spots-again --tolerance 0.01",
            "compare old.csv new.csv",
        ),
    ),
)
