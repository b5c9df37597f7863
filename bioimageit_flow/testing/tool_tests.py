"""The tests of a tool: run in its own runtime, each twice, and compared byte for byte.

The first run has a container or process of its own, the second is done by a warm worker
where the tool has one.

Recipes and checks of a tool are its author's code: they run where the tool runs, as
jobs of their own, never in this process.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from bioimageit_flow.errors import DataError, ToolError
from bioimageit_flow.executors.job import JobResult, JobSpec, run_job
from bioimageit_flow.executors.local import usable_cpus
from bioimageit_flow.executors.log_lines import last_lines
from bioimageit_flow.executors.staging import StagedInput
from bioimageit_flow.executors.warm import warm_run
from bioimageit_flow.formats import compare, measure, probe
from bioimageit_flow.model.data import AnnotationValue, DataInfo
from bioimageit_flow.model.ids import RunId, new_job_id, new_run_id
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.parameter import ParameterValue
from bioimageit_flow.model.run import JobState, RuntimeUsed
from bioimageit_flow.model.tool import InputPort, InstalledTool, TestInput, ToolTest
from bioimageit_flow.runtimes.gpus import without_missing_gpu
from bioimageit_flow.runtimes.protocol import Report, Runtime
from bioimageit_flow.runtimes.registry import choose
from bioimageit_flow.testing.tool_functions import check_tool, recipe_tool

SEED = 1234

_DEFAULT_FORMATS = {
    Kind.IMAGE: "ome-tiff",
    Kind.LABELS: "ome-tiff",
    Kind.TABLE: "csv",
    Kind.POINTS: "csv",
    Kind.TRACKS: "csv",
    Kind.SCALAR: "json",
}


@dataclass(frozen=True, slots=True)
class ToolTestResult:
    """How one test of a tool ended.

    Attributes
    ----------
    text : str
        What went wrong, in sentences; empty when nothing did.
    elapsed_s : float
        Seconds of the first of the two runs of the tool.
    """

    name: str
    is_good: bool
    text: str = ""
    elapsed_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ToolTestReport:
    """How the tests of a tool ended, and what it ran in."""

    tool: str
    runtime: str
    results: tuple[ToolTestResult, ...]

    @property
    def is_good(self) -> bool:
        """Whether there are tests and all of them passed."""
        return bool(self.results) and all(result.is_good for result in self.results)


def run_tool_tests(
    tool: InstalledTool,
    runtimes: Sequence[Runtime],
    wanted: str,
    is_trusted: bool,
    report: Report,
) -> ToolTestReport:
    """Run every test of a tool.

    Parameters
    ----------
    wanted : str
        ``auto``, or the name of a runtime.
    is_trusted : bool
        Whether it may run without isolation, and with the network if it asks.

    Raises
    ------
    RuntimeUnavailableError
        If nothing here can run it.
    ToolError
        If it asks for a right that nobody has given it.
    """
    choice = choose(tool, wanted, runtimes, is_trusted)
    if tool.tool.resources.network and not is_trusted:
        raise ToolError(
            f"The tool {tool.ref} asks for the network, which you have not allowed.",
            remedy="See what it asks for, and allow it if you trust it: "
            f"`bioimageit-flow trust {tool.tool.id}`.",
        )
    tool = without_missing_gpu(tool, choice.availability)
    used = choice.runtime.prepare(tool, report, Event())
    warm = new_run_id()

    def run(numbered: tuple[int, ToolTest]) -> ToolTestResult:
        n, test = numbered
        name = test.name or f"test {n}"
        bench = _Bench(tool, choice.runtime, used, Path(place, str(n)), test, warm)
        try:
            return bench.run(name)
        except (ToolError, DataError) as error:
            return ToolTestResult(name, False, str(error))

    results: list[ToolTestResult] = []
    with (
        TemporaryDirectory(prefix="bioimageit-flow-test-") as place,
        warm_run(warm, [(choice.runtime, tool, used)]),
        ThreadPoolExecutor(usable_cpus(), thread_name_prefix="tool-test") as pool,
    ):
        results += pool.map(run, enumerate(tool.tool.tests, start=1))
    where = f"{choice.runtime.name} ({used.detail or used.identity})"
    return ToolTestReport(tool.ref, where, tuple(results))


class _Bench:
    """One test with its place to work."""

    def __init__(
        self,
        tool: InstalledTool,
        runtime: Runtime,
        used: RuntimeUsed,
        place: Path,
        test: ToolTest,
        warm: RunId,
    ) -> None:
        self._tool = tool
        self._runtime = runtime
        self._used = used
        self._place = place
        self._test = test
        self._warm = warm

    def run(self, name: str) -> ToolTestResult:
        tool, test = self._tool.tool, self._test
        try:
            parameters = tool.resolve(test.parameters)
        except ValueError as error:
            return ToolTestResult(name, False, f"{error}.")
        inputs = self._inputs(parameters)
        first = self._job(self._tool, "first", inputs, parameters)
        if test.fails is not None:
            return self._expect_failure(name, first, test.fails)
        if first.state is not JobState.DONE:
            return ToolTestResult(name, False, f"The tool failed: {first.message}.")
        wrong = self._differences(inputs, parameters, first)
        wrong += self._unmet(first)
        if test.check is not None:
            wrong += self._failed_check(test.check, inputs, first)
        text = " ".join(wrong)
        return ToolTestResult(name, not wrong, text, first.outcome.elapsed_s)

    def _expect_failure(
        self, name: str, result: JobResult, message: str
    ) -> ToolTestResult:
        if result.state is JobState.DONE:
            text = f"The tool should have failed with {message!r}, but did not."
            return ToolTestResult(name, False, text)
        said = self._log("first").read_text(encoding="utf-8", errors="replace")
        if message not in said:
            text = f"The tool failed, but said {last_lines(self._log('first'))!r}."
            return ToolTestResult(name, False, text)
        return ToolTestResult(name, True, elapsed_s=result.outcome.elapsed_s)

    def _differences(
        self,
        inputs: Mapping[str, tuple[StagedInput, ...]],
        parameters: Mapping[str, ParameterValue],
        first: JobResult,
    ) -> list[str]:
        """Run the tool again and say which outputs have other bytes."""
        again = self._job(self._tool, "again", inputs, parameters, run=self._warm)
        if again.state is not JobState.DONE:
            return [f"The tool failed when it was run again: {again.message}."]
        if not self._tool.tool.deterministic:
            return []
        before = [(one.port, one.part, one.content.sha256) for one in first.outputs]
        after = [(one.port, one.part, one.content.sha256) for one in again.outputs]
        ports = sorted({one[0] for one in set(before) ^ set(after)})
        return [f"Output {port!r} has other bytes in a second run." for port in ports]

    def _unmet(self, result: JobResult) -> list[str]:
        wrong = []
        for port, expected in self._test.expect.items():
            files = [one for one in result.outputs if one.port == port]
            if not files:
                wrong.append(f"There is no output {port!r}.")
                continue
            found: dict[str, object] = {"files": len(files)}
            wanted = [name for name in expected if name != "files"]
            found |= measure(files[0].path, files[0].info, wanted)
            for name, expectation in expected.items():
                if name not in found:
                    wrong.append(f"{port}.{name} cannot be measured.")
                elif reason := compare(expectation, found[name]):
                    wrong.append(f"{port}.{name}: {reason}")
        return wrong

    def _failed_check(
        self,
        function: str,
        inputs: Mapping[str, tuple[StagedInput, ...]],
        result: JobResult,
    ) -> list[str]:
        given = dict(inputs)
        for output in result.outputs:
            staged = StagedInput(output.path, output.path.name, output.info)
            given[output.port] = (*given.get(output.port, ()), staged)
        ports = self._tool.tool.inputs
        groups = {name for name, port in ports.items() if port.takes == "group"}
        groups |= {name for name, port in self._tool.tool.outputs.items() if port.many}
        checker = check_tool(self._tool, function, given, groups)
        ended = self._job(checker, "check", given, {})
        if ended.outcome.exit_code == 0:
            return []
        return [f"{function}: {last_lines(self._log('check')) or ended.message}"]

    def _inputs(
        self, parameters: dict[str, ParameterValue]
    ) -> dict[str, tuple[StagedInput, ...]]:
        keys = self._tool.tool.keys_read(parameters)
        inputs: dict[str, tuple[StagedInput, ...]] = {}
        for name, given in self._test.inputs.items():
            port = self._tool.tool.inputs.get(name)
            if port is None:
                raise ToolError(f"The test names the unknown input {name!r}.")
            entries = given if isinstance(given, list) else [given]
            inputs[name] = tuple(
                self._input(f"{name}-{n}", port, entry, keys)
                for n, entry in enumerate(entries)
            )
        return inputs

    def _input(
        self,
        name: str,
        port: InputPort,
        given: TestInput,
        keys: tuple[str, ...] | None,
    ) -> StagedInput:
        form = port.formats[0] if port.formats else _DEFAULT_FORMATS.get(port.kind)
        form = form or "file"
        read: dict[str, AnnotationValue] = {
            key: value
            for key, value in given.annotations.items()
            if keys is None or key in keys
        }
        if given.file is not None:
            path = self._tool.folder / given.file
            if not path.is_file():
                raise ToolError(f"The test needs {path}, which is not there.")
        else:
            path = self._made(name, port, form, given.recipe or "")
        try:
            info = probe(path, kind=port.kind)
        except DataError:  # a test of bad input
            info = DataInfo(port.kind, form)
        return StagedInput(path, name, info, annotations=read)

    def _made(self, name: str, port: InputPort, form: str, recipe: str) -> Path:
        maker = recipe_tool(self._tool, recipe, port.kind, form)
        ended = self._job(maker, name, {}, {})
        if ended.outcome.exit_code != 0:
            said = last_lines(self._log(name)) or ended.message
            raise ToolError(f"The recipe {recipe} failed: {said}.")
        made = list((self._place / name / "out" / "made").iterdir())
        if len(made) != 1:
            raise ToolError(f"The recipe {recipe} did not write the file it was given.")
        return made[0]

    def _job(
        self,
        tool: InstalledTool,
        name: str,
        inputs: Mapping[str, tuple[StagedInput, ...]],
        parameters: Mapping[str, ParameterValue],
        run: str = "test",
    ) -> JobResult:
        spec = JobSpec(
            id=new_job_id(),
            run=run,
            node=name,
            tool=tool,
            used=self._used,
            inputs=inputs,
            parameters=parameters,
            seed=SEED,
            log=self._log(name),
            folder=self._place / name,
        )
        return run_job(spec, self._runtime, Event())

    def _log(self, name: str) -> Path:
        return self._place / f"{name}.log"
