"""What people decided stands in crates, PROV documents and reports, with who it was."""

import json
from pathlib import Path

import pytest

from bioimageit_flow.session.crates import export_crate, export_experiment
from bioimageit_flow.session.prov import export_prov
from bioimageit_flow.session.report import make_report
from bioimageit_flow.stores.person import Person, write_person
from tests.integration.engine.lab import Lab
from tests.integration.provenance.crate_reader import CrateReader, Entity, ids

ORCID = "0000-0002-1825-0097"


@pytest.fixture
def decided(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Return an experiment with an annotation, an exclusion and a choice."""
    monkeypatch.setenv("BIOIMAGEIT_FLOW_CONFIG", str(tmp_path / "config"))
    lab.import_images(3)
    first, _, third = lab.experiment.items("raw")
    lab.experiment.annotate([first], {"kind": "drug"})
    write_person(Person(name="Josiah Carberry", orcid=ORCID))
    lab.experiment.exclude([third], "out of focus")
    run = lab.run(lab.line())
    choice = {"run": run.summary.id, "amount": 10}
    lab.experiment.choose(choice, "the best score")
    return lab


def changes(crate: CrateReader) -> dict[str, Entity]:
    return {
        one["name"].partition(" by ")[0]: one for one in crate.of_type("UpdateAction")
    }


def test_experiment_crate_tells_every_decision(decided: Lab, tmp_path: Path) -> None:
    crate = CrateReader(export_experiment(decided.experiment, tmp_path / "crate"))

    assert crate.lies() == []
    found = changes(crate)
    assert set(found) == {"Annotations changed", "Items excluded", "Settings chosen"}
    excluded = found["Items excluded"]
    assert "out of focus" in excluded["description"]
    assert ids(excluded["agent"]) == [f"https://orcid.org/{ORCID}"]
    assert "data/raw/image_003.ome.tif" in ids(excluded["object"])
    values = [
        crate.entities[one] for one in ids(found["Annotations changed"]["object"])
    ]
    assert [one["value"] for one in values if one["@type"] == "PropertyValue"] == [
        "drug"
    ]


def test_run_crate_tells_what_was_decided_about_its_data(
    decided: Lab, tmp_path: Path
) -> None:
    run = decided.experiment.runs()[0]

    crate = CrateReader(export_crate(run, tmp_path / "crate"))

    assert crate.lies() == []
    found = changes(crate)
    assert set(found) == {"Annotations changed", "Items excluded", "Settings chosen"}
    (value,) = (crate.entities[one] for one in ids(found["Items excluded"]["object"]))
    assert "image_003.ome.tif: excluded: none -> out of focus" in value["description"]
    assert not list((tmp_path / "crate").rglob("image_003*"))  # told of, not taken


def test_prov_tells_what_was_decided(decided: Lab) -> None:
    document = json.loads(export_prov(decided.experiment.runs()[0]))

    labels = [one.get("prov:label") for one in document["activity"].values()]
    assert "Annotations changed" in labels
    assert "Settings chosen" in labels
    assert any("kind: none -> drug" in json.dumps(one) for one in [document["used"]])
    assert ORCID in json.dumps(document["agent"])


def test_report_tells_what_was_decided(decided: Lab) -> None:
    page = make_report(decided.experiment.runs()[0])

    assert "Decided by people" in page
    assert "kind: none -&gt; drug" in page
    assert "the best score" in page
    assert "image_003.ome.tif: excluded: none -&gt; out of focus" in page
    assert f"https://orcid.org/{ORCID}" in page


def test_orcid_is_part_of_the_record(decided: Lab) -> None:
    newest, excluded, annotated = decided.experiment.changes()

    assert (newest.orcid, excluded.orcid, annotated.orcid) == (ORCID, ORCID, "")
    assert decided.experiment.store.verify_changes() == []
