"""The connection to the container engine of this machine."""

import logging
import re
import socket
import sys
import time
from collections.abc import Callable, Sequence
from threading import RLock
from typing import Any, NoReturn

import requests
from docker import APIClient
from docker.constants import MINIMUM_DOCKER_API_VERSION
from docker.errors import APIError, DockerException, NotFound
from docker.utils import kwargs_from_env
from urllib3.exceptions import HTTPError

from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.runtimes.engine_address import Address, no_engine
from bioimageit_flow.runtimes.engine_facts import EngineFacts, read_facts

_LOGGER = logging.getLogger(__name__)

ENGINE_ERRORS = (DockerException, requests.RequestException, HTTPError, OSError)
"""What a call of the engine may raise; mapped by `engine_failure`."""

_PING_S = 1.5  # for an engine that nobody has heard of yet
_BUDGET_S = 1.9
_REMEMBERED_S = 5.0
_CALL_S = 120

PERMISSION_REMEDY = (
    "Join the group `docker` (`sudo usermod -aG docker $USER`, then log in again), "
    "or use rootless Docker or Podman."
)


_REMEDIES = tuple(
    (re.compile(sign, re.IGNORECASE), remedy)
    for sign, remedy in (
        (
            "no space left",
            "Free disk space: `docker system prune` removes what is unused.",
        ),
        (
            "could not select device driver",
            "Install the NVIDIA Container Toolkit, or run the tool without a GPU.",
        ),
        ("docker-init", "Install `tini` (Docker's init program) on this machine."),
        ("catatonit|container-init", "Install `catatonit` (Podman's init program)."),
        (
            "mount.*(permission denied|not permitted)|statfs|invalid mount config",
            "The engine must be able to enter the working folder: put it on a local "
            "disk.",
        ),
        ("not shared", "Share the working folder in Docker Desktop's settings."),
        (
            "no such image",
            "Get or build the image again: `bioimageit-flow tools build`.",
        ),
    )
)


class EngineLostError(RuntimeUnavailableError):
    """The engine no longer answers: it was ended, or is being restarted."""


def engine_failure(error: BaseException, doing: str) -> RuntimeUnavailableError:
    """Return the error to raise for what a call of the engine raised.

    Parameters
    ----------
    doing : str
        What was being done, as in "while {doing}".
    """
    if not isinstance(error, APIError):
        return EngineLostError(
            f"The container engine stopped answering while {doing}.",
            remedy="See whether it is running (`docker info`), start it and try again.",
        )
    said = _one_line(error.explanation or str(error))
    remedy = next((text for sign, text in _REMEDIES if sign.search(said)), "")
    return RuntimeUnavailableError(
        f"The container engine failed while {doing}: {said}.",
        remedy=remedy or "`bioimageit-flow doctor` looks at the engine.",
    )


def _one_line(text: str) -> str:
    return " ".join(str(text).split()).rstrip(".")[:500]


