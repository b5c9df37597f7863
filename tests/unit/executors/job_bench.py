"""Makes jobs without running them."""

from pathlib import Path
from typing import Any

from bioimageit_flow.executors.spec import JobSpec
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.model.tool import Tool

NOTHING = Sha256("0" * 64)
USED = RuntimeUsed("container", "image sha256:" + "1" * 64, "test/image:1")


def tool(folder: Path, **changes: Any) -> InstalledTool:  # noqa: ANN401
    """Return a tool with one input and one output."""
    descriptor = {
        "schema": "bioimageit-flow/tool/1",
        "id": "test/tool",
        "version": "1.0.0",
        "name": "Tool",
        "summary": "For tests.",
        "command": ["python", "/tool/run.py", "{data}", "{result}"],
        "inputs": {"data": {"kind": "file"}},
        "outputs": {"result": {"kind": "file", "format": "text"}},
        "resources": {"memory": "1 GiB", "time": "10 min"},
    }
    found = Tool.model_validate(descriptor | changes)
    return InstalledTool(found, folder, folder, "user", NOTHING, NOTHING)


def spec(folder: Path, log: str | bytes = "", **changes: Any) -> JobSpec:  # noqa: ANN401
    """Return a job whose log says what is given."""
    path = folder / "job.log"
    path.write_bytes(log if isinstance(log, bytes) else log.encode())
    return JobSpec(
        id="0" * 32,
        run="run",
        node="node",
        tool=tool(folder, **changes),
        used=USED,
        inputs={},
        parameters={},
        seed=0,
        log=path,
        folder=folder / "job",
    )
