"""Of 1,000 items 200 fail, each by itself."""

from pathlib import Path

from bioimageit_flow.formats import read_array
from bioimageit_flow.model.run import FailureCause, JobState, RunState
from bioimageit_flow.session import Run, Subset
from bioimageit_flow.testing.in_process import InProcessJob
from bioimageit_flow.workflow import Workflow
from tests.faults.scene import assert_clean, outcome
from tests.integration.engine.lab import Lab, add

ITEMS, FAILING = 1000, 200
PART = 100


def add_but_not_to_each_fifth(job: InProcessJob) -> int | None:
    number = int(read_array(job.inputs("image")[0])[0, 0])
    if number % 5 == 0:
        job.say(f"number {number} is one of those")
        return 7
    add(job)
    return None


def workflow_of(lab: Lab) -> Workflow:
    workflow = Workflow("Many", catalogue=lab.session.catalogue)
    images = workflow.add_input("images", "image")
    first = workflow.add("test/add", id="add", amount=10)
    second = workflow.add("test/measure", id="measure")
    images >> first["image"]
    first["result"] >> second["image"]
    return workflow


def test_200_failing_items_of_1000(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.import_images(ITEMS)
    workflow = workflow_of(lab)
    lab.functions["test/add"] = add_but_not_to_each_fifth

    run = lab.run(workflow)

    assert run.state is RunState.PARTIAL
    assert run.summary.counts == {
        JobState.DONE: 2 * (ITEMS - FAILING),
        JobState.FAILED: FAILING,
    }
    assert run.report is not None
    assert len(run.report.failures) == FAILING
    assert {one.cause for one in run.report.failures} == {FailureCause.TOOL_ERROR}
    failed = [job for job in run.jobs() if job.state is JobState.FAILED]
    assert all(job.exit_code == 7 for job in failed)
    names = {one.name for one in lab.experiment.items("raw")}
    assert len({one.item for one in run.report.failures} & names) == FAILING
    assert_clean(lab.experiment)

    lab.functions["test/add"] = add
    lab.calls.clear()
    again = lab.experiment.resume("last", only_failed=True)

    assert again.state is RunState.DONE
    assert len(lab.calls) == 2 * FAILING
    assert again.summary.counts == {JobState.DONE: 2 * ITEMS}
    assert_clean(lab.experiment)

    # All values against the truth, and a part in everything against a run of its own.
    values = lab.values(again, "measure")
    assert sorted(map(int, map(str, values))) == list(range(11, ITEMS + 11))
    part = lab.run(workflow, reuse=False, subset=Subset(limit=PART))
    assert part.summary.counts == {JobState.DONE: 2 * PART}
    assert jobs_of(lab, part) <= jobs_of(lab, again)
    lab.close()


def jobs_of(lab: Lab, run: Run) -> set[str]:
    jobs = outcome(lab.experiment, run)["jobs"]
    assert isinstance(jobs, list)
    return {repr(job) for job in jobs}
