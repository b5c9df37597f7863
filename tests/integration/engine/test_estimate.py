import pytest

from bioimageit_flow.model.selection import Subset
from bioimageit_flow.session.estimate import estimate
from tests.integration.engine.lab import Lab


def test_few_items_tell_what_the_rest_would_take(lab: Lab) -> None:
    lab.import_images(12)
    run = lab.run(lab.line(), subset=Subset(limit=2))
    plan = lab.experiment.plan(lab.line(), bind={"images": "raw"})

    found = estimate(run, plan, processors=2)

    add = [job for job in run.jobs() if job.node == "add"]
    size = sum(item.content.size for item in add[0].produced)
    assert found.jobs == 10 + 10 + 1
    assert found.unknown == ()
    assert found.bytes == pytest.approx(10 * size, rel=0.4)
    assert found.bytes > 10 * size
    assert found.seconds > 0
    assert "of disk" in found.words


def test_known_results_cost_nothing(lab: Lab) -> None:
    lab.import_images(2)
    run = lab.run(lab.line())
    plan = lab.experiment.plan(lab.line(), bind={"images": "raw"})

    found = estimate(run, plan, processors=2)

    assert (found.jobs, found.seconds, found.bytes) == (0, 0.0, 0)


def test_node_that_did_not_run_is_named(lab: Lab) -> None:
    lab.import_images(3)
    run = lab.run(lab.line(), subset=Subset(limit=1), upto=["add"])
    plan = lab.experiment.plan(lab.line(), bind={"images": "raw"})

    assert estimate(run, plan, processors=2).unknown == ("measure", "join")
