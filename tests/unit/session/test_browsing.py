from collections.abc import Iterator
from pathlib import Path

import pytest

from bioimageit_flow.errors import QueryError
from bioimageit_flow.session import Experiment
from bioimageit_flow.session.browsing import Order, browse
from bioimageit_flow.testing.samples import job_record, produced, raw_item, run_record


@pytest.fixture
def experiment(tmp_path: Path) -> Iterator[Experiment]:
    with Experiment.create(tmp_path / "e") as experiment:
        doses = {"a.tif": 10, "b.tif": 2, "c.tif": None, "d.tif": 30}
        new = [
            raw_item(name, annotations={} if dose is None else {"dose": dose})
            for name, dose in doses.items()
        ]
        experiment.store.add_raw_items(new)
        run = run_record()
        experiment.store.begin_run(run)
        experiment.store.commit_jobs(
            [
                job_record(
                    run.id,
                    [one.item.id],
                    outputs=[produced(one.item.name, path=f"r/{one.item.name}")],
                )
                for one in new
            ]
        )
        yield experiment


def names(experiment: Experiment, **how: object) -> list[str]:
    found = browse(experiment, **how)  # type: ignore[arg-type]
    return [row.item.name for row in found.read(0, len(found))]


def test_rows_come_in_parts(experiment: Experiment) -> None:
    found = browse(experiment, dataset="raw")
    assert len(found) == 4
    assert [row.item.name for row in found.read(1, 3)] == ["b.tif", "c.tif"]
    assert [item.name for item in found.items([3, 0])] == ["d.tif", "a.tif"]


def test_rows_are_those_of_a_query(experiment: Experiment) -> None:
    assert names(experiment, where="dose > 5", dataset="raw") == ["a.tif", "d.tif"]
    with pytest.raises(QueryError):
        browse(experiment, "dose >")


def test_excluded_rows_can_be_left_out(experiment: Experiment) -> None:
    experiment.exclude([experiment.find_item("raw/a.tif")], "blurred")
    assert "a.tif" not in names(experiment, dataset="raw", excluded=False)
    assert names(experiment, dataset="raw", excluded=True) == ["a.tif"]


@pytest.mark.parametrize("which", ["raw", "processed"])
def test_items_are_sorted_by_values_of_their_ancestors_too(
    experiment: Experiment, which: str
) -> None:
    processed = next(one.name for one in experiment.datasets() if "/" in one.name)
    dataset = "raw" if which == "raw" else processed
    order = Order("dose", is_key=True)
    assert names(experiment, dataset=dataset, order=order) == [
        *("b.tif", "a.tif", "d.tif", "c.tif")
    ]
    turned = Order("dose", is_key=True, is_descending=True)
    assert names(experiment, dataset=dataset, order=turned) == [
        *("d.tif", "a.tif", "b.tif", "c.tif")
    ]


def test_a_row_knows_which_values_are_its_own(experiment: Experiment) -> None:
    processed = next(one.name for one in experiment.datasets() if "/" in one.name)
    raw = browse(experiment, dataset="raw").read(0, 1)[0]
    made = browse(experiment, dataset=processed).read(0, 1)[0]
    assert (raw.value("dose"), raw.is_own("dose")) == (10, True)
    assert (made.value("dose"), made.is_own("dose")) == (10, False)
    assert made.value("nothing") is None
