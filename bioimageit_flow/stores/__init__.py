"""Stores: where an experiment's metadata and files are kept.

`create_experiment` and `open_experiment` give the folder with its store; what a store
promises is in `protocol`. The database library is loaded with the first experiment.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bioimageit_flow.stores.folder import ExperimentFolder
    from bioimageit_flow.stores.protocol import Store

__all__ = ["create_experiment", "open_experiment"]


def create_experiment(
    path: Path, name: str = "", *, url: str = ""
) -> "tuple[ExperimentFolder, Store]":
    """Make a new experiment in a folder that is empty or not there yet.

    Parameters
    ----------
    path : Path
        The folder.
    name : str
        What people call the experiment; by default the name of the folder.
    url : str
        The PostgreSQL database that shall keep the store, as
        ``postgresql://USER@HOST/DATABASE``; by default it is a file in the folder.

    Returns
    -------
    ExperimentFolder, Store
        Both to be closed, the store first.

    Raises
    ------
    StoreError
        If the folder has something in it, or cannot be written, or the database cannot
        be used. Nothing is left then.
    """
    from bioimageit_flow.stores.opening import create

    return create(path, name, url)


def open_experiment(
    path: Path, *, read_only: bool = False
) -> "tuple[ExperimentFolder, Store]":
    """Open an experiment, for reading only where it cannot be written.

    What a crash left behind is swept if nobody else works in it.

    Parameters
    ----------
    path : Path
        The folder.
    read_only : bool
        Write nothing, even where one may.

    Returns
    -------
    ExperimentFolder, Store
        Both to be closed, the store first.

    Raises
    ------
    StoreError
        If there is no experiment, it cannot be read, or another machine is writing it
        on a network drive.
    NewerVersionError
        If a newer version of the program made it.
    """
    from bioimageit_flow.stores.opening import open_

    return open_(path, read_only=read_only)
