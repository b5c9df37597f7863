"""Of two runs at once one is killed: what it left goes, and only that."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import pytest

from bioimageit_flow.runtimes.container import ContainerRuntime
from bioimageit_flow.runtimes.engine import Engine
from bioimageit_flow.runtimes.engine_client import NotFound
from bioimageit_flow.runtimes.images import LABEL
from bioimageit_flow.runtimes.strays import find_strays
from bioimageit_flow.testing.runtime import Bench, contract_tool
from tests.integration.runtimes import BASE

pytestmark = [
    pytest.mark.container,
    pytest.mark.usefixtures("base_image"),
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9"),
]

# One job in a warm worker, one in a container of its own; both hang.
_PROGRAM = """
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from bioimageit_flow.model.packaging import ContainerSpec
from bioimageit_flow.runtimes.container import ContainerRuntime
from bioimageit_flow.testing.runtime import Bench, contract_tool
place, run, image, tag = sys.argv[1:]
spec = ContainerSpec(image=image, tag=tag, published=False)
runtime = ContainerRuntime()
tool = contract_tool(Path(place), container=spec, worker="fork")
alone = replace(tool, tool=tool.tool.model_copy(update={"isolation": "job"}))
used = runtime.prepare(tool, lambda _line: None, Event())
runtime.begin_run(run, [(tool, used)])
with ThreadPoolExecutor(2) as pool:
    for number, one in enumerate((tool, alone)):
        inner = Path(place, str(number))
        inner.mkdir()
        bench = Bench(runtime, one, used, inner)
        first = [True]
        def told(_line, first=first):
            if first:
                first.clear()
                print("hangs", flush=True)
        pool.submit(bench.run, "hang", labels={"run": run}, on_line=told, time_s=600)
"""


@contextmanager
def running(place: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Start a program with a run of two jobs that hang."""
    place.mkdir()
    run = f"test-{uuid4()}"
    words = [str(place), run, BASE.image, BASE.tag]
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, *words], stdout=subprocess.PIPE
    ) as program:
        try:
            assert program.stdout is not None
            assert [program.stdout.readline() for _ in range(2)] == [b"hangs\n"] * 2
            yield program, run
        finally:
            program.kill()


def containers(engine: Engine, run: str) -> dict[str, dict[str, str]]:
    """Return the containers of a run with their labels."""
    label = f"{LABEL}.run={run}"
    found: list[dict[str, Any]] = engine.api().containers(
        all=True, filters={"label": label}
    )
    return {str(one["Id"]): one["Labels"] for one in found}


def await_workers(engine: Engine, run: str) -> None:
    """Wait for the workers of a killed run, which end by themselves."""
    for container, labels in containers(engine, run).items():
        assert f"{LABEL}.worker" in labels, "a job was left behind"
        with suppress(NotFound):
            engine.api().wait(container, timeout=30, condition="removed")


def test_killed_run_is_swept_and_the_other_is_not_disturbed(
    engine: Engine, tmp_path: Path
) -> None:
    with (
        running(tmp_path / "one") as (killed, first),
        running(tmp_path / "two") as (alive, second),
    ):
        of_second = containers(engine, second)
        assert len(containers(engine, first)) == len(of_second) == 2
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        strays = set(find_strays(engine))
        assert not strays & set(of_second)

        # A third run begins, as on the next day: the sweep comes with it.
        runtime = ContainerRuntime()
        tool = contract_tool(tmp_path / "three", container=BASE)
        runtime.prepare(tool, lambda _line: None, Event())
        runtime.close()

        await_workers(engine, first)
        assert containers(engine, first) == {}
        assert containers(engine, second) == of_second
        states = {
            engine.api().inspect_container(one)["State"]["Status"] for one in of_second
        }
        assert states == {"running"}
        assert alive.poll() is None
    for container in set(of_second) & set(find_strays(engine)):
        engine.api().remove_container(container, force=True)


def test_end_of_a_run_sweeps_what_another_left(engine: Engine, tmp_path: Path) -> None:
    runtime = ContainerRuntime()
    tool = contract_tool(tmp_path / "tool", container=BASE, worker="fork")
    used = runtime.prepare(tool, lambda _line: None, Event())
    run = f"test-{uuid4()}"
    runtime.begin_run(run, [(tool, used)])
    with running(tmp_path / "one") as (killed, first):
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
    bench = Bench(runtime, tool, used, tmp_path)
    assert bench.run("copy", "{data}", "{result}").outcome.exit_code == 0
    runtime.end_run(run)
    await_workers(engine, first)
    assert containers(engine, first) == {}
    runtime.close()
