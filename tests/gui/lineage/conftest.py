"""An experiment with the history of a few results, without files."""

from dataclasses import replace
from pathlib import Path

import pytest

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.session import Experiment, Session
from bioimageit_flow.testing.samples import job_record, produced, raw_item, run_record
from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.file import write_document

RESULT = "count,mean\n3,1.5\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return the folder of an experiment: six images, denoised, then compared."""
    editor = Editor(Workflow("Compare", catalogue=Session().catalogue))
    editor.add_dataset("images")
    editor.add_tool("skimage/gaussian")
    editor.add_tool("skimage/median")
    document = editor.workflow.document
    record = replace(
        run_record("Compare"),
        workflow_text=write_document(document),
        workflow_id=document.id,
    )
    folder = tmp_path / "experiment"
    with Experiment.create(folder, name="Spots") as experiment:
        store = experiment.store
        new = [raw_item(f"{n}.tif") for n in range(6)]
        store.add_raw_items(new)
        store.begin_run(record)
        made = [produced(f"{n}.tif", path=f"results/{n}.tif") for n in range(6)]
        store.commit_jobs(
            [
                job_record(record.id, [one.item.id], node="gaussian", outputs=[result])
                for one, result in zip(new, made, strict=True)
            ]
        )
        last = produced("values.csv", port="values", path="v.csv", text=RESULT)
        ids = [one.id for one in made]
        store.commit_jobs([job_record(record.id, ids, node="median", outputs=[last])])
    return folder
