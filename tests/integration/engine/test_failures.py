import errno
from pathlib import Path
from threading import Event

import pytest

from bioimageit_flow.errors import DataError, RuntimeUnavailableError, StoreError
from bioimageit_flow.formats import read_array
from bioimageit_flow.model.events import JobEnded, RunEvent
from bioimageit_flow.model.run import FailureCause, JobState, RunState
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.testing.in_process import InProcessJob, InProcessRuntime
from tests.integration.engine.lab import Lab, add


def add_but_not_to_two(job: InProcessJob) -> int | None:
    if read_array(job.inputs("image")[0])[0, 0] == 2:
        job.say("reading the image")
        job.say("the image is number two, which I cannot stand")
        return 3
    add(job)
    return None


def test_failing_item_does_not_stop_the_others(lab: Lab) -> None:
    lab.functions["test/add"] = add_but_not_to_two
    lab.import_images(3)

    run = lab.run(lab.line())

    assert run.state is RunState.PARTIAL
    assert run.report is not None
    (failure,) = run.report.failures
    assert failure.node == "add"
    assert failure.item == "image_002.ome.tif"
    assert failure.cause is FailureCause.TOOL_ERROR
    assert "code 3" in failure.message
    assert "cannot stand" in failure.message
    assert "cannot stand" in failure.log.read_text(encoding="utf-8")
    assert lab.values(run, "measure") == [11, 13]
    assert run.report.nodes["measure"].blocked == 1


def test_group_of_a_failed_item_does_not_run_unless_asked(lab: Lab) -> None:
    lab.functions["test/add"] = add_but_not_to_two
    lab.import_images(3)

    stopped = lab.run(lab.line())
    allowed = lab.run(lab.line(), incomplete_groups="run")

    assert ("join", "table") not in stopped.outputs()
    assert lab.values(allowed) == [11, 13]
    assert allowed.state is RunState.PARTIAL


def test_failed_job_is_run_again_next_time(lab: Lab) -> None:
    lab.functions["test/add"] = add_but_not_to_two
    lab.import_images(3)
    lab.run(lab.line())
    lab.functions["test/add"] = add

    run = lab.run(lab.line())

    assert run.state is RunState.DONE
    assert lab.calls.count("test/add") == 1


def writes_nothing(job: InProcessJob) -> None:
    job.say("done")


def writes_text(job: InProcessJob) -> None:
    job.output("result").write_text("not pixels")


def writes_elsewhere(job: InProcessJob) -> None:
    job.output("result").with_name("other.tif").write_text("x")


def writes_a_link(job: InProcessJob) -> None:
    job.output("result").symlink_to("/etc/passwd")


def raises(job: InProcessJob) -> None:
    raise ValueError("the image is odd")


@pytest.mark.parametrize(
    ("function", "cause", "said"),
    [
        (writes_nothing, FailureCause.NO_OUTPUT, "output 'result' is missing"),
        (writes_elsewhere, FailureCause.NO_OUTPUT, "instead it wrote 'other.tif'"),
        (writes_text, FailureCause.WRONG_OUTPUT, "output 'result'"),
        (writes_a_link, FailureCause.WRONG_OUTPUT, "output 'result'"),
        (raises, FailureCause.TOOL_ERROR, "the image is odd"),
    ],
)
def test_tool_that_goes_wrong_is_told_in_a_sentence(
    lab: Lab, function: object, cause: FailureCause, said: str
) -> None:
    lab.functions["test/add"] = function  # type: ignore[assignment]
    lab.import_images(1)

    run = lab.run(lab.line())

    assert run.state is RunState.FAILED
    assert run.report is not None
    (failure,) = run.report.failures
    assert failure.cause is cause
    assert said in failure.message
    assert list(lab.files()) == []


def test_tool_that_changes_its_input_is_caught(lab: Lab) -> None:
    def scribble(job: InProcessJob) -> None:
        add(job)
        source = job.inputs("image")[0].resolve()
        source.chmod(0o644)
        source.write_bytes(source.read_bytes() + b"x")

    lab.functions["test/add"] = scribble
    lab.import_images(1)

    run = lab.run(lab.line())

    assert run.report is not None
    assert "changed its input" in run.report.failures[0].message


