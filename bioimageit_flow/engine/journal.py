"""The journal of a run: one line of JSON per event, in the order of events.

A reader that attaches late can rebuild everything from it. Lines are written whole; a
line cut by a crash is the last one, and is cut away when the run goes on.
"""

import json
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from bioimageit_flow.model.events import JobEnded, JobProgress, JobStarted, RunEvent
from bioimageit_flow.model.ids import JobId
from bioimageit_flow.model.journal_lines import event_of, line_of
from bioimageit_flow.model.json_writing import json_writer
from bioimageit_flow.stores.fault_points import fault_point
from bioimageit_flow.stores.places import writing

JOURNAL = "events.jsonl"

_as_json = json_writer(allow_nan=True, separators=(", ", ": "))

_PROGRESS_EVERY_S = 0.5
"""A job tells the journal of its progress at most this often."""


class Journal:
    """Appends events to ``events.jsonl`` in the folder of a run.

    Parameters
    ----------
    folder : Path
        ``runs/<run id>``; must exist.

    Raises
    ------
    StoreError
        If it cannot be written, here and in each method.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL
        self._told_s: dict[JobId, float] = {}
        with writing(self.path):
            self._n = _mend(self.path)
            self._ended_before = _ended(self.path) if self._n else frozenset()
            self._file: BinaryIO = self.path.open("ab")
            fault_point("journal opened")

    def lacks(self, event: JobEnded) -> bool:
        """Say whether an earlier process was killed before it told of a job's end."""
        return event.job not in self._ended_before

    def write(self, event: RunEvent) -> None:
        """Append one event."""
        match event:
            case JobProgress():
                now = time.monotonic()
                if now - self._told_s.get(event.job, -1e9) < _PROGRESS_EVERY_S:
                    return
                self._told_s[event.job] = now
            case JobStarted() | JobEnded():
                self._told_s.pop(event.job, None)
            case _:
                pass
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"n": self._n, "t": at.replace("+00:00", "Z"), **line_of(event)}
        with writing(self.path):
            self._file.write(f"{_as_json(line)}\n".encode())
            fault_point("journal line written")
        self._n += 1

    def flush(self) -> None:
        """Hand what was written to the system."""
        with writing(self.path):
            self._file.flush()
            fault_point("journal flushed")

    def close(self) -> None:
        """Close the file."""
        with writing(self.path):
            self._file.close()


_LONGEST_LINE = 1 << 24
"""How many bytes of one line are taken; what has no end by then is passed over."""


class JournalReader:
    """Reads a journal while it is being written.

    Parameters
    ----------
    folder : Path
        ``runs/<run id>``; the journal need not be there yet.

    Attributes
    ----------
    ages_s : list of float
        How long ago the events that were read last were written, one by one.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL
        self.ages_s: list[float] = []
        self._offset = 0

    def read(self, at_most: int = 1 << 18) -> list[RunEvent]:
        """Return the events since the last call; never waits.

        Parameters
        ----------
        at_most : int
            Bytes to read, so that nobody is held up by a long journal; call again for
            the rest.
        """
        self.ages_s = []
        try:
            with self.path.open("rb") as stream:
                stream.seek(self._offset)
                data = stream.read(at_most)
                if len(data) == at_most and b"\n" not in data:
                    data += stream.readline(_LONGEST_LINE)
        except OSError:
            return []
        whole, newline, _rest = data.rpartition(b"\n")
        if not newline:
            if len(data) == at_most + _LONGEST_LINE:  # no line of ours
                self._offset += len(data)
            return []
        self._offset += len(whole) + 1
        found = list(_timed_events(whole.splitlines()))
        now = datetime.now(UTC)
        self.ages_s = [_age_s(told, now) for told, _ in found]
        return [event for _, event in found]


def _age_s(told: str, now: datetime) -> float:
    """Return the seconds since a time was written; 0 where it cannot be read."""
    try:
        return max((now - datetime.fromisoformat(told)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return 0.0


def _events(lines: Iterable[bytes]) -> Iterator[RunEvent]:
    return (event for _, event in _timed_events(lines))


def _timed_events(lines: Iterable[bytes]) -> Iterator[tuple[str, RunEvent]]:
    for line in lines:
        try:
            read = json.loads(line)
        except (ValueError, RecursionError):  # no line of ours
            continue
        event = event_of(read) if isinstance(read, dict) else None
        if event is not None:
            yield str(read.get("t", "")), event


def _ended(path: Path) -> frozenset[JobId]:
    """Return the jobs of whose end a journal tells."""
    with path.open("rb") as stream:
        return frozenset(
            event.job for event in _events(stream) if isinstance(event, JobEnded)
        )


def _mend(path: Path) -> int:
    """Cut away a line that was not written whole; return how many there are."""
    if not path.exists():
        return 0
    count, end, offset = 0, 0, 0
    with path.open("rb+") as stream:
        while data := stream.read(1 << 20):
            count += data.count(b"\n")
            last = data.rfind(b"\n")
            if last >= 0:
                end = offset + last + 1
            offset += len(data)
        stream.truncate(end)
    return count
