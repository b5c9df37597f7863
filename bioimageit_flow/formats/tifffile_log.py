"""What tifffile logs about a bad file goes to our own debug log, nowhere else.

A filter on tifffile's logger is open except while we read. Its state is one number for
the process, because tifffile decodes in threads of its own.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_log = logging.getLogger(__name__)


class _Silence(logging.Filter):
    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        if not self._depth:
            return True
        _log.debug("tifffile: %s", record.getMessage())
        return False

    def change(self, step: int) -> None:
        with self._lock:
            self._depth += step


_SILENCE = _Silence()
logging.getLogger("tifffile").addFilter(_SILENCE)


@contextmanager
def tifffile_silenced() -> Iterator[None]:
    """Keep what tifffile logs out of the user's sight."""
    _SILENCE.change(+1)
    try:
        yield
    finally:
        _SILENCE.change(-1)