def test_cancel_leaves_no_half_files_and_keeps_what_is_done(lab: Lab) -> None:
    lab.import_images(6)
    cancel = Event()

    def stop_after_two(event: RunEvent) -> None:
        is_end = isinstance(event, JobEnded) and event.state is JobState.DONE
        if is_end and lab.calls.count("test/add") >= 2:
            cancel.set()

    run = lab.run(lab.line(), jobs=1, observe=stop_after_two, cancel=cancel)

    assert run.state is RunState.CANCELLED
    done = [job for job in run.jobs() if job.state is JobState.DONE]
    assert 0 < len(done) < 13
    produced = sum(len(job.produced) for job in done)
    assert len(list(lab.files())) == produced
    again = lab.run(lab.line())
    assert again.state is RunState.DONE
    assert lab.values(again) == [11, 12, 13, 14, 15, 16]


def test_ctrl_c_in_the_driving_thread_cancels(lab: Lab) -> None:
    lab.import_images(6)

    def interrupt(event: RunEvent) -> None:
        if isinstance(event, JobEnded):
            raise KeyboardInterrupt

    run = lab.run(lab.line(), jobs=1, observe=interrupt)

    assert run.state is RunState.CANCELLED


def test_full_disk_fails_the_job_and_publishes_nothing(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(
        self: ExperimentFolder, source: Path, target: str, **_: object
    ) -> None:
        raise StoreError("There is no space left for a result.", remedy="Free some.")

    lab.import_images(2)
    monkeypatch.setattr(ExperimentFolder, "publish", no_space)

    run = lab.run(lab.line())

    assert run.state is RunState.FAILED
    assert run.report is not None
    assert "no space left" in run.report.failures[0].message
    assert run.report.failures[0].cause is FailureCause.NO_SPACE
    assert list(lab.files()) == []


def test_runtime_that_cannot_be_had_records_no_run(lab: Lab) -> None:
    lab.import_images(1)
    broken = InProcessRuntime(
        lab.functions, failures={"test/add": "The image of test/add cannot be pulled."}
    )
    lab.session.runtimes[:] = [broken]

    with pytest.raises(RuntimeUnavailableError, match="cannot be pulled"):
        lab.run(lab.line())

    assert lab.experiment.runs() == []


def test_image_changed_after_import_is_found_before_it_is_used(lab: Lab) -> None:
    lab.import_images(2)
    raw = lab.experiment.path / "data" / "raw" / "image_001.ome.tif"
    raw.chmod(0o644)
    raw.write_bytes(lab.image(9).read_bytes())

    plan = lab.experiment.plan(lab.line(), bind={"images": "raw"})

    (problem,) = plan.problems
    assert problem.item == "image_001.ome.tif"
    assert "was changed after" in problem.text


def test_touched_image_with_the_same_content_is_taken(lab: Lab) -> None:
    lab.import_images(2)
    raw = lab.experiment.path / "data" / "raw" / "image_001.ome.tif"
    raw.chmod(0o644)
    raw.touch()

    assert lab.run(lab.line()).state is RunState.DONE


def test_result_removed_behind_our_back_is_made_again(lab: Lab) -> None:
    lab.import_images(2)
    first = lab.run(lab.line())
    gone = first.results("add", "result")[0].path
    gone.unlink()

    plan = lab.experiment.plan(lab.line(), bind={"images": "raw"})
    second = lab.run(lab.line())

    assert plan.nodes[0].new == 1
    assert second.state is RunState.DONE
    assert lab.values(second) == [11, 12]


def test_error_of_the_program_in_a_job_is_a_failed_job(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error", "/dev/sda")

    lab.import_images(1)
    monkeypatch.setattr("bioimageit_flow.engine.work.run_job", broken)

    run = lab.run(lab.line())

    assert run.report is not None
    assert "Input/output error" in run.report.failures[0].message


def test_missing_result_is_asked_for_by_name(lab: Lab) -> None:
    lab.import_images(1)
    run = lab.run(lab.line())

    with pytest.raises(StoreError, match=r"no results join\.plot.*It has: add\.result"):
        run.results("join", "plot")
    with pytest.raises(StoreError):
        lab.experiment.find_item("nothing")
    with pytest.raises(DataError):
        run.results("measure", "table")[0].read_image()
