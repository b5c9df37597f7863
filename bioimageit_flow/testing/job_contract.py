"""What every runtime promises of jobs."""
# ruff: noqa: D102 - the names of tests say what is promised

import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from bioimageit_flow.errors import Cancelled, RuntimeUnavailableError
from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.model.run import FailureCause
from bioimageit_flow.runtimes.protocol import (
    MAX_LINE,
    MAX_LOG_BYTES,
    Readiness,
    Runtime,
)
from bioimageit_flow.testing.runtime_bench import CONTENT, RUN, Bench, contract_tool


class RuntimeContract:
    """What every runtime does."""

    is_warm: bool = False
    """Whether the tool is announced, so that a warm worker may run its jobs."""

    def make_runtime(self, folder: Path) -> Runtime:
        """Make the runtime; `folder` is for whatever it keeps."""
        raise NotImplementedError

    def make_tool(self, folder: Path) -> InstalledTool:
        """Make the contract program a tool that the runtime can run."""
        raise NotImplementedError

    def make_foreign_tool(self, folder: Path) -> InstalledTool:
        """Make a tool that the runtime has nothing for."""
        return contract_tool(folder, name="foreign")

    @pytest.fixture
    def runtime(self, tmp_path: Path) -> Iterator[Runtime]:
        runtime = self.make_runtime(tmp_path / "kept")
        yield runtime
        runtime.end_run(RUN)
        runtime.close()

    @pytest.fixture
    def bench(self, runtime: Runtime, tmp_path: Path) -> Bench:
        tool = self.make_tool(tmp_path / "toolbox")
        used = runtime.prepare(tool, lambda _line: None, Event())
        if self.is_warm:
            runtime.begin_run(RUN, [(tool, used)])
        return Bench(runtime, tool, used, tmp_path)

    def test_tool_is_ready_once_prepared(self, bench: Bench) -> None:
        found = bench.runtime.availability(bench.tool)
        assert found.readiness is Readiness.READY
        assert found.used == bench.used
        assert bench.used.name == bench.runtime.name
        kind, _, digest = bench.used.identity.partition(" sha256:")
        assert kind
        assert len(digest) == 64

    def test_preparing_twice_gives_the_same(self, bench: Bench) -> None:
        again = bench.runtime.prepare(bench.tool, lambda _line: None, Event())
        assert again == bench.used

    def test_foreign_tool_is_refused_with_reason(
        self, runtime: Runtime, tmp_path: Path
    ) -> None:
        tool = self.make_foreign_tool(tmp_path / "toolbox")
        found = runtime.availability(tool)
        assert found.readiness is Readiness.UNAVAILABLE
        assert found.reason
        assert found.remedy
        with pytest.raises(RuntimeUnavailableError) as caught:
            runtime.prepare(tool, lambda _line: None, Event())
        assert caught.value.remedy

    def test_preparing_can_be_cancelled(self, runtime: Runtime, tmp_path: Path) -> None:
        cancel = Event()
        cancel.set()
        tool = self.make_tool(tmp_path / "toolbox")
        with pytest.raises(Cancelled):
            runtime.prepare(tool, lambda _line: None, cancel)

    def test_job_reads_input_and_writes_output(self, bench: Bench) -> None:
        ran = bench.run("copy", "{data}", "{result}")
        assert ran.outcome.exit_code == 0, ran.log
        assert ran.outcome.cause is None
        assert not ran.outcome.cancelled
        assert ran.outcome.elapsed_s >= 0
        assert ran.result == CONTENT

    def test_output_belongs_to_the_caller(self, bench: Bench) -> None:
        ran = bench.run("copy", "{data}", "{result}")
        result = ran.out / "result" / "0.txt"
        if hasattr(os, "getuid"):
            assert result.stat().st_uid == os.getuid()
            assert ran.out.stat().st_uid == os.getuid()
        result.write_bytes(b"changed by the caller")
        shutil.rmtree(ran.out)

    def test_linked_input_is_read_where_it_lies(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        process = bench.process("copy", "{data}", "{result}")
        if not bench.runtime.layout(bench.tool, process.folder).follows_links:
            return  # then links are not staged
        elsewhere = tmp_path / "elsewhere.tif"
        elsewhere.write_bytes(b"lies elsewhere")
        staged = process.folder / "in/data/0.txt"
        staged.unlink()
        staged.symlink_to(elsewhere)
        assert bench.runtime.execute(process).exit_code == 0
        result = process.folder / "out/result/0.txt"
        assert result.read_bytes() == b"lies elsewhere"
        assert elsewhere.read_bytes() == b"lies elsewhere"

    def test_failure_is_an_outcome_with_its_words_in_the_log(
        self, bench: Bench
    ) -> None:
        ran = bench.run("fail", "3", "the image has no pixels")
        assert ran.outcome.exit_code == 3
        assert ran.outcome.cause is None
        assert b"the image has no pixels" in ran.log
        assert ran.lines == ["the image has no pixels"]

    def test_arguments_arrive_as_they_are(self, bench: Bench) -> None:
        given = [
            "",
            " a  b ",
            "--x=$HOME",
            "'\"`;&|*?",
            "ü-日本.tif",
            "-",
            "a\nb",
            "\\",
        ]
        ran = bench.run("arguments", "{result}", *given)
        assert json.loads(ran.result) == given

    def test_lines_come_in_order_and_clean(self, bench: Bench) -> None:
        given = ["[[1/2]] first", "", "\x1b[31mred\x1b[0m\x07 end", "50 %\r100 %"]
        ran = bench.run("say", *given)
        assert ran.lines == ["[[1/2]] first", "red end", "50 %", "100 %"]

    def test_giant_log_is_bounded_and_keeps_both_ends(self, bench: Bench) -> None:
        ran = bench.run("count", "12000", "x" * 1200)
        assert ran.outcome.exit_code == 0
        assert len(ran.lines) == 12000
        assert len(ran.log) <= MAX_LOG_BYTES
        assert ran.log.startswith(b"0 xxx")
        assert b"11999 xxx" in ran.log[-4096:]
        assert b"bytes left out" in ran.log

    def test_long_line_is_cut_for_the_caller_only(self, bench: Bench) -> None:
        ran = bench.run("say", "y" * (2 * MAX_LINE))
        assert [len(line) for line in ran.lines] == [MAX_LINE]
        assert b"y" * 2 * MAX_LINE in ran.log

    def test_cancel_stops_the_job(self, bench: Bench) -> None:
        cancel = Event()
        ran = bench.run("hang", cancel=cancel, on_line=lambda _line: cancel.set())
        assert ran.outcome.cancelled
        assert ran.outcome.exit_code is None
        assert ran.outcome.cause is None

    def test_cancelled_job_is_not_started(self, bench: Bench) -> None:
        cancel = Event()
        cancel.set()
        process = bench.process("copy", "{data}", "{result}", cancel=cancel)
        assert bench.runtime.execute(process).cancelled
        assert not (process.folder / "out/result/0.txt").exists()

    def test_time_limit_stops_the_job(self, bench: Bench) -> None:
        ran = bench.run("hang", time_s=0.5)
        assert ran.outcome.cause is FailureCause.TIME_LIMIT
        assert ran.outcome.exit_code is None
        assert not ran.outcome.cancelled

    def test_jobs_run_side_by_side(self, bench: Bench) -> None:
        processes = [
            bench.process("arguments", "{result}", str(number)) for number in range(6)
        ]
        with ThreadPoolExecutor(3) as pool:
            outcomes = list(pool.map(bench.runtime.execute, processes))
        assert [outcome.exit_code for outcome in outcomes] == [0] * 6
        results = [
            json.loads((process.folder / "out/result/0.txt").read_text("utf-8"))
            for process in processes
        ]
        assert results == [[str(number)] for number in range(6)]

    def test_error_of_the_listener_stops_the_job_and_is_raised(
        self, bench: Bench
    ) -> None:
        def complain(line: str) -> None:
            raise LookupError(line)

        with pytest.raises(LookupError, match="hanging"):
            bench.run("hang", on_line=complain)

    def test_findings_of_doctor_name_remedies(self, runtime: Runtime) -> None:
        findings = runtime.diagnose()
        assert findings
        for finding in findings:
            assert finding.topic
            assert finding.text
            assert finding.is_good or finding.remedy
