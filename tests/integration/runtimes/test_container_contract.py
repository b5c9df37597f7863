from pathlib import Path

import pytest

from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.runtimes.container import ContainerRuntime
from bioimageit_flow.testing.runtime import IsolationContract, contract_tool
from tests.integration.runtimes import BASE


@pytest.mark.container
@pytest.mark.usefixtures("base_image")
class TestContainerRuntime(IsolationContract):
    # The images' own settings, which are the same on every machine.
    host_variables = ("PATH", "PIP_CERT", "SSL_CERT_FILE", "HOSTNAME")

    def make_runtime(self, folder: Path) -> ContainerRuntime:
        return ContainerRuntime()

    def make_tool(self, folder: Path) -> InstalledTool:
        return contract_tool(folder, container=BASE)
