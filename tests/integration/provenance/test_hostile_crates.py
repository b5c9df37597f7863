"""Crates that are damaged or mean harm: told by name, nothing outside is touched."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bioimageit_flow.errors import DataError, FlowError, NewerVersionError
from bioimageit_flow.provenance.certificate import Overall
from bioimageit_flow.provenance.crate import reading
from bioimageit_flow.session import Run, Session
from bioimageit_flow.session.crates import export_crate
from bioimageit_flow.session.reproducing import reproduce
from tests.integration.engine.lab import Lab
from tests.integration.provenance.hostile import refusal

METADATA, RECIPE = "ro-crate-metadata.json", "recipe.jsonl"
RAW = "data/raw/image_001.ome.tif"

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def crate(lab: Lab, tmp_path: Path) -> Path:
    lab.import_images(2)
    run: Run = lab.run(lab.line())
    return export_crate(run, tmp_path / "inner" / "crate")


@pytest.fixture
def elsewhere(lab: Lab) -> Session:
    return Session(runtimes=[lab.runtime])


def edit_metadata(crate: Path, change: Change) -> None:
    path = crate / METADATA
    value = json.loads(path.read_text(encoding="utf-8"))
    change({one["@id"]: one for one in value["@graph"]} | {"": value})
    path.write_text(json.dumps(value), encoding="utf-8")


def edit_recipe(crate: Path, kind: str, **facts: object) -> None:
    """Change the first line of a kind, and the hash of the recipe with it."""
    path = crate / RECIPE
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    next(line for line in lines if line["line"] == kind).update(facts)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_missing_raw_data_are_named(
    crate: Path, elsewhere: Session, tmp_path: Path
) -> None:
    (crate / RAW).unlink()

    assert f"{RAW} is missing" in refusal(crate, elsewhere, tmp_path)


def test_altered_raw_data_are_named(
    crate: Path, elsewhere: Session, tmp_path: Path
) -> None:
    path = crate / RAW
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    assert f"{RAW} is altered" in refusal(crate, elsewhere, tmp_path)


def test_altered_results_are_compared_by_their_hashes(
    crate: Path, elsewhere: Session, tmp_path: Path
) -> None:
    (crate / "results/measure/table/image_001.csv").write_text("value\n99\n")
    (crate / "results/measure/table/image_002.csv").unlink()

    found = reproduce(crate, tmp_path / "again", session=elsewhere)

    assert found.certificate.overall is Overall.REPRODUCED
    (note,) = found.certificate.notes
    assert "image_001.csv is altered" in note
    assert "image_002.csv is missing" in note


def test_altered_workflow_is_refused(
    crate: Path, elsewhere: Session, tmp_path: Path
) -> None:
    path = crate / "workflow.flow.yaml"
    path.write_text(path.read_text().replace("amount: 10", "amount: 11"))

    assert "workflow.flow.yaml, was altered" in refusal(crate, elsewhere, tmp_path)


def test_altered_recipe_is_refused(
    crate: Path, elsewhere: Session, tmp_path: Path
) -> None:
    edit_recipe(crate, "run", name="Other")

    assert "recipe.jsonl, was altered" in refusal(crate, elsewhere, tmp_path)


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ("https://w3id.org/ro/wfrun/process/0.5", "cannot be run again here: https"),
        ("https://example.org/my-own/9", "https://example.org/my-own/9"),
        (None, "no profile"),
    ],
)
def test_unknown_profile_is_named(
    crate: Path,
    elsewhere: Session,
    tmp_path: Path,
    profile: str | None,
    words: str,
) -> None:
    def change(entities: dict[str, Any]) -> None:
        entities["./"]["conformsTo"] = [{"@id": profile}] if profile else []

    edit_metadata(crate, change)

    assert words in refusal(crate, elsewhere, tmp_path)


def test_what_is_no_crate_is_told(elsewhere: Session, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "has no ro-crate-metadata.json" in refusal(
        tmp_path / "empty", elsewhere, tmp_path
    )
    (tmp_path / "text.zip").write_text("no zip")
    assert "text.zip" in refusal(tmp_path / "text.zip", elsewhere, tmp_path)
    assert "no crate" in refusal(tmp_path / "none.zip", elsewhere, tmp_path)


def test_crate_of_another_program_says_what_it_lacks(
    crate: Path, elsewhere: Session, tmp_path: Path
) -> None:
    (crate / RECIPE).unlink()

    def change(entities: dict[str, Any]) -> None:
        graph = entities[""]["@graph"]
        entities[""]["@graph"] = [one for one in graph if one["@id"] != RECIPE]

    edit_metadata(crate, change)

    assert "has no recipe.jsonl" in refusal(crate, elsewhere, tmp_path)


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "data/../../secret.txt",
        "/etc/passwd",
        "C:/secret.txt",
        "data\\..\\secret.txt",
        "data//x",
        "./data",
    ],
)
def test_paths_that_lead_out_are_refused(
    crate: Path, elsewhere: Session, tmp_path: Path, path: str
) -> None:
    (tmp_path / "inner" / "secret.txt").write_text("secret")
    edit_recipe(crate, "given", path=path)
    _forget_hash_of_recipe(crate)

    assert "leads out of it" in refusal(crate, elsewhere, tmp_path)


def _forget_hash_of_recipe(crate: Path) -> None:
    edit_metadata(crate, lambda entities: entities[RECIPE].pop("sha256"))


@pytest.mark.parametrize("id_", ["../secret.txt", "/etc/hostname", "%2e%2e/secret.txt"])
def test_ids_that_lead_out_are_refused(
    crate: Path, elsewhere: Session, tmp_path: Path, id_: str
) -> None:
    def change(entities: dict[str, Any]) -> None:
        entities[""]["@graph"].append({"@id": id_, "@type": "File", "sha256": "0" * 64})

    edit_metadata(crate, change)

    assert "leads out of it" in refusal(crate, elsewhere, tmp_path)


def test_tool_that_leads_out_is_refused(
    crate: Path, elsewhere: Session, tmp_path: Path, lab: Lab
) -> None:
    outside = tmp_path / "inner" / "evil"
    shutil.copytree(lab.folder / "tools" / "test" / "add", outside)
    edit_recipe(crate, "tool", folder="../evil")
    _forget_hash_of_recipe(crate)
    assert "leads out of it" in refusal(crate, elsewhere, tmp_path)


def test_tool_that_is_another_is_refused(
    crate: Path, elsewhere: Session, tmp_path: Path
) -> None:
    edit_recipe(crate, "tool", folder="tools/test/join")
    _forget_hash_of_recipe(crate)
    with pytest.raises(FlowError, match="but it is test/join"):
        reproduce(crate, tmp_path / "again", session=elsewhere)
    assert not (tmp_path / "again").exists()


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs links")
@pytest.mark.parametrize(
    "inner", [RAW, "tools/test/add/run.py", "ro-crate-metadata.json", "data"]
)
def test_links_are_refused(
    crate: Path, elsewhere: Session, tmp_path: Path, inner: str
) -> None:
    path = crate / inner
    kept = tmp_path / "inner" / "kept"
    path.rename(kept)
    path.symlink_to(kept, target_is_directory=kept.is_dir())

    said = refusal(crate, elsewhere, tmp_path)

    assert "is a link" in said or "has no ro-crate-metadata.json" in said


def test_huge_metadata_are_not_read(
    crate: Path, elsewhere: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_METADATA", 1000)

    assert "far too many" in refusal(crate, elsewhere, tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 100_000, "no JSON"),
        ("{", "no JSON"),
        ("[]", "has no graph"),
        ('{"@graph": {}}', "has no graph"),
        ('{"@graph": [1]}', "without @id"),
        ('{"@graph": [{"@id": 3}]}', "without @id"),
        ('{"@graph": []}', "has no root"),
    ],
)
def test_metadata_that_make_no_sense_are_refused(
    crate: Path, elsewhere: Session, tmp_path: Path, text: str, words: str
) -> None:
    (crate / METADATA).write_text(text)

    assert words in refusal(crate, elsewhere, tmp_path)


def test_ids_that_stand_twice_are_named(
    crate: Path, elsewhere: Session, tmp_path: Path
) -> None:
    edit_metadata(
        crate, lambda entities: entities[""]["@graph"].append(dict(entities[RAW]))
    )

    assert f"tells of {RAW} twice" in refusal(crate, elsewhere, tmp_path)


def test_data_made_of_themselves_are_named(
    crate: Path, elsewhere: Session, tmp_path: Path
) -> None:
    table = "results/measure/table/image_001.csv"

    def change(entities: dict[str, Any]) -> None:
        for entity in entities.values():
            if "CreateAction" in str(entity.get("@type")) and "add" in str(
                entity["instrument"]
            ):
                entity["object"] = [{"@id": table}]

    edit_metadata(crate, change)

    assert "is made of itself" in refusal(crate, elsewhere, tmp_path)


def test_data_made_twice_are_named(
    crate: Path, elsewhere: Session, tmp_path: Path
) -> None:
    def change(entities: dict[str, Any]) -> None:
        job = next(one for id_, one in entities.items() if id_.startswith("#job/"))
        entities[""]["@graph"].append({**job, "@id": "#job/other"})

    edit_metadata(crate, change)

    assert "two jobs made" in refusal(crate, elsewhere, tmp_path)


@pytest.mark.parametrize(
    ("line", "facts", "words"),
    [
        ("run", {"schema": "other/1"}, "does not begin as one"),
        ("given", {"content": "0" * 64}, "is not the data that it says"),
        ("given", {"info": {}}, "a description makes no sense"),
        ("result", {"roots": [99]}, "comes from what was never given"),
        ("result", {"roots": "x"}, "makes no sense"),
    ],
)
def test_recipes_that_make_no_sense_are_refused(
    crate: Path,
    elsewhere: Session,
    tmp_path: Path,
    line: str,
    facts: dict[str, object],
    words: str,
) -> None:
    edit_recipe(crate, line, **facts)
    _forget_hash_of_recipe(crate)
    if line == "given" and "content" in facts:
        with pytest.raises(DataError, match=words):
            reproduce(crate, tmp_path / "again", session=elsewhere)
        return

    assert words in refusal(crate, elsewhere, tmp_path)


def test_recipe_of_a_newer_version_says_what_to_do(
    crate: Path, elsewhere: Session, tmp_path: Path
) -> None:
    edit_recipe(crate, "run", schema="bioimageit-flow/recipe/2")

    said = refusal(crate, elsewhere, tmp_path, NewerVersionError)

    assert "pip install --upgrade" in said
