"""The command `diff`: what differs between two workflows."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.compare import OtherExperiment, Tolerance, compare_any
from bioimageit_flow.cli.options import AsJson, OfExperiment
from bioimageit_flow.cli.output import (
    Column,
    Part,
    clean_line,
    count,
    say,
    say_json,
    say_table,
)
from bioimageit_flow.errors import WorkflowError

if TYPE_CHECKING:
    from bioimageit_flow.workflow import Document
    from bioimageit_flow.workflow.comparing import Difference

DIFFERENT = 1
"""Exit code with `--exit-code` where something differs, as of git and diff."""

_NOTHING = (os.devnull, "/dev/null", "nul")
_GIT_ARGUMENTS = 7
_UNMERGED = 1
_LONGEST = 70

_SIGNS = {
    "added": ("+", "green"),
    "removed": ("-", "red"),
    "changed": ("~", "yellow"),
}


def diff(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="OLD NEW",
            help="Two workflow files, two runs, or two results. Or the seven arguments "
            "that git gives its external diff programs: path, old file, hash, mode, "
            "new file, hash, mode.",
        ),
    ],
    experiment: OfExperiment = None,
    other: OtherExperiment = None,
    tolerance: Tolerance = 1e-6,
    every: Annotated[
        bool, typer.Option("--all", help="List everything, however much.")
    ] = False,
    exit_code: Annotated[
        bool,
        typer.Option(
            "--exit-code",
            help="End with 1 if something differs, and with 0 if nothing does.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what differs between workflows, runs or results.

    Of workflows: nodes, wires, parameters and all else that changes a result or its
    description; where things are drawn does not count. Of runs and results the same as
    `compare`.

    Ends with 0 whether something differs or not, as git expects of its diff programs,
    unless --exit-code is given. With 5 if a file is no workflow.

    As the diff program of git: git config diff.flow.command "bioimageit-flow diff",
    and a line "*.flow.yaml diff=flow" in .gitattributes.
    """
    if len(files) == _UNMERGED and os.environ.get("GIT_DIFF_PATH_TOTAL"):
        say(f"{clean_line(files[0])}: not merged yet.")
        return
    if len(files) == 2 and not any(map(_is_workflow, files)):
        same = compare_any(
            files[0],
            files[1],
            experiment,
            other,
            tolerance=tolerance,
            every=every,
            as_json=as_json,
        )
        if exit_code and not same:
            raise typer.Exit(DIFFERENT)
        return
    from bioimageit_flow.workflow.comparing import compare

    title, old, new = _sides(files)
    found = compare(_read(old), _read(new))
    if as_json:
        say_json([one.as_json() for one in found])
    else:
        _show(title, found)
    if found and exit_code:
        raise typer.Exit(DIFFERENT)


def _sides(files: list[str]) -> tuple[str, str, str]:
    if len(files) == 2:
        return f"{files[0]} -> {files[1]}", files[0], files[1]
    if len(files) >= _GIT_ARGUMENTS:
        return files[0], files[1], files[4]
    raise typer.BadParameter(
        "give two workflow files (git gives seven arguments)", param_hint="OLD NEW"
    )


def _is_workflow(name: str) -> bool:
    """Say whether a name is of a workflow; what is no file may be a run."""
    if name in _NOTHING:
        return True
    path = Path(name)
    if not path.exists():
        return path.suffix in (".yaml", ".yml")
    return path.suffix in (".yaml", ".yml") or (path.is_file() and _begins(path))


def _begins(path: Path) -> bool:
    """Say whether a file begins as workflows do; git gives files any name."""
    try:
        with path.open("rb") as file:
            return b"bioimageit-flow/workflow/" in file.read(4096)
    except OSError:
        return False


def _read(name: str) -> "Document":
    from bioimageit_flow.workflow import Document, load_document

    if name in _NOTHING:  # git: the file was added or removed
        return Document(id="00000000-0000-0000-0000-000000000000", name="")
    path = Path(name)
    if not path.is_file() and path.exists():
        raise WorkflowError(
            f"{path} is no workflow file.", remedy="Name a file, such as *.flow.yaml."
        )
    return load_document(path)


def _show(title: str, found: "list[Difference]") -> None:
    if not found:
        say("No difference (positions do not count).")
        return
    say((title, "bold"))
    rows: list[list[Part]] = []
    for one in found:
        sign, colour = _SIGNS[one.manner.value]
        rows.append([(sign, colour), one.what, (_short(one.name), colour), _told(one)])
    say_table([Column("", is_whole=True), Column(""), Column(""), Column("")], rows)
    numbers = (
        (manner, sum(one.manner == manner for one in found)) for manner in _SIGNS
    )
    parts = [f"{number} {manner}" for manner, number in numbers if number]
    say(f"{count(len(found), 'difference')}: {', '.join(parts)}.")


def _told(one: "Difference") -> str:
    before, after = _short(one.before), _short(one.after)
    match one.manner.value:
        case "added":
            return after
        case "removed":
            return before
        case _:
            return f"{before or 'default'} -> {after or 'default'}"


def _short(value: object) -> str:
    text = "" if value is None else str(value).strip().replace("\n", " ")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


COMMANDS = (
    Spec(
        "diff",
        diff,
        (
            "diff old.flow.yaml new.flow.yaml",
            "diff old.flow.yaml new.flow.yaml --exit-code --json",
            "diff last 3f2a --experiment spots",
            "diff old.csv new.csv",
        ),
    ),
)