class Engine:
    """The engine, found at first use; thread-safe.

    Whether it answers is remembered for a few seconds, so that asking about many tools
    costs nothing, on a machine without an engine too.

    Parameters
    ----------
    places : sequence of Address
        Where to look, the most wanted first.
    clock : callable
        Seconds that never go back.
    patience_s : float
        How long to wait for an engine that has answered before: it may be busy with our
        own jobs.
    """

    def __init__(
        self,
        places: Sequence[Address],
        clock: Callable[[], float] = time.monotonic,
        patience_s: float = 15.0,
    ) -> None:
        self.places = tuple(places)
        self._clock = clock
        self._patience_s = patience_s
        self._lock = RLock()
        self._api: APIClient | None = None
        self._pinger: APIClient | None = None
        self._facts: EngineFacts | None = None
        self._url = ""
        self._error: RuntimeUnavailableError | None = None
        self._checked = float("-inf")

    def api(self) -> APIClient:
        """Return the client, without asking whether the engine still answers.

        Raises
        ------
        RuntimeUnavailableError
            If no engine can be found; says which remedy helps.
        """
        with self._lock:
            if self._api is None:
                self.check()
            assert self._api is not None
            return self._api

    def check(self) -> None:
        """Make sure that the engine answers, or did so a few seconds ago.

        Raises
        ------
        RuntimeUnavailableError
            If it does not.
        """
        with self._lock:
            if self._clock() - self._checked < _REMEMBERED_S:
                if self._error is not None:
                    raise RuntimeUnavailableError(
                        self._error.message, remedy=self._error.remedy
                    )
                return
            if self._pinger is not None and not self._answers(self._pinger):
                self.close()
            try:
                if self._api is None:
                    self._connect()
                self._error = None
            except RuntimeUnavailableError as error:
                self._error = error
                raise
            finally:
                self._checked = self._clock()

    def answers(self) -> bool:
        """Ask now whether it answers, whatever is remembered."""
        with self._lock:
            self._checked = float("-inf")
            try:
                self.check()
            except RuntimeUnavailableError:
                return False
            return True

    def facts(self) -> EngineFacts:
        """Return what the engine says of itself.

        Raises
        ------
        RuntimeUnavailableError
            If it does not answer.
        """
        with self._lock:
            api = self.api()
            if self._facts is None:
                try:
                    self._facts = read_facts(self._url, api.info(), api.version())
                except ENGINE_ERRORS as error:
                    failure = engine_failure(error, "it was asked what it is")
                    raise failure from error
            return self._facts

    def inspect_image(self, reference: str) -> dict[str, Any]:
        """Return the engine's description of an image; raises `ENGINE_ERRORS`."""
        api = self.api()
        found: dict[str, Any] = api.inspect_image(reference)  # type: ignore[no-untyped-call]
        return found

    def close(self) -> None:
        """Let go of the connection; the next use makes a new one."""
        with self._lock:
            for client in (self._api, self._pinger):
                if client is not None:
                    client.close()
            self._api = self._pinger = self._facts = None
            self._checked = float("-inf")

    def _answers(self, client: APIClient) -> bool:
        try:
            return bool(client.ping())
        except ENGINE_ERRORS as error:
            _LOGGER.info("the container engine no longer answers: %s", error)
            return False

    def _connect(self) -> None:
        deadline = self._clock() + _BUDGET_S
        failures: list[tuple[Address, Exception]] = []
        for place in self.places:
            if not place.is_here:
                continue
            timeout = max(0.1, min(_PING_S, deadline - self._clock()))
            try:
                _knock(place, timeout)
            except OSError as error:
                failures.append((place, error))
                continue
            try:
                _ask(place, timeout)
                self._api = _client(place, _CALL_S)
                self._pinger = _client(place, self._patience_s)
            except ENGINE_ERRORS as error:
                failures.append((place, _Mute(str(error))))
                continue
            self._url = place.url
            return
        self._explain(failures)

    def _explain(self, failures: list[tuple[Address, Exception]]) -> NoReturn:
        for place, error in failures:
            if isinstance(error, PermissionError):
                raise RuntimeUnavailableError(
                    "You have no permission to use the container engine at "
                    f"{place.socket}.",
                    remedy=PERMISSION_REMEDY,
                ) from error
        for place, error in failures:
            if isinstance(error, _Mute) and not place.source:
                raise RuntimeUnavailableError(
                    f"The container engine at {place.url} does not answer.",
                    remedy="See whether `docker info` answers; restart the engine "
                    "otherwise (`sudo systemctl restart docker`).",
                ) from error
        cause = failures[0][1] if failures else None
        raise no_engine(self.places) from cause


class _Mute(Exception):
    """Somebody listens, and does not answer as an engine does."""


def _knock(place: Address, timeout_s: float) -> None:
    """Connect to a socket and leave again: quick, and with the system's own error."""
    if place.url.startswith("ssh://"):
        raise RuntimeUnavailableError(
            f"The container engine {place.url} is on another machine, which cannot see "
            "the files of this one.",
            remedy="Use an engine on this machine, or run BioImageIT Flow on that one.",
        )
    if place.socket is None or sys.platform == "win32":
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knocker:
        knocker.settimeout(timeout_s)
        knocker.connect(str(place.socket))


def _ask(place: Address, timeout_s: float) -> None:
    """Ask whether it is an engine: the one question that is answered under any load."""
    client = _client(place, timeout_s, MINIMUM_DOCKER_API_VERSION)
    try:
        client.ping()
    except APIError as error:
        # It is one: recent engines refuse to talk in a version as old as this.
        _LOGGER.debug("the engine answered: %s", error)
    finally:
        client.close()


def _client(place: Address, timeout_s: float, version: str | None = None) -> APIClient:
    """Return a client; without a version, the engine is asked for its own."""
    # DOCKER_HOST may come with certificates, in variables of its own.
    found = kwargs_from_env() if place.source == "DOCKER_HOST" else {}
    # Every job holds a connection or two; idle ones beyond the pool's size would be
    # dropped with a warning that helps nobody.
    return APIClient(
        base_url=place.url,
        tls=found.get("tls", False),
        version=version,
        timeout=timeout_s,  # type: ignore[arg-type]  # requests takes fractions
        max_pool_size=256,
    )


__all__ = [
    "ENGINE_ERRORS",
    "APIError",
    "Engine",
    "EngineLostError",
    "NotFound",
    "engine_failure",
]
