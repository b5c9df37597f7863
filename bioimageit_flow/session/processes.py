"""Starting a run as a process of its own, which outlives whoever started it."""

import atexit
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from bioimageit_flow.engine.carrying import name_carrier
from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.stores.holders import holder_of

PROGRAM = "bioimageit_flow.session.carry_out"
OUTPUT = "process.log"

# No console and no Ctrl-C of whoever starts it, as a session of its own has elsewhere.
_DETACHED: int = getattr(subprocess, "DETACHED_PROCESS", 0) | getattr(
    subprocess, "CREATE_NEW_PROCESS_GROUP", 0
)

_started: list["subprocess.Popen[bytes]"] = []
"""Processes that this one has started; asked for their end, so that none stays dead."""


def start_process(
    experiment: Path,
    folder: Path,
    run: RunId,
    *,
    redo_failed: bool = False,
    jobs: int | None = None,
) -> int:
    """Start the process that carries a run; return its number.

    What it has to say goes into the journal, and what nobody foresaw into
    ``process.log`` in the folder of the run.

    Raises
    ------
    StoreError
        If the folder cannot be written, or no process can be started.
    """
    _started[:] = [one for one in _started if one.poll() is None]
    command = [sys.executable, "-m", PROGRAM, str(experiment), run]
    if redo_failed:
        command.append("--failed")
    if jobs is not None:
        command += ["--jobs", str(jobs)]
    try:
        with (folder / OUTPUT).open("ab") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                creationflags=_DETACHED,
            )
    except OSError as error:
        raise StoreError(
            f"The run cannot be started as a process: {error.strerror or error}.",
            remedy="Check the disk and the number of processes, then retry.",
        ) from error
    if not _started:
        atexit.register(_let_go)
    _started.append(process)
    with suppress(psutil.Error):  # it has ended already; its journal says why
        name_carrier(folder, holder_of(process.pid))
    return process.pid


def _let_go() -> None:
    """Leave the processes alone that work on; without this Python warns of them."""
    for process in _started:
        process.returncode = process.poll() or 0
