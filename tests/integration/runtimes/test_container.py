"""What is particular to containers; the contract is tested beside this file."""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import pytest

from bioimageit_flow.errors import DataError, RuntimeUnavailableError
from bioimageit_flow.model.packaging import ContainerSpec
from bioimageit_flow.model.run import FailureCause
from bioimageit_flow.runtimes.container import ContainerRuntime
from bioimageit_flow.runtimes.container_doctor import probe
from bioimageit_flow.runtimes.engine import Engine
from bioimageit_flow.runtimes.images import LABEL
from bioimageit_flow.runtimes.strays import OWNER, find_strays, sweep
from bioimageit_flow.testing.runtime import Bench, contract_tool
from tests.integration.runtimes import BASE

pytestmark = [pytest.mark.container, pytest.mark.usefixtures("base_image")]


@pytest.fixture
def run() -> str:
    """A name that no other containers carry."""
    return f"test-{uuid4()}"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    runtime = ContainerRuntime()
    tool = contract_tool(tmp_path / "toolbox", container=BASE)
    used = runtime.prepare(tool, lambda _line: None, Event())
    yield Bench(runtime, tool, used, tmp_path)
    runtime.close()


def _containers(engine: Engine, run: str) -> list[dict[str, Any]]:
    label = f"{LABEL}.run={run}"
    found: list[dict[str, Any]] = engine.api().containers(
        all=True, filters={"label": label}
    )
    return found


def test_container_is_named_and_labelled(
    bench: Bench, engine: Engine, run: str
) -> None:
    cancel = Event()
    seen: list[dict[str, Any]] = []

    def on_line(_line: str) -> None:
        seen.extend(_containers(engine, run))
        cancel.set()

    options = {"cancel": cancel, "labels": {"run": run, f"{LABEL}.node": "spots"}}
    ran = bench.run("hang", name=f"job /{run}", on_line=on_line, **options)
    assert ran.outcome.cancelled
    assert seen[0]["Names"] == [f"/bioimageit-flow-job-{run}"]
    labels = seen[0]["Labels"]
    assert labels[f"{LABEL}.node"] == "spots"
    assert labels[f"{LABEL}.tool"] == bench.tool.ref
    assert OWNER in labels


def test_no_container_is_left_however_a_job_ends(
    bench: Bench, engine: Engine, run: str
) -> None:
    labels = {"run": run}
    cancel = Event()
    bench.run("copy", "{data}", "{result}", labels=labels)
    bench.run("fail", "1", "no", labels=labels)
    bench.run("deaf", labels=labels, time_s=0.3)
    bench.run(command=("no-such-program",), labels=labels)
    bench.run("deaf", labels=labels, cancel=cancel, on_line=lambda _: cancel.set())
    bench.run("eat", str(2**28), labels=labels, memory_bytes=2**26)
    with pytest.raises(ZeroDivisionError):
        bench.run("hang", labels=labels, on_line=lambda _: 1 / 0)
    assert _containers(engine, run) == []


def test_container_that_somebody_removes_is_a_failed_job(
    bench: Bench, engine: Engine, run: str
) -> None:
    def remove(_line: str) -> None:
        for container in _containers(engine, run):
            engine.api().remove_container(container["Id"], force=True)

    ran = bench.run("deaf", labels={"run": run}, on_line=remove)
    assert ran.outcome.cause is FailureCause.RUNTIME
    assert not ran.outcome.cancelled


def test_container_that_somebody_kills_is_a_failed_job(
    bench: Bench, engine: Engine, run: str
) -> None:
    def kill(_line: str) -> None:
        for container in _containers(engine, run):
            engine.api().kill(container["Id"])

    ran = bench.run("deaf", labels={"run": run}, on_line=kill)
    assert ran.outcome.exit_code == 137
    assert ran.outcome.cause is None


def test_network_is_there_only_when_asked_for(bench: Bench) -> None:
    code = "import os; print(*sorted(os.listdir('/sys/class/net')))"
    assert "eth0" not in bench.run_code(code).lines[0].split()
    assert "eth0" in bench.run_code(code, network=True).lines[0].split()


def test_temporary_folder_runs_programs_and_is_bounded(bench: Bench) -> None:
    code = (
        "import os, pathlib, subprocess\n"
        "program = pathlib.Path('/tmp/program')\n"
        "program.write_text('#!/bin/sh\\necho it runs\\n')\n"
        "program.chmod(0o755)\n"
        "print(subprocess.check_output([program], text=True), flush=True)\n"
        "with open('/tmp/large', 'wb', 0) as file:\n"
        "    for _ in range(100):\n"
        "        file.write(b'x' * 2**20)\n"
    )
    ran = bench.run_code(code, memory_bytes=2**27)
    assert ran.lines[0] == "it runs"
    assert "No space left on device" in ran.lines[-1]


def test_processors_are_limited(bench: Bench) -> None:
    code = (
        "import pathlib\n"
        "for name in ('cpu.max', 'cpu/cpu.cfs_quota_us'):\n"
        "    path = pathlib.Path('/sys/fs/cgroup', name)\n"
        "    if path.exists(): print(path.read_text().split()[0])\n"
    )
    assert bench.run_code(code, cpu=1).lines == ["100000"]
    # More than there are is as many as there are.
    assert bench.run_code(code, cpu=10_000).outcome.exit_code == 0


