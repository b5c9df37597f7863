"""Following a run from elsewhere, by its journal."""

from pathlib import Path

from bioimageit_flow.engine.carrying import is_carried
from bioimageit_flow.engine.journal import JournalReader
from bioimageit_flow.model.events import (
    Preparing,
    RunEnded,
    RunEvent,
    RunQueued,
    RunStarted,
    RunStopped,
)
from bioimageit_flow.model.ids import RunId


class Following:
    """Reads what a run tells, from its beginning on; made by `Experiment.follow`.

    Attributes
    ----------
    run : RunId
        The run.
    is_over : bool
        Whether its end was read, and its process has ended.
    is_lost : bool
        Whether its process is gone without an end: it was killed, and can be resumed.
    """

    def __init__(self, run: RunId, folder: Path) -> None:
        self.run = run
        self.is_over = False
        self.is_lost = False
        self._has_ended = False
        self._folder = folder
        self._reader = JournalReader(folder)

    @property
    def ages_s(self) -> list[float]:
        """How long ago each event of the last call of `poll` was told."""
        return self._reader.ages_s

    def poll(self) -> list[RunEvent]:
        """Return the events since the last call; never waits."""
        # Asked first: what was written before the process ended is read after.
        is_gone = not is_carried(self._folder)
        events = self._reader.read()
        for event in events:
            match event:
                case RunEnded() | RunStopped():
                    self._has_ended = True
                case RunStarted() | RunQueued() | Preparing():
                    self._has_ended = False
                case _:
                    pass
        # A run that goes on has the end of its earlier process in its journal.
        self.is_over = self._has_ended and is_gone
        self.is_lost = is_gone and not events and not self._has_ended
        return events
