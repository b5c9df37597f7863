"""A whole experiment as a crate: exported, or made a crate where it lies."""

import json
import subprocess
from pathlib import Path

import pytest

from bioimageit_flow.errors import DataError
from bioimageit_flow.provenance.certificate import Overall
from bioimageit_flow.session import Session
from bioimageit_flow.session.crates import (
    CrateOptions,
    export_experiment,
    make_crate_of,
)
from bioimageit_flow.session.keep_crate import keep_crate_after, main
from bioimageit_flow.session.reproducing import ReproduceOptions, reproduce
from tests.integration.engine.lab import Lab
from tests.integration.provenance.crate_reader import CrateReader, ids

STUDY = """\
schema: bioimageit-flow/study/1
title: Spots in cells that were given a drug
description: Forty images of two conditions, with the spots in each of them.
keywords: [spots, drug]
licence: CC0-1.0
authors:
  - {name: Josiah Carberry, orcid: 0000-0002-1825-0097, affiliation: Brown University,
     ror: "https://ror.org/05gq02987", email: j@example.org}
publications: ["doi:10.1038/s41592-021-01166-8"]
biosample: {organism: [{name: Homo sapiens, term: "NCBITaxon:9606"}]}
acquisition: {method: [{name: confocal microscopy, term: "FBbi:00000251"}]}
"""


@pytest.fixture
def twice(lab: Lab) -> Lab:
    """Return an experiment with two runs, the second of which reuses some results."""
    lab.import_images(2, from_name=r"(?P<kind>[a-z]+)_")
    lab.run(lab.line())
    other = lab.line()
    other.set("join", by="kind")
    lab.run(other)
    lab.experiment.import_files([lab.image(9, "unused.ome.tif")], dataset="spare")
    (lab.experiment.path / "study.yaml").write_text(STUDY, encoding="utf-8")
    return lab


def test_experiment_crate_holds_all_runs_and_data(twice: Lab, tmp_path: Path) -> None:
    crate = CrateReader(export_experiment(twice.experiment, tmp_path / "crate"))

    assert crate.lies() == []
    assert len(crate.runs()) == 2
    assert len(crate.jobs()) == 10
    assert "data/spare/unused.ome.tif" in crate.entities
    names = {one["name"] for one in crate.of_type("PropertyValue")}
    assert "kind" in names


def test_every_run_of_it_can_be_made_again(twice: Lab, tmp_path: Path) -> None:
    folder = export_experiment(twice.experiment, tmp_path / "crate")
    elsewhere = Session(runtimes=[twice.runtime])

    for run in twice.experiment.runs():
        options = ReproduceOptions(run=run.summary.id[:8])
        place = tmp_path / run.summary.id
        found = reproduce(folder, place, options, session=elsewhere)
        assert found.certificate.run == run.summary.id
        assert found.certificate.overall is Overall.REPRODUCED

    with pytest.raises(DataError, match="several runs fit"):
        reproduce(folder, tmp_path / "again", session=elsewhere)


def test_study_is_told(twice: Lab, tmp_path: Path) -> None:
    crate = CrateReader(export_experiment(twice.experiment, tmp_path / "crate"))

    root = crate.entities["./"]
    assert root["name"] == "Spots in cells that were given a drug"
    assert ids(root["author"]) == ["https://orcid.org/0000-0002-1825-0097"]
    assert ids(root["license"]) == ["https://spdx.org/licenses/CC0-1.0"]
    assert {crate.entities[one]["name"] for one in ids(root["about"])} == {
        "Homo sapiens",
        "confocal microscopy",
    }


def test_author_left_empty_is_whoever_made_the_runs(twice: Lab, tmp_path: Path) -> None:
    given = (tmp_path / "given", tmp_path / "empty")
    study = twice.experiment.path / "study.yaml"
    study.write_text("schema: bioimageit-flow/study/1\n", encoding="utf-8")
    export_experiment(twice.experiment, given[0])
    study.write_text(
        'schema: bioimageit-flow/study/1\nauthors: [{name: "", orcid: ""}]\n',
        encoding="utf-8",
    )
    export_experiment(twice.experiment, given[1])
    ones, others = (CrateReader(folder).entities for folder in given)
    assert ones["./"]["author"] == others["./"]["author"]
    people = [one for one in others.values() if one["@type"] == "Person"]
    assert all(one["name"] for one in people)


