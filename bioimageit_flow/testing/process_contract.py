"""What runtimes promise whose jobs are processes, and those that isolate them."""
# ruff: noqa: D102 - the names of tests say what is promised

import json
from pathlib import Path
from threading import Event

import pytest

from bioimageit_flow.model.run import FailureCause
from bioimageit_flow.runtimes.job_variables import job_variables
from bioimageit_flow.runtimes.protocol import NOT_STARTED, Runtime
from bioimageit_flow.testing.job_contract import RuntimeContract
from bioimageit_flow.testing.runtime_bench import CONTENT, Bench


class ProcessContract(RuntimeContract):
    """What runtimes do whose jobs are processes."""

    host_variables: tuple[str, ...] = ("PATH",)
    """Variables that a job has beside the fixed ones."""

    def test_environment_is_fixed(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SECRET_TOKEN", "of the caller")
        monkeypatch.setenv("OMP_NUM_THREADS", "64")
        monkeypatch.setenv("PYTHONPATH", "/of/the/caller")
        found = bench.look(cpu=2)["environment"]
        fixed = job_variables(
            cpu=2,
            home=found["HOME"],
            library=found["PYTHONPATH"],
            bytecode=found.get("PYTHONPYCACHEPREFIX"),
        )
        assert {name: found.get(name) for name in fixed} == fixed
        assert found["OMP_NUM_THREADS"] == "2"
        added = set(found) - set(fixed) - {"LC_CTYPE"}  # Python sets it for itself
        assert added <= set(self.host_variables)
        assert "SECRET_TOKEN" not in found

    def test_home_is_private_empty_and_gone_afterwards(self, bench: Bench) -> None:
        first = bench.look()
        assert first["home"] == []
        assert first["folder"] == first["environment"]["HOME"]
        assert bench.look()["home"] == []
        leftovers = [path.name for path in (bench.folder / "job-1").iterdir()]
        assert sorted(leftovers) == ["in", "job.json", "log", "out"]

    def test_input_stream_is_empty(self, bench: Bench) -> None:
        assert bench.look()["stdin"] == ""

    def test_library_of_the_toolbox_can_be_imported(self, bench: Bench) -> None:
        code = "import shared_module, sys; sys.exit(40 + shared_module.VALUE)"
        assert bench.run_code(code).outcome.exit_code == 41

    def test_missing_program_is_a_failure_that_says_so(self, bench: Bench) -> None:
        ran = bench.run(command=("no-such-program", "--now"))
        assert ran.outcome.exit_code in (NOT_STARTED, 1)  # 1: Podman's init process
        assert b"no-such-program" in ran.log or b"No such file" in ran.log

    def test_end_by_signal_is_told_as_in_a_shell(self, bench: Bench) -> None:
        ran = bench.run_code("import os; os.abort()")
        assert ran.outcome.exit_code == 134
        assert ran.outcome.cause is None

    def test_deaf_and_silent_job_is_cancelled(self, bench: Bench) -> None:
        cancel = Event()
        ran = bench.run("deaf", cancel=cancel, on_line=lambda _line: cancel.set())
        assert ran.outcome.cancelled
        assert ran.outcome.exit_code is None

    def test_deaf_and_silent_job_meets_its_time_limit(self, bench: Bench) -> None:
        ran = bench.run("deaf", time_s=1.0)
        assert ran.outcome.cause is FailureCause.TIME_LIMIT

    def test_memory_limit_stops_the_job(self, bench: Bench) -> None:
        ran = bench.run("eat", str(2**29), "hold", memory_bytes=2**27)
        assert ran.outcome.cause is FailureCause.OUT_OF_MEMORY
        assert ran.outcome.exit_code != 0

    def test_use_of_memory_and_processor_is_told(self, bench: Bench) -> None:
        outcome = bench.run("eat", str(2**27)).outcome
        assert outcome.exit_code == 0
        if outcome.peak_memory is not None:
            assert 2**24 < outcome.peak_memory < 2**28
        if outcome.cpu_s is not None:
            assert 0 < outcome.cpu_s < 60

    def test_child_left_behind_is_killed(self, bench: Bench) -> None:
        ran = bench.run("leave-child", "{result}")
        assert ran.outcome.exit_code == 0, ran.log
        # A living child would write every 10 ms; another job takes longer than that.
        before = ran.result
        bench.run("copy", "{data}", "{result}")
        assert ran.result == before

    def test_odd_files_come_out_readable(self, bench: Bench) -> None:
        ran = bench.run("odd-files", "{out}")
        assert ran.outcome.exit_code == 0, ran.log
        assert (ran.out / "result/a/b").read_text("utf-8") == "x"
        assert (ran.out / "result/s").stat().st_mode & 0o7000 == 0
        assert (ran.out / "result/l").is_symlink()


class IsolationContract(ProcessContract):
    """What runtimes do that keep a job from the rest of the machine."""

    allowed: tuple[str, ...] = ()
    """Attempts that may succeed here, with a reason in the plug-in's documentation."""

    def test_runtime_says_that_it_isolates(self, runtime: Runtime) -> None:
        assert runtime.is_isolated

    def test_everything_forbidden_is_refused(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        secret = tmp_path / "secret"
        secret.write_text("of the caller", "utf-8")
        host = (str(secret), str(Path.home() / ".ssh"), str(tmp_path))
        ran = bench.run("attempt", "{result}", *host)
        assert ran.outcome.exit_code == 0, ran.log
        came: dict[str, str] = json.loads(ran.result)
        assert len(came) > 20
        succeeded = {
            name: what for name, what in came.items() if not what.startswith("refused")
        }
        assert set(succeeded) <= set(self.allowed), succeeded
        data = bench.folder / "job-1/in/data"
        assert [path.name for path in data.iterdir()] == ["0.txt"]
        assert (data / "0.txt").read_bytes() == CONTENT

    def test_job_has_no_rights(self, bench: Bench) -> None:
        found = bench.look()
        status = {key: value.strip() for key, value in found["status"].items()}
        for which in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            assert int(status[which], 16) == 0, which
        assert status["NoNewPrivs"] == "1"
        assert status["Seccomp"] == "2"

    def test_job_sees_its_own_processes_only(self, bench: Bench) -> None:
        assert len(bench.look()["processes"]) <= 3

    def test_number_of_processes_is_bounded(self, bench: Bench) -> None:
        ran = bench.run("fork-bomb", "20000", memory_bytes=2**30)
        assert ran.outcome.exit_code == 0, ran.log
        assert 100 < int(ran.lines[-1]) < 2000

    def test_memory_of_all_processes_counts(self, bench: Bench) -> None:
        code = (
            "import os, sys, time\n"
            "for _ in range(8):\n"
            "    if os.fork() == 0:\n"
            "        held = b'x' * 2**26\n"
            "        time.sleep(60)\n"
            "sys.exit(9 if os.wait()[1] else 0)\n"
        )
        ran = bench.run_code(code, memory_bytes=2**28)
        assert ran.outcome.cause is FailureCause.OUT_OF_MEMORY
