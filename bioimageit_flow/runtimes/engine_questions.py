"""What is only asked of a container engine, over its socket, without its client.

The client library takes a fifth of a second to load. A run that finds all its results
known asks which images there are, and nothing more: so questions go over the socket as
the plain HTTP that they are, and the client is loaded for what changes something, or
where the engine listens on no socket (a named pipe, an address with certificates).

Source: https://docs.docker.com/reference/api/engine/
"""

import json
import socket
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlencode

CALL_S = 120.0
"""How long a busy engine may take to answer."""


class Refusal(Exception):
    """The engine answers, and says no.

    Attributes
    ----------
    status : int
        Of the answer, as in HTTP.
    said : str
        Why, in the words of the engine.
    """

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"{status}: {said}")
        self.status = status
        self.said = said


class Absent(Refusal):
    """What was asked about is not there."""


class Questions(Protocol):
    """What is asked; every question raises `OSError` where nobody answers.

    What the engine refuses is a `Refusal`.
    """

    def ping(self, timeout_s: float) -> None:
        """See whether an engine answers: the one question answered under any load."""
        ...

    def info(self) -> dict[str, Any]:
        """Return what the engine says of itself and its machine."""
        ...

    def version(self) -> dict[str, Any]:
        """Return which program it is."""
        ...

    def image(self, reference: str) -> dict[str, Any]:
        """Return the description of an image; raises `Absent` if there is none."""
        ...

    def containers(self, labels: Sequence[str]) -> list[dict[str, Any]]:
        """Return the containers with all these labels, running or not."""
        ...


class SocketQuestions:
    """Asks over a socket of this machine; thread-safe, a connection per question.

    Parameters
    ----------
    place : Path
        The socket.
    """

    def __init__(self, place: Path) -> None:
        self._place = place

    def ping(self, timeout_s: float) -> None:
        """See whether an engine answers."""
        said = self._ask("/_ping", timeout_s)
        if said.strip() != b"OK":
            raise Refusal(200, said[:100].decode("utf-8", "replace"))

    def info(self) -> dict[str, Any]:
        """Return what the engine says of itself and its machine."""
        return _object(self._ask("/info"))

    def version(self) -> dict[str, Any]:
        """Return which program it is."""
        return _object(self._ask("/version"))

    def image(self, reference: str) -> dict[str, Any]:
        """Return the description of an image; raises `Absent` if there is none."""
        return _object(self._ask(f"/images/{quote(reference, safe='/:@')}/json"))

    def containers(self, labels: Sequence[str]) -> list[dict[str, Any]]:
        """Return the containers with all these labels, running or not."""
        filters = json.dumps({"label": list(labels)})
        query = urlencode({"all": 1, "filters": filters})
        found = _read(self._ask(f"/containers/json?{query}"))
        if not isinstance(found, list):
            raise Refusal(200, "no list of containers")
        return found

    def _ask(self, path: str, timeout_s: float = CALL_S) -> bytes:
        line = _Line(self._place, timeout_s)
        try:
            line.request("GET", path, headers={"Host": "engine"})
            answer = line.getresponse()
            body = answer.read()
        except HTTPException as error:
            raise ConnectionError(f"{type(error).__name__}: {error}") from error
        finally:
            line.close()
        if answer.status >= 400:
            raise (Absent if answer.status == 404 else Refusal)(
                answer.status, _reason(body)
            )
        return body


class _Line(HTTPConnection):
    """HTTP over a socket of this machine."""

    def __init__(self, place: Path, timeout_s: float) -> None:
        super().__init__("engine", timeout=timeout_s)
        self._place = place
        self._timeout_s = timeout_s

    def connect(self) -> None:
        """Open the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self._timeout_s)
        self.sock.connect(str(self._place))


def _read(body: bytes) -> object:
    try:
        found: object = json.loads(body)
    except ValueError as error:
        raise Refusal(200, "an answer that is no JSON") from error
    return found


def _object(body: bytes) -> dict[str, Any]:
    found = _read(body)
    if not isinstance(found, dict):
        raise Refusal(200, "an answer of another kind")
    return found


def _reason(body: bytes) -> str:
    """Return why the engine refuses: Docker and Podman say it in `message`."""
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body[:300].decode("utf-8", "replace")
