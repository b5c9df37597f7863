"""What is asked of a run from elsewhere: to stop, to pause, to go on.

Requests are lines appended to ``requests.jsonl`` in the folder of the run. Whoever may
write there may ask; the process that carries the run reads them as they come.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from bioimageit_flow.model.events import Request, RunAsked
from bioimageit_flow.stores.places import writing

REQUESTS = "requests.jsonl"

_KNOWN = frozenset(get_args(Request))


def ask(folder: Path, what: Request, by: str) -> None:
    """Ask something of the run whose folder this is.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = json.dumps({"t": at, "request": what, "by": by}, ensure_ascii=False)
    path = folder / REQUESTS
    # One write call: lines of two who ask at the same time do not mix.
    with writing(path), path.open("ab", buffering=0) as stream:
        stream.write(f"{line}\n".encode())


def forget_requests(folder: Path) -> None:
    """Forget what was asked of an earlier process of a run, before it goes on.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    path = folder / REQUESTS
    with writing(path):
        path.unlink(missing_ok=True)


def last_asked(folder: Path) -> Request | None:
    """Return what was asked last of a run; None for nothing."""
    try:
        data = (folder / REQUESTS).read_bytes()
    except OSError:
        return None
    asked = [one for line in data.splitlines() if (one := _read(line))]
    return asked[-1].what if asked else None


class Requests:
    """Reads what is asked of a run.

    Parameters
    ----------
    folder : Path
        Of the run.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / REQUESTS
        self._offset = 0

    def take(self) -> list[RunAsked]:
        """Return what was asked since the last call."""
        if self._size() <= self._offset:
            return []
        try:
            with self._path.open("rb") as stream:
                stream.seek(self._offset)
                data = stream.read()
        except OSError:
            return []
        whole, newline, _rest = data.rpartition(b"\n")
        if not newline:
            return []
        self._offset += len(whole) + 1
        return [asked for line in whole.splitlines() if (asked := _read(line))]

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return 0


def _read(line: bytes) -> RunAsked | None:
    try:
        read = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, dict) or read.get("request") not in _KNOWN:
        return None
    return RunAsked(read["request"], str(read.get("by", "")))
