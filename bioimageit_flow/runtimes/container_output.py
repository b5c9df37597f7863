"""What a container prints, on its way from the engine."""

import logging
import socket
from collections.abc import Iterator
from contextlib import suppress
from threading import Event, Thread
from typing import Any

from docker.utils.socket import frames_iter

from bioimageit_flow.runtimes.job_output import JobOutput

_LOGGER = logging.getLogger(__name__)


class Reading:
    """A thread that takes what a container prints off the engine's socket.

    Parameters
    ----------
    stream : socket
        Some kind of socket, as `docker.APIClient.attach_socket` returns it.
    output : JobOutput
        Where it goes.

    Attributes
    ----------
    is_over : Event
        Set when nothing more comes.
    error : BaseException or None
        What `output` raised, which ended the reading.
    """

    def __init__(self, stream: Any, output: JobOutput) -> None:  # noqa: ANN401
        self._stream = stream
        self._output = output
        self.is_over = Event()
        self.error: BaseException | None = None
        self._thread = Thread(target=self._read, name="container output", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            for number, data in self._frames():
                self._output.feed(data, number)
        except BaseException as error:  # noqa: BLE001 - raised by the job's thread
            self.error = error
        finally:
            self.is_over.set()

    def _frames(self) -> Iterator[tuple[int, bytes]]:
        try:
            yield from frames_iter(self._stream, tty=False)  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:  # broken, or closed by us
            _LOGGER.debug("the output of a container broke off: %s", error)

    def wait(self) -> None:
        """Wait a moment for the last words of a container that was removed."""
        self._thread.join(timeout=5)

    def close(self) -> None:
        """Let go of the socket and end the thread."""
        raw = getattr(self._stream, "_sock", None)
        if self._thread.is_alive() and raw is not None:
            with suppress(OSError):
                raw.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=5)
        # The response owns the connection; it is not kept for other calls.
        response = getattr(self._stream, "_response", None)
        (self._stream if response is None else response).close()
