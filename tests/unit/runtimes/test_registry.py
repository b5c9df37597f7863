from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from bioimageit_flow import plugins
from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.model.packaging import ContainerSpec
from bioimageit_flow.plugins import Plugin
from bioimageit_flow.runtimes import registry
from bioimageit_flow.runtimes.container import ContainerRuntime
from bioimageit_flow.runtimes.environment import EnvironmentRuntime
from bioimageit_flow.runtimes.protocol import Runtime
from bioimageit_flow.runtimes.registry import broken_runtimes, choose, load_runtimes
from bioimageit_flow.testing.runtime import InProcessRuntime, contract_tool


def _runtime(name: str, *, runs: bool = True, is_isolated: bool) -> InProcessRuntime:
    functions = {"contract/program": lambda _job: 0} if runs else {}
    return InProcessRuntime(functions, name=name, is_isolated=is_isolated)


CONTAINER = _runtime("container", is_isolated=True)
NO_CONTAINER = _runtime("container", runs=False, is_isolated=True)
ENVIRONMENT = _runtime("environment", is_isolated=False)
NO_ENVIRONMENT = _runtime("environment", runs=False, is_isolated=False)
APPTAINER = _runtime("apptainer", is_isolated=True)
BARE = _runtime("bare", is_isolated=False)


@pytest.fixture
def tool(tmp_path: Path) -> InstalledTool:
    lock = tmp_path / "requirements.lock"
    lock.touch()
    return contract_tool(tmp_path, container=ContainerSpec(image="a"), lock=lock)


def test_auto_takes_the_container_engine(tool: InstalledTool) -> None:
    choice = choose(tool, "auto", [ENVIRONMENT, CONTAINER], True)
    assert choice.runtime is CONTAINER
    assert choice.reason.startswith("contract/program@1.0.0 runs in: container")


def test_auto_takes_the_environment_of_a_trusted_tool(tool: InstalledTool) -> None:
    choice = choose(tool, "auto", [NO_CONTAINER, ENVIRONMENT], True)
    assert choice.runtime is ENVIRONMENT
    assert "has no function here" in choice.reason  # why not the container
    assert choice.is_trusted


def test_auto_refuses_the_environment_of_an_untrusted_tool(tool: InstalledTool) -> None:
    with pytest.raises(RuntimeUnavailableError) as caught:
        choose(tool, "auto", [NO_CONTAINER, ENVIRONMENT], False)
    assert "is not trusted" in caught.value.message
    assert "has no function here" in caught.value.message
    assert "trust contract/program" in caught.value.remedy


def test_untrusted_tool_runs_in_a_container(tool: InstalledTool) -> None:
    choice = choose(tool, "auto", [CONTAINER, ENVIRONMENT], False)
    assert choice.runtime is CONTAINER


def test_auto_prefers_isolating_plug_ins_to_the_environment(
    tool: InstalledTool,
) -> None:
    runtimes = [ENVIRONMENT, BARE, APPTAINER, NO_CONTAINER]
    assert choose(tool, "auto", runtimes, True).runtime is APPTAINER


def test_auto_never_takes_a_plug_in_that_isolates_nothing(tool: InstalledTool) -> None:
    with pytest.raises(RuntimeUnavailableError):
        choose(tool, "auto", [BARE, NO_CONTAINER], True)
    assert choose(tool, "bare", [BARE, NO_CONTAINER], True).runtime is BARE


def test_named_runtime_is_taken_though_untrusted(tool: InstalledTool) -> None:
    choice = choose(tool, "environment", [CONTAINER, ENVIRONMENT], False)
    assert choice.runtime is ENVIRONMENT
    assert "not trusted" in choice.reason


def test_named_runtime_is_never_replaced(tool: InstalledTool) -> None:
    with pytest.raises(RuntimeUnavailableError, match="has no function"):
        choose(tool, "container", [NO_CONTAINER, ENVIRONMENT], True)


def test_unknown_runtime_names_the_known_ones(tool: InstalledTool) -> None:
    with pytest.raises(RuntimeUnavailableError) as caught:
        choose(tool, "docker", [CONTAINER, ENVIRONMENT], True)
    assert caught.value.message == "There is no runtime 'docker'."
    assert caught.value.remedy == "Choose one of: auto, container, environment."


def test_no_runtime_at_all_is_said(tool: InstalledTool) -> None:
    with pytest.raises(RuntimeUnavailableError, match="No runtime is installed"):
        choose(tool, "auto", [], True)


def test_container_only_tool_without_engine_says_so(tool: InstalledTool) -> None:
    alone = replace(tool, lock=None)
    runtimes: list[Runtime] = [ContainerRuntime(places=[]), EnvironmentRuntime()]
    with pytest.raises(RuntimeUnavailableError) as caught:
        choose(alone, "auto", runtimes, True)
    assert caught.value.message == (
        "contract/program@1.0.0 cannot run here. No container engine is running on "
        "this machine. The tool contract/program@1.0.0 runs in its container only: it "
        "has no environment."
    )
    assert "install Docker or Podman" in caught.value.remedy


@pytest.fixture
def entry_points(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Plugin]]:
    """The installed plug-ins of the group, made up."""
    made_up: list[Plugin] = []
    monkeypatch.setattr(registry, "installed", lambda _group: tuple(made_up))
    yield made_up
    plugins.installed.cache_clear()


def _plugin(name: str, value: str, distribution: str = "theirs") -> Plugin:
    point = EntryPoint(name, value, "bioimageit_flow.runtimes")
    return Plugin("runtimes", name, distribution, point)


def test_runtimes_come_from_entry_points(entry_points: list[Plugin]) -> None:
    package = "bioimageit_flow.runtimes"
    entry_points.extend(
        (
            _plugin("container", f"{package}.container:ContainerRuntime"),
            _plugin("environment", f"{package}.environment:EnvironmentRuntime"),
        )
    )
    assert [runtime.name for runtime in load_runtimes()] == ["container", "environment"]
    assert broken_runtimes() == []


def test_broken_plug_in_is_a_finding(entry_points: list[Plugin]) -> None:
    good = "bioimageit_flow.runtimes.environment:EnvironmentRuntime"
    entry_points.extend(
        (
            _plugin("absent", "no_such_module:Runtime"),
            _plugin("picky", "pathlib:Path.joinpath"),
            _plugin("environment", good, "ours"),
            _plugin("same", good, "theirs"),
        )
    )
    assert [runtime.name for runtime in load_runtimes()] == ["environment"]
    texts = [finding.text for finding in broken_runtimes()]
    assert len(texts) == 3
    assert "'absent'" in texts[0]
    assert "'picky' of theirs cannot be made: TypeError" in texts[1]
    assert "has the name of another" in texts[2]
    assert all(finding.remedy for finding in broken_runtimes())
