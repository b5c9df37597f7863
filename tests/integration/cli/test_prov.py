import json
from pathlib import Path

import pytest
from prov.model import (
    ProvActivity,
    ProvAgent,
    ProvDocument,
    ProvEntity,
    ProvGeneration,
    ProvUsage,
)

from bioimageit_flow.session import Run
from bioimageit_flow.session.prov import export_prov
from tests.integration.cli.conftest import Say
from tests.integration.engine.lab import Lab


@pytest.fixture
def run(lab: Lab) -> Run:
    lab.import_images(2, from_name=r"(?P<größe>image)_(?P<number>\d+)")
    return lab.run(lab.line())


def test_prov_json_is_read_by_others_and_tells_the_truth(run: Run) -> None:
    document = ProvDocument.deserialize(content=export_prov(run), format="json")

    jobs = run.jobs()
    activities = {str(one.identifier) for one in document.get_records(ProvActivity)}
    assert activities == {f"uuid:{run.summary.id}", *(f"uuid:{job.id}" for job in jobs)}
    used = {
        (str(one.args[0]), str(one.args[1])) for one in document.get_records(ProvUsage)
    }
    assert used == {
        (f"uuid:{job.id}", f"uuid:{edge.item}") for job in jobs for edge in job.consumed
    }
    made = {
        (str(one.args[0]), str(one.args[1]))
        for one in document.get_records(ProvGeneration)
    }
    assert made == {
        (f"uuid:{item.id}", f"uuid:{job.id}") for job in jobs for item in job.produced
    }
    entities = {str(one.identifier) for one in document.get_records(ProvEntity)}
    assert {entity for pair in (*used,) for entity in pair[1:]} <= entities
    labels = {str(one.label) for one in document.get_records(ProvAgent)}
    assert {"add", "measure", "join"} <= labels


def test_reused_jobs_name_the_job_that_made_the_bytes(lab: Lab, run: Run) -> None:
    again = lab.run(lab.line())
    plain = json.loads(export_prov(again))
    makers = {one["prov:informant"] for one in plain["wasInformedBy"].values()}
    assert makers == {f"uuid:{job.id}" for job in run.jobs()}


def test_command_writes_both_forms(lab: Lab, run: Run, flow: Say) -> None:
    place = lab.experiment.path
    assert flow("export", "prov", "last", "run.json", "-e", place).code == 0
    assert flow("export", "prov", "last", "run.provn", "-e", place).code == 0
    assert "entity" in json.loads(Path("run.json").read_text())
    text = Path("run.provn").read_text()
    assert text.startswith("document")
    assert text.rstrip().endswith("endDocument")


def test_unknown_form_is_named(lab: Lab, run: Run, flow: Say) -> None:
    said = flow("export", "prov", "last", "run.xml", "-e", lab.experiment.path)
    assert said.code == 4
    assert "PROV cannot be written as 'xml'" in said.err
    assert not Path("run.xml").exists()
