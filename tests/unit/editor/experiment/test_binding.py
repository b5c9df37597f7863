from pathlib import Path

import pytest

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.experiment.binding import (
    binding_of,
    count_of,
    read,
    words_of,
)
from bioimageit_flow.editor.open_experiment import OpenExperiment
from bioimageit_flow.editor.scene import NodeRole
from bioimageit_flow.errors import QueryError, StoreError
from bioimageit_flow.model.selection import read_binding
from bioimageit_flow.session import Experiment
from bioimageit_flow.testing.samples import raw_item
from bioimageit_flow.workflow import Workflow


def test_a_binding_is_written_as_the_command_line_takes_it() -> None:
    item = raw_item().item
    assert binding_of("raw") == "raw"
    assert binding_of("raw", " dose > 5 ") == "raw where dose > 5"
    assert binding_of("raw", "x = 1", [item]) == f"items {item.id}"
    assert read_binding(binding_of("raw", "dose > 5")).datasets == ("raw",)
    assert read_binding(binding_of(items=[item])).ids == (item.id,)


@pytest.mark.parametrize(
    ("text", "count", "words"),
    [
        ("raw", None, "raw"),
        ("raw", 1200, "raw (1,200)"),
        ("raw where dose > 5", 3, "raw where dose > 5 (3)"),
        ("2026_Count/blobs/labels", 4, "blobs/labels (4)"),
        ("items 0a, 0b", None, "2 items"),
        ("items 0a", 1, "1 item"),
        ("where dose > 5", None, "raw data where dose > 5"),
        ("raw where (", None, "raw where ("),
    ],
)
def test_bindings_are_said_in_a_few_words(
    text: str, count: int | None, words: str
) -> None:
    assert words_of(text, count) == words


def test_the_name_of_a_processed_dataset_stands_for_itself() -> None:
    assert read("2026_a b/blobs/labels").datasets == ("2026_a b/blobs/labels",)
    with pytest.raises(QueryError):
        read("raw where dose >")


def test_excluded_items_do_not_count(tmp_path: Path) -> None:
    with Experiment.create(tmp_path / "e") as experiment:
        new = [raw_item(f"{n}.tif", annotations={"n": n}) for n in range(5)]
        new.append(raw_item("other.tif", dataset="more"))
        experiment.store.add_raw_items(new)
        assert count_of(experiment, "raw") == 5
        assert count_of(experiment, "raw, more") == 6
        assert count_of(experiment, "where name ~ tif") == 6
        assert count_of(experiment, "raw where n >= 3") == 2
        assert count_of(experiment, f"items {new[0].item.id}") == 1
        experiment.exclude([new[4].item], "blurred")
        assert count_of(experiment, "raw where n >= 3") == 1
        with pytest.raises(StoreError, match="nowhere"):
            count_of(experiment, "nowhere")


@pytest.fixture
def bound_editor(editor: Editor) -> Editor:
    editor.add_dataset("images")
    editor.add_dataset("psf")
    return editor


def test_bindings_are_remembered_by_experiment_and_workflow(
    bound_editor: Editor, tmp_path: Path
) -> None:
    state = OpenExperiment(tmp_path)
    state.open(tmp_path / "one")
    state.bind(bound_editor, "images", "raw")
    state.open(tmp_path / "two")
    assert state.bindings(bound_editor) == {}
    state.bind(bound_editor, "images", "raw where dose > 5")

    again = OpenExperiment(tmp_path)
    again.open(tmp_path / "one")
    assert again.bindings(bound_editor) == {"images": "raw"}
    again.open(tmp_path / "two")
    assert again.bindings(bound_editor) == {"images": "raw where dose > 5"}
    other = Editor(Workflow("Other"))
    other.add_dataset("images")
    assert again.bindings(other) == {}


def test_a_binding_can_be_taken_away(bound_editor: Editor, tmp_path: Path) -> None:
    state = OpenExperiment(tmp_path)
    state.open(tmp_path / "e", {"images": "raw", "nothing": "x"})
    assert state.bindings(bound_editor) == {"images": "raw"}
    state.bind(bound_editor, "images", None)
    assert state.bindings(bound_editor) == {}


def test_the_workflow_file_holds_no_binding(
    bound_editor: Editor, tmp_path: Path
) -> None:
    state = OpenExperiment(tmp_path)
    state.open(tmp_path / "secret-place")
    before = bound_editor.workflow.document
    state.bind(bound_editor, "images", "secret-data")
    bound_editor.show_bound(state.shown(bound_editor))
    assert bound_editor.workflow.document is before


def test_boxes_of_inputs_say_what_they_are_bound_to(bound_editor: Editor) -> None:
    state = OpenExperiment()
    state.bind(bound_editor, "images", "raw")
    assert state.uncounted(bound_editor) == ["raw"]
    state.note_count("raw", 40)
    assert state.uncounted(bound_editor) == []
    bound_editor.show_bound(state.shown(bound_editor))
    views = bound_editor.scene.nodes
    assert views["images"].role is NodeRole.DATASET
    assert views["images"].subtitle == "images = raw (40)"
    assert "=" not in views["psf"].subtitle
    bound_editor.show_bound({})
    assert "=" not in bound_editor.scene.nodes["images"].subtitle


def test_counts_are_forgotten_when_the_contents_change(bound_editor: Editor) -> None:
    state = OpenExperiment()
    state.bind(bound_editor, "images", "raw")
    state.note_count("raw", 40)
    state.contents_changed.emit()
    assert state.uncounted(bound_editor) == ["raw"]


def test_a_damaged_file_costs_the_bindings_and_not_the_start(tmp_path: Path) -> None:
    (tmp_path / "bindings.json").write_text("{]", encoding="utf-8")
    assert OpenExperiment(tmp_path).last is None
    (tmp_path / "bindings.json").write_text('{"bindings": [1]}', encoding="utf-8")
    assert OpenExperiment(tmp_path).last is None


def test_the_last_experiment_is_proposed_while_it_is_there(tmp_path: Path) -> None:
    place = tmp_path / "e"
    Experiment.create(place).close()
    OpenExperiment(tmp_path).open(place)
    again = OpenExperiment(tmp_path)
    assert again.current_experiment() is None
    assert again.last == place
    (place / "experiment.db").rename(tmp_path / "gone.db")
    assert OpenExperiment(tmp_path).last is None
