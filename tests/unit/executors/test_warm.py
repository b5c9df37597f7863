from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

import pytest

from bioimageit_flow.executors.warm import Isolation, how_it_ran, warm_run
from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.runtimes.protocol import Outcome
from bioimageit_flow.testing.runtime import InProcessRuntime, contract_tool

USED = RuntimeUsed("container", "image sha256:1", "an/image:1")


@dataclass(slots=True)
class NotingRuntime(InProcessRuntime):
    """Notes which runs begin and end."""

    said: list[tuple[str, ...]] = field(default_factory=list)

    def begin_run(
        self, run: str, tools: Sequence[tuple[InstalledTool, RuntimeUsed]]
    ) -> None:
        self.said.append(("begin", run, *(tool.ref for tool, _ in tools)))

    def end_run(self, run: str) -> None:
        self.said.append(("end", run))


@pytest.fixture
def runtime() -> NotingRuntime:
    return NotingRuntime({})


@pytest.fixture
def tool(tmp_path: Path) -> InstalledTool:
    return contract_tool(tmp_path)


def test_tools_are_announced_once_in_order(
    runtime: NotingRuntime, tool: InstalledTool, tmp_path: Path
) -> None:
    other = contract_tool(tmp_path / "other", name="other")
    used = [(runtime, one, USED) for one in (tool, other, tool)]
    with warm_run("r1", used):
        assert runtime.said == [("begin", "r1", tool.ref, other.ref)]
    assert runtime.said[1:] == [("end", "r1")]


def test_run_ends_also_after_an_error(
    runtime: NotingRuntime, tool: InstalledTool
) -> None:
    with pytest.raises(LookupError), warm_run("r1", [(runtime, tool, USED)]):
        raise LookupError
    assert runtime.said[-1] == ("end", "r1")


@pytest.mark.parametrize(("run", "of_tool"), [("job", "worker"), ("worker", "job")])
def test_isolated_jobs_have_no_worker(
    runtime: NotingRuntime, tool: InstalledTool, run: Isolation, of_tool: Isolation
) -> None:
    asked = tool.tool.model_copy(update={"isolation": of_tool})
    with warm_run("r1", [(runtime, replace(tool, tool=asked), USED)], run):
        assert runtime.said == []


def test_record_says_how_a_job_was_run() -> None:
    def detail(outcome: Outcome) -> str:
        return how_it_ran(USED, outcome).detail

    assert detail(Outcome(0, 0.1)) == "an/image:1"
    assert detail(Outcome(0, 0.1, worker="fork")) == "an/image:1; warm worker (fork)"
    assert detail(Outcome(0, 0.1, note="it died")) == "an/image:1; it died"
    assert how_it_ran(USED, Outcome(0, 0.1, worker="fork")).identity == USED.identity


def test_runtime_of_functions_takes_part(tool: InstalledTool) -> None:
    runtime = InProcessRuntime({tool.tool.id: lambda _job: 0})
    used = runtime.prepare(tool, lambda _line: None, Event())
    with warm_run("r1", [(runtime, tool, used)]):
        pass
