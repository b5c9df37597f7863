"""What is particular to warm workers in containers; the contract is tested beside."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import pytest

from bioimageit_flow.model.run import FailureCause
from bioimageit_flow.runtimes.container import ContainerRuntime
from bioimageit_flow.runtimes.engine import Engine
from bioimageit_flow.runtimes.images import LABEL
from bioimageit_flow.runtimes.protocol import JobProcess
from bioimageit_flow.testing.runtime import Bench, contract_tool
from tests.integration.runtimes import BASE

pytestmark = [pytest.mark.container, pytest.mark.usefixtures("base_image")]

COPY = ("copy", "{data}", "{result}")


@pytest.fixture
def run() -> str:
    """A name that no other containers carry."""
    return f"test-{uuid4()}"


MakeBench = Callable[..., Bench]


@pytest.fixture
def make_bench(tmp_path: Path, run: str) -> Iterator[MakeBench]:
    runtime = ContainerRuntime()

    def make(worker: str = "fork", **changes: object) -> Bench:
        tool = contract_tool(tmp_path / "toolbox", container=BASE, worker=worker)
        tool = replace(tool, tool=tool.tool.model_copy(update=changes))
        used = runtime.prepare(tool, lambda _line: None, Event())
        runtime.begin_run(run, [(tool, used)])
        return Bench(runtime, tool, used, tmp_path)

    yield make
    runtime.close()


def containers(engine: Engine, run: str) -> list[dict[str, Any]]:
    label = f"{LABEL}.run={run}"
    found: list[dict[str, Any]] = engine.api().containers(
        all=True, filters={"label": label}
    )
    return found


def test_one_container_serves_jobs_and_is_labelled(
    make_bench: MakeBench, engine: Engine, run: str
) -> None:
    bench = make_bench()
    for _ in range(3):
        assert bench.run(*COPY, labels={"run": run}).outcome.worker == "fork"
        assert len(containers(engine, run)) == 1
    labels = containers(engine, run)[0]["Labels"]
    assert labels[f"{LABEL}.worker"] == "fork"
    assert labels[f"{LABEL}.tool"] == bench.tool.ref
    bench.runtime.end_run(run)
    assert containers(engine, run) == []


def test_reused_process_keeps_what_it_has_loaded(
    make_bench: MakeBench, run: str
) -> None:
    bench = make_bench("reuse")
    first, second = (bench.run("process", labels={"run": run}) for _ in range(2))
    assert first.outcome.worker == second.outcome.worker == "reuse"
    assert first.lines == second.lines
    assert bench.run("fail", "3", "no", labels={"run": run}).outcome.exit_code == 3
    assert bench.run("process", labels={"run": run}).lines == first.lines


def test_reused_process_that_ends_is_replaced(make_bench: MakeBench, run: str) -> None:
    bench = make_bench("reuse")
    ran = bench.run("abort", labels={"run": run})
    assert ran.outcome.exit_code == 134
    assert bench.run(*COPY, labels={"run": run}).outcome.worker == "reuse"


def test_forked_processes_do_not_see_each_other(
    make_bench: MakeBench, run: str
) -> None:
    bench = make_bench("fork")
    first, second = (bench.run("process", labels={"run": run}) for _ in range(2))
    assert first.outcome.worker == second.outcome.worker == "fork"
    assert first.lines != second.lines


@pytest.mark.parametrize(
    ("command", "mode"), [(("python",), "spawn"), (("sh",), "command")]
)
def test_other_programs_run_in_the_warm_container(
    make_bench: MakeBench, run: str, command: tuple[str, ...], mode: str
) -> None:
    bench = make_bench("", command=command)
    given = ["", " a  b ", "$HOME `x` 'y' \"z\"", "a\nb", "\\", "ü-日本", "-n"]
    for _ in range(2):
        ran = bench.run("arguments", "{result}", *given, labels={"run": run})
        assert ran.outcome.worker == mode
        assert '"a\\nb"' in ran.result.decode()
    ran = bench.run("fail", "3", "no pixels", labels={"run": run})
    assert (ran.outcome.exit_code, ran.lines) == (3, ["no pixels"])
    first = bench.look(labels={"run": run})
    left = bench.run("leave-child", "{result}", labels={"run": run})
    assert left.outcome.exit_code == 0
    second = bench.look(labels={"run": run})
    assert first["home"] == second["home"] == []
    assert first["stdin"] == ""
    assert len(second["processes"]) == len(first["processes"])
    large = bench.run("eat", str(2**29), labels={"run": run}, memory_bytes=2**27)
    assert large.outcome.cause is FailureCause.OUT_OF_MEMORY


def test_removed_container_costs_one_more_try_and_disturbs_nobody(
    make_bench: MakeBench, engine: Engine, run: str
) -> None:
    bench = make_bench()
    lines: list[str] = []

    def remove(line: str) -> None:
        if not lines:
            for container in containers(engine, run):
                engine.api().remove_container(container["Id"], force=True)
        lines.append(line)

    code = "import time; print('here', flush=True); time.sleep(0.2)"
    ran = bench.run_code(code, labels={"run": run}, on_line=remove)
    assert ran.outcome.exit_code == 0
    assert "died" in ran.outcome.note
    assert lines == ["here", "here"]
    assert bench.run(*COPY, labels={"run": run}).outcome.worker == "fork"


def test_what_a_lost_job_had_written_is_not_found_by_the_next_try(
    make_bench: MakeBench, run: str
) -> None:
    code = (
        "import os, pathlib, sys, time\n"
        "out = pathlib.Path('/job/out/result')\n"
        "found = os.listdir(out)\n"
        "(out / '0.txt').write_text(f'found {found}')\n"
        "if os.path.exists('/flow'):\n"
        "    os.kill(os.getppid(), 9)\n"
        "    time.sleep(60)\n"
    )
    ran = make_bench().run_code(code, labels={"run": run})
    assert ran.result == b"found []"


def test_inputs_cannot_be_changed(
    make_bench: MakeBench, run: str, tmp_path: Path
) -> None:
    bench = make_bench()
    kept = tmp_path / "kept.tif"
    kept.write_bytes(b"kept")
    kept.chmod(0o666)
    code = (
        "import os, pathlib\n"
        "path = pathlib.Path('/job/in/data/0.txt')\n"
        "for what in (lambda: path.write_bytes(b'x'), path.unlink,\n"
        "             lambda: path.chmod(0o777), lambda: os.utime(path)):\n"
        "    try:\n"
        "        what()\n"
        "    except OSError as error:\n"
        "        print('refused')\n"
        "print(path.read_text())\n"
    )
    process = bench.process(command=("python", "-c", code), labels={"run": run})
    staged = process.folder / "in/data/0.txt"
    staged.unlink()
    staged.symlink_to(kept)
    before = kept.stat()
    assert bench.runtime.execute(process).worker == "fork"
    said = process.log.read_text("utf-8").splitlines()
    assert said == [*(["refused"] * 4), "kept"]
    after = kept.stat()
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs another file system")
def test_large_input_of_another_disk_is_read_where_it_lies(
    make_bench: MakeBench, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench()
    if Path("/dev/shm").stat().st_dev == bench.folder.stat().st_dev:
        pytest.skip("needs another file system")
    elsewhere = Path("/dev/shm", f"{run}.bin")
    elsewhere.write_bytes(b"x" * 2**16)

    def job() -> JobProcess:
        process = bench.process(*COPY, labels={"run": run})
        staged = process.folder / "in/data/0.txt"
        staged.unlink()
        staged.symlink_to(elsewhere)
        return process

    try:
        assert bench.runtime.execute(job()).worker == "fork"  # copied
        monkeypatch.setattr("bioimageit_flow.runtimes.slot_folder.LARGE_BYTES", 2**12)
        outcome = bench.runtime.execute(job())
    finally:
        elsewhere.unlink()
    assert (outcome.exit_code, outcome.worker) == (0, "")
    assert "another disk" in outcome.note


def test_tool_whose_libraries_are_missing_runs_without_a_worker(
    make_bench: MakeBench, run: str
) -> None:
    bench = make_bench()
    spec = bench.tool.tool.worker
    assert spec is not None
    broken = spec.model_copy(update={"preload": ("no_such_library",)})
    bench.tool = replace(
        bench.tool, tool=bench.tool.tool.model_copy(update={"worker": broken})
    )
    ran = bench.run(*COPY, labels={"run": run})
    assert ran.outcome.exit_code == 0
    assert "no_such_library" in ran.outcome.note


_KILLED_PROGRAM = """
import sys
from pathlib import Path
from threading import Event
from bioimageit_flow.model.packaging import ContainerSpec
from bioimageit_flow.runtimes.container import ContainerRuntime
from bioimageit_flow.testing.runtime import Bench, contract_tool
place, run, image, tag = sys.argv[1:]
spec = ContainerSpec(image=image, tag=tag, published=False)
runtime = ContainerRuntime()
tool = contract_tool(Path(place), container=spec, worker="fork")
used = runtime.prepare(tool, print, Event())
runtime.begin_run(run, [(tool, used)])
bench = Bench(runtime, tool, used, Path(place))
bench.run("hang", labels={"run": run}, on_line=lambda _: print("hangs", flush=True))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_nothing_survives_a_program_that_is_killed(
    base_image: object, engine: Engine, run: str, tmp_path: Path
) -> None:
    words = [str(tmp_path / "place"), run, BASE.image, BASE.tag]
    with subprocess.Popen(
        [sys.executable, "-c", _KILLED_PROGRAM, *words], stdout=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"hangs\n"
        (container,) = containers(engine, run)
        os.kill(program.pid, signal.SIGKILL)
    # The worker ends by itself, as nobody is at the other end; the engine cleans up.
    if engine.api().containers(all=True, filters={"id": container["Id"]}):
        engine.api().wait(container["Id"], timeout=30, condition="removed")
    assert containers(engine, run) == []


def test_links_that_a_lost_job_left_lead_to_nothing_of_the_caller(
    make_bench: MakeBench, run: str, tmp_path: Path
) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "key").write_text("of the caller")
    code = (
        "import os, pathlib, sys, time\n"
        "out = pathlib.Path('/job/out/result')\n"
        "if os.path.exists('/flow'):\n"
        "    out.rmdir()\n"
        f"    out.symlink_to({str(private)!r})\n"
        f"    pathlib.Path('/job/out/more').symlink_to({str(private)!r})\n"
        "    os.kill(os.getppid(), 9)\n"
        "    time.sleep(60)\n"
        "(out / '0.txt').write_text(str(os.listdir('/job/out')))\n"
    )
    ran = make_bench().run_code(code, labels={"run": run})
    assert ran.outcome.exit_code == 0, ran.log
    assert ran.result == b"['result']"
    assert private.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in private.iterdir()] == ["key"]


def test_reused_process_that_leaks_is_replaced(make_bench: MakeBench, run: str) -> None:
    bench = make_bench("reuse")
    first = bench.run("process", labels={"run": run})
    assert bench.run("keep", str(2**27), labels={"run": run}).outcome.exit_code == 0
    # More than half of its limit is gone for good, so that the next job has another.
    after = bench.run("process", labels={"run": run})
    assert after.outcome.worker == "reuse"
    assert after.lines != first.lines
