"""The folder of results that experiments share: which one it is, and how it is."""

import os
from pathlib import Path

from bioimageit_flow.errors import StoreError
from bioimageit_flow.runtimes.protocol import Finding
from bioimageit_flow.stores.shared_results import VARIABLE, SharedResults


def chosen_share(share: Path | str | None) -> Path | None:
    """Return the folder that a run uses.

    Parameters
    ----------
    share : Path, str or None
        As it was asked for: empty for none, None for what the user has chosen for
        this machine.
    """
    named = os.environ.get(VARIABLE, "") if share is None else os.fspath(share)
    return Path(named).expanduser().absolute() if named else None


def opened_share(path: Path | None) -> SharedResults | None:
    """Open the folder of a run, if it has one.

    Raises
    ------
    StoreError
        If it is not there, or is no such folder.
    """
    return None if path is None else SharedResults.open(path)


def examine_share() -> list[Finding]:
    """Say how the shared folder is that is chosen for this machine, if one is."""
    path = chosen_share(None)
    if path is None:
        return []
    try:
        shared = SharedResults.open(path)
        count = shared.count()
    except StoreError as error:
        return [Finding("shared results", False, error.message, error.remedy)]
    except OSError as error:
        text = f"{path} cannot be read: {error.strerror or error}."
        return [Finding("shared results", False, text, "See to its disk.")]
    how = "" if shared.is_writable else ", read-only: nothing is added to it"
    known = "1 result" if count == 1 else f"{count} results"
    return [Finding("shared results", True, f"{known} in {path}{how}")]
