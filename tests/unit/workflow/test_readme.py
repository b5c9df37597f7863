"""What the README says of building a workflow is true."""

import re
from pathlib import Path

import pytest

from bioimageit_flow.workflow import Workflow

README = Path(__file__).parents[3] / "README.md"


def test_workflow_of_the_readme_is_built_without_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    (built,) = (block for block in blocks if "Workflow(" in block)
    monkeypatch.chdir(tmp_path)

    exec(compile(f"from bioimageit_flow import Workflow\n{built}", "README", "exec"))

    workflow = Workflow.load(tmp_path / "count.flow.yaml")
    assert len(workflow.document.edges()) == 2
    assert workflow.problems() == []