def test_private_input_of_the_caller_can_be_read(bench: Bench, tmp_path: Path) -> None:
    private = tmp_path / "private.tif"
    private.write_bytes(b"private")
    private.chmod(0o600)
    process = bench.process("copy", "{data}", "{result}")
    staged = process.folder / "in/data/0.txt"
    staged.unlink()
    staged.symlink_to(private)
    assert bench.runtime.execute(process).exit_code == 0
    assert (process.folder / "out/result/0.txt").read_bytes() == b"private"
    assert private.stat().st_mode & 0o777 == 0o600


def test_group_of_many_linked_inputs(bench: Bench, tmp_path: Path) -> None:
    code = (
        "import pathlib\n"
        "paths = sorted(pathlib.Path('/job/in/data').iterdir())\n"
        "print(len(paths), sum(int(path.read_text()) for path in paths if\n"
        "      path.suffix == '.csv'), pathlib.Path('/job/in/data.list').read_text())\n"
    )
    process = bench.process(command=("python", "-c", code))
    for number in range(300):
        source = tmp_path / f"table {number} ü.csv"
        source.write_text(str(number), "utf-8")
        (process.folder / f"in/data/{number}.csv").symlink_to(source)
    (process.folder / "in/data.list").write_text("listed", "utf-8")
    outcome = bench.runtime.execute(process)
    assert outcome.exit_code == 0
    assert process.log.read_text("utf-8") == f"301 {sum(range(300))} listed\n"


def test_missing_input_is_named(bench: Bench, tmp_path: Path) -> None:
    process = bench.process("copy", "{data}", "{result}")
    staged = process.folder / "in/data/0.txt"
    staged.unlink()
    staged.symlink_to(tmp_path / "moved.tif")
    with pytest.raises(DataError, match=r"moved\.tif is not there"):
        bench.runtime.execute(process)


def test_machine_without_gpu_says_what_to_install(
    bench: Bench, engine: Engine, run: str
) -> None:
    if engine.facts().gpu_runtime:
        pytest.skip("containers of this machine can use a GPU")
    process = bench.process("copy", "{data}", "{result}", gpu=1, labels={"run": run})
    with pytest.raises(RuntimeUnavailableError, match=r"GPU|gpu") as caught:
        bench.runtime.execute(process)
    assert "NVIDIA Container Toolkit" in caught.value.remedy
    assert _containers(engine, run) == []
    if hasattr(os, "getuid"):
        assert (process.folder / "out/result").stat().st_uid == os.getuid()


def test_absent_images_are_obtainable_or_say_what_to_do(
    bench: Bench, tmp_path: Path
) -> None:
    def found(**spec: object) -> tuple[str, str]:
        container = ContainerSpec.model_validate({"image": "no/such-image", **spec})
        tool = contract_tool(tmp_path / "other", container=container)
        said = bench.runtime.availability(tool)
        assert said.used is None
        assert "no/such-image:latest" in said.reason
        return said.readiness, said.remedy

    assert found(published=True) == ("obtainable", "")
    assert found(published=False, build=".") == (
        "unavailable",
        "Build it: `bioimageit-flow tools build contract`.",
    )
    readiness, remedy = found(published=False)
    assert readiness == "unavailable"
    assert "docker load" in remedy


def test_containers_of_killed_runs_are_swept(engine: Engine, run: str) -> None:
    labels = {f"{LABEL}.run": run, OWNER: f"{socket.gethostname()}/999999999/1.00"}
    alive = {f"{LABEL}.run": run, OWNER: "another-host/1/1.00"}
    api = engine.api()
    stray = api.create_container(BASE.reference, ["sleep", "60"], labels=labels)["Id"]
    other = api.create_container(BASE.reference, ["sleep", "60"], labels=alive)["Id"]
    try:
        api.start(stray)
        assert stray in find_strays(engine)
        assert other not in find_strays(engine)
        assert sweep(engine) >= 1
        assert [container["Id"] for container in _containers(engine, run)] == [other]
    finally:
        for container in _containers(engine, run):
            api.remove_container(container["Id"], force=True)


def test_probe_proves_isolation(engine: Engine) -> None:
    finding = probe(engine, engine.api().images())
    assert finding.is_good, finding
    assert "belongs to you" in finding.text


def test_probe_without_images_cannot_prove_anything(engine: Engine) -> None:
    finding = probe(engine, [])
    assert not finding.is_good
    assert "tools build" in finding.remedy


def test_doctor_looks_from_all_sides(bench: Bench) -> None:
    findings = {finding.topic: finding for finding in bench.runtime.diagnose()}
    assert {
        *("container engine", "limits", "images", "engine disk", "engine memory"),
        *("GPU", "isolation"),
    } <= set(findings)
    assert "storage driver" in findings["container engine"].text
    assert BASE.reference in findings["images"].text


def test_log_of_the_engine_is_not_filled(
    bench: Bench, engine: Engine, run: str
) -> None:
    cancel = Event()
    kinds: list[str] = []

    def on_line(_line: str) -> None:
        for container in _containers(engine, run):
            facts = engine.api().inspect_container(container["Id"])
            kinds.append(facts["HostConfig"]["LogConfig"]["Type"])
        cancel.set()

    bench.run("hang", labels={"run": run}, cancel=cancel, on_line=on_line)
    assert kinds[0] == "none"


def test_job_json_is_read_only_and_complete(bench: Bench) -> None:
    process = bench.process("copy", "/job/job.json", "{result}")
    (process.folder / "job.json").write_text(json.dumps({"seed": 7}), "utf-8")
    (process.folder / "job.json").chmod(0o600)
    assert bench.runtime.execute(process).exit_code == 0
    result = process.folder / "out/result/0.txt"
    assert json.loads(result.read_bytes()) == {"seed": 7}
