"""The contract that every runtime keeps, as tests.

A plug-in author subclasses the contract that fits and gives two methods::

    pytest.register_assert_rewrite("bioimageit_flow.testing")

    from bioimageit_flow.testing.runtime import IsolationContract, contract_tool

    class TestMyRuntime(IsolationContract):
        def make_runtime(self, folder):
            return MyRuntime()

        def make_tool(self, folder):
            return contract_tool(folder, container=MY_IMAGE_WITH_PYTHON)

`RuntimeContract` is for every runtime. `ProcessContract` adds what holds for processes:
a fixed environment, limits, nothing left behind. `IsolationContract` adds that a job
sees and changes nothing of the machine but its own output. `WorkerContract` is for
runtimes that run the jobs of an announced run by warm workers; together with one of the
others, it says that they do so without a difference.

`InProcessRuntime` is a runtime for tests of what stands above: tools are functions.
"""

from bioimageit_flow.testing.in_process import (
    InProcessJob,
    InProcessRuntime,
    JobStopped,
    called_with_paths,
)
from bioimageit_flow.testing.job_contract import RuntimeContract
from bioimageit_flow.testing.process_contract import IsolationContract, ProcessContract
from bioimageit_flow.testing.runtime_bench import Bench, contract_tool
from bioimageit_flow.testing.worker_contract import WorkerContract

__all__ = [
    "Bench",
    "InProcessJob",
    "InProcessRuntime",
    "IsolationContract",
    "JobStopped",
    "ProcessContract",
    "RuntimeContract",
    "WorkerContract",
    "called_with_paths",
    "contract_tool",
]
