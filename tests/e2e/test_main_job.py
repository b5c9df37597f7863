"""The main job on the built-in examples, in environments and in containers."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bioimageit_flow.model.run import JobState, RunState
from bioimageit_flow.session import Experiment, Run, Session
from bioimageit_flow.session.crates import export_crate
from bioimageit_flow.session.examples import Example, examples
from bioimageit_flow.workflow import Workflow
from tests.e2e.conftest import Accepted
from tests.e2e.engine_needed import require_container
from tests.integration.provenance.validator import PERSON

EXAMPLES = {example.name: example for example in examples()}


@dataclass(frozen=True)
class Done:
    example: Example
    experiment: Experiment
    workflow: Workflow
    bind: dict[str, str]
    run: Run
    runtime: str


@pytest.fixture(
    scope="module",
    params=[
        "environment",
        pytest.param("container", marks=pytest.mark.container),
    ],
)
def done(
    request: pytest.FixtureRequest,
    session: Session,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Done]:
    runtime: str = request.param
    if runtime == "container":
        require_container(session)
    example = EXAMPLES["two_populations"]
    folder = tmp_path_factory.mktemp(runtime)
    experiment, workflow, bind = example.set_up(folder, session)
    run = experiment.run(workflow, bind=bind, runtime=runtime)
    yield Done(example, experiment, workflow, bind, run, runtime)
    experiment.close()


def test_demo_finds_the_truth(done: Done) -> None:
    assert done.run.state is RunState.DONE
    verdicts = done.example.verdict(done.run)
    assert [verdict for verdict in verdicts if not verdict.is_good] == []
    assert len(done.example.images(done.run)) == 40


def test_every_job_ran_where_it_was_asked_to(done: Done) -> None:
    assert {job.runtime.name for job in done.run.jobs()} == {done.runtime}
    assert all("sha256:" in job.runtime.identity for job in done.run.jobs())


def test_lineage_walks_from_the_p_value_to_all_raw_images(done: Done) -> None:
    (p_value,) = done.run.results("compare", "test")

    tree = done.experiment.lineage(p_value.item)

    raw = {item.name for item in tree.raw_items()}
    assert raw == {item.name for item in done.experiment.items("raw")}
    assert len(raw) == 40


def test_running_again_reuses_every_job(done: Done) -> None:
    again = done.experiment.run(done.workflow, bind=done.bind, runtime=done.runtime)

    assert {job.state for job in again.jobs()} == {JobState.REUSED}
    assert len(again.jobs()) == 82


def test_changing_one_parameter_runs_only_what_is_below(done: Done) -> None:
    changed = {"compare.method": "welch"}
    plan = done.experiment.plan(
        done.workflow, bind=done.bind, set=changed, runtime=done.runtime
    )
    counts = {node.node: (node.reused, node.new, node.waiting) for node in plan.nodes}
    assert counts == {
        "deconvolve": (40, 0, 0),
        "spots": (40, 0, 0),
        "compare": (0, 1, 0),
        "plot": (0, 0, 1),
    }
    assert "method mann-whitney -> welch" in plan.nodes[2].reasons

    run = done.experiment.run(
        done.workflow, bind=done.bind, set=changed, runtime=done.runtime
    )

    ran = [job.node for job in run.jobs() if job.state is JobState.DONE]
    assert ran == ["compare", "plot"]


SEEN: dict[str, dict[str, object]] = {}


def test_containers_and_environments_give_the_same_numbers(done: Done) -> None:
    (values,) = done.run.results("compare", "values")
    (test,) = done.run.results("compare", "test")
    SEEN[done.runtime] = {
        "p-value": test.read_scalar(),
        "counts": values.read_table().rows,
        "spots": [r.item.content.sha256 for r in done.run.results("spots", "points")],
    }

    assert all(numbers == SEEN[done.runtime] for numbers in SEEN.values())


def test_crate_is_true_and_accepted_by_others(
    done: Done, accepted: Accepted, tmp_path: Path
) -> None:
    crate = export_crate(done.run, tmp_path / "crate.zip", PERSON)
    with zipfile.ZipFile(crate) as archive:
        archive.extractall(tmp_path / "crate")

    accepted(tmp_path / "crate")


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - {"two_populations"}))
def test_other_examples_find_their_truth(
    name: str, session: Session, accepted: Accepted, tmp_path: Path
) -> None:
    example = EXAMPLES[name]
    experiment, workflow, bind = example.set_up(tmp_path, session)
    with experiment:
        run = experiment.run(workflow, bind=bind, runtime="environment")
        verdicts = example.verdict(run)
        accepted(export_crate(run, tmp_path / "crate", PERSON))

    assert run.state is RunState.DONE
    assert [verdict for verdict in verdicts if not verdict.is_good] == []
    assert verdicts
