"""A job repeated by hand gets just the container that the runtime gave it."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from bioimageit_flow.runtimes.container import ContainerRuntime
from bioimageit_flow.runtimes.container_making import (
    container_options,
    create_container,
    other_binds,
)
from bioimageit_flow.runtimes.engine import Engine
from bioimageit_flow.runtimes.engine_facts import container_user, this_caller
from bioimageit_flow.runtimes.repeating import Repeating
from bioimageit_flow.runtimes.staging import input_binds
from bioimageit_flow.testing.runtime import Bench, contract_tool
from tests.integration.runtimes import BASE

pytestmark = [pytest.mark.container, pytest.mark.usefixtures("base_image")]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    runtime = ContainerRuntime()
    place = tmp_path / 'it\'s, a "folder"'
    place.mkdir()
    tool = contract_tool(place / "toolbox", container=BASE)
    used = runtime.prepare(tool, lambda _line: None, Event())
    yield Bench(runtime, tool, used, place)
    runtime.close()


def runtime_of(bench: Bench) -> ContainerRuntime:
    assert isinstance(bench.runtime, ContainerRuntime)
    assert isinstance(bench.runtime, Repeating)
    return bench.runtime


def looked_at(engine: Engine, container: str) -> dict[str, Any]:
    """Return what a container is held to, without what names it."""
    facts = engine.api().inspect_container(container)
    config, host = facts["Config"], facts["HostConfig"]
    kept = {
        name: config[name]
        for name in ("User", "WorkingDir", "Entrypoint", "Image", "Hostname")
    }
    kept["Command"] = [*config["Entrypoint"], *(config["Cmd"] or ())]
    del kept["Entrypoint"]
    kept["Env"] = sorted(config["Env"])
    for name, value in host.items():
        if name not in ("LogConfig", "AutoRemove", "ContainerIDFile", "RestartPolicy"):
            kept[name] = value or None
    for mount in kept["Mounts"]:
        mount.setdefault("ReadOnly", False)
    return kept


@pytest.mark.parametrize(
    "options", [{}, {"network": True, "memory_bytes": 2**29, "cpu": 2}]
)
def test_command_makes_the_same_container(
    bench: Bench, engine: Engine, options: dict[str, Any]
) -> None:
    docker = shutil.which(engine.facts().kind.lower())
    if docker is None:
        pytest.skip("the engine's command line is not here")
    process = bench.process("copy", "{data}", "{result}", "-x", "$HOME 'q'", **options)
    caller, groups = this_caller()
    user = container_user(engine.facts(), caller, groups)
    binds = [
        *input_binds(process.folder, is_foreign=user.hands_over),
        *other_binds(process, is_foreign=user.hands_over),
    ]
    again = runtime_of(bench).repeat_command(process)
    assert again.command[:3] == (Path(docker).name, "run", "--rm")
    image = again.command[-len(process.command)]
    ours = create_container(
        engine.api(),
        image,
        process,
        container_options(process, engine.facts(), user, binds),
        user,
    )
    words = [docker, "create", *again.command[3:]]
    theirs = subprocess.run(words, capture_output=True, text=True, check=True)
    try:
        assert looked_at(engine, theirs.stdout.strip()) == looked_at(engine, ours)
    finally:
        for container in (ours, theirs.stdout.strip()):
            engine.api().remove_container(container, force=True)


def test_script_runs_the_job_and_returns_its_files(bench: Bench) -> None:
    if shutil.which("docker") is None:
        pytest.skip("the engine's command line is not here")
    process = bench.process("copy", "{data}", "{result}")
    first = bench.runtime.execute(process)
    result = process.folder / "out/result/0.txt"
    content = result.read_bytes()
    result.write_bytes(b"left from before")
    again = runtime_of(bench).repeat_command(process)
    script = process.folder / "repeat.sh"
    text = again.script("Job\n rm -rf /", process.folder / "out", ["result"])
    script.write_text(text, "utf-8")

    done = subprocess.run(["sh", str(script)], check=False, capture_output=True)

    assert done.returncode == first.exit_code == 0, done.stderr
    assert result.read_bytes() == content
    assert result.owner() == script.owner()
    assert "# Job rm -rf /\n" in text
    failing = bench.process("fail", "7", "no")
    once = runtime_of(bench).repeat_command(failing)
    line = once.script("Job", failing.folder / "out", ["result"])
    assert subprocess.run(["sh", "-c", line], check=False).returncode == 7
