"""A socket between a test and the engine, which can hang or break in mid-job."""

import socket
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread


class EngineProxy:
    """Hands bytes to and fro between a new socket and the engine's.

    Attributes
    ----------
    connections : int
        How many have been made.
    """

    def __init__(self, path: Path, engine: Path) -> None:
        self.path = path
        self.connections = 0
        self._engine = engine
        self._open: list[socket.socket] = []
        self._threads: list[Thread] = []
        self._flows = Event()
        self._flows.set()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._start(self._accept)

    def hang(self) -> None:
        """Take connections and say nothing more."""
        self._flows.clear()

    def die(self) -> None:
        """Break every connection and take no new ones."""
        self.path.unlink(missing_ok=True)
        self._flows.set()
        for end in (self._listener, *self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        """End everything; nothing is left behind."""
        self.die()
        for thread in self._threads:
            thread.join()

    def _start(self, work: object, *arguments: object) -> None:
        assert callable(work)
        thread = Thread(target=work, args=arguments, name="engine proxy")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._engine))
            self._open += [client, server]
            self._start(self._hand_on, client, server)
            self._start(self._hand_on, server, client)

    def _hand_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(2**16):
                self._flows.wait()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
