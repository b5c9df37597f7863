"""The recorder: what happened goes into the store and the journal.

Facts are committed before anybody is told of them: a job counts as done once its files
are published and its rows are durable.
"""

import os
import platform
import sys
from datetime import UTC, datetime
from getpass import getuser

from bioimageit_flow import __version__
from bioimageit_flow.engine.journal import Journal
from bioimageit_flow.model.run import (
    JobRecord,
    Machine,
    RunRecord,
    RunState,
)
from bioimageit_flow.stores.protocol import Store


class Recorder:
    """Writes down one run.

    Parameters
    ----------
    store : Store
        Where facts go.
    run : RunRecord
        The run, as it begins.
    journal : Journal
        Where events go.
    """

    def __init__(self, store: Store, run: RunRecord, journal: Journal) -> None:
        self._store = store
        self._run = run
        self._journal = journal
        self._waiting: list[JobRecord] = []

    def begin(self) -> None:
        """Record that the run begins."""
        self._store.begin_run(self._run)
        self._journal.write("run", state="running", run=self._run.id)
        self._journal.flush()

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
        if not records:
            return []
        self._store.commit_jobs(records)
        for record in records:
            self._journal.write(
                "job",
                job=record.id,
                node=record.node,
                state=str(record.state),
                items=[edge.item for edge in record.consumed[:10]],
                elapsed_s=round(record.elapsed_s, 3),
                **({"message": record.message} if record.message else {}),
            )
        self._journal.flush()
        return records

    def note(self, event: str, **facts: object) -> None:
        """Write an event into the journal only."""
        self._journal.write(event, **facts)
        self._journal.flush()

    def end(self, state: RunState, elapsed_s: float) -> None:
        """Record how the run ended."""
        self._store.end_run(self._run.id, state, elapsed_s)
        self._journal.write("run", state=str(state), elapsed_s=round(elapsed_s, 3))
        self._journal.flush()


def this_machine() -> Machine:
    """Return where this process runs."""
    return Machine(
        host=platform.node(),
        os=f"{platform.system()} {platform.release()} {platform.machine()}",
        user=user_name(),
        python=platform.python_version(),
        program_version=__version__,
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
