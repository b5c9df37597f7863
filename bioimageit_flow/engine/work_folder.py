"""Where the jobs of a run work."""

import os
from pathlib import Path
from tempfile import mkdtemp

from platformdirs import user_cache_path

from bioimageit_flow.errors import StoreError
from bioimageit_flow.executors.job import remove_folder

WORK_VARIABLE = "BIOIMAGEIT_FLOW_WORK"


def new_work_folder(run: str) -> Path:
    """Make the folder in which the jobs of a run work.

    It lies in the user's cache; the variable ``BIOIMAGEIT_FLOW_WORK`` names another
    place, such as a fast local disk.

    Raises
    ------
    StoreError
        If it cannot be made.
    """
    place = _place()
    try:
        place.mkdir(parents=True, exist_ok=True)
        return Path(mkdtemp(prefix=f"{run[:8]}-", dir=place))
    except OSError as error:
        raise StoreError(
            f"Jobs cannot work in {place}: {error.strerror or error}.",
            remedy=f"Choose another work folder with the variable {WORK_VARIABLE} or "
            "in the settings.",
        ) from error


def remove_work_folders(run: str) -> None:
    """Remove what an earlier process of a run left when it was killed."""
    for folder in _place().glob(f"{run[:8]}-*"):
        remove_folder(folder)


def _place() -> Path:
    chosen = os.environ.get(WORK_VARIABLE)
    return Path(chosen) if chosen else user_cache_path("bioimageit-flow") / "work"
