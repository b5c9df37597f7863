from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event
from threading import enumerate as threads
from uuid import uuid4

import pytest

from bioimageit_flow.errors import Cancelled, RuntimeUnavailableError
from bioimageit_flow.model.packaging import ContainerSpec
from bioimageit_flow.runtimes.container import ContainerRuntime
from bioimageit_flow.runtimes.engine import Engine
from bioimageit_flow.runtimes.engine_client import NotFound
from bioimageit_flow.runtimes.protocol import Readiness
from bioimageit_flow.testing.runtime import Bench, contract_tool
from tests.integration.runtimes import BASE
from tests.integration.runtimes.image_registry import ImageRegistry

pytestmark = [pytest.mark.container, pytest.mark.usefixtures("base_image")]

Build = Callable[[str], str]


@pytest.fixture
def runtime() -> Iterator[ContainerRuntime]:
    runtime = ContainerRuntime()
    yield runtime
    runtime.close()


@pytest.fixture
def spec(engine: Engine) -> Iterator[ContainerSpec]:
    """An image that is not there, and is gone again afterwards."""
    spec = ContainerSpec(
        image=f"bioimageit-flow-test/{uuid4()}", tag="1", build=".", published=False
    )
    yield spec
    for image in engine.api().images(filters={"label": f"test={spec.image}"}):
        with suppress(NotFound):
            engine.api().remove_image(image["Id"], force=True)


@pytest.fixture
def build(runtime: ContainerRuntime, spec: ContainerSpec, tmp_path: Path) -> Build:
    """Builds the image with a step of one's own."""

    def build(step: str, base: str | None = BASE.reference) -> str:
        context = tmp_path / "context"
        context.mkdir(exist_ok=True)
        dockerfile = (
            "ARG BASE_IMAGE=no/such-image:never\nFROM ${BASE_IMAGE}\n"
            f'LABEL test="{spec.image}"\n{step}\n'
        )
        (context / "Dockerfile").write_text(dockerfile, "utf-8")
        (context / "file.txt").write_text("from the context", "utf-8")
        return runtime.build_image(context, spec, base, lines.append)

    lines: list[str] = []
    return build


def test_built_image_runs_whatever_its_entry_point_and_user(
    runtime: ContainerRuntime, spec: ContainerSpec, build: Build, tmp_path: Path
) -> None:
    tool = contract_tool(tmp_path / "toolbox", container=spec)
    assert runtime.availability(tool).readiness is Readiness.UNAVAILABLE
    image = build(
        "COPY file.txt /copied\nENV FROM_IMAGE=yes\nUSER 4242\nWORKDIR /var\n"
        'ENTRYPOINT ["/bin/false"]\nCMD ["not", "this"]'
    )
    used = runtime.prepare(tool, lambda _line: None, Event())
    assert used.identity == f"image {image}"
    bench = Bench(runtime, tool, used, tmp_path)
    found = bench.look()
    assert found["user"] != 4242
    assert found["folder"] == "/tmp"
    assert found["environment"]["FROM_IMAGE"] == "yes"
    copied = bench.run_code("print(open('/copied').read())")
    assert copied.lines == ["from the context"]


def test_tag_that_moves_during_a_run_changes_nothing(
    runtime: ContainerRuntime, spec: ContainerSpec, build: Build, tmp_path: Path
) -> None:
    tool = contract_tool(tmp_path / "toolbox", container=spec)
    build("RUN echo first > /which")
    used = runtime.prepare(tool, lambda _line: None, Event())
    build("RUN echo second > /which")
    which = "print(open('/which').read())"
    assert Bench(runtime, tool, used, tmp_path / "a").run_code(which).lines == ["first"]
    # A run that is resumed by another process finds the same image.
    other = ContainerRuntime()
    assert Bench(other, tool, used, tmp_path / "b").run_code(which).lines == ["first"]
    now = other.prepare(tool, lambda _line: None, Event())
    assert now.identity != used.identity
    assert Bench(other, tool, now, tmp_path / "c").run_code(which).lines == ["second"]
    other.close()


def test_image_removed_during_a_run_is_said(
    runtime: ContainerRuntime,
    engine: Engine,
    spec: ContainerSpec,
    build: Build,
    tmp_path: Path,
) -> None:
    tool = contract_tool(tmp_path / "toolbox", container=spec)
    image = build("RUN echo removed > /which")
    used = runtime.prepare(tool, lambda _line: None, Event())
    engine.api().remove_image(image, force=True)
    with pytest.raises(RuntimeUnavailableError, match=r"(?i)no such image") as caught:
        Bench(runtime, tool, used, tmp_path / "a").run_code("pass")
    assert "tools build" in caught.value.remedy
    other = ContainerRuntime()
    with pytest.raises(RuntimeUnavailableError, match="was removed from the engine"):
        Bench(other, tool, used, tmp_path / "b").run_code("pass")
    other.close()


