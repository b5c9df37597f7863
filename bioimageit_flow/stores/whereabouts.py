"""Whether the folder of an experiment is still where it was opened.

Its store goes on with the file that it opened when the folder is renamed; files that
are published by path would then make a second folder in the old place.
"""

import os
from pathlib import Path

from bioimageit_flow.errors import StoreError


class Whereabouts:
    """The folder that lay at a path when this was made.

    Parameters
    ----------
    path : Path
        The folder; it is there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = _seen(path)

    def check(self) -> None:
        """Refuse with a `StoreError` if another folder, or none, lies there now."""
        if _seen(self._path) != self._seen:
            raise StoreError(
                f"The experiment {self._path} was moved, renamed or removed while it "
                "was open.",
                remedy="Open it where it is now; a run goes on with "
                "`bioimageit-flow run --resume RUN`.",
            )


def _seen(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - asked for each result
    except OSError:
        return None
    return status.st_dev, status.st_ino
