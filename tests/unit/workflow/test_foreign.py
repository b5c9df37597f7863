import json
import zipfile
from pathlib import Path

import pytest

from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.workflow import read_document
from bioimageit_flow.workflow.file import load_document
from bioimageit_flow.workflow.foreign import program_of_file

GALAXY = json.dumps({"a_galaxy_workflow": "true", "name": "g", "steps": {}})
CELL_PROFILER = "CellProfiler Pipeline: http://www.cellprofiler.org\nVersion:5\n"
NODE_RED = json.dumps([{"id": "1", "type": "tab"}, {"id": "2", "type": "inject"}])


@pytest.mark.parametrize(
    ("text", "program"),
    [
        (GALAXY, "Galaxy"),
        ("class: GalaxyWorkflow\ninputs: []\nsteps: []\n", "Galaxy"),
        ("cwlVersion: v1.2\nclass: Workflow\n", "CWL"),
        (json.dumps({"last_node_id": 3, "nodes": [], "links": []}), "ComfyUI"),
        (json.dumps({"3": {"class_type": "KSampler", "inputs": {}}}), "ComfyUI"),
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


@pytest.mark.parametrize("text", ["hello", "- 1\n- 2\n", '{"nodes": []}', "<a/>"])
def test_what_nobody_knows_has_no_schema_line(text: str) -> None:
    with pytest.raises(WorkflowError, match="no 'schema' line"):
        read_document(text, "drawn.file")


@pytest.mark.parametrize("text", ["", "\n \n", "\ufeff"])
def test_empty_text_is_called_empty(text: str) -> None:
    with pytest.raises(WorkflowError, match="it is empty"):
        read_document(text, "drawn.file")


@pytest.mark.parametrize(
    ("name", "text", "program"),
    [
        ("plan.json", json.dumps({"last_node_id": 3, "nodes": []}), "ComfyUI"),
        ("flows.json", NODE_RED, "Node-RED"),
        ("workflow.knime", "<config/>", "KNIME"),
        ("pipe.cppipe", CELL_PROFILER, "CellProfiler"),
        ("pipe.txt", CELL_PROFILER, "CellProfiler"),
        ("main.nf", "process x {}", "Nextflow"),
        ("Snakefile", "rule all:", "Snakemake"),
        ("notes.txt", "hello", ""),
        ("plain.json", '{"a": 1}', ""),
        ("empty.json", "{}", ""),
    ],
)
def test_files_of_other_programs_are_known(
    name: str, text: str, program: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert program_of_file(path) == program


def test_what_cannot_be_read_is_of_no_program(tmp_path: Path) -> None:
    binary = tmp_path / "a.json"
    binary.write_bytes(b"\xff\x00")
    assert program_of_file(binary) == ""
    assert program_of_file(tmp_path) == ""
    assert program_of_file(tmp_path / "nowhere.json") == ""


def test_zipped_workflow_of_knime_is_called_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "flow.knwf"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("w/workflow.knime", bytes(range(256)))
    with pytest.raises(WorkflowError, match="a workflow of KNIME"):
        load_document(path)


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
