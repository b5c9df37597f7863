"""A scene whose tool runs in containers and does what its input says.

`python -m tests.faults.contained FOLDER ACT` runs its workflow in a process of its own.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.model.events import JobEnded, RunEvent
from bioimageit_flow.model.yaml_text import write_yaml
from bioimageit_flow.runtimes.container import ContainerRuntime
from bioimageit_flow.runtimes.engine_address import Address
from bioimageit_flow.session import Experiment, Session
from bioimageit_flow.workflow import Workflow
from tests.integration.runtimes import BASE
from tests.integration.runtimes.engine_proxy import EngineProxy

ENGINE = Path("/var/run/docker.sock")

PROGRAM = """\
import argparse, os, pathlib, signal, sys, time


def run(*, data, result):
    number, _, trick = pathlib.Path(data).read_text().splitlines()[1].partition(",")
    if trick == "crash":
        parent = os.getppid()
        if b"/flow" in pathlib.Path(f"/proc/{parent}/cmdline").read_bytes():
            os.kill(parent, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
    if trick == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(60)
    if trick == "leak":
        kept = []
        while True:
            kept.append(b"x" * (8 << 20))
    if trick == "slow":
        time.sleep(0.3)
    pathlib.Path(result).write_text(f"double\\n{2 * int(number)}\\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("result")
    run(**vars(parser.parse_args()))
"""

_TABLE = {"kind": "table", "formats": ["csv"]}


def new_contained_scene(folder: Path, tricks: Sequence[str]) -> None:
    """Make an experiment with a table for each trick."""
    toolbox = folder / "tools" / "test"
    tool = toolbox / "wayward"
    tool.mkdir(parents=True)
    (tool / "wayward.py").write_text(PROGRAM, encoding="utf-8")
    texts = {
        toolbox / "toolbox.yaml": {
            "schema": "bioimageit-flow/toolbox/1",
            "id": "test",
            "name": "Tests",
            "summary": "For tests.",
            "container": {
                "image": BASE.image,
                "tag": BASE.tag,
                "published": False,
            },
        },
        tool / "tool.yaml": {
            "schema": "bioimageit-flow/tool/1",
            "id": "test/wayward",
            "version": "1.0.0",
            "name": "Wayward",
            "summary": "Does what its input says.",
            "command": ["python3", "/tool/wayward.py", "{data}", "{result}"],
            "worker": {"function": "wayward:run", "mode": "fork"},
            "inputs": {"data": _TABLE},
            "outputs": {"result": {"kind": "table", "format": "csv"}},
            "resources": {"memory": "64 MiB", "time": "5 s"},
            "retry": {"times": 1, "wait_s": 0},
        },
    }
    for path, values in texts.items():
        path.write_text(write_yaml(values), encoding="utf-8")
    data = folder / "data"
    data.mkdir()
    for number, trick in enumerate(tricks, 1):
        text = f"number,trick\n{number},{trick}\n"
        (data / f"{number:02d}_{trick}.csv").write_text(text, encoding="utf-8")
    with opened(folder, new=True) as experiment:
        experiment.import_files([data])


@contextmanager
def opened(
    folder: Path,
    *,
    new: bool = False,
    engine: str = "",
    return_within_s: float | None = None,
) -> Iterator[Experiment]:
    """Open the experiment of a scene; `engine` is another address of the engine."""
    places = [Address(engine)] if engine else None
    runtime = ContainerRuntime(places, return_within_s)
    session = Session([folder / "tools"], runtimes=[runtime])
    make = Experiment.create if new else Experiment.open
    with (
        closing(session),
        make(folder / "experiment", session=session) as experiment,
    ):
        yield experiment


def workflow_of(experiment: Experiment) -> Workflow:
    """Return the workflow with the one tool."""
    workflow = Workflow("Contained", catalogue=experiment.session.catalogue)
    tables = workflow.add_input("tables", "table")
    node = workflow.add("test/wayward", id="wayward")
    tables >> node["data"]
    return workflow


def run_and_lose_engine(folder: Path) -> None:
    """Run the workflow, and lose the connection to the engine in the midst of it."""
    proxy = EngineProxy(folder / "s", ENGINE)
    ended: list[JobEnded] = []

    def observe(event: RunEvent) -> None:
        if isinstance(event, JobEnded):
            ended.append(event)
            if len(ended) == 2:
                proxy.die()

    bind = {"tables": "raw"}
    address = f"unix://{proxy.path}"
    with opened(folder, engine=address, return_within_s=1.0) as experiment:
        try:
            workflow = workflow_of(experiment)
            experiment.run(workflow, bind=bind, jobs=1, observe=observe)
        except RuntimeUnavailableError as error:
            print(error)  # noqa: T201 - for whoever started this
        finally:
            proxy.close()


def main(folder: Path, act: str) -> None:
    """Run the workflow."""
    if act == "lose engine":
        run_and_lose_engine(folder)
        return
    with opened(folder) as experiment:
        experiment.run(workflow_of(experiment), bind={"tables": "raw"}, jobs=2)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
