"""The recorder: what happened goes into the store.

Facts are committed before anybody is told of them: a job counts as done once its files
are published and its rows are durable.
"""

import os
import platform
import sys
from datetime import UTC, datetime
from getpass import getuser

from bioimageit_flow import __version__
from bioimageit_flow.model.run import (
    JobRecord,
    Machine,
    RunRecord,
    RunState,
)
from bioimageit_flow.stores.fault_points import fault_point
from bioimageit_flow.stores.person import read_person
from bioimageit_flow.stores.protocol import Store


class Recorder:
    """Writes down one run.

    Parameters
    ----------
    store : Store
        Where facts go.
    run : RunRecord
        The run, as it begins.
    """

    def __init__(self, store: Store, run: RunRecord) -> None:
        self._store = store
        self._run = run
        self._waiting: list[JobRecord] = []

    def begin(self, *, is_resumed: bool) -> None:
        """Record that the run begins, or goes on."""
        if is_resumed:
            self._store.resume_run(self._run.id, this_machine(), datetime.now(UTC))
            fault_point("run goes on")
        else:
            self._store.begin_run(self._run)
            fault_point("run recorded")

    def add(self, record: JobRecord) -> None:
        """Take a finished job; it is recorded at the next `commit`."""
        self._waiting.append(record)

    def commit(self) -> list[JobRecord]:
        """Make everything taken so far durable, in one transaction; return it.

        Raises
        ------
        StoreError
            If it cannot be written; nothing is then.
        """
        records, self._waiting = self._waiting, []
        if records:
            self._store.commit_jobs(records)
            fault_point("jobs committed")
        return records

    def end(self, state: RunState, elapsed_s: float) -> None:
        """Record how the run ended."""
        fault_point("run ends")
        self._store.end_run(self._run.id, state, elapsed_s)
        fault_point("run ended")


def this_machine() -> Machine:
    """Return where this process runs."""
    return Machine(
        host=platform.node(),
        os=f"{platform.system()} {platform.release()} {platform.machine()}",
        user=user_name(),
        python=platform.python_version(),
        program_version=__version__,
        orcid=read_person().orcid,
    )


def user_name() -> str:
    """Return who runs this process, as far as the system knows."""
    try:
        return getuser()
    except (KeyError, OSError, ImportError):
        return f"uid {os.getuid()}" if sys.platform != "win32" else "unknown"


def run_folder_name(started: datetime, run: str, workflow: str) -> str:
    """Return the name of the folder of a run: date, short id and workflow name."""
    return f"{started.astimezone(UTC):%Y-%m-%d}_{run[:8]}_{workflow}"
