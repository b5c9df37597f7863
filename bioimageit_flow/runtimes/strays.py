"""Containers left behind by runs that were killed, and how they are told from others.

Every container is labelled with the process that made it. One whose maker is gone is of
no use to anybody: its result would not be taken.
"""

import logging
import os
import socket
from functools import cache

import psutil

from bioimageit_flow.runtimes.engine import QUESTION_ERRORS, Engine, engine_failure
from bioimageit_flow.runtimes.images import LABEL

_LOGGER = logging.getLogger(__name__)

OWNER = f"{LABEL}.owner"
_CLOCK_TOLERANCE_S = 5.0  # start times move with corrections of the clock


def owner_label() -> str:
    """Return what says which process made a container: host, number, start time."""
    return _label_of(os.getpid())


@cache
def _label_of(pid: int) -> str:
    started = psutil.Process(pid).create_time()
    return f"{socket.gethostname()}/{pid}/{started:.2f}"


def is_orphan(owner: str) -> bool:
    """Say whether the process that made a container is gone for sure.

    A process of another host, or a label that cannot be read, is taken to be alive.
    """
    host, _, rest = owner.rpartition("/")
    host, _, number = host.rpartition("/")
    try:
        pid, started = int(number), float(rest)
    except ValueError:
        return False
    if host != socket.gethostname():
        return False
    try:
        alive = psutil.Process(pid)
        return abs(alive.create_time() - started) > _CLOCK_TOLERANCE_S
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False


def find_strays(engine: Engine) -> list[str]:
    """Return the ids of containers whose makers are gone.

    Raises
    ------
    RuntimeUnavailableError
        If the engine does not answer.
    """
    try:
        containers = engine.ask().containers([OWNER])
    except QUESTION_ERRORS as error:
        raise engine_failure(error, "looking for left-over containers") from error
    return [
        str(container["Id"])
        for container in containers
        if is_orphan(str((container.get("Labels") or {}).get(OWNER, "")))
    ]


def sweep(engine: Engine) -> int:
    """Remove the containers that killed runs left behind; return how many.

    Raises
    ------
    RuntimeUnavailableError
        If the engine does not answer.
    """
    return sum(_remove(engine, container) for container in find_strays(engine))


def remove_run(engine: Engine, run: str) -> int:
    """Remove every container that this process made for a run; return how many.

    Raises
    ------
    RuntimeUnavailableError
        If the engine does not answer.
    """
    return _remove_own(engine, f"{LABEL}.run={run}")


def remove_job(engine: Engine, job: str) -> int:
    """Remove every container that this process made for a job; return how many.

    Some outlive a restart of their engine, and would go on writing its outputs.

    Raises
    ------
    RuntimeUnavailableError
        If the engine does not answer.
    """
    return _remove_own(engine, f"{LABEL}.job={job}")


def _remove_own(engine: Engine, label: str) -> int:
    labels = [label, f"{OWNER}={owner_label()}"]
    try:
        found = engine.ask().containers(labels)
    except QUESTION_ERRORS as error:
        raise engine_failure(error, "looking for left-over containers") from error
    return sum(_remove(engine, str(container["Id"])) for container in found)


def _remove(engine: Engine, container: str) -> bool:
    from bioimageit_flow.runtimes.engine_client import ENGINE_ERRORS, APIError

    try:
        engine.api().remove_container(container, force=True, v=True)
    except APIError as error:
        # 409: it is on its way out.
        if error.status_code in (404, 409):
            return False
        _LOGGER.warning("cannot remove the container %s: %s", container, error)
    except ENGINE_ERRORS as error:
        _LOGGER.warning("cannot remove the container %s: %s", container, error)
    else:
        return True
    return False
