from pathlib import Path

import pytest

from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.runtimes.container import ContainerRuntime
from bioimageit_flow.runtimes.engine import Engine
from bioimageit_flow.testing.runtime import (
    IsolationContract,
    WorkerContract,
    contract_tool,
)
from tests.integration.runtimes import BASE


@pytest.mark.container
@pytest.mark.usefixtures("base_image")
class TestContainerRuntime(IsolationContract):
    # Settings of the image and of Podman, which are the same on every machine.
    host_variables = (
        *("PATH", "PIP_CERT", "SSL_CERT_FILE", "HOSTNAME"),
        *("TERM", "container"),
    )

    @pytest.fixture(autouse=True)
    def _allow_what_podman_allows(self, engine: Engine) -> None:
        # Its system call filter lets everybody make user namespaces.
        if engine.facts().kind == "Podman":
            self.allowed = ("new namespace",)

    def make_runtime(self, folder: Path) -> ContainerRuntime:
        return ContainerRuntime()

    def make_tool(self, folder: Path) -> InstalledTool:
        return contract_tool(folder, container=BASE)


class TestWarmContainer(WorkerContract, TestContainerRuntime):
    def make_tool(self, folder: Path) -> InstalledTool:
        return contract_tool(folder, container=BASE, worker="fork")
