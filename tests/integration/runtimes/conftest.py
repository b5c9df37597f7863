import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bioimageit_flow.model.packaging import ContainerSpec
from bioimageit_flow.runtimes.container import ContainerRuntime
from bioimageit_flow.runtimes.engine import Engine
from bioimageit_flow.runtimes.engine_address import addresses
from bioimageit_flow.runtimes.protocol import Readiness
from tests.integration.runtimes import BASE


@pytest.fixture(scope="session")
def base_image(tmp_path_factory: pytest.TempPathFactory) -> ContainerSpec:
    """An image with Python; without an engine the test is skipped, or fails."""
    from bioimageit_flow.testing.runtime import contract_tool

    runtime = ContainerRuntime()
    tool = contract_tool(tmp_path_factory.mktemp("tool"), container=BASE)
    found = runtime.availability(tool)
    runtime.close()
    if found.readiness is not Readiness.READY:
        if os.environ.get("BIOIMAGEIT_FLOW_REQUIRE_ENGINE") == "1":
            pytest.fail(f"{found.reason} {found.remedy}")
        pytest.skip(found.reason)
    return BASE


@pytest.fixture
def engine(base_image: ContainerSpec) -> Iterator[Engine]:
    """The engine itself, to look behind the runtime."""
    engine = Engine(addresses())
    yield engine
    engine.close()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of environments, and packages from nowhere."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("BIOIMAGEIT_FLOW_CACHE", str(cache))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return cache
