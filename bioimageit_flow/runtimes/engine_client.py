"""The client of container engines: what changes something, and all over pipes.

The only module that makes a client, and the one that knows what its calls raise.
"""

import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakSet

import requests
from docker import APIClient
from docker.errors import APIError, DockerException, NotFound
from docker.transport import UnixHTTPAdapter
from docker.transport.unixconn import UnixHTTPConnection, UnixHTTPConnectionPool
from docker.utils import kwargs_from_env
from requests.adapters import BaseAdapter
from urllib3.exceptions import HTTPError

from bioimageit_flow.runtimes.engine_address import Address
from bioimageit_flow.runtimes.engine_questions import (
    CALL_S,
    QUESTION_S,
    Absent,
    Refusal,
    checked,
)

ENGINE_ERRORS = (
    Refusal,
    DockerException,
    requests.RequestException,
    HTTPError,
    OSError,
)
"""What a call of the engine may raise; mapped by `engine.engine_failure`."""

_T = TypeVar("_T")


def make_client(place: Address, timeout_s: float = CALL_S) -> "Client":
    """Return a client that talks in the engine's own version; raises `ENGINE_ERRORS`.

    Parameters
    ----------
    place : Address
        Where the engine listens.
    """
    # DOCKER_HOST may come with certificates, in variables of its own.
    found = kwargs_from_env() if place.source == "DOCKER_HOST" else {}
    # Every job holds a connection or two; idle ones beyond the pool's size would be
    # dropped with a warning that helps nobody.
    return Client(
        base_url=place.url,
        tls=found.get("tls", False),
        version=None,
        timeout=timeout_s,  # requests takes fractions
        max_pool_size=256,
    )


class Client(APIClient):
    """One whose sockets are closed at once where nobody listens any more.

    The SDK leaves a socket whose connecting failed to the garbage collector: an engine
    that is asked again and again while it is away would cost an open file each time.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - those of the SDK
        self._line = _Line()
        super().__init__(**options)

    def hang_up(self) -> None:
        """Break off what is being asked, whoever waits for the answer.

        The engine gives up what nobody waits for: a build or a pull. Only a socket of
        this machine can be broken off; elsewhere the answer ends with its next line.
        """
        self._line.hang_up()
        self.close()

    def create_container(self, *words: Any, **options: Any) -> dict[str, Any]:  # noqa: ANN401
        """Make a container; raises `Refusal` where the answer names none."""
        return checked(super().create_container(*words, **options), Id=str)

    def inspect_container(self, container: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return how a container is; raises `Refusal` where it is not said."""
        return checked(super().inspect_container(container), State=dict)

    def mount(self, prefix: str | bytes, adapter: BaseAdapter) -> None:
        """Take an adapter of our own in place of the SDK's."""
        if isinstance(adapter, UnixHTTPAdapter):
            size = adapter.max_pool_size
            own = _Adapter(adapter.socket_path, adapter.timeout, max_pool_size=size)
            own.line = self._line
            adapter = own
        super().mount(prefix, adapter)


class _Line:
    """The sockets that a client has open."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._is_dead = False

    def add(self, made: socket.socket) -> None:
        """Take a socket; raises OSError where the client has hung up meanwhile."""
        with self._lock:
            if self._is_dead:
                raise ConnectionAbortedError("nobody waits for an answer any more")
            self._sockets.add(made)

    def hang_up(self) -> None:
        """Wake whoever reads from one of them: there comes no more."""
        with self._lock:
            self._is_dead = True
            for one in self._sockets:
                with suppress(OSError):  # closed already
                    one.shutdown(socket.SHUT_RDWR)


class _Adapter(UnixHTTPAdapter):
    line: _Line

    def get_connection(self, url: Any, proxies: Any = None) -> Any:  # noqa: ANN401
        with self.pools.lock:
            pool = self.pools.get(url)
            if pool is None:
                pool = _Pool(
                    url, self.socket_path, self.timeout, maxsize=self.max_pool_size
                )
                pool.line = self.line
                self.pools[url] = pool
        return pool


class _Pool(UnixHTTPConnectionPool):
    line: _Line

    def _new_conn(self) -> Any:  # noqa: ANN401 - the SDK's stubs contradict urllib3's
        seconds: Any = self.timeout
        made = _Connection(self.base_url, self.socket_path, seconds)
        made.line = self.line
        return made


class _Connection(UnixHTTPConnection):
    line: _Line

    def connect(self) -> None:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            made.settimeout(self.timeout)
            made.connect(self.unix_socket)
            self.line.add(made)
        except BaseException:
            made.close()
            raise
        self.sock = made


class ClientQuestions:
    """Asks through the client, where the engine listens on no socket.

    Parameters
    ----------
    place : Address
        Where it listens.
    """

    def __init__(self, place: Address) -> None:
        self._place = place

    def ping(self, timeout_s: float) -> None:
        """See whether an engine answers."""
        _asked(lambda: self._with(lambda client: client.ping(), timeout_s))

    def info(self) -> dict[str, Any]:
        """Return what the engine says of itself and its machine."""
        return dict(_asked(lambda: self._with(lambda client: client.info())))

    def version(self) -> dict[str, Any]:
        """Return which program it is."""
        return dict(_asked(lambda: self._with(lambda client: client.version())))

    def image(self, reference: str) -> dict[str, Any]:
        """Return the description of an image; raises `Absent` if there is none."""

        def ask(client: APIClient) -> dict[str, Any]:
            found: dict[str, Any] = client.inspect_image(reference)  # type: ignore[no-untyped-call]
            return found

        return _asked(lambda: self._with(ask))

    def containers(self, labels: Sequence[str]) -> list[dict[str, Any]]:
        """Return the containers with all these labels, running or not."""
        filters = {"label": list(labels)}
        return list(
            _asked(
                lambda: self._with(
                    lambda client: client.containers(all=True, filters=filters)
                )
            )
        )

    def _with(
        self, ask: Callable[[APIClient], _T], timeout_s: float = QUESTION_S
    ) -> _T:
        client = make_client(self._place, timeout_s)
        try:
            return ask(client)
        finally:
            client.close()


def _asked(ask: Callable[[], _T]) -> _T:
    """Return an answer; what the client raises becomes what every question raises."""
    try:
        return ask()
    except NotFound as error:
        raise Absent(404, str(error.explanation or error)) from error
    except APIError as error:
        raise Refusal(
            error.status_code or 500, str(error.explanation or error)
        ) from error
    except (DockerException, requests.RequestException, HTTPError) as error:
        raise ConnectionError(str(error)) from error


__all__ = [
    "ENGINE_ERRORS",
    "APIError",
    "Client",
    "ClientQuestions",
    "NotFound",
    "make_client",
]