def test_pages_are_found_by_search_engines(twice: Lab, tmp_path: Path) -> None:
    crate = CrateReader(export_experiment(twice.experiment, tmp_path / "crate"))

    for name in ("index.html", "ro-crate-preview.html"):
        page = (crate.folder / name).read_text(encoding="utf-8")
        begin = '<script type="application/ld+json">'
        about = json.loads(page.partition(begin)[2].partition("</script>")[0])
        assert about["@type"] == "Dataset"
        assert about["creator"][0]["@id"] == "https://orcid.org/0000-0002-1825-0097"
        assert about["license"].startswith("https://spdx.org/")
        assert about["distribution"]["contentUrl"] == "ro-crate-metadata.json"
        assert {"name", "description", "identifier", "keywords", "datePublished"} <= (
            about.keys()
        )


def test_experiment_becomes_a_crate_where_it_lies(twice: Lab) -> None:
    folder = twice.experiment.path
    before = {path for path in folder.rglob("*") if path.is_file()}

    assert make_crate_of(twice.experiment) == folder / "ro-crate-metadata.json"
    assert make_crate_of(twice.experiment) == folder / "ro-crate-metadata.json"

    new = {path for path in folder.rglob("*") if path.is_file()} - before
    assert {path.name for path in new} == {
        "README.md",
        "ro-crate-metadata.json",
        "ro-crate-preview.html",
    }
    assert CrateReader(folder).lies() == []
    assert twice.experiment.verify() is not None


@pytest.mark.parametrize("mode", ["in place", "reference"])
def test_reused_result_refers_to_the_file_of_the_job_that_made_it(
    twice: Lab, tmp_path: Path, mode: str
) -> None:
    if mode == "in place":
        folder = make_crate_of(twice.experiment).parent
    else:
        options = CrateOptions(data="reference")
        folder = export_experiment(twice.experiment, tmp_path / "crate", options)

    crate = CrateReader(folder)

    assert crate.lies() == []
    said = "was known and reused"
    reused = [job for job in crate.jobs() if said in job["description"]]
    assert len(reused) == 4
    for job in reused:
        (made,) = ids(job["result"])
        (file,) = ids(crate.entities[made]["sameAs"])
        maker = crate.producer(file)
        assert maker is not None
        assert maker["@id"].rpartition("/")[2] in job["description"]
    newest = twice.experiment.runs()[0].summary.id
    assert newest in ids(crate.entities["./"]["mainEntity"])[0]


def test_equal_results_of_two_jobs_have_one_producer_each(lab: Lab) -> None:
    image = lab.image(1)
    for dataset in ("one", "other"):
        lab.experiment.import_files([image], dataset=dataset)
        lab.run(lab.line(), bind={"images": dataset}, reuse=False)

    crate = CrateReader(make_crate_of(lab.experiment).parent)

    assert crate.lies() == []
    for run in crate.runs():
        (raw,) = {one for made in ids(run["result"]) for one in crate.raw(made)}
        assert raw in ids(run["object"])


def test_referenced_and_cleaned_data_are_told(lab: Lab, tmp_path: Path) -> None:
    lab.experiment.import_files([lab.image(1)], reference=True)
    run = lab.run(lab.line())
    lab.experiment.clean(lab.experiment.plan_cleaning(run=run.summary.id))

    crate = CrateReader(export_experiment(lab.experiment, tmp_path / "crate"))

    assert [one for one in crate.entities if one.startswith("urn:uuid:")]
    assert (crate.folder / "data" / "raw").is_dir()


def test_crate_is_kept_after_runs_if_the_study_says_so(twice: Lab) -> None:
    folder = twice.experiment.path
    run = twice.experiment.runs()[0].summary.id
    assert keep_crate_after(twice.experiment, run) is None

    (folder / "study.yaml").write_text(STUDY + "crate_after_run: true\n")
    process = keep_crate_after(twice.experiment, run)

    assert isinstance(process, subprocess.Popen)
    assert process.wait(timeout=120) == 0
    assert CrateReader(folder)._false_hashes() == []


def test_broken_study_stops_no_run(
    twice: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    folder = twice.experiment.path
    (folder / "study.yaml").write_text("crate_after_run: perhaps\n")

    run = twice.run(twice.line())

    assert run.state.value == "done"
    assert "crate_after_run" in caplog.text


def test_background_process_tells_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".cache").mkdir()
    assert main(tmp_path) == 1
    assert str(tmp_path) in capsys.readouterr().err
