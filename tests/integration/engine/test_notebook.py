"""What shows itself in a notebook does so, whatever names and annotations hold."""

from pathlib import Path

import pytest

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.events import JobEnded, RunEnded, RunStarted
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.run import JobState, RunState
from bioimageit_flow.session import Run
from bioimageit_flow.session.notebook import SHOWN_ITEMS, LiveProgress
from tests.integration.engine.lab import Lab

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def run(lab: Lab) -> Run:
    lab.import_images(2)
    lab.experiment.annotate(lab.experiment.items("raw"), {"condition": EVIL})
    return lab.run(lab.line())


def test_experiment_lists_datasets_and_runs(lab: Lab, run: Run) -> None:
    html = lab.experiment._repr_html_()

    assert "<td" in html
    assert ">raw<" in html
    assert run.summary.folder in html


def test_gallery_shows_thumbnails_and_escapes_annotations(lab: Lab, run: Run) -> None:
    html = lab.experiment.gallery("raw")._repr_html_()

    assert html.count("data:image/png;base64,") == 2
    assert "image_001.ome.tif" in html
    assert EVIL not in html
    assert "&lt;script&gt;" in html


def test_run_shows_its_nodes_and_some_results(run: Run) -> None:
    html = run._repr_html_()

    assert "done" in html
    assert ">measure<" in html
    assert EVIL not in html


def test_result_dataset_item_and_lineage_show_themselves(lab: Lab, run: Run) -> None:
    (result,) = run.results("join", "table")

    assert "table.csv" in result._repr_html_()
    assert EVIL not in result._repr_html_()
    assert "table.csv" in result.item._repr_html_()
    tree = lab.experiment.lineage(result.item)._repr_html_()
    assert "image_002.ome.tif" in tree
    assert tree.index("join") < tree.index("measure") < tree.index("image_002.ome.tif")


def test_dataset_shows_its_items_with_thumbnails(lab: Lab, run: Run) -> None:
    html = lab.experiment.dataset("raw")._repr_html_()

    assert html.count("data:image/png;base64,") == 2
    assert "image_001.ome.tif" in html
    assert ">condition<" in html
    assert EVIL not in html
    assert "&lt;script&gt;" in html
    assert "more" not in html


def test_large_dataset_shows_its_first_items_and_says_how_many_more(lab: Lab) -> None:
    lab.import_images(SHOWN_ITEMS + 3)

    html = lab.experiment.dataset("raw")._repr_html_()

    assert html.count("data:image/png;base64,") == SHOWN_ITEMS
    assert "and 3 more" in html
    assert "15 items" in html


def test_dataset_that_is_not_there_is_named(lab: Lab) -> None:
    with pytest.raises(StoreError, match="no dataset 'rwa'"):
        lab.experiment.dataset("rwa")


def test_experiment_shows_pictures_of_its_datasets(lab: Lab, run: Run) -> None:
    assert lab.experiment._repr_html_().count("data:image/png;base64,") >= 2


def test_item_shows_its_picture_and_what_its_ancestors_are_annotated_with(
    lab: Lab, run: Run
) -> None:
    raw = lab.experiment.items("raw")[0]
    (found,) = lab.experiment.select(f"id = {raw.id}")
    measured = lab.experiment.items(f"{run.summary.folder}/measure/table")[0]

    assert "data:image/png;base64," in raw._repr_html_()
    assert found == raw
    assert found._repr_html_() == raw._repr_html_()
    assert "&lt;script&gt;" in measured._repr_html_()


def test_excluded_item_says_so(lab: Lab) -> None:
    lab.import_images(1)
    lab.experiment.exclude(lab.experiment.items("raw"), "out of focus")

    assert "out of focus" in lab.experiment.items("raw")[0]._repr_html_()


def test_items_of_a_closed_experiment_show_what_they_know(lab: Lab, run: Run) -> None:
    dataset, item = lab.experiment.dataset("raw"), lab.experiment.items("raw")[0]
    lab.experiment.close()

    assert "raw" in dataset._repr_html_()
    assert item.name in item._repr_html_()
    assert "img" not in item._repr_html_()


def test_plan_shows_jobs_and_problems(lab: Lab) -> None:
    lab.import_images(2)

    html = lab.experiment.plan(lab.line(), bind={"images": EVIL})._repr_html_()

    assert ">measure<" in html
    assert EVIL not in html


def test_workflow_is_drawn(lab: Lab) -> None:
    workflow = lab.line()

    svg = workflow._repr_svg_()

    assert svg.startswith("<svg")
    assert svg.count("<rect") == 4
    assert svg.count("<path") == 3
    assert svg == workflow._repr_svg_()


def test_progress_counts_what_has_ended() -> None:
    progress = LiveProgress()

    progress(RunStarted(RunId("r"), Path(), {"a": 3}, {}))
    progress(JobEnded("a", "x", JobState.DONE))
    progress(JobEnded("a", "y", JobState.FAILED))
    html = progress._repr_html_()
    progress(RunEnded(RunState.PARTIAL))

    assert "2 / 3" in html
    assert "1 done, 1 failed" in html
    assert "partial" in progress._repr_html_()


def test_thumbnails_are_kept_and_missing_files_say_why(lab: Lab, run: Run) -> None:
    html = lab.experiment.gallery("raw")._repr_html_()
    kept = lab.experiment.path / ".cache" / "thumbnails"
    assert len([one for one in kept.rglob("*") if one.is_file()]) == 2
    first, _ = lab.experiment.items("raw")
    lab.experiment.delete([first], "not ours")
    again = lab.experiment.gallery("raw")._repr_html_()
    assert again.count("data:image/png;base64,") == 1
    assert "lies nowhere any more" in again
    assert "lies nowhere" not in html
