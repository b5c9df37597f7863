"""A tool as one node uses it: isolated where somebody asks, without a missing GPU."""

from pathlib import Path
from typing import Any

import pytest

from bioimageit_flow.engine.fitting import fitted
from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.runtimes.protocol import Availability, Readiness
from bioimageit_flow.workflow.document import Document, Node
from bioimageit_flow.workflow.expand import expand_subworkflows
from bioimageit_flow.workflow.file import read_document, write_document
from tests.unit.executors.job_bench import tool

ID = "0b9c3a54-3d1f-4c9e-9a57-1f3f3c5d2a11"


def document(**fields: Any) -> Document:  # noqa: ANN401
    plain = {"schema": "bioimageit-flow/workflow/1", "id": ID, "name": "Test"}
    return Document.model_validate(plain | fields)


def isolation(found: InstalledTool) -> str:
    return found.tool.isolation


@pytest.mark.parametrize("by_tool", ["worker", "job"])
@pytest.mark.parametrize("by_node", ["worker", "job"])
@pytest.mark.parametrize("by_workflow", ["worker", "job"])
def test_the_strictest_wish_holds(
    tmp_path: Path, by_tool: str, by_node: str, by_workflow: str
) -> None:
    drawn = document(
        isolation=by_workflow, nodes={"n": {"tool": "a/b@1.0.0", "isolation": by_node}}
    )
    found = fitted(tool(tmp_path, isolation=by_tool), drawn.nodes["n"], drawn)
    wanted = "job" if "job" in (by_tool, by_node, by_workflow) else "worker"
    assert isolation(found) == wanted


def test_file_keeps_isolation_and_says_nothing_of_the_usual_one() -> None:
    drawn = document(
        isolation="job",
        nodes={
            "a": {"tool": "a/b@1.0.0", "isolation": "job"},
            "b": {"tool": "a/b@1.0.0", "isolation": "worker"},
        },
    )
    text = write_document(drawn)
    assert text.count("isolation: job") == 2
    assert "isolation: worker" not in text
    assert read_document(text) == drawn


def test_word_that_is_no_isolation_is_refused() -> None:
    with pytest.raises(ValueError, match="isolation"):
        document(isolation="none")


@pytest.mark.parametrize(
    ("outer", "inner", "own"),
    [
        ("job", "worker", "worker"),
        ("worker", "job", "worker"),
        ("worker", "worker", "job"),
    ],
)
def test_subworkflow_hands_its_isolation_on(outer: str, inner: str, own: str) -> None:
    inside = {
        "schema": "bioimageit-flow/workflow/1",
        "id": ID,
        "name": "Inner",
        "isolation": inner,
        "nodes": {"n": {"tool": "a/b@1.0.0", "isolation": own}},
    }
    drawn = document(
        nodes={
            "sub": {"workflow": inside, "isolation": outer},
            "beside": {"tool": "a/b@1.0.0"},
        }
    )
    expanded = expand_subworkflows(drawn, None)
    assert expanded.nodes["sub/n"].isolation == "job"
    assert expanded.nodes["beside"].isolation == "worker"


GPU = {"gpu": 1, "memory": "1 GiB"}


def on(gpus: int | None, found: InstalledTool) -> InstalledTool:
    node = Node(tool="a/b@1.0.0")
    there = Availability(Readiness.READY, gpus=gpus)
    return fitted(found, node, document(nodes={"n": node}), there)


def test_optional_gpu_is_dropped_only_where_there_is_none(tmp_path: Path) -> None:
    may = tool(tmp_path, resources=GPU | {"gpu_optional": True})
    must = tool(tmp_path, resources=GPU)
    assert on(0, may).tool.resources.lacks_gpu
    assert on(1, may) is may
    assert on(None, may) is may  # not known: the engine will say
    assert on(0, must) is must


def test_fitting_changes_nothing_that_a_fingerprint_reads(tmp_path: Path) -> None:
    may = tool(tmp_path, resources=GPU | {"gpu_optional": True})
    drawn = document(isolation="job", nodes={"n": {"tool": "a/b@1.0.0"}})
    there = Availability(Readiness.READY, gpus=0)
    found = fitted(may, drawn.nodes["n"], drawn, there)
    assert found.code_sha256 == may.code_sha256
    assert found.ref == may.ref
    same = {"isolation", "resources"}
    assert found.tool.model_dump(exclude=same) == may.tool.model_dump(exclude=same)
