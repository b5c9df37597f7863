"""A bench on which contract tests run jobs in a runtime."""

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.model.packaging import ContainerSpec
from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.runtimes.protocol import JobProcess, Outcome, Runtime
from bioimageit_flow.testing import contract_program

CONTENT = b"one image, more or less\x00\xff\r\n"
PROGRAM = "/tool/contract_program.py"
RUN = "contract"
"""Label of the jobs."""


def contract_tool(
    folder: Path,
    *,
    container: ContainerSpec | None = None,
    lock: Path | None = None,
    name: str = "program",
    worker: str = "",
) -> InstalledTool:
    """Make the tool that the contract tests run, with a library folder.

    Parameters
    ----------
    folder : Path
        Where its files go; made here.
    worker : str
        Mode of its worker, if it is to have one: ``fork``, ``reuse`` or ``spawn``.
    """
    tool_folder, library = folder / "tool", folder / "lib"
    for made in (tool_folder, library):
        made.mkdir(parents=True, exist_ok=True)
    shutil.copy(contract_program.__file__, tool_folder)
    (library / "shared_module.py").write_text("VALUE = 1\n", "utf-8")
    tool = Tool.model_validate(
        {
            "schema": "bioimageit-flow/tool/1",
            "id": f"contract/{name}",
            "version": "1.0.0",
            "name": "Contract program",
            "summary": "Does what contract tests ask for.",
            "command": ["python", PROGRAM],
            "worker": (
                {"function": "contract_program:work", "mode": worker}
                if worker
                else None
            ),
            "inputs": {"data": {"kind": "file"}},
            "outputs": {"result": {"kind": "file", "format": "text"}},
        }
    )
    nothing = Sha256("0" * 64)
    return InstalledTool(
        tool,
        tool_folder,
        folder,
        "built-in",
        nothing,
        nothing,
        container,
        lock,
        library,
    )


@dataclass(slots=True)
class Ran:
    """A job that has run."""

    outcome: Outcome
    lines: list[str]
    log: bytes
    out: Path

    @property
    def result(self) -> bytes:
        """What the job wrote on its port."""
        return (self.out / "result" / "0.txt").read_bytes()


@dataclass(slots=True)
class Bench:
    """Runs the contract program in a runtime, each job in a folder of its own."""

    runtime: Runtime
    tool: InstalledTool
    used: RuntimeUsed
    folder: Path
    _count: int = field(default=0)

    def process(self, *command: str, **options: Any) -> JobProcess:  # noqa: ANN401
        """Make a job ready.

        Parameters
        ----------
        command : str
            Action and arguments; ``{data}`` is the input, ``{result}`` the output,
            ``{out}`` the output's folder.
        """
        self._count += 1
        folder = self.folder / f"job-{self._count}"
        for part in ("in/data", "out/result"):
            (folder / part).mkdir(parents=True)
        (folder / "in/data/0.txt").write_bytes(CONTENT)
        (folder / "job.json").write_text("{}", "utf-8")
        layout = self.runtime.layout(self.tool, folder)
        places = {
            "data": f"{layout.job}/in/data/0.txt",
            "result": f"{layout.job}/out/result/0.txt",
            "out": f"{layout.job}/out/result",
        }
        program = PROGRAM.replace("/tool", layout.tool)
        arguments = [places.get(argument.strip("{}"), argument) for argument in command]
        defaults: dict[str, Any] = {
            "name": f"contract-{self.folder.name}-{os.getpid()}-{self._count}",
            "command": (layout.python, program, *arguments),
            "log": folder / "log" / "job.log",
            "memory_bytes": 2**28,
            "time_s": 60.0,
            "labels": {"run": RUN},
        }
        return JobProcess(
            tool=self.tool, used=self.used, folder=folder, **(defaults | options)
        )

    def run(self, *command: str, **options: Any) -> Ran:  # noqa: ANN401
        """Make a job ready and run it to its end."""
        lines: list[str] = []
        also = options.pop("on_line", None)

        def on_line(line: str) -> None:
            lines.append(line)
            if also is not None:
                also(line)

        process = self.process(*command, on_line=on_line, **options)
        outcome = self.runtime.execute(process)
        return Ran(outcome, lines, process.log.read_bytes(), process.folder / "out")

    def run_code(self, code: str, **options: Any) -> Ran:  # noqa: ANN401
        """Run lines of Python in a job."""
        python = self.runtime.layout(self.tool, self.folder).python
        return self.run(command=(python, "-c", code), **options)

    def look(self, **options: Any) -> dict[str, Any]:  # noqa: ANN401
        """Run the program that writes down what it sees, and return that."""
        ran = self.run("look", "{result}", **options)
        assert ran.outcome.exit_code == 0, ran.log.decode("utf-8", "replace")
        found: dict[str, Any] = json.loads(ran.result)
        return found
