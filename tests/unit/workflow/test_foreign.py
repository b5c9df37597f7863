import json

import pytest

from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.workflow import read_document

GALAXY = json.dumps({"a_galaxy_workflow": "true", "name": "g", "steps": {}})
NODE_RED = json.dumps([{"id": "1", "type": "tab"}, {"id": "2", "type": "inject"}])


@pytest.mark.parametrize(
    ("text", "program"),
    [
        (GALAXY, "Galaxy"),
        ("class: GalaxyWorkflow\ninputs: []\nsteps: []\n", "Galaxy"),
        ("cwlVersion: v1.2\nclass: Workflow\n", "CWL"),
        (json.dumps({"last_node_id": 3, "nodes": [], "links": []}), "ComfyUI"),
        (json.dumps({"jipipe:project-type": "jipipe:graph"}), "JIPipe"),
        (NODE_RED, "Node-RED"),
        ('<config xmlns="http://www.knime.org/2008/09/XMLConfig"/>', "KNIME"),
        ('<?xml version="1.0"?>\n<scheme version="2.0"><nodes/></scheme>', "Orange"),
    ],
)
def test_workflows_of_other_programs_are_called_by_their_name(
    text: str, program: str
) -> None:
    with pytest.raises(WorkflowError) as caught:
        read_document(text, "drawn.file")
    assert caught.value.message == (
        f"drawn.file is a workflow of {program}, which this program does not read."
    )
    assert caught.value.remedy


@pytest.mark.parametrize("text", ["", "hello", "- 1\n- 2\n", '{"nodes": []}', "<a/>"])
def test_what_nobody_knows_has_no_schema_line(text: str) -> None:
    with pytest.raises(WorkflowError, match="no 'schema' line"):
        read_document(text, "drawn.file")


def test_text_that_is_too_long_is_not_blamed_on_a_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bioimageit_flow.model.yaml_text.MAX_CHARACTERS", 10)
    with pytest.raises(WorkflowError, match="longer than 10 characters") as caught:
        read_document("a: [1, 2, 3, 4]", "huge.csv")
    assert "line" not in str(caught.value.remedy)


def test_remedy_of_a_mistake_names_its_line() -> None:
    with pytest.raises(WorkflowError, match="line 2") as caught:
        read_document("a: [1", "cut.flow.yaml")
    assert str(caught.value.remedy).endswith("mend that line.")
