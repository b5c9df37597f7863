"""What runtimes promise that keep workers warm: the same as without, only sooner."""
# ruff: noqa: D102 - the names of tests say what is promised

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

from bioimageit_flow.model.run import FailureCause
from bioimageit_flow.testing.process_contract import ProcessContract
from bioimageit_flow.testing.runtime_bench import CONTENT, RUN, Bench

_KILL_WORKER = (
    "import os, pathlib, signal, sys, time\n"
    "parent = os.getppid()\n"
    "if b'/flow' + b'/start' in pathlib.Path(f'/proc/{parent}/cmdline').read_bytes():\n"
    "    os.kill(parent, signal.SIGKILL)\n"
    "    time.sleep(60)\n"
    "sys.exit(5)\n"
)
_LITTER = (
    "import os, pathlib, subprocess, sys\n"
    "home = pathlib.Path(os.environ['HOME'])\n"
    "(home / 'closed').mkdir()\n"
    "(home / 'closed' / 'file').write_text('x')\n"
    "(home / 'closed').chmod(0)\n"
    "(home / '.hidden').write_text('x')\n"
    "for command in (['sleep', '60'], ['sh', '-c', 'trap \"\" TERM HUP; sleep 60']):\n"
    "    subprocess.Popen(command, start_new_session=True)\n"
    "if os.fork() == 0:\n"
    "    os.setsid()\n"
    "    if os.fork() == 0:\n"
    "        while True:\n"
    "            pass\n"
    "    os._exit(0)\n"
)


class WorkerContract(ProcessContract):
    """What runtimes do whose jobs are run by warm workers."""

    is_warm = True

    worker_mode: str = "fork"
    """How the worker of the contract's tool runs its jobs."""

    def test_worker_is_told_of(self, bench: Bench) -> None:
        for _ in range(3):
            ran = bench.run("copy", "{data}", "{result}")
            assert ran.outcome.worker == self.worker_mode
            assert ran.outcome.note == ""
            assert ran.result == CONTENT

    def test_job_finds_nothing_of_the_one_before(self, bench: Bench) -> None:
        before = bench.look()
        assert bench.run_code(_LITTER).outcome.exit_code == 0
        after = bench.look()
        assert after["home"] == []
        assert len(after.get("processes", ())) <= len(before.get("processes", ())) + 1
        assert after["environment"].keys() == before["environment"].keys()
        left = [path.name for path in (bench.folder / "job-2").iterdir()]
        assert sorted(left) == ["in", "job.json", "log", "out"]

    def test_job_sees_its_own_inputs_only(self, bench: Bench) -> None:
        first = bench.process("copy", "{data}", "{result}")
        (first.folder / "in/data/other.txt").write_bytes(b"of the first")
        assert bench.runtime.execute(first).exit_code == 0
        process = bench.process("copy", "{data}", "{result}")
        layout = bench.runtime.layout(bench.tool, process.folder)
        code = f"import os; print(*os.listdir('{layout.job}/in/data'))"
        ran = bench.run_code(code)
        assert ran.lines == ["0.txt"]

    def test_jobs_at_once_do_not_disturb_each_other(self, bench: Bench) -> None:
        hangs, stop = Event(), Event()
        long = bench.process("hang", cancel=stop, on_line=lambda _line: hangs.set())
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(bench.runtime.execute, long)
            assert hangs.wait(60)
            short = bench.run("copy", "{data}", "{result}")
            assert not running.done()
            stop.set()
            assert running.result().cancelled
        assert short.outcome.exit_code == 0
        assert short.outcome.worker == self.worker_mode

    def test_worker_that_dies_is_replaced_and_its_job_run_once_more(
        self, bench: Bench
    ) -> None:
        ran = bench.run_code(_KILL_WORKER)
        assert ran.outcome.exit_code == 5, ran.log
        assert ran.outcome.worker == ""
        assert "died" in ran.outcome.note
        after = bench.run("copy", "{data}", "{result}")
        assert after.result == CONTENT
        assert after.outcome.worker == self.worker_mode

    def test_failure_of_the_tool_is_not_tried_again(self, bench: Bench) -> None:
        ran = bench.run_code("print('once'); raise SystemExit(7)")
        assert ran.outcome.exit_code == 7
        assert ran.lines == ["once"]
        assert ran.outcome.note == ""

    def test_worker_is_replaced_after_limits(self, bench: Bench) -> None:
        late = bench.run("deaf", time_s=0.3)
        assert late.outcome.cause is FailureCause.TIME_LIMIT
        large = bench.run("eat", str(2**29), "hold", memory_bytes=2**27)
        assert large.outcome.cause is FailureCause.OUT_OF_MEMORY
        for limit in (2**28, 2**27):
            ran = bench.run("copy", "{data}", "{result}", memory_bytes=limit)
            assert ran.outcome.worker == self.worker_mode
            assert ran.result == CONTENT

    def test_use_of_each_job_is_its_own(self, bench: Bench) -> None:
        large = bench.run("eat", str(2**27)).outcome
        small = bench.run("copy", "{data}", "{result}").outcome
        assert large.peak_memory is not None
        assert small.peak_memory is not None
        assert large.peak_memory > 2**27 > small.peak_memory

    def test_nothing_is_warm_once_the_run_is_over(self, bench: Bench) -> None:
        bench.run("copy", "{data}", "{result}")
        bench.runtime.end_run(RUN)
        ran = bench.run("copy", "{data}", "{result}")
        assert ran.outcome.worker == ""
        assert ran.result == CONTENT
        assert not list(bench.folder.glob(".worker-*"))

    def test_runs_do_not_share_workers(self, bench: Bench) -> None:
        process = bench.process("arguments", "{result}", "of another run")
        alone = replace(process, labels={"run": "another"})
        assert bench.runtime.execute(alone).worker == ""
        result = process.folder / "out/result/0.txt"
        assert json.loads(result.read_text("utf-8")) == ["of another run"]
