"""What a process prints: bytes into a bounded log, clean lines to the caller."""

import logging
import os
import re
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from bioimageit_flow.runtimes.protocol import MAX_LINE, MAX_LOG_BYTES

_LOGGER = logging.getLogger(__name__)

_TAIL_BYTES = 2**20
_ERROR_BYTES = 2**14
_HEAD_BYTES = MAX_LOG_BYTES - _TAIL_BYTES - 100  # room for the line between the two

_STDERR = 2
_LINE_END = re.compile(rb"\r\n|\n|\r")
# ECMA-48 control sequences, operating system commands, and two-character escapes.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]"
)
# Control characters but the tab, line separators, and marks that turn text around.
_CONTROLS = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)


def clean_line(raw: bytes) -> str:
    """Return a line of output as text that is safe to show.

    Escape sequences and control characters are removed, bytes that are not UTF-8
    become ``\ufffd``, and what is beyond `MAX_LINE` characters is cut.
    """
    text = _CONTROLS.sub("", _ESCAPES.sub("", raw.decode("utf-8", "replace"))).rstrip()
    return text if len(text) <= MAX_LINE else f"{text[: MAX_LINE - 1]}…"


class LineSplitter:
    """Cuts a stream of bytes into lines without ever holding more than one line.

    A carriage return ends a line as well, so that each state of a progress bar is one.
    """

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        *whole, rest = _LINE_END.split(self._rest + data)
        # UTF-8 has up to four bytes per character; the rest of a giant line goes.
        self._rest = rest[: 4 * MAX_LINE]
        for raw in whole:
            self._emit(raw)

    def close(self) -> None:
        """Take the last line, which need not have an end."""
        self._emit(self._rest)
        self._rest = b""

    def _emit(self, raw: bytes) -> None:
        line = clean_line(raw[: 4 * MAX_LINE + 4])
        if line:
            self._on_line(line)


class JobOutput:
    """Takes what a process prints, as it comes.

    Parameters
    ----------
    log : Path
        Where it goes: at most `MAX_LOG_BYTES`; of more, the beginning and the end are
        kept, with a line between them that says how much is left out. Both streams come
        at their own pace, so the last errors are kept even where they would be left
        out for the many lines of the other.
    on_line : callable
        Called with each line, cleaned.
    """

    def __init__(self, log: Path, on_line: Callable[[str], None]) -> None:
        self._file = _open(log)
        self._on_line = on_line
        self._splitters: dict[int, LineSplitter] = {}
        self._written = 0
        self._tail = bytearray()
        self._errors = bytearray()
        self._left_out = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    def feed(self, data: bytes, stream: int = 1) -> None:
        """Take the next bytes of a stream (1 stdout, 2 stderr); ignored once closed."""
        if self._file.closed:
            return
        self._log(data)
        if stream == _STDERR:
            self._errors += data
            del self._errors[:-_ERROR_BYTES]
        splitter = self._splitters.get(stream)
        if splitter is None:
            splitter = self._splitters[stream] = LineSplitter(self._on_line)
        splitter.feed(data)

    def close(self) -> None:
        """Write the end of the log and hand over unfinished lines; may be repeated."""
        if self._file.closed:
            return
        self._trim_tail()
        errors = self._lost_errors()
        del self._tail[: len(errors)]
        if self._left_out:
            self._left_out += len(errors)
            self._write(b"\n[... %d bytes left out ...]\n" % self._left_out)
        self._write(self._tail)
        self._write(errors)
        self._file.close()
        splitters, self._splitters = self._splitters, {}
        for splitter in splitters.values():
            splitter.close()

    def _lost_errors(self) -> bytes:
        """Return the last errors, under a line that says so, if the log lacks them."""
        if not self._left_out or not self._errors or self._errors in self._tail:
            return b""
        return b"\n[... the last errors ...]\n" + self._errors

    def _log(self, data: bytes) -> None:
        head = data[: _HEAD_BYTES - self._written]
        if head:
            self._write(head)
            self._written += len(head)
        self._tail += data[len(head) :]
        if len(self._tail) > 2 * _TAIL_BYTES:
            self._trim_tail()

    def _trim_tail(self) -> None:
        excess = len(self._tail) - _TAIL_BYTES
        if excess > 0:
            del self._tail[:excess]
            self._left_out += excess

    def _write(self, data: bytes | bytearray) -> None:
        try:
            self._file.write(data)
        except OSError as error:
            _LOGGER.warning("cannot write the log %s: %s", self._file.name, error)


# A log that cannot be written (no space left) is no reason to lose a job.
def _open(log: Path) -> BinaryIO:
    try:
        try:
            return log.open("wb", buffering=0)
        except FileNotFoundError:
            log.parent.mkdir(parents=True, exist_ok=True)
            return log.open("wb", buffering=0)
    except OSError as error:
        _LOGGER.warning("cannot write the log %s: %s", log, error)
        return Path(os.devnull).open("wb", buffering=0)
