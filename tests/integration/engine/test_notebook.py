"""What shows itself in a notebook does so, whatever names and annotations hold."""

from pathlib import Path

import pytest

from bioimageit_flow.model.events import JobEnded, RunEnded, RunStarted
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.run import JobState, RunState
from bioimageit_flow.session import Run
from bioimageit_flow.session.notebook import LiveProgress
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
    assert ">raw<" in lab.experiment.datasets()[0]._repr_html_() or (
        "raw" in lab.experiment.datasets()[0]._repr_html_()
    )
    tree = lab.experiment.lineage(result.item)._repr_html_()
    assert "image_002.ome.tif" in tree
    assert tree.index("join") < tree.index("measure") < tree.index("image_002.ome.tif")


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
