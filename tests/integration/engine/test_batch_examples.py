"""The examples of batch semantics run, with their tools' descriptors and stand-ins."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.engine.batch_examples import batch_examples


@pytest.fixture
def run_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("BIOIMAGEIT_FLOW_WORK", str(tmp_path / "work"))
    with batch_examples(tmp_path) as run:
        yield run


def test_one_psf_serves_all_images(run_example: Any) -> None:  # noqa: ANN401
    run = run_example("psf_for_all")

    assert len(run.results("deconvolve", "result")) == 5
    (psf,) = run.experiment.items("psf")
    for job in run.jobs():
        used = {edge.port: edge.item for edge in job.consumed}
        assert used["psf"] == psf.id


def test_channels_of_a_field_meet_by_well_and_field(run_example: Any) -> None:  # noqa: ANN401
    run = run_example("nuclei_and_spots")

    names = {item.id: item.name for item in run.experiment.items()}
    for job in run.jobs():
        if job.node == "measure":
            used = {edge.port: names[edge.item] for edge in job.consumed}
            assert used["labels"].removeprefix("dapi") == (
                used["intensity"].removeprefix("gfp")
            )
    table = run.table("measure")
    assert sorted(zip(table.column("well"), table.column("field"), strict=True)) == [
        (well, field) for well in ("A01", "A02", "B01") for field in (1, 2)
    ]


def test_fields_are_grouped_by_well_and_by_plate(run_example: Any) -> None:  # noqa: ANN401
    run = run_example("plates")

    wells = run.results("wells", "summary")
    plates = run.results("plates", "summary")
    assert {(one.annotations["plate"], one.annotations["well"]) for one in wells} == {
        (plate, well) for plate in (1, 2) for well in ("A01", "A02", "B01")
    }
    assert [len(one.read_table()) for one in wells] == [4] * 6
    assert [len(one.read_table()) for one in plates] == [12] * 2


def test_images_of_a_patient_meet(run_example: Any) -> None:  # noqa: ANN401
    run = run_example("before_after")

    names = {item.id: item.name for item in run.experiment.items()}
    pairs = [
        {edge.port: names[edge.item][-9] for edge in job.consumed}
        for job in run.jobs()
        if job.node == "change"
    ]
    assert len(pairs) == 4
    assert all(pair["labels"] == pair["intensity"] for pair in pairs)


def test_sweep_is_compared_for_each_combination(run_example: Any) -> None:  # noqa: ANN401
    run = run_example("sweep")

    table = run.table("compare", "test")
    assert sorted(
        zip(table.column("sigma"), table.column("threshold"), strict=True)
    ) == [(sigma, threshold) for sigma in (0.5, 1, 2) for threshold in (4, 6, 8, 10)]
    assert table.column("value") == [6] * 12
    assert len(run.results("spots", "points")) == 72
