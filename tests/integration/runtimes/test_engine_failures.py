"""Engines that are not there, hang, refuse, or die in mid-job."""

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import psutil
import pytest

from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.runtimes.container import ContainerRuntime
from bioimageit_flow.runtimes.engine import Engine
from bioimageit_flow.runtimes.engine_address import Address
from bioimageit_flow.runtimes.engine_client import ENGINE_ERRORS, make_client
from bioimageit_flow.runtimes.images import LABEL
from bioimageit_flow.runtimes.protocol import Availability, Readiness
from bioimageit_flow.testing.runtime import Bench, contract_tool
from tests.integration.runtimes import BASE
from tests.integration.runtimes.engine_proxy import EngineProxy


class FakeClock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _ask(places: list[Address], folder: Path) -> Availability:
    runtime = ContainerRuntime(places)
    found = runtime.availability(contract_tool(folder, container=BASE))
    findings = runtime.diagnose()
    runtime.close()
    assert [(one.is_good, one.text) for one in findings] == [(False, found.reason)]
    assert findings[0].remedy == found.remedy
    return found


def test_machine_without_engine_says_so_without_loading_docker(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from bioimageit_flow.runtimes.container import ContainerRuntime\n"
        "from bioimageit_flow.runtimes.engine_address import Address\n"
        f"runtime = ContainerRuntime([Address('unix://{tmp_path}/none')])\n"
        "print(runtime.diagnose()[0].text)\n"
        "assert 'docker' not in sys.modules\n"
    )
    said = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert said.strip() == "No container engine is running on this machine."
    found = _ask([Address(f"unix://{tmp_path}/none")], tmp_path)
    assert found.readiness is Readiness.UNAVAILABLE
    assert "install Docker or Podman" in found.remedy


def test_socket_that_nobody_serves_is_no_engine(tmp_path: Path) -> None:
    left = tmp_path / "s"
    subprocess.run(
        [
            sys.executable,
            "-c",
            f"import socket; socket.socket(socket.AF_UNIX).bind({str(left)!r})",
        ],
        check=True,
    )
    assert left.exists()
    found = _ask([Address(f"unix://{left}")], tmp_path)
    assert found.reason == "No container engine is running on this machine."


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_socket_without_permission_says_how_to_get_it(tmp_path: Path) -> None:
    path = tmp_path / "s"
    proxy = EngineProxy(path, tmp_path / "nowhere")
    path.chmod(0o600 if os.getuid() == 0 else 0o000)
    Engine([])  # loads what somebody else may not be able to read
    tmp_path.chmod(0o755)
    for folder in tmp_path.parents[:2]:
        folder.chmod(0o755)
    user = os.geteuid()
    tool = contract_tool(tmp_path, container=BASE)
    runtime = ContainerRuntime([Address(f"unix://{path}")])
    try:
        if user == 0:
            os.seteuid(65534)
        found = runtime.availability(tool)
    finally:
        os.seteuid(user)
        runtime.close()
        proxy.close()
    assert found.reason == (
        f"You have no permission to use the container engine at {path}."
    )
    assert "usermod -aG docker" in found.remedy


def test_named_engine_that_does_not_answer_is_named(tmp_path: Path) -> None:
    found = _ask([Address("tcp://127.0.0.1:9", "DOCKER_HOST")], tmp_path)
    assert "tcp://127.0.0.1:9 (DOCKER_HOST)" in found.reason
    assert "unset DOCKER_HOST" in found.remedy


def test_engine_of_another_machine_is_refused(tmp_path: Path) -> None:
    found = _ask([Address("ssh://me@far.example", "DOCKER_HOST")], tmp_path)
    assert "on another machine" in found.reason