def test_failing_build_ends_with_its_last_words(build: Build) -> None:
    with pytest.raises(RuntimeUnavailableError) as caught:
        build("RUN echo the compiler is missing && exit 7")
    assert "cannot be built" in caught.value.message
    assert "7" in caught.value.message
    assert "the compiler is missing" in caught.value.remedy


def test_missing_base_image_says_how_to_name_one(
    runtime: ContainerRuntime, spec: ContainerSpec, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text("ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\n")
    base = "127.0.0.1:9/no-such:image"
    with pytest.raises(RuntimeUnavailableError) as caught:
        runtime.build_image(tmp_path, spec, base, lambda _line: None)
    assert "--base-image" in caught.value.remedy


def test_context_without_dockerfile_is_refused(
    runtime: ContainerRuntime, spec: ContainerSpec, tmp_path: Path
) -> None:
    with pytest.raises(RuntimeUnavailableError, match="no Dockerfile"):
        runtime.build_image(tmp_path, spec, None, lambda _line: None)


def test_cancelled_build_ends_in_the_engine_too(
    runtime: ContainerRuntime, engine: Engine, spec: ContainerSpec, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text(
        f'FROM {BASE.reference}\nLABEL test="{spec.image}"\n'
        f"RUN echo now && sleep 300 && : {uuid4()}\n",
        "utf-8",
    )
    cancel = Event()
    steps: list[str] = []

    def report(line: str) -> None:
        if line == "now":
            found = engine.api().containers(filters={"label": f"test={spec.image}"})
            steps.extend(str(one["Id"]) for one in found)
            cancel.set()

    with pytest.raises(Cancelled):
        runtime.build_image(tmp_path, spec, None, report, cancel)
    (step,) = steps
    with suppress(NotFound):  # it is gone, or about to: this waits, for a minute
        engine.api().wait(step, timeout=60)
    assert not [one for one in threads() if one.name.startswith("building")]


def _pulled(registry: ImageRegistry, **more: str) -> ContainerSpec:
    return ContainerSpec(image=registry.image, tag="1.0", **more)


def test_published_image_is_pulled_and_known_by_its_digest(
    runtime: ContainerRuntime, engine: Engine, tmp_path: Path
) -> None:
    lines: list[str] = []
    with ImageRegistry("tools/hello") as registry:
        tool = contract_tool(tmp_path, container=_pulled(registry))
        before = runtime.availability(tool)
        assert before.readiness is Readiness.OBTAINABLE
        assert registry.image in before.reason
        used = runtime.prepare(tool, lines.append, Event())
        assert used.identity == f"image {registry.digest}"
        assert used.detail == f"{registry.image}:1.0"
        assert lines[0] == f"Getting the image {registry.image}:1.0"
        after = runtime.availability(tool)
        assert (after.readiness, after.used) == (Readiness.READY, used)
        pinned = _pulled(registry, digest=registry.digest)
        by_digest = contract_tool(tmp_path, container=pinned)
        assert runtime.availability(by_digest).readiness is Readiness.READY
        engine.api().remove_image(registry.image_id, force=True)
        assert runtime.availability(tool).readiness is Readiness.OBTAINABLE


def test_image_that_the_registry_lacks_cannot_be_pulled(
    runtime: ContainerRuntime, tmp_path: Path
) -> None:
    with ImageRegistry("tools/hello") as registry:
        absent = ContainerSpec(image=f"{registry.image}-not", tag="1.0")
        tool = contract_tool(tmp_path, container=absent)
        with pytest.raises(RuntimeUnavailableError, match="cannot be pulled") as caught:
            runtime.prepare(tool, lambda _line: None, Event())
    assert f"{absent.reference}" in caught.value.message
    assert "name is right" in caught.value.remedy
    assert "\n" not in str(caught.value)


def test_registry_that_is_not_there_is_said(
    runtime: ContainerRuntime, tmp_path: Path
) -> None:
    spec = ContainerSpec(image="127.0.0.1:9/tools/hello", tag="1.0")
    tool = contract_tool(tmp_path, container=spec)
    with pytest.raises(RuntimeUnavailableError, match="cannot be pulled") as caught:
        runtime.prepare(tool, lambda _line: None, Event())
    assert "reaches the registry" in caught.value.remedy


def test_stalled_pull_can_be_cancelled(
    runtime: ContainerRuntime, tmp_path: Path
) -> None:
    with ImageRegistry("tools/slow", b"slow") as registry:
        registry.goes_on.clear()
        tool = contract_tool(tmp_path, container=_pulled(registry))
        with pytest.raises(Cancelled):
            runtime.prepare(tool, lambda _line: None, registry.is_asked_for_layer)
        assert not [one for one in threads() if one.name.startswith("getting")]
    assert runtime.availability(tool).readiness is Readiness.OBTAINABLE
