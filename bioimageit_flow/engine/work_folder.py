"""Where the jobs of a run work."""

import os
from pathlib import Path
from tempfile import mkdtemp

from platformdirs import user_cache_path

WORK_VARIABLE = "BIOIMAGEIT_FLOW_WORK"


def new_work_folder(run: str) -> Path:
    """Make the folder in which the jobs of a run work.

    It lies in the user's cache; the variable ``BIOIMAGEIT_FLOW_WORK`` names another
    place, such as a fast local disk.
    """
    chosen = os.environ.get(WORK_VARIABLE)
    place = Path(chosen) if chosen else user_cache_path("bioimageit-flow") / "work"
    place.mkdir(parents=True, exist_ok=True)
    return Path(mkdtemp(prefix=f"{run[:8]}-", dir=place))
