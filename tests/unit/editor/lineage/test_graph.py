from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bioimageit_flow.editor.lineage.graph import FOLDED_FROM, History, Role
from bioimageit_flow.editor.lineage.words import (
    facts_of_item,
    facts_of_job,
    parameters_of,
    title_of,
    words_of_arrow,
)
from bioimageit_flow.model.data import Item
from bioimageit_flow.session import Experiment
from bioimageit_flow.testing.samples import job_record, produced, raw_item, run_record

IMAGES = 40


@pytest.fixture
def experiment(tmp_path: Path) -> Iterator[Experiment]:
    """Return 40 images, each denoised, and all compared by one job."""
    with closing(Experiment.create(tmp_path / "e")) as experiment:
        store = experiment.store
        new = [raw_item(f"{n:02}.tif") for n in range(IMAGES)]
        store.add_raw_items(new)
        run = run_record()
        store.begin_run(run)
        made = [produced(f"{n:02}.tif", path=f"d/{n}.tif") for n in range(IMAGES)]
        store.commit_jobs(
            [
                job_record(run.id, [raw.item.id], outputs=[result])
                for raw, result in zip(new, made, strict=True)
            ]
        )
        last = produced("p.json", port="test", path="p.json")
        ids = [result.id for result in made]
        store.commit_jobs([job_record(run.id, ids, node="compare", outputs=[last])])
        yield experiment


def history(experiment: Experiment, item: Item) -> History:
    back = experiment.lineage(item)
    return History.of(back, experiment.lineage(item, forward=True))


def test_many_alike_are_one_box(experiment: Experiment) -> None:
    graph = history(experiment, experiment.find_item("p.json")).graph()
    titles = {title_of(box): box.role for box in graph.boxes.values()}
    assert titles == {
        "raw \u00d7 40": Role.RAW,
        "denoise \u00d7 40": Role.JOB,
        "denoise/image \u00d7 40": Role.RESULT,
        "compare": Role.JOB,
        "p.json": Role.RESULT,
    }
    assert sum(arrow.count for arrow in graph.arrows) == 3 * IMAGES + 1


def test_an_opened_group_shows_each_of_its_boxes(experiment: Experiment) -> None:
    told = history(experiment, experiment.find_item("p.json"))
    folded = told.graph()
    group = next(one.group for one in folded.boxes.values() if one.role is Role.RAW)
    graph = told.graph(frozenset({group}))
    raw = [one for one in graph.boxes.values() if one.role is Role.RAW]
    assert len(raw) == IMAGES
    assert not any(one.is_folded for one in raw)


def test_the_item_in_question_is_never_folded(experiment: Experiment) -> None:
    asked = experiment.find_item("raw/07.tif")
    boxes = history(experiment, asked).graph().boxes
    (mine,) = [one for one in boxes.values() if one.is_asked]
    assert mine.items == (asked,)


def test_what_was_made_from_an_item_is_told(experiment: Experiment) -> None:
    asked = experiment.find_item("raw/07.tif")
    told = history(experiment, asked)
    assert {job.node for job in told.jobs.values()} == {"denoise", "compare"}
    only_back = History.of(experiment.lineage(asked))
    assert not only_back.jobs


def test_arrows_lead_from_what_was_taken_to_what_was_made(
    experiment: Experiment,
) -> None:
    graph = history(experiment, experiment.find_item("p.json")).graph()
    by_ends = {
        (graph.boxes[one.source].title, graph.boxes[one.target].title): one
        for one in graph.arrows
    }
    into = by_ends["raw", "denoise"]
    assert words_of_arrow(into) == "images -> denoise.image \u00d7 40"
    assert words_of_arrow(by_ends["compare", "p.json"]) == ""


def test_few_alike_stay_apart(tmp_path: Path) -> None:
    with Experiment.create(tmp_path / "e") as experiment:
        new = [raw_item(f"{n}.tif") for n in range(FOLDED_FROM - 1)]
        experiment.store.add_raw_items(new)
        run = run_record()
        experiment.store.begin_run(run)
        last = produced("p.json", path="p.json")
        ids = [one.item.id for one in new]
        experiment.store.commit_jobs([job_record(run.id, ids, outputs=[last])])
        graph = history(experiment, experiment.find_item("p.json")).graph()
        assert len(graph.boxes) == len(new) + 2


def test_a_job_tells_how_it_was_carried_out(experiment: Experiment) -> None:
    told = history(experiment, experiment.find_item("p.json"))
    job = next(iter(told.jobs.values()))
    facts = dict(facts_of_job(job))
    assert facts["tool"] == "skimage/gaussian@1.0.0"
    assert facts["took"] == "0.25 s"
    assert parameters_of(job) == [("sigma", "1.5")]
    raw = next(iter(told.graph().boxes.values()))
    assert ("dataset", raw.items[0].dataset) in facts_of_item(raw.items[0])


def test_a_raw_item_tells_where_it_was_imported_from(experiment: Experiment) -> None:
    facts = dict(facts_of_item(experiment.find_item("raw/07.tif")))
    assert facts["imported from"] == "/microscope/07.tif"
