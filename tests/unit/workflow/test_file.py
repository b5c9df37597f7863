from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimageit_flow.errors import NewerVersionError, WorkflowError
from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.file import (
    load_document,
    read_document,
    save_document,
    write_document,
)
from tests.builders import a_document

FORMATS_EXAMPLE = """\
schema: bioimageit-flow/workflow/1
id: 0b9c3a54-3d1f-4c9e-9a57-1f3f3c5d2a11
name: Two populations
description: |
  Counts spots per image and compares the conditions.
authors: []
licence: CC0-1.0
inputs:
  images: {kind: image, axes: [YX], help: Raw spot images}
  psf: {kind: image, axes: [YX]}
nodes:
  deconvolve:
    tool: skimage/richardson-lucy@1.0.0
    parameters: {iterations: {sweep: {values: [5, 10, 20]}}}
    wires: {image: images, psf: psf}
    match: {psf: use_for_all}
  spots:
    tool: skimage/detect-spots@1.0.0
    parameters: {threshold: 3.5, radius: {annotation: spot_radius}}
    wires: {image: deconvolve.image}
    label: Spots (LoG)
    state: enabled
  compare:
    tool: tables/compare-groups@1.0.0
    parameters: {by: condition}
    wires: {tables: [spots.points]}
    group_by: [iterations]
outputs: {p_value: compare.test}
filters: []
notes: [{text: "**Why** LoG: ..."}]
layout:
  nodes: {deconvolve: [0, 0], spots: [260, 0], compare: [520, 0]}
  frames: []
  view: {}
x-lab: kept
"""


def test_example_of_the_contract_loads_and_keeps_everything() -> None:
    document = read_document(FORMATS_EXAMPLE)

    again = read_document(write_document(document))

    assert again == document
    assert document.nodes["compare"].wires == {"tables": ("spots.points",)}
    assert "x-lab: kept" in write_document(document)


def test_writing_is_canonical() -> None:
    text = write_document(read_document(FORMATS_EXAMPLE))

    assert write_document(read_document(text)) == text
    assert text.startswith("schema: bioimageit-flow/workflow/1\nid: 0b9c3a54")


def test_building_gives_the_file_that_loading_and_saving_gives(tmp_path: Path) -> None:
    built = Workflow("Smooth")
    images = built.add_input("images", "image", axes=["YX"])
    blur = built.add("skimage/gaussian", sigma=1.5)
    images >> blur["image"]
    built.save(tmp_path / "built.flow.yaml")

    Workflow.load(tmp_path / "built.flow.yaml").save(tmp_path / "again.flow.yaml")

    first = (tmp_path / "built.flow.yaml").read_bytes()
    assert (tmp_path / "again.flow.yaml").read_bytes() == first


def test_moving_a_node_changes_only_the_layout() -> None:
    workflow = Workflow.loads(FORMATS_EXAMPLE)
    before = workflow.dumps().partition("layout:")[0]

    workflow.move("spots", 1000, 7)

    head, _, layout = workflow.dumps().partition("layout:")
    assert head == before
    assert "[1000" in layout


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("schema: bioimageit-flow/workflow/1", "schema: 7"), "schema '7'"),
        (("id: 0b9c3a54-3d1f-4c9e-9a57-1f3f3c5d2a11", "id: mine"), "not a uuid"),
        (("licence:", "license:"), "'license' is not known"),
        (("state: enabled", "state: asleep"), "nodes.spots.state"),
        (("image: deconvolve.image", "image: 'a b'"), "neither 'node.port'"),
        (("name: Two populations", "name: [1"), "line"),
    ],
)
def test_malformed_file_is_refused_with_the_place(
    change: tuple[str, str], said: str
) -> None:
    text = FORMATS_EXAMPLE.replace(*change)

    with pytest.raises(WorkflowError, match=r"is not a|has the schema") as caught:
        read_document(text, "mine.flow.yaml")

    assert said in str(caught.value)
    assert "mine.flow.yaml" in str(caught.value)


def test_newer_file_is_refused_with_the_version_to_install() -> None:
    text = FORMATS_EXAMPLE.replace("workflow/1", "workflow/2")

    with pytest.raises(NewerVersionError, match=r"newer version.*upgrade"):
        read_document(text)


def test_missing_and_binary_files_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(WorkflowError, match=r"no workflow file .*gone\.yaml"):
        load_document(tmp_path / "gone.yaml")
    binary = tmp_path / "image.flow.yaml"
    binary.write_bytes(b"\xff\xfe\x00II*")
    with pytest.raises(WorkflowError, match="not UTF-8"):
        load_document(binary)


def test_saving_where_nothing_can_be_written_keeps_the_old_file(tmp_path: Path) -> None:
    document = a_document({"a": {"wires": {"image": "images"}}})
    with pytest.raises(WorkflowError, match="cannot be saved"):
        save_document(document, tmp_path / "no" / "such" / "w.flow.yaml")


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_survives_saving(description: str, note: str) -> None:
    document = a_document(
        {"a": {"wires": {"image": "images"}, "label": description}},
        description=description,
        notes=[{"text": note}],
    )
    try:
        text = write_document(document)
    except UnicodeEncodeError:
        return

    assert read_document(text) == document


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        ("schéma".encode("utf-16"), "save it as UTF-8"),
        ("schéma".encode("latin-1"), "save it as UTF-8"),
        (b"\xff\x00\x01\x02", "usually named"),
    ],
)
def test_text_of_another_encoding_is_told_from_what_is_no_text(
    content: bytes, remedy: str, tmp_path: Path
) -> None:
    path = tmp_path / "other.flow.yaml"
    path.write_bytes(content)
    with pytest.raises(WorkflowError, match="not UTF-8") as caught:
        load_document(path)
    assert remedy in caught.value.remedy


def test_folder_is_called_a_folder(tmp_path: Path) -> None:
    with pytest.raises(WorkflowError, match="is a folder"):
        load_document(tmp_path)


def test_no_more_than_can_be_a_workflow_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bioimageit_flow.workflow.file._MAX_BYTES", 48)
    monkeypatch.setattr("bioimageit_flow.model.yaml_text.MAX_CHARACTERS", 10)
    path = tmp_path / "endless.flow.yaml"
    path.write_bytes(b"x" + "€".encode() * 1000)  # cut within a character
    with pytest.raises(WorkflowError, match="longer than 10 characters"):
        load_document(path)
