import json
from pathlib import Path
from threading import Event

import pytest

from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.runtimes.protocol import Readiness
from bioimageit_flow.testing import contract_program
from bioimageit_flow.testing.runtime import (
    Bench,
    InProcessJob,
    InProcessRuntime,
    RuntimeContract,
    called_with_paths,
    contract_tool,
)


def _program(job: InProcessJob) -> int:
    return contract_program.main(list(job.command[2:]), job.say, job.say)


class TestInProcessRuntime(RuntimeContract):
    def make_runtime(self, folder: Path) -> InProcessRuntime:
        return InProcessRuntime({"contract/program": _program})

    def make_tool(self, folder: Path) -> InstalledTool:
        return contract_tool(folder)


def _bench(runtime: InProcessRuntime, folder: Path) -> Bench:
    tool = contract_tool(folder)
    used = runtime.prepare(tool, lambda _line: None, Event())
    return Bench(runtime, tool, used, folder)


def test_run_function_is_called_with_paths_and_parameters(tmp_path: Path) -> None:
    def run(*, data: Path, many: list[Path], result: Path, times: int) -> None:
        result.write_bytes(data.read_bytes() * times + bytes(len(many)))

    runtime = InProcessRuntime({"contract/program": called_with_paths(run)})
    bench = _bench(runtime, tmp_path)
    process = bench.process()
    data = str(process.folder / "in/data/0.txt")
    description = {
        "inputs": {"data": [data], "many": [data], "unwired": []},
        "outputs": {"result": str(process.folder / "out/result/0.txt")},
        "parameters": {"times": 2},
    }
    (process.folder / "job.json").write_text(json.dumps(description), "utf-8")
    assert runtime.execute(process).exit_code == 0
    written = (process.folder / "out/result/0.txt").read_bytes()
    assert written == Path(data).read_bytes() * 2 + b"\0"


def test_exception_of_a_function_is_exit_code_1_with_traceback(tmp_path: Path) -> None:
    def fail(job: InProcessJob) -> None:
        raise ValueError(f"{job.process.name} is not good")

    ran = _bench(InProcessRuntime({"contract/program": fail}), tmp_path).run()
    assert ran.outcome.exit_code == 1
    assert b"ValueError: contract-" in ran.log


def test_text_of_system_exit_is_printed(tmp_path: Path) -> None:
    def leave(job: InProcessJob) -> None:
        raise SystemExit("no pixels")

    ran = _bench(InProcessRuntime({"contract/program": leave}), tmp_path).run()
    assert ran.outcome.exit_code == 1
    assert ran.lines == ["no pixels"]


def test_failing_runtime_is_told_from_a_failing_job(tmp_path: Path) -> None:
    def fail(job: InProcessJob) -> None:
        raise RuntimeUnavailableError("The engine is gone.")

    bench = _bench(InProcessRuntime({"contract/program": fail}), tmp_path)
    with pytest.raises(RuntimeUnavailableError, match="engine is gone"):
        bench.run()


def test_what_cannot_be_fetched_fails_in_prepare_only(tmp_path: Path) -> None:
    runtime = InProcessRuntime(
        {"contract/program": _program},
        failures={"contract/program": "The image cannot be pulled."},
    )
    tool = contract_tool(tmp_path)
    assert runtime.availability(tool).readiness is Readiness.OBTAINABLE
    with pytest.raises(RuntimeUnavailableError, match="cannot be pulled"):
        runtime.prepare(tool, lambda _line: None, Event())
