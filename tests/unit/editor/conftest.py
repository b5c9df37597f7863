from collections.abc import Callable
from pathlib import Path

import pytest

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.catalogue.places import Place
from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.published import PublishedWorkflows
from bioimageit_flow.workflow import Workflow

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """Return the built-in tools, and none that the machine may have beside them."""
    return Catalogue([Place(ROOT / "nodes", "built-in")])


@pytest.fixture
def editor(catalogue: Catalogue, tmp_path: Path) -> Editor:
    """Return the editor of an empty workflow."""
    editor = Editor(Workflow("Test", catalogue=catalogue))
    editor.published = PublishedWorkflows(tmp_path / "published")
    return editor


@pytest.fixture
def example(catalogue: Catalogue) -> Callable[[str], Editor]:
    """Return a function that opens an example in an editor."""

    def opened(name: str) -> Editor:
        path = ROOT / "examples" / name / f"{name}.flow.yaml"
        return Editor(Workflow.load(path, catalogue=catalogue), path)

    return opened
