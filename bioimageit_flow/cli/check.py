"""The command that checks an experiment as a whole."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import experiment_or_here, opened_experiment
from bioimageit_flow.cli.options import AsJson, ExperimentHere
from bioimageit_flow.cli.output import count, hint, say, say_json, tell, working
from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.problem import Severity

if TYPE_CHECKING:
    from bioimageit_flow.session import Check


def check(
    experiment: ExperimentHere = None,
    content: Annotated[
        bool,
        typer.Option(
            "--content", help="Read every file and compare it with its checksum."
        ),
    ] = False,
    mend: Annotated[
        bool,
        typer.Option(
            "--mend",
            help="Remove what crashes left behind, and give up claims of processes "
            "that have ended.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check that everything in an experiment holds.

    The store and its records, every file, and every run are looked at. What is found
    is named with what to do about it; the exit code is 8 then.
    """
    place = experiment_or_here(experiment, "EXPERIMENT")
    with opened_experiment(place) as opened, working("Checking") as told:
        found = opened.check(
            content=content,
            mend=mend,
            progress=lambda what, n: told(f"{n} {what}") if n % 1000 == 0 else None,
        )
    if as_json:
        say_json(_as_json(found))
    else:
        _say(found)
    if not found.is_clean:
        raise typer.Exit(StoreError.exit_code)


def _as_json(found: "Check") -> dict[str, object]:
    return {
        "clean": found.is_clean,
        "runs": found.runs,
        "jobs": found.jobs,
        "files": found.files,
        "problems": [one.as_json() for one in found.problems],
        "mended": [one.as_json() for one in found.mended],
        "notes": found.notes,
    }


def _say(found: "Check") -> None:
    for one in found.mended:
        tell(("mended: ", "green"), one.text)
    for text in found.notes:
        tell(("note: ", "dim"), text)
    told: Counter[str] = Counter()
    for one in found.problems:
        told[one.code] += 1
        if told[one.code] > _SHOWN:
            continue
        tell((f"{one.severity}: ", _STYLES[one.severity]), one.text)
        if one.fix:
            hint(one.fix)
    for code, number in told.items():
        if number > _SHOWN:
            tell(("… ", "dim"), f"and {number - _SHOWN} more ({code}); see --json")
    wrong = [one for one in found.problems if one.severity is not Severity.INFO]
    said = f"{count(len(wrong), 'problem')}" if wrong else "everything holds"
    say(
        f"Checked {count(found.runs, 'run')}, {count(found.jobs, 'job')} and "
        f"{count(found.files, 'file')}: {said}."
    )


_SHOWN = 20

_STYLES = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "yellow",
    Severity.INFO: "dim",
}


COMMANDS = (
    Spec("check", check, ("check spots", "check spots --content", "check --mend")),
)
