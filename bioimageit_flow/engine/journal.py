"""The journal of a run: one line of JSON per event, in the order of events.

A reader that attaches late can rebuild everything from it. Lines are written whole and
flushed; a line cut by a crash is the last one and is not JSON.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

JOURNAL = "events.jsonl"


class Journal:
    """Appends events to ``events.jsonl`` in the folder of a run.

    Parameters
    ----------
    folder : Path
        ``runs/<run id>``; must exist.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL
        self._file: TextIO = self.path.open("a", encoding="utf-8", newline="\n")
        self._n = 0

    def write(self, event: str, **facts: object) -> None:
        """Append one event with its facts, plain values."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"n": self._n, "t": now.replace("+00:00", "Z"), "event": event, **facts}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._n += 1

    def flush(self) -> None:
        """Hand what was written to the system."""
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
