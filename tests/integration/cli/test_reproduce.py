import json
from pathlib import Path

import pytest

from bioimageit_flow.session import Run
from bioimageit_flow.stores.person import read_person
from bioimageit_flow.testing.in_process import InProcessJob
from tests.integration.cli.conftest import Say
from tests.integration.engine.lab import Lab, write_rows


@pytest.fixture
def run(lab: Lab) -> Run:
    lab.import_images(2)
    return lab.run(lab.line())


def test_command_reproduces_a_crate(lab: Lab, run: Run, flow: Say) -> None:
    place = lab.experiment.path
    assert flow("export", "crate", "last", "crate.zip", "-e", place).code == 0

    said = flow("reproduce", "crate.zip", "--certificate", "checked")

    assert said.code == 0
    assert "reproduced: Line" in said.out
    assert "5 outputs: 5 identical bytes." in said.out
    assert Path("crate-again/certificate.json").is_file()
    assert Path("checked/certificate.json").is_file()


def test_command_reproduces_runs_and_files(lab: Lab, run: Run, flow: Say) -> None:
    place = lab.experiment.path
    said = flow("reproduce", "last", "-e", place, "--into", "a", "--sample", 1)
    assert said.code == 0
    assert "1 of 2 raw items were taken." in said.out
    file = run.results("measure", "table")[0].path
    said = flow("reproduce", file, "-e", place, "--into", "b", "--json")
    assert said.code == 0
    assert json.loads(said.out)["counts"] == {"identical bytes": 1}


def test_command_says_what_is_different(lab: Lab, run: Run, flow: Say) -> None:
    def other(job: InProcessJob) -> None:
        write_rows(job.output("table"), [["value"], [99]])

    lab.functions["test/measure"] = other

    said = flow("reproduce", "last", "-e", lab.experiment.path, "--into", "a")

    assert said.code == 3
    assert "not reproduced: Line" in said.out
    assert "value in row 1: 11, 99" in said.out


def test_crates_tell_which_tools_they_lack(
    lab: Lab, run: Run, flow: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tools of a folder that was named for the run only must be named once more."""
    place = lab.experiment.path
    monkeypatch.delenv("BIOIMAGEIT_FLOW_TOOLS")
    said = flow("export", "crate", "last", "without", "-e", place)
    assert said.code == 0
    assert "It lacks the files of test/add@1.0.0, test/join@1.0.0" in said.out
    assert "--tools" in said.err
    assert flow("reproduce", "without", "--into", "a").code == 6

    tools = lab.folder / "tools"
    said = flow("export", "crate", "last", "with", "-e", place, "--tools", tools)
    assert said.code == 0
    assert "lacks" not in said.out
    assert Path("with/tools").is_dir()
    assert flow("reproduce", "with", "--into", "b").code == 0


def test_a_crate_without_its_recipe_is_named(lab: Lab, run: Run, flow: Say) -> None:
    flow("export", "crate", "last", "crate", "-e", lab.experiment.path)
    Path("crate/recipe.jsonl").unlink()
    said = flow("reproduce", "crate", "--into", "a")
    assert said.code == 4
    assert "recipe.jsonl of the crate cannot be used: it is not there." in said.err


def test_bad_crates_are_named(lab: Lab, flow: Say) -> None:
    Path("empty").mkdir()
    Path("bad.zip").write_text("no")
    for name in ("empty", "bad.zip", "none.zip"):
        said = flow("reproduce", name, "--into", "a")
        assert said.code == 4
        assert name.partition(".")[0] in said.err
        assert not Path("a").exists()


@pytest.mark.parametrize("gone", ["gone.ome.tif", "folder/gone.ome.tif", "a/crate"])
def test_missing_path_has_a_sentence_of_its_own(
    tmp_path: Path, flow: Say, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    here = tmp_path / "outside"
    here.mkdir()
    monkeypatch.chdir(here)
    said = flow("reproduce", gone)
    assert said.code == 4
    assert f"There is no file and no crate {here / gone}" in said.err
    assert list(here.iterdir()) == []


def test_command_exports_an_experiment(lab: Lab, run: Run, flow: Say) -> None:
    place = lab.experiment.path
    assert flow("export", "crate", place, "all.zip").code == 0
    said = flow("export", "crate", place, "--in-place")
    assert said.code == 0
    assert (place / "ro-crate-metadata.json").is_file()
    assert flow("export", "crate", "last", "-e", place).code == 2
    assert flow("export", "crate", "last", "--in-place", "-e", place).code == 2


def test_command_checks_what_archives_ask_for(lab: Lab, run: Run, flow: Say) -> None:
    place = lab.experiment.path
    said = flow("export", "bia", "last", "--check", "-e", place)
    assert said.code == 4
    assert "The organism is missing." in said.out
    template = flow("export", "bia", "--template").out
    (place / "study.yaml").write_text(template, encoding="utf-8")
    said = flow("export", "bia", place, "for-bia", "--json")
    assert said.code == 0
    told = json.loads(said.out)
    assert (told["images"], told["analysed"]) == (2, 5)
    assert "licence" not in {gap["field"] for gap in told["gaps"]}
    assert flow("export", "bia", "last", "-e", place).code == 2


def test_orcid_goes_into_records_and_crates(lab: Lab, flow: Say) -> None:
    said = flow("identity", "--name", "Ada", "--orcid", "0000-0002-1825-0098")
    assert said.code == 4
    assert "is no ORCID" in said.err
    assert "nothing is known" in flow("identity").out.lower()
    flow("identity", "--name", "Ada", "--orcid", "0000-0002-1825-0097")
    assert read_person().orcid == "0000-0002-1825-0097"

    lab.import_images(1)
    run = lab.run(lab.line())

    store = lab.experiment.store
    assert store.run_record(run.summary.id).machine.orcid == "0000-0002-1825-0097"
    assert store.verify_chain(run.summary.id) == []
    flow("export", "crate", "last", "crate", "-e", lab.experiment.path)
    text = Path("crate/ro-crate-metadata.json").read_text(encoding="utf-8")
    assert "https://orcid.org/0000-0002-1825-0097" in text
    said = flow("report", "last", "a.html", "-e", lab.experiment.path)
    assert "0000-0002-1825-0097" in Path("a.html").read_text(encoding="utf-8")
