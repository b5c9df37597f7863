"""Results that experiments share, where some were cleaned or could not be kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bioimageit_flow.model.run import JobState
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.refusals import no_space
from tests.integration.engine.lab import Lab


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder to share results in, empty."""
    place = tmp_path / "shared"
    place.mkdir()
    return place


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Lab]:
    """Another experiment over the same images."""
    place = tmp_path / "elsewhere"
    place.mkdir()
    lab = Lab(place)
    yield lab
    lab.experiment.close()


def test_what_a_shared_result_was_made_from_is_there_if_it_is_damaged(
    lab: Lab, other: Lab, shared: Path
) -> None:
    for one in (lab, other):
        one.import_images(2)
    lab.run(lab.line(), upto=["add"])
    lab.experiment.clean(lab.experiment.plan_cleaning(with_ends=True))
    other.run(other.line(), share=shared)

    for content in (shared / "contents").rglob("*"):
        if content.is_file():
            content.chmod(0o644)
            content.write_bytes(bytes(content.stat().st_size))
    run = lab.run(lab.line(), share=shared)
    assert lab.values(run) == other.values(other.experiment.find_run("last"))


def test_what_could_not_be_kept_is_not_shared(
    lab: Lab, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.import_images(1)

    def refuse(folder: ExperimentFolder, *_: object, **__: object) -> None:
        raise no_space(folder.path)

    with monkeypatch.context() as patch:
        patch.setattr(ExperimentFolder, "publish", refuse)
        run = lab.run(lab.line(), share=shared)
    assert run.summary.counts[JobState.FAILED] == 1
    assert list((shared / "results").rglob("*.json")) == []


def test_plan_says_that_what_was_cleaned_here_comes_from_the_shared_folder(
    lab: Lab, shared: Path
) -> None:
    lab.import_images(2)
    before = lab.run(lab.line(), share=shared)
    lab.experiment.clean(lab.experiment.plan_cleaning(with_ends=True))

    bind = {"images": "raw"}
    plan = lab.experiment.plan(lab.line(), bind=bind, share=shared)
    planned = {one.node: (one.reused, one.shared, one.new) for one in plan.nodes}
    alone = lab.experiment.plan(lab.line(), bind=bind)
    run = lab.run(lab.line(), share=shared)

    assert lab.calls == []
    assert planned == {"add": (2, 2, 0), "measure": (2, 2, 0), "join": (1, 1, 0)}
    assert sum(one.new + one.waiting for one in alone.nodes) == 5
    assert run.summary.counts == {JobState.REUSED: 5}
    assert lab.values(run) == [11, 12]
    assert before.summary.counts == {JobState.DONE: 5}
