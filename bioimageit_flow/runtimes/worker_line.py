"""The line to a warm worker: requests to it, events and what jobs print from it."""

import json
import logging
import os
import selectors
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import IO, Any, Protocol

from bioimageit_flow.runtimes.job_output import JobOutput

_LOGGER = logging.getLogger(__name__)

EVENTS = 1
PRINTED = 2

_LAST_WORDS = 4096
_LONGEST_EVENT = 2**20
_END_WITHIN_S = 5.0


class Wire(Protocol):
    """What carries bytes to a worker and back."""

    def send(self, data: bytes) -> None:
        """Send bytes; raises OSError where nobody is there."""

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """Yield what comes, `EVENTS` and `PRINTED`, until the worker is gone."""

    def close(self) -> None:
        """Let go of it, which ends `frames`."""


class Pipes:
    """The wire to a worker that is a process of this machine.

    Parameters
    ----------
    requests, events, printed : file
        Its standard input, output and error, unbuffered.
    """

    def __init__(
        self, requests: IO[bytes], events: IO[bytes], printed: IO[bytes]
    ) -> None:
        self._requests = requests
        self._numbers = {events: EVENTS, printed: PRINTED}

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self._requests.write(data)

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """Yield what comes."""
        with selectors.DefaultSelector() as selector:
            for stream, number in self._numbers.items():
                selector.register(stream, selectors.EVENT_READ, number)
            while selector.get_map():
                for key, _ in selector.select():
                    data = os.read(key.fd, 2**16)
                    if data:
                        yield key.data, data
                    elif key.data == EVENTS:
                        return  # the worker is gone, whoever can still print
                    else:
                        selector.unregister(key.fileobj)

    def close(self) -> None:
        """Close the requests, on which the worker ends."""
        with suppress(OSError):
            self._requests.close()


class WorkerLine:
    """Talks with a worker; one thread of its own listens.

    Attributes
    ----------
    error : BaseException or None
        What the listener of the current job's output raised.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._events: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        self._unfinished = b""
        self._printed = b""
        self._output: JobOutput | None = None
        self._end = b""
        self._is_printed = Event()
        self._is_over = False
        self.error: BaseException | None = None
        self._thread = Thread(target=self._listen, name="worker", daemon=True)
        self._thread.start()

    def ask(self, request: dict[str, object]) -> None:
        """Send a request."""
        self._wire.send(json.dumps(request).encode() + b"\n")

    def send(self, text: bytes) -> None:
        """Send a request to a worker that does not read JSON."""
        self._wire.send(text)

    def listen_to(self, output: JobOutput, end: str) -> None:
        """Take what is printed from now on as that of a job, up to its `end`."""
        self.error = None
        self._is_printed.clear()
        self._printed = b""
        self._end = end.encode()
        self._output = output

    def next_event(self, timeout_s: float) -> dict[str, Any]:
        """Return the next event.

        Raises
        ------
        TimeoutError
            If none came in time.
        EOFError
            If the worker is gone.
        """
        if self._is_over:
            raise EOFError
        try:
            event = self._events.get(timeout=timeout_s)
        except Empty:
            raise TimeoutError from None
        if event is None:
            self._is_over = True
            raise EOFError
        return event

    def wait_for_output(self) -> None:
        """Wait until everything that the job has printed has come."""
        if not self._is_printed.wait(_END_WITHIN_S):
            _LOGGER.warning("the end of a job's output did not come")
        self._output = None

    def last_words(self) -> str:
        """Return what was printed outside of jobs, as when it cannot start."""
        return self._printed[-_LAST_WORDS:].decode("utf-8", "replace").strip()

    def close(self) -> None:
        """Let go of the worker and end the thread."""
        self._wire.close()
        self._thread.join(timeout=5)

    def _listen(self) -> None:
        try:
            for number, data in self._wire.frames():
                if number == EVENTS:
                    self._take_events(data)
                else:
                    self._take_printed(data)
        except (OSError, ValueError) as error:  # broken, or closed by us
            _LOGGER.debug("a worker broke off: %s", error)
        finally:
            if self._output is not None and self._end:
                self._hand_on(self._printed)
            self._is_printed.set()
            self._events.put(None)

    def _take_events(self, data: bytes) -> None:
        *lines, rest = (self._unfinished + data).split(b"\n")
        self._unfinished = rest[:_LONGEST_EVENT]
        for line in lines:
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                _LOGGER.debug("not an event: %r", line[:200])
                continue
            if isinstance(event, dict):
                self._events.put(event)

    def _take_printed(self, data: bytes) -> None:
        printed = self._printed + data
        if self._output is None or not self._end:
            self._printed = printed[-_LAST_WORDS:]
            return
        job, found, rest = printed.partition(self._end)
        if found:
            self._hand_on(job)
            self._end, self._printed = b"", rest
            self._is_printed.set()
            return
        # The beginning of the end may have come.
        at = printed.find(self._end[:1], max(0, len(printed) - len(self._end) + 1))
        while at >= 0 and not self._end.startswith(printed[at:]):
            at = printed.find(self._end[:1], at + 1)
        at = len(printed) if at < 0 else at
        self._printed = printed[at:]
        self._hand_on(printed[:at])

    def _hand_on(self, data: bytes) -> None:
        if not data or self._output is None or self.error is not None:
            return
        try:
            self._output.feed(data)
        except BaseException as error:  # noqa: BLE001 - raised by the job's thread
            self.error = error
