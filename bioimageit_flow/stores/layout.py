"""The layout of an experiment's folder."""

import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from bioimageit_flow.errors import StoreError

DATABASE = "experiment.db"
"""The store, where it is a file."""

SERVER = "experiment.store.yaml"
"""What says where the store is, where it is on a server."""

DATA, RESULTS, RUNS, CACHE = "data", "results", "runs", ".cache"
FOLDERS = (DATA, RESULTS, RUNS, CACHE)


def is_experiment(folder: Path) -> bool:
    """Say whether a folder is that of an experiment."""
    return (folder / DATABASE).is_file() or (folder / SERVER).is_file()


def found_store(path: Path) -> tuple[Path, Path]:
    """Return the folder of an experiment, and the file that leads to its store.

    Parameters
    ----------
    path : Path
        The folder, or the file in it that is the store or says where it is.

    Raises
    ------
    StoreError
        If it is not the folder of an experiment, or cannot be read.
    """
    if path.name in (DATABASE, SERVER):
        path = path.parent
    database = path / (SERVER if (path / SERVER).exists() else DATABASE)
    try:
        status = database.stat()
    except (FileNotFoundError, NotADirectoryError):
        status = None
    except OSError as error:
        raise StoreError(
            f"The experiment {path} cannot be read: {error.strerror}.",
            remedy="Ask its owner for the right to read it.",
        ) from error
    if status is None or not stat.S_ISREG(status.st_mode):
        what = "not there" if not path.exists() else "not an experiment"
        raise StoreError(
            f"{path} is {what}: it has no {DATABASE}.",
            remedy="Name the folder of an experiment, or make one with "
            "`bioimageit-flow new FOLDER`.",
        )
    return path, database


def check_is_free(path: Path) -> None:
    """Refuse a folder in which no new experiment can be made.

    Raises
    ------
    StoreError
        If it is a file, an experiment, or has something in it.
    """
    if not path.exists():
        return
    if not path.is_dir():
        raise StoreError(
            f"{path} is a file, not a folder.", remedy="Choose another name."
        )
    inside = sorted(one.name for one in path.iterdir())
    is_taken = DATABASE in inside and (path / DATABASE).stat().st_size
    if is_taken or SERVER in inside:
        raise StoreError(
            f"There is an experiment in {path} already.",
            remedy="Open it, or choose another folder.",
        )
    # What a creation that was interrupted has left may be used.
    unfinished = {DATABASE, *(name for name in FOLDERS if _is_empty(path / name))}
    strange = [
        name for name in inside if not name.startswith(".") and name not in unfinished
    ]
    if strange:
        raise StoreError(
            f"The folder {path} is not empty: it has {strange[0]!r}.",
            remedy="Choose a new folder for the experiment, and import the files then.",
        )


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def remove_folders(folders: Iterable[Path]) -> None:
    """Remove those of some folders that are empty, in this order."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def inner_parts(relative: str) -> tuple[str, ...]:
    """Return the parts of a relative path with forward slashes that stays inside.

    Raises
    ------
    StoreError
        If it leads elsewhere.
    """
    parts = tuple(relative.split("/"))
    for part in parts:
        if part in ("", ".", "..") or "\\" in part or "\0" in part or ":" in part:
            raise outside(relative)
    return parts


def through_link(relative: str, link: Path) -> StoreError:
    """Return the error for a place below a link, which may lead anywhere."""
    return StoreError(
        f"{relative!r} is no place inside the experiment any more: {link} is a link.",
        remedy="Put the folder back in the place of the link, then go on with the run "
        "(`bioimageit-flow run --resume last`).",
    )


def outside(relative: str) -> StoreError:
    """Return the error for a place that is not inside the experiment."""
    return StoreError(
        f"{relative!r} is no place inside the experiment.",
        remedy="Nothing was written there; please report this.",
    )