def test_something_else_on_the_socket_is_no_engine(tmp_path: Path) -> None:
    """A server that closes every connection speaks no language of engines."""
    code = (
        "import socket, sys\n"
        "listener = socket.socket(socket.AF_UNIX)\n"
        "listener.bind(sys.argv[1]); listener.listen(); print('ready', flush=True)\n"
        "while True: listener.accept()[0].close()\n"
    )
    path = tmp_path / "s"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE
    ) as server:
        assert server.stdout is not None
        server.stdout.readline()
        found = _ask([Address(f"unix://{path}")], tmp_path)
        server.kill()
    assert found.reason == f"The container engine at unix://{path} does not answer."
    assert "docker info" in found.remedy


@pytest.fixture
def proxy(tmp_path: Path, engine: Engine) -> Iterator[EngineProxy]:
    engine.check()
    real = next(
        place.socket
        for place in engine.places
        if place.is_here and place.socket is not None
    )
    proxy = EngineProxy(tmp_path / "engine.sock", real)
    yield proxy
    proxy.close()


@pytest.mark.container
class TestEngineBehindProxy:
    def test_hanging_engine_is_asked_once_and_not_waited_for(
        self, proxy: EngineProxy
    ) -> None:
        clock = FakeClock()
        engine = Engine([Address(f"unix://{proxy.path}")], clock)
        proxy.hang()
        with pytest.raises(RuntimeUnavailableError, match="does not answer"):
            engine.check()
        asked = proxy.connections
        for _ in range(100):
            with pytest.raises(RuntimeUnavailableError):
                engine.check()
        assert proxy.connections == asked
        engine.close()

    def test_engine_that_answered_is_not_asked_again_at_once(
        self, proxy: EngineProxy
    ) -> None:
        clock = FakeClock()
        engine = Engine([Address(f"unix://{proxy.path}")], clock, patience_s=1.0)
        engine.check()
        proxy.hang()
        for _ in range(100):
            engine.check()
        clock.now += 60
        with pytest.raises(RuntimeUnavailableError):
            engine.check()
        engine.close()

    def test_engine_that_dies_in_mid_job_is_not_the_job_s_fault(
        self,
        proxy: EngineProxy,
        engine: Engine,
        tmp_path: Path,
    ) -> None:
        runtime = ContainerRuntime([Address(f"unix://{proxy.path}")], 0.0)
        tool = contract_tool(tmp_path / "toolbox", container=BASE)
        used = runtime.prepare(tool, lambda _line: None, Event())
        bench = Bench(runtime, tool, used, tmp_path)
        labels = {"run": f"dying-{os.getpid()}"}
        try:
            with pytest.raises(RuntimeUnavailableError, match="stopped answering"):
                bench.run("deaf", labels=labels, on_line=lambda _line: proxy.die())
            if hasattr(os, "getuid"):
                out = tmp_path / "job-1/out/result"
                assert out.stat().st_uid == os.getuid()
        finally:
            label = f"{LABEL}.run={labels['run']}"
            for left in engine.api().containers(all=True, filters={"label": label}):
                engine.api().remove_container(left["Id"], force=True)
            runtime.close()

    def test_engine_that_comes_back_is_found_again(
        self, proxy: EngineProxy, engine: Engine, tmp_path: Path
    ) -> None:
        clock = FakeClock()
        found = Engine([Address(f"unix://{proxy.path}")], clock)
        found.check()
        proxy.die()
        clock.now += 60
        with pytest.raises(RuntimeUnavailableError):
            found.check()
        real = next(place.socket for place in engine.places if place.is_here)
        assert real is not None
        again = EngineProxy(proxy.path, real)
        with pytest.raises(RuntimeUnavailableError):
            found.check()  # remembered
        clock.now += 60
        found.check()
        assert found.facts().version
        found.close()
        again.close()

    def test_engine_that_is_away_costs_no_open_files(self, proxy: EngineProxy) -> None:
        client = make_client(Address(f"unix://{proxy.path}"))
        client.ping()
        proxy.die()
        gc.disable()
        try:
            before = psutil.Process().num_fds()
            for _ in range(10):
                with pytest.raises(ENGINE_ERRORS):
                    client.ping()
            assert psutil.Process().num_fds() <= before
        finally:
            gc.enable()
            client.close()
