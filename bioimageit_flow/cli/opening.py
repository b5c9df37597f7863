"""Opening what a command works on: the session, an experiment."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from bioimageit_flow.session import Experiment, Session


def is_experiment(folder: Path) -> bool:
    """Say whether a folder is that of an experiment."""
    from bioimageit_flow.session import known_experiments

    return known_experiments.is_experiment(folder)


@contextmanager
def opened_session(tool_folders: Sequence[Path] | None = None) -> Iterator["Session"]:
    """Open what this machine offers, and let go of it at the end."""
    from bioimageit_flow.session import Session

    session = Session(tool_folders or ())
    try:
        yield session
    finally:
        session.close()


@contextmanager
def opened_experiment(
    folder: Path, tool_folders: Sequence[Path] | None = None
) -> Iterator["Experiment"]:
    """Open an experiment, and close it at the end."""
    from bioimageit_flow.session import Experiment
    from bioimageit_flow.session.known_experiments import remember_experiment

    with (
        opened_session(tool_folders) as session,
        Experiment.open(folder, session=session) as experiment,
    ):
        remember_experiment(experiment.path)
        yield experiment


def enclosing_experiment(path: Path) -> Path | None:
    """Return the experiment folder that a path lies in, or None."""
    place = path.absolute()
    for folder in (place, *place.parents):
        if is_experiment(folder):
            return folder
    return None


def option_for(folder: Path) -> str:
    """Return what a command needs to find the experiment that a folder lies in.

    Nothing is needed, ``""``, where the current folder lies in it as well.
    """
    experiment = enclosing_experiment(folder)
    if experiment is None or experiment == enclosing_experiment(Path.cwd()):
        return ""
    with suppress(ValueError):
        experiment = experiment.relative_to(Path.cwd())
    return f" -e {shlex.quote(str(experiment))}"


def experiment_or_here(folder: Path | None, option: str = "--experiment") -> Path:
    """Return the experiment that was named, or the one around the current folder."""
    if folder is not None:
        return folder
    found = enclosing_experiment(Path.cwd())
    if found is None:
        raise typer.BadParameter(
            "The current folder lies in no experiment: name one.",
            param_hint=option,
        )
    return found
