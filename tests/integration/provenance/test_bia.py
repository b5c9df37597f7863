"""What the BioImage Archive asks for: file lists, study, and what is missing."""

import csv
import json
from pathlib import Path

import pytest

from bioimageit_flow.errors import DataError
from bioimageit_flow.session import Run
from bioimageit_flow.session.bia import TEMPLATE, archive_gaps, export_bia
from tests.integration.engine.lab import Lab
from tests.integration.provenance.test_experiment_crate import STUDY
from tests.unit.formats.test_acquisition import OME, written

COMPLETE = (
    STUDY.replace(
        'biosample: {organism: [{name: Homo sapiens, term: "NCBITaxon:9606"}]}',
        "biosample: {organism: [{name: Homo sapiens, term: 'NCBITaxon:9606'}], "
        "biological_entity: HeLa cells, variables: [drug]}",
    ).replace(
        "acquisition: {",
        "specimen: {preparation: fixed in PFA}\n"
        "acquisition: {instrument: a microscope, parameters: 63x, ",
    )
    + "funding: none\n"
)


@pytest.fixture
def run(lab: Lab) -> Run:
    lab.import_images(3, from_name=r"(?P<kind>[a-z]+)_(?P<n>\d+)")
    return lab.run(lab.line())


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_file_lists_name_files_that_are_there(run: Run, tmp_path: Path) -> None:
    report = export_bia(run, tmp_path / "bia")

    assert (report.images, report.analysed) == (3, 7)
    images = rows(tmp_path / "bia" / "file_list_images.tsv")
    analysed = rows(tmp_path / "bia" / "file_list_analysed.tsv")
    for text in ("file_list_images.tsv", "file_list_analysed.tsv"):
        head = (tmp_path / "bia" / text).read_text().splitlines()[0]
        assert head.split("\t")[0] == "Files"
    assert len(images) == 3
    assert all((tmp_path / "bia" / row["Files"]).is_file() for row in images + analysed)
    assert [row["n"] for row in images] == ["001", "002", "003"]


def test_source_images_of_derived_files_are_named(run: Run, tmp_path: Path) -> None:
    export_bia(run, tmp_path / "bia")

    analysed = rows(tmp_path / "bia" / "file_list_analysed.tsv")
    sources = {row["Files"]: row["Source image"] for row in analysed}
    assert sources["results/measure/table/image_002.csv"] == (
        "data/raw/image_002.ome.tif"
    )
    (joined,) = [row for row in analysed if row["Step"] == "join"]
    assert joined["Source image"].split("; ") == [
        f"data/raw/image_00{n}.ome.tif" for n in (1, 2, 3)
    ]
    (first,) = [row for row in analysed if row["Files"].endswith("001.ome.tif")]
    assert (first["Tool"], first["Parameters"]) == ("test/add@1.0.0", "amount=10")


def test_experiment_names_a_reused_result_once(
    lab: Lab, run: Run, tmp_path: Path
) -> None:
    lab.run(lab.line())

    report = export_bia(lab.experiment, tmp_path / "bia")

    assert (report.images, report.analysed) == (3, 7)


def test_what_archives_will_ask_for_is_told(lab: Lab, run: Run) -> None:
    gaps = archive_gaps(run)

    required = {gap.field for gap in gaps if gap.is_required}
    assert {"title", "description", "licence", "authors"} <= required
    assert {"biosample.organism", "acquisition.method"} <= required
    assert "pixel size" in {gap.field for gap in gaps}
    assert all(gap.fix and gap.asked_by for gap in gaps)


