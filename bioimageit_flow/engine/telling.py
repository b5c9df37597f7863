"""Telling what happens in a run: to its journal, and to whoever watches here."""

from bioimageit_flow.engine.journal import Journal
from bioimageit_flow.model.events import JobEnded, Observer, RunEvent


class Teller:
    """Writes events into the journal, then tells an observer.

    Parameters
    ----------
    journal : Journal
        Of the run.
    observe : callable
        Who watches in this process.
    """

    def __init__(self, journal: Journal, observe: Observer) -> None:
        self._journal = journal
        self._observe = observe

    def tell(self, event: RunEvent) -> None:
        """Tell an event."""
        self._journal.write(event)
        self._observe(event)

    def show(self, event: JobEnded) -> None:
        """Tell of the end of an earlier job, which the journal has from before.

        Unless the process was killed between recording the job and telling of it.
        """
        if self._journal.lacks(event):
            self._journal.write(event)
        self._observe(event)

    def flush(self) -> None:
        """Hand what was written to the system, so that others see it."""
        self._journal.flush()
