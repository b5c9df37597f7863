"""The tests of the built-in tools, as `tools test` runs them."""

from collections.abc import Iterator

import pytest

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.session import Session
from tests.e2e.engine_needed import require_container

TOOLS = Catalogue.default().newest()
WITH_ENVIRONMENT = [tool.tool.id for tool in TOOLS if tool.lock is not None]
CONTAINER_ONLY = [tool.tool.id for tool in TOOLS if tool.lock is None]
IN_BOTH = ["skimage/gaussian", "tables/plot-groups"]
"""A tool of each toolbox; the examples run the others in containers."""


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    session = Session()
    yield session
    session.close()


def check(session: Session, tool: str, runtime: str) -> None:
    report = session.test_tool(session.catalogue.get(tool), runtime=runtime)
    failed = {result.name: result.text for result in report.results if result.text}
    assert failed == {}
    assert report.is_good
    assert report.runtime.startswith(runtime)


@pytest.mark.environment
@pytest.mark.parametrize("tool", WITH_ENVIRONMENT)
def test_tool_passes_its_tests_in_its_environment(session: Session, tool: str) -> None:
    check(session, tool, "environment")


@pytest.mark.container
@pytest.mark.parametrize("tool", [*CONTAINER_ONLY, *IN_BOTH])
def test_tool_passes_its_tests_in_its_container(session: Session, tool: str) -> None:
    require_container(session, tool)
    check(session, tool, "container")


def test_there_is_a_program_in_another_language() -> None:
    assert any(tool.startswith("imagej/") for tool in CONTAINER_ONLY)