def test_a_complete_study_lacks_nothing(lab: Lab, run: Run, tmp_path: Path) -> None:
    (lab.experiment.path / "study.yaml").write_text(COMPLETE, encoding="utf-8")

    report = export_bia(run, tmp_path / "bia")

    assert [gap.field for gap in report.gaps] == ["pixel size"]
    text = (tmp_path / "bia" / "submission.tsv").read_text(encoding="utf-8")
    assert text.startswith("Submission\nTitle\tSpots in cells")
    assert "Organism\tHomo sapiens (NCBITaxon:9606)" in text
    assert "ORCID\t0000-0002-1825-0097" in text
    assert "File List\tfile_list_analysed.tsv" in text
    study = json.loads((tmp_path / "bia" / "study.json").read_text(encoding="utf-8"))
    assert study["image_data"]["formats"] == {"ome-tiff": 6, "csv": 4}


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ("licence: CC0-1.0\n", "licence", "no licence"),
        ("0000-0002-1825-0097", "authors.orcid", "is no ORCID"),
        ("NCBITaxon:9606", "biosample.organism", "no number of the NCBI"),
        ("FBbi:00000251", "acquisition.method", "no FBbi term"),
        ("j@example.org", "authors.email", "can be written to"),
    ],
)
def test_each_gap_is_told(
    lab: Lab, run: Run, change: str, field: str, words: str
) -> None:
    other = {"0000-0002-1825-0097": "0000-0002-1825-0098"}.get(change, "")
    text = COMPLETE.replace(change, other).replace("email: }", 'email: ""}')
    text = text.replace("term: ''", 'term: ""').replace('term: ""', 'term: ""')
    (lab.experiment.path / "study.yaml").write_text(text, encoding="utf-8")

    found = {gap.field: gap.text for gap in archive_gaps(run)}

    assert words in found[field]


def test_template_can_be_read(lab: Lab, run: Run) -> None:
    (lab.experiment.path / "study.yaml").write_text(TEMPLATE, encoding="utf-8")

    assert archive_gaps(run)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("titel: x\n", "titel"),
        ("a: [\n", "no YAML"),
        ("schema: bioimageit-flow/study/9\n", "schema"),
        ("biosample: {organism: [{name: x, term: '?'}]}\n", "biosample.organism"),
    ],
)
def test_bad_study_is_named(lab: Lab, run: Run, text: str, words: str) -> None:
    (lab.experiment.path / "study.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(DataError, match=words):
        archive_gaps(run)


def test_folder_in_use_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bia").mkdir()

    with pytest.raises(DataError, match="is there already"):
        export_bia(run, tmp_path / "bia")


def test_missing_file_leaves_nothing_behind(run: Run, tmp_path: Path) -> None:
    path = run.results("measure", "table")[0].path
    path.unlink()

    with pytest.raises(DataError, match=path.name):
        export_bia(run, tmp_path / "bia")

    assert not (tmp_path / "bia").exists()


def test_headers_of_images_fill_what_the_study_leaves_open(
    lab: Lab, tmp_path: Path
) -> None:
    path = written(tmp_path / "taken.ome.tif", OME)
    lab.experiment.import_files([path], dataset="taken")

    report = export_bia(lab.experiment, tmp_path / "bia")

    fields = {gap.field for gap in report.gaps}
    assert not {"acquisition.instrument", "acquisition.parameters"} & fields
    assert fields == {gap.field for gap in archive_gaps(lab.experiment)}
    (row,) = rows(tmp_path / "bia" / "file_list_images.tsv")
    assert row["Instrument"] == "Zeiss Axio Observer (Inverted)"
    assert row["Acquisition date"] == "2024-05-17T10:11:12"
    assert "excitation 405 nm, emission 461 nm" in row["Channel details"]
    text = (tmp_path / "bia" / "submission.tsv").read_text(encoding="utf-8")
    assert "Imaging instrument\tZeiss Axio Observer (Inverted)" in text
    assert "objective Plan-Apochromat 63x/1.4 Oil" in text
    study = json.loads((tmp_path / "bia" / "study.json").read_text(encoding="utf-8"))
    (first, _) = study["image_acquisition"]["channels"]
    assert first["excitation"] == {
        "value": 405,
        "unit": "nm",
        "ucum": "nm",
        "qudt": "https://qudt.org/vocab/unit/NanoM",
    }


def test_what_headers_do_not_say_is_told(run: Run) -> None:
    (gap,) = [one for one in archive_gaps(run) if one.field == "image headers"]

    assert "the instrument in 3" in gap.text
