"""Where a container engine may listen on this machine. Does not import docker."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bioimageit_flow.errors import RuntimeUnavailableError


@dataclass(frozen=True, slots=True)
class Address:
    """A place where an engine may listen.

    Attributes
    ----------
    url : str
        Such as ``unix:///var/run/docker.sock``.
    source : str
        Who says so: an environment variable, or empty for a usual place.
    """

    url: str
    source: str = ""

    @property
    def socket(self) -> Path | None:
        """The socket's path, if it is one."""
        scheme, _, path = self.url.partition("://")
        return Path(path) if scheme == "unix" else None

    @property
    def is_here(self) -> bool:
        """Whether it is worth asking: named by the user, or there."""
        if self.source or self.socket is None:
            return True
        try:
            return self.socket.exists()
        except OSError:  # a folder that we may not enter
            return False


def addresses(environ: Mapping[str, str] | None = None) -> list[Address]:
    """List the places where an engine may listen, the most wanted first.

    A place named by ``DOCKER_HOST`` or ``CONTAINER_HOST`` is the only one: who names
    one does not want another. Then comes the context that the ``docker`` command uses,
    then the usual sockets of Docker and Podman, with and without root.

    Parameters
    ----------
    environ : mapping of str to str, optional
        Environment variables; those of this process by default.
    """
    environ = os.environ if environ is None else environ
    for variable in ("DOCKER_HOST", "CONTAINER_HOST"):
        if environ.get(variable):
            return [Address(environ[variable], variable)]
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or Path.home())
    found = []
    context = _context_host(environ, home)
    if context:
        found.append(Address(context))
    if sys.platform == "win32":
        found.append(Address("npipe:////./pipe/docker_engine"))
        return found
    runtime = environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    usual = (
        "/var/run/docker.sock",
        f"{runtime}/docker.sock",
        f"{home}/.docker/run/docker.sock",
        f"{home}/.docker/desktop/docker.sock",
        f"{runtime}/podman/podman.sock",
        "/run/podman/podman.sock",
    )
    found.extend(Address(f"unix://{path}") for path in usual)
    return list(dict.fromkeys(found))


def no_engine(places: Sequence[Address]) -> RuntimeUnavailableError:
    """Return the error that says that no engine answers at any of these places."""
    if places and places[0].source:
        variable = places[0].source
        return RuntimeUnavailableError(
            f"No container engine answers at {places[0].url} ({variable}).",
            remedy=f"Start it, or correct or unset {variable}.",
        )
    return RuntimeUnavailableError(
        "No container engine is running on this machine.",
        remedy="Start it (`sudo systemctl start docker`, "
        "`systemctl --user start podman.socket`, or Docker Desktop), or install "
        "Docker or Podman.",
    )


def _context_host(environ: Mapping[str, str], home: Path) -> str:
    """Return the endpoint of the current context of the ``docker`` command, if any.

    Source: https://docs.docker.com/engine/manage-resources/contexts/
    """
    folder = Path(environ.get("DOCKER_CONFIG") or home / ".docker")
    try:
        name = environ.get("DOCKER_CONTEXT") or ""
        if not name:
            config = json.loads((folder / "config.json").read_text("utf-8"))
            name = config.get("currentContext", "")
        if name in ("", "default"):
            return ""
        digest = sha256(name.encode()).hexdigest()
        meta = folder / "contexts" / "meta" / digest / "meta.json"
        endpoint = json.loads(meta.read_text("utf-8"))["Endpoints"]["docker"]
        host = str(endpoint.get("Host", ""))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""  # no such file, or one of another kind: there is no context
    return host if host.startswith(("unix://", "npipe://")) else ""
