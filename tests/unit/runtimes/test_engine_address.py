import json
import socket
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from bioimageit_flow.runtimes.engine_address import Address, addresses, no_engine

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="sockets of POSIX")


@pytest.mark.parametrize("variable", ["DOCKER_HOST", "CONTAINER_HOST"])
def test_named_engine_is_the_only_one(variable: str, tmp_path: Path) -> None:
    found = addresses({variable: "tcp://localhost:2375", "HOME": str(tmp_path)})
    assert found == [Address("tcp://localhost:2375", variable)]
    assert found[0].is_here
    error = no_engine(found)
    assert "tcp://localhost:2375" in error.message
    assert variable in error.remedy


@posix_only
def test_usual_sockets_of_docker_and_podman(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": "/run/user/1234"}
    found = [address.url for address in addresses(environ)]
    assert found[0] == "unix:///var/run/docker.sock"
    assert "unix:///run/user/1234/docker.sock" in found
    assert "unix:///run/user/1234/podman/podman.sock" in found
    assert "unix:///run/podman/podman.sock" in found
    assert f"unix://{tmp_path}/.docker/run/docker.sock" in found


def _context(home: Path, name: str, host: str) -> None:
    folder = home / ".docker"
    meta = folder / "contexts" / "meta" / sha256(name.encode()).hexdigest()
    meta.mkdir(parents=True)
    endpoint = {"Endpoints": {"docker": {"Host": host}}}
    (meta / "meta.json").write_text(json.dumps(endpoint), "utf-8")
    (folder / "config.json").write_text(json.dumps({"currentContext": name}), "utf-8")


@posix_only
def test_context_of_the_docker_command_comes_first(tmp_path: Path) -> None:
    _context(tmp_path, "colima", "unix:///home/me/.colima/docker.sock")
    first = addresses({"HOME": str(tmp_path)})[0]
    assert first.url == "unix:///home/me/.colima/docker.sock"


@posix_only
@pytest.mark.parametrize("config", ["{", "[]", '{"currentContext": "gone"}', "null"])
def test_broken_context_is_none(config: str, tmp_path: Path) -> None:
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text(config, "utf-8")
    first = addresses({"HOME": str(tmp_path)})[0]
    assert first.url == "unix:///var/run/docker.sock"


@posix_only
def test_context_on_another_machine_is_not_taken(tmp_path: Path) -> None:
    _context(tmp_path, "far", "ssh://me@far.example")
    first = addresses({"HOME": str(tmp_path)})[0]
    assert first.url == "unix:///var/run/docker.sock"


@posix_only
def test_socket_is_here_once_it_is_made(tmp_path: Path) -> None:
    path = tmp_path / "s"
    address = Address(f"unix://{path}")
    assert not address.is_here
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        assert address.is_here


def test_no_engine_says_how_to_get_one() -> None:
    error = no_engine([Address("unix:///nowhere")])
    assert error.message == "No container engine is running on this machine."
    assert "Docker or Podman" in error.remedy
