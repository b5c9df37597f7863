"""What is only asked of a container engine, over its socket, without its client.

The client library takes a fifth of a second to load. A run that finds all its results
known asks which images there are, and nothing more: so questions go over the socket as
the plain HTTP that they are, and the client is loaded for what changes something, or
where the engine listens on no socket (a named pipe, an address with certificates).

Source: https://docs.docker.com/reference/api/engine/
"""

import json
import socket
import time
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlencode

CALL_S = 120.0
"""How long a busy engine may take to do what it is told."""

QUESTION_S = 60.0
"""How long it may take to answer a question, to the last byte."""

_LONGEST_ANSWER = 64 << 20
OTHER_KIND = "an answer of another kind"


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
        found = _object(self._ask(f"/images/{quote(reference, safe='/:@')}/json"))
        return checked(found, Id=str)

    def containers(self, labels: Sequence[str]) -> list[dict[str, Any]]:
        """Return the containers with all these labels, running or not."""
        filters = json.dumps({"label": list(labels)})
        query = urlencode({"all": 1, "filters": filters})
        found = _read(self._ask(f"/containers/json?{query}"))
        if not isinstance(found, list):
            raise Refusal(200, "no list of containers")
        return [checked(one, Id=str) for one in found]

    def _ask(self, path: str, timeout_s: float = QUESTION_S) -> bytes:
        line = _Line(self._place, timeout_s)
        try:
            line.request("GET", path, headers={"Host": "engine"})
            answer = line.getresponse()
            body = answer.read(_LONGEST_ANSWER)
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
        self.sock = _Socket(self._timeout_s)
        self.sock.connect(str(self._place))


class _Socket(socket.socket):
    """One whose time is that of all that comes, and not of each piece of it.

    Who sends a byte now and then would be listened to for ever.
    """

    def __init__(self, timeout_s: float) -> None:
        super().__init__(socket.AF_UNIX, socket.SOCK_STREAM)
        self.settimeout(timeout_s)
        self._deadline_s = time.monotonic() + timeout_s

    def recv_into(self, *arguments: Any) -> int:  # noqa: ANN401 - handed on
        """Read what there is; raises `TimeoutError` when the time is over."""
        left_s = self._deadline_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("timed out")
        self.settimeout(left_s)
        return super().recv_into(*arguments)


def checked(answer: object, **parts: type) -> dict[str, Any]:
    """Return an answer that has these parts; raises `Refusal` for another."""
    if not isinstance(answer, dict) or any(
        not isinstance(answer.get(name), kind) for name, kind in parts.items()
    ):
        raise Refusal(200, OTHER_KIND)
    return answer


def _read(body: bytes) -> object:
    try:
        found: object = json.loads(body)
    except ValueError as error:
        raise Refusal(200, "an answer that is no JSON") from error
    return found


def _object(body: bytes) -> dict[str, Any]:
    return checked(_read(body))


def _reason(body: bytes) -> str:
    """Return why the engine refuses: Docker and Podman say it in `message`."""
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body[:300].decode("utf-8", "replace")
