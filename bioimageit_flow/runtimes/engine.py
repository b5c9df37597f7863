"""The connection to the container engine of this machine."""

import logging
import re
import socket
import sys
import time
from collections.abc import Callable, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Any, NoReturn

from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.runtimes.engine_address import Address, no_engine
from bioimageit_flow.runtimes.engine_facts import EngineFacts, read_facts
from bioimageit_flow.runtimes.engine_questions import (
    Questions,
    Refusal,
    SocketQuestions,
)

if TYPE_CHECKING:
    from docker import APIClient

    from bioimageit_flow.runtimes.engine_client import Client

_LOGGER = logging.getLogger(__name__)

QUESTION_ERRORS = (Refusal, OSError)
"""What a question may raise; mapped by `engine_failure`."""

_PING_S = 1.5  # for an engine that nobody has heard of yet
_BUDGET_S = 1.9
_REMEMBERED_S = 5.0

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


class EngineStuckError(RuntimeUnavailableError):
    """The engine takes what it is asked, and does nothing for a long time."""


def engine_failure(error: BaseException, doing: str) -> RuntimeUnavailableError:
    """Return the error to raise for what a call of the engine raised.

    Parameters
    ----------
    doing : str
        What was being done, as in "while {doing}".
    """
    if _has_timed_out(error):
        return EngineStuckError(
            f"The container engine did not answer in time while {doing}.",
            remedy="Restart it (`sudo systemctl restart docker`) and try again.",
        )
    said = _refusal(error)
    if said is None:
        return EngineLostError(
            f"The container engine stopped answering while {doing}.",
            remedy="See whether it is running (`docker info`), start it and try again.",
        )
    said = _one_line(said)
    remedy = next((text for sign, text in _REMEDIES if sign.search(said)), "")
    return RuntimeUnavailableError(
        f"The container engine failed while {doing}: {said}.",
        remedy=remedy or "`bioimageit-flow doctor` looks at the engine.",
    )


def _has_timed_out(error: BaseException) -> bool:
    if isinstance(error, TimeoutError):
        return True
    if type(error).__module__.startswith("requests."):
        from requests import Timeout

        return isinstance(error, Timeout)
    return False


def _refusal(error: BaseException) -> str | None:
    """Return why the engine refuses; None where it does not answer at all."""
    if isinstance(error, Refusal):
        return error.said
    if isinstance(error, OSError) and not hasattr(error, "explanation"):
        return None
    from docker.errors import APIError

    if isinstance(error, APIError):
        return str(error.explanation or error)
    return None


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
        self._place: Address | None = None
        self._questions: Questions | None = None
        self._facts: EngineFacts | None = None
        self._error: RuntimeUnavailableError | None = None
        self._checked = float("-inf")

    def api(self) -> "APIClient":
        """Return the client, without asking whether the engine still answers.

        Raises
        ------
        RuntimeUnavailableError
            If no engine can be found; says which remedy helps.
        """
        with self._lock:
            if self._api is None:
                self._api = self.new_client()
            return self._api

    def new_client(self) -> "Client":
        """Return a client for one long call, which its caller closes or hangs up.

        Raises
        ------
        RuntimeUnavailableError
            If no engine can be found; says which remedy helps.
        """
        with self._lock:
            self.ask()
            assert self._place is not None
            from bioimageit_flow.runtimes.engine_client import (
                ENGINE_ERRORS,
                make_client,
            )

            try:
                return make_client(self._place)
            except ENGINE_ERRORS as error:
                raise engine_failure(error, "it was asked what it is") from error

    def ask(self) -> Questions:
        """Return what can be asked, without asking whether the engine still answers.

        Raises
        ------
        RuntimeUnavailableError
            If no engine can be found; says which remedy helps.
        """
        with self._lock:
            if self._questions is None:
                self.check()
            assert self._questions is not None
            return self._questions

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
            if self._questions is not None and not self._answers(self._questions):
                self.close()
            try:
                if self._questions is None:
                    self._connect()
                self._error = None
            except RuntimeUnavailableError as error:
                # A copy: the error itself would keep frames and their sockets alive.
                self._error = RuntimeUnavailableError(
                    error.message, remedy=error.remedy
                )
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
            questions = self.ask()
            if self._facts is None:
                assert self._place is not None
                try:
                    said, version = questions.info(), questions.version()
                except QUESTION_ERRORS as error:
                    failure = engine_failure(error, "it was asked what it is")
                    raise failure from error
                self._facts = read_facts(self._place.url, said, version)
            return self._facts

    def inspect_image(self, reference: str) -> dict[str, Any]:
        """Return the engine's description of an image; raises `QUESTION_ERRORS`.

        After an engine was waited for in vain, nobody waits again for a few seconds.
        """
        try:
            return self.ask().image(reference)
        except TimeoutError as error:
            with self._lock:
                failure = engine_failure(error, f"looking for {reference}")
                self._error = RuntimeUnavailableError(
                    failure.message, remedy=failure.remedy
                )
                self._checked = self._clock()
            raise

    def close(self) -> None:
        """Let go of the connection; the next use makes a new one."""
        with self._lock:
            if self._api is not None:
                self._api.close()
            self._api = self._facts = self._questions = self._place = None
            self._checked = float("-inf")

    def _answers(self, questions: Questions) -> bool:
        try:
            questions.ping(self._patience_s)
        except QUESTION_ERRORS as error:
            _LOGGER.info("the container engine no longer answers: %s", error)
            return False
        return True

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
            questions = _questions_of(place)
            try:
                questions.ping(timeout)
            except QUESTION_ERRORS as error:
                failures.append((place, _Mute(str(error))))
                continue
            self._place, self._questions = place, questions
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


def _questions_of(place: Address) -> Questions:
    if place.socket is not None and sys.platform != "win32":
        return SocketQuestions(place.socket)
    from bioimageit_flow.runtimes.engine_client import ClientQuestions

    return ClientQuestions(place)
