"""What tools ask for: network only if allowed, a GPU if there is one, isolation."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bioimageit_flow.catalogue.trust import Trust
from bioimageit_flow.editor.workspace import Workspace
from bioimageit_flow.errors import ToolError, WorkflowError
from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.model.plan import Plan
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.run import RunState, RuntimeUsed
from bioimageit_flow.session import Session
from bioimageit_flow.session.trusting import request_trust
from bioimageit_flow.testing.in_process import InProcessJob, InProcessRuntime
from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.edits.changing import replaced, with_node
from tests.integration.engine.lab import TOOLS, Lab, add


@pytest.fixture(autouse=True)
def _own_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIOIMAGEIT_FLOW_CONFIG", str(tmp_path / "config"))


def ask(lab: Lab, **resources: object) -> None:
    """Let the tool ``test/add`` ask for more."""
    entry = TOOLS["add"] | {"resources": {"memory": "1 MiB", **resources}}
    lab.add_tool("add", entry)
    lab.session.catalogue.refresh()


def plan(lab: Lab) -> Plan:
    return lab.experiment.plan(lab.line(), bind={"images": "raw"})


def said(lab: Lab, code: str) -> list[Problem]:
    return [problem for problem in plan(lab).problems if problem.code == code]


# Network


def test_network_is_refused_to_a_tool_that_nobody_trusts(lab: Lab) -> None:
    ask(lab, network=True)
    lab.import_images(1)
    (problem,) = said(lab, "network")
    assert problem.severity is Severity.ERROR
    assert problem.node == "add"
    assert "bioimageit-flow trust test/add" in problem.fix
    with pytest.raises(WorkflowError, match="asks for the network"):
        lab.run(lab.line())
    assert lab.calls == []


def test_network_is_given_once_the_tool_is_trusted_and_not_after_a_change(
    lab: Lab,
) -> None:
    ask(lab, network=True)
    lab.import_images(1)
    Trust.of_user().trust(lab.session.catalogue.get("test/add"))
    given: list[bool] = []

    def look(job: InProcessJob) -> None:
        given.append(job.process.network)
        add(job)

    lab.functions["test/add"] = look
    assert lab.run(lab.line()).state is RunState.DONE
    assert given == [True]
    (lab.folder / "tools/test/add/run.py").write_text("# changed by somebody\n")
    lab.session.catalogue.refresh()
    assert said(lab, "network")


def test_tests_of_a_tool_that_nobody_trusts_get_no_network(lab: Lab) -> None:
    ask(lab, network=True)
    tool = lab.session.catalogue.get("test/add")
    with pytest.raises(ToolError, match="asks for the network"):
        lab.session.test_tool(tool)
    assert lab.session.test_tool(tool, is_trusted=True).tool == tool.ref


# GPU


def looking(seen: list[tuple[int, int]]) -> Any:  # noqa: ANN401
    def look(job: InProcessJob) -> None:
        seen.append((job.process.gpu, job.description["gpu"]))
        add(job)

    return look


@pytest.mark.parametrize(
    ("gpus", "few"), [(0, "finds none"), (1, "finds only 1")], ids=["none", "too few"]
)
def test_missing_gpu_is_a_problem_with_a_remedy(lab: Lab, gpus: int, few: str) -> None:
    ask(lab, gpu=2)
    lab.runtime.gpus = gpus
    lab.import_images(1)
    (problem,) = said(lab, "gpu")
    assert problem.severity is Severity.ERROR
    assert problem.node == "add"
    assert few in problem.text
    assert "NVIDIA" in problem.fix
    with pytest.raises(WorkflowError, match="needs 2 GPUs"):
        lab.run(lab.line())


def test_tool_that_may_runs_on_the_processor_and_the_record_says_so(lab: Lab) -> None:
    seen: list[tuple[int, int]] = []
    ask(lab, gpu=1, gpu_optional=True)
    lab.runtime.gpus = 0
    lab.functions["test/add"] = looking(seen)
    lab.import_images(2)
    (problem,) = said(lab, "gpu")
    assert problem.severity is Severity.WARNING
    assert "on the processor" in problem.text

    run = lab.run(lab.line())

    assert run.state is RunState.DONE
    assert seen == [(0, 0), (0, 0)]
    details = {job.node: job.runtime.detail for job in run.jobs()}
    assert "no GPU was there" in details["add"]
    assert "GPU" not in details["measure"]


def test_gpu_that_is_there_is_passed_on(lab: Lab) -> None:
    seen: list[tuple[int, int]] = []
    ask(lab, gpu=1, gpu_optional=True)
    lab.runtime.gpus = 1
    lab.functions["test/add"] = looking(seen)
    lab.import_images(1)
    assert said(lab, "gpu") == []
    run = lab.run(lab.line())
    assert seen == [(1, 1)]
    assert not any("GPU" in job.runtime.detail for job in run.jobs())


def test_gpu_does_not_change_what_is_reused(lab: Lab) -> None:
    ask(lab, gpu=1, gpu_optional=True)
    lab.runtime.gpus = 1
    lab.import_images(1)
    lab.run(lab.line())
    lab.runtime.gpus = 0
    assert lab.run(lab.line()).state is RunState.DONE
    assert lab.calls == []


# Isolation


class Warm(InProcessRuntime):
    """Notes which tools a run announces, as those that may have warm workers."""

    def begin_run(
        self, run: str, tools: Sequence[tuple[InstalledTool, RuntimeUsed]]
    ) -> None:
        """Note them."""
        ANNOUNCED.extend(tool.tool.id for tool, _ in tools)


ANNOUNCED: list[str] = []


@pytest.mark.parametrize(
    ("where", "warm"),
    [
        ("nowhere", ["test/add", "test/measure", "test/join"]),
        ("node", ["test/measure", "test/join"]),
        ("workflow", []),
        ("command line", []),
        ("tool", ["test/measure", "test/join"]),
    ],
)
def test_isolation_is_asked_for_in_four_places(
    lab: Lab, where: str, warm: list[str]
) -> None:
    lab.session._runtimes = [Warm(lab.runtime.functions)]
    ANNOUNCED.clear()
    lab.import_images(1)
    drawn = lab.line()
    if where == "tool":
        lab.add_tool("add", TOOLS["add"] | {"isolation": "job"})
        lab.session.catalogue.refresh()
    document = drawn.document
    if where == "node":
        document = with_node(document, "add", isolation="job")
    if where == "workflow":
        document = replaced(document, isolation="job")
    workflow = Workflow.of(document, catalogue=lab.session.catalogue)
    more = {"isolation": "job"} if where == "command line" else {}
    run = lab.run(workflow, **more)
    assert run.state is RunState.DONE
    assert warm == ANNOUNCED
    again = lab.run(lab.line())
    assert again.state is RunState.DONE
    if where != "tool":
        assert lab.calls == []  # isolation is no part of a fingerprint


# Opening


class Forbidden(InProcessRuntime):
    """A runtime that nobody may use."""

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401
        """Refuse."""
        if name in ("availability", "prepare", "begin_run", "execute", "layout"):
            raise AssertionError("a runtime was asked")
        return super().__getattribute__(name)


def test_opening_a_workflow_runs_and_pulls_nothing(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    container = {"image": "registry.example/evil", "tag": "1"}
    lab.add_tool("add", TOOLS["add"] | {"container": container})
    (lab.folder / "tools/test/add/run.py").write_text("raise SystemExit('it ran')\n")
    path = tmp_path / "stranger.flow.yaml"
    lab.line().save(path)
    session = Session([lab.folder / "tools"], runtimes=[Forbidden({})])

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a process or a connection was started")

    monkeypatch.setattr(subprocess.Popen, "__init__", refuse)
    monkeypatch.setattr("socket.socket.connect", refuse)
    drawn = Workflow.load(path, catalogue=session.catalogue)
    drawn.problems()
    request = request_trust(session, str(path))
    editor = Workspace(session, folder=tmp_path / "state").open(path)

    assert editor.document.nodes == drawn.document.nodes
    asked = {one.tool.tool.id: one.rights for one in request.candidates}
    texts = " ".join(right.text for right in asked["test/add"])
    assert "registry.example/evil:1" in texts
    assert "python /tool/run.py" in texts
    assert "/job/in" in texts
    session.close()


def test_request_names_what_is_missing_and_grants_nothing(
    lab: Lab, tmp_path: Path
) -> None:
    path = tmp_path / "stranger.flow.yaml"
    lab.line().save(path)
    text = path.read_text("utf-8").replace("test/measure@1.0.0", "evil/tool@6.6.6")
    path.write_text(text, "utf-8")

    request = request_trust(lab.session, str(path))

    assert request.missing == ("evil/tool@6.6.6",)
    assert json.loads(json.dumps(request.as_json()))["missing"] == ["evil/tool@6.6.6"]
    with pytest.raises(Exception, match=r"not here: evil/tool@6\.6\.6"):
        request.refuse_missing()
    lab.import_images(1)
    stranger = Workflow.load(path, catalogue=lab.session.catalogue)
    with pytest.raises(WorkflowError, match="There is no tool 'evil/tool'"):
        lab.run(stranger)
    assert lab.calls == []


def test_folder_of_a_job_is_clean_whatever_the_one_before_left(lab: Lab) -> None:
    found: list[list[str]] = []

    def litter(job: InProcessJob) -> None:
        out = job.output("result").parent
        seen = sorted(str(one.relative_to(job.folder)) for one in out.parent.rglob("*"))
        found.append([*seen, *sorted(one.name for one in job.folder.iterdir())])
        add(job)
        (out / "extra").write_text("left")
        (out / "folder").mkdir()
        (out / "link").symlink_to("/etc")
        (out.parent / "other-port").mkdir()
        (job.folder / "stray").write_text("left")

    lab.functions["test/add"] = litter
    lab.import_images(6)
    run = lab.run(lab.line(), jobs=1)
    assert run.state is RunState.DONE
    assert len(found) == 6
    assert {tuple(one) for one in found} == {("out/result", "in", "job.json", "out")}
