from pathlib import Path

import pytest

from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.runtimes.environment import EnvironmentRuntime
from bioimageit_flow.runtimes.environment_worker import can_fork
from bioimageit_flow.testing.runtime import (
    ProcessContract,
    WorkerContract,
    contract_tool,
)


@pytest.mark.environment
@pytest.mark.usefixtures("cache")
class TestEnvironmentRuntime(ProcessContract):
    host_variables = ("PATH", "CUDA_VISIBLE_DEVICES")

    def make_runtime(self, folder: Path) -> EnvironmentRuntime:
        return EnvironmentRuntime()

    def make_tool(self, folder: Path) -> InstalledTool:
        folder.mkdir(parents=True)
        lock = folder / "requirements.lock"
        lock.write_text("# nothing but Python itself\n", "utf-8")
        return contract_tool(folder, lock=lock)


@pytest.mark.skipif(not can_fork(), reason="each job has a process of its own here")
class TestWarmEnvironment(WorkerContract, TestEnvironmentRuntime):
    def make_tool(self, folder: Path) -> InstalledTool:
        folder.mkdir(parents=True)
        lock = folder / "requirements.lock"
        lock.write_text("# nothing but Python itself\n", "utf-8")
        return contract_tool(folder, lock=lock, worker="fork")
