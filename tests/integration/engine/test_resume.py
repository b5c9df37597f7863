"""Runs that go on: after a failure, a cancel, a kill; and what is asked of them."""

import json
from collections.abc import Callable
from threading import Event

import pytest

from bioimageit_flow.engine import journal
from bioimageit_flow.engine.journal import JOURNAL, JournalReader
from bioimageit_flow.errors import (
    RuntimeUnavailableError,
    StoreError,
    WorkflowError,
)
from bioimageit_flow.formats import read_array
from bioimageit_flow.model.events import (
    JobEnded,
    JobRetried,
    JobStarted,
    RunAsked,
    RunEnded,
    RunEvent,
    RunStarted,
    RunStopped,
)
from bioimageit_flow.model.run import FailureCause, JobState, RunState
from bioimageit_flow.session import Run
from bioimageit_flow.session.execution import new_request
from bioimageit_flow.session.wishes import wish_of
from bioimageit_flow.testing.in_process import InProcessJob
from tests.integration.engine.lab import Lab, add


def number_of(job: InProcessJob) -> int:
    return int(read_array(job.inputs("image")[0])[0, 0])


def add_but_not_to_two(job: InProcessJob) -> int | None:
    if number_of(job) == 2:
        return 3
    add(job)
    return None


def after(count: int, act: Callable[[], None]) -> Callable[[RunEvent], None]:
    """Return an observer that acts once so many jobs have ended."""
    ended = []

    def observe(event: RunEvent) -> None:
        if isinstance(event, JobEnded):
            ended.append(event)
            if len(ended) == count:
                act()

    return observe


def jobs_of(run: Run) -> list[tuple[str, JobState]]:
    return [(job.node, job.state) for job in run.jobs()]


def cancelled(lab: Lab, after_jobs: int = 2) -> Run:
    lab.import_images(4)
    cancel = Event()
    return lab.run(
        lab.line(), cancel=cancel, observe=after(after_jobs, cancel.set), jobs=1
    )


def test_cancelled_run_goes_on_where_it_stopped(lab: Lab) -> None:
    first = cancelled(lab)
    done_before = lab.calls.copy()
    lab.calls.clear()

    run = lab.experiment.resume("last")

    assert first.state is RunState.CANCELLED
    assert run.summary.id == first.summary.id
    assert run.state is RunState.DONE
    assert lab.values(run) == [11, 12, 13, 14]
    assert len(done_before) + len(lab.calls) == 9
    assert len(lab.experiment.store.runs()) == 1
    assert lab.experiment.store.verify_chain(run.summary.id) == []


def test_resumed_run_reports_all_of_its_jobs(lab: Lab) -> None:
    cancelled(lab)

    run = lab.experiment.resume("last")

    assert run.report is not None
    assert {name: node.done for name, node in run.report.nodes.items()} == {
        "add": 4,
        "measure": 4,
        "join": 1,
    }
    assert run.summary.counts[JobState.DONE] == 9


def test_resumed_run_equals_an_undisturbed_one(lab: Lab) -> None:
    cancelled(lab)
    resumed = lab.experiment.resume("last")

    whole = lab.run(lab.line(), reuse=False)

    def contents(run: Run) -> dict[tuple[str, str], str]:
        return {
            (job.node, item.name): item.content.sha256
            for job in run.jobs()
            for item in job.produced
        }

    assert contents(resumed) == contents(whole)


def test_run_that_is_done_does_not_go_on(lab: Lab) -> None:
    lab.import_images(1)
    lab.run(lab.line())

    with pytest.raises(StoreError, match="is done"):
        lab.experiment.resume("last")


def test_failed_jobs_are_tried_again_within_the_run(lab: Lab) -> None:
    lab.functions["test/add"] = add_but_not_to_two
    lab.import_images(3)
    first = lab.run(lab.line())
    lab.functions["test/add"] = add
    lab.calls.clear()

    run = lab.experiment.resume("last", only_failed=True)

    assert first.state is RunState.PARTIAL
    assert run.summary.id == first.summary.id
    assert run.state is RunState.DONE
    assert lab.calls == ["test/add", "test/measure", "test/join"]
    assert lab.values(run) == [11, 12, 13]
    assert run.summary.counts == {JobState.DONE: 7}
    attempts = [job for job in run.jobs() if job.node == "add"]
    assert [job.attempt for job in attempts] == [1, 1, 1, 2]
    assert attempts[-1].supersedes in {
        job.id for job in attempts if job.state is JobState.FAILED
    }
    assert lab.experiment.store.verify_chain(run.summary.id) == []


def test_group_that_ran_without_a_failed_item_runs_with_it(lab: Lab) -> None:
    lab.functions["test/add"] = add_but_not_to_two
    lab.import_images(3)
    first = lab.run(lab.line(), incomplete_groups="run")
    lab.functions["test/add"] = add

    run = lab.experiment.resume("last", only_failed=True)

    assert first.state is RunState.PARTIAL
    assert lab.values(run) == [11, 12, 13]


def test_item_that_was_given_up_stays_out_of_a_run_that_goes_on(lab: Lab) -> None:
    lab.functions["test/add"] = add_but_not_to_two
    lab.import_images(3)
    lab.run(lab.line())
    (item,) = [
        one for one in lab.experiment.items("raw") if one.name == "image_002.ome.tif"
    ]
    lab.experiment.exclude([item], reason="always fails")

    run = lab.experiment.resume("last", only_failed=True)

    assert run.state is RunState.DONE
    assert lab.values(run) == [11, 13]


def test_run_goes_on_in_no_other_image_and_says_which_it_was(lab: Lab) -> None:
    cancelled(lab)
    lab.runtime.identities = {"test/measure": "image sha256:beef"}

    with pytest.raises(RuntimeUnavailableError, match="The run began with") as refusal:
        lab.experiment.resume("last")

    began, _, now = refusal.value.message.partition("; now it would be ")
    assert "(image sha256:" in began
    assert "(image sha256:beef)" in now


def test_items_that_came_later_stay_out(lab: Lab) -> None:
    cancelled(lab)
    lab.experiment.import_files([lab.image(9)])

    run = lab.experiment.resume("last")

    assert lab.values(run) == [11, 12, 13, 14]


def test_result_that_is_gone_is_made_again(lab: Lab) -> None:
    first = cancelled(lab, after_jobs=3)
    paths = [
        lab.experiment.path / job.produced[0].location.path
        for job in first.jobs()
        if job.produced and job.produced[0].location
    ]
    paths[0].chmod(0o644)
    paths[0].unlink()

    run = lab.experiment.resume("last")

    assert run.state is RunState.DONE
    assert lab.values(run) == [11, 12, 13, 14]


def test_two_processes_do_not_carry_one_run(lab: Lab) -> None:
    lab.import_images(1)
    refused: list[str] = []

    def observe(event: RunEvent) -> None:
        if isinstance(event, RunStarted):
            with pytest.raises(StoreError, match="being carried out") as caught:
                lab.experiment.resume(event.run)
            refused.append(caught.value.message)

    lab.run(lab.line(), observe=observe)

    assert len(refused) == 1


def test_run_is_cancelled_by_request(lab: Lab) -> None:
    lab.import_images(4)
    events: list[RunEvent] = []

    def observe(event: RunEvent) -> None:
        events.append(event)
        if isinstance(event, RunStarted):
            lab.experiment.ask(event.run, "cancel")

    run = lab.run(lab.line(), observe=observe)

    assert run.state is RunState.CANCELLED
    assert any(isinstance(event, RunAsked) for event in events)


def test_paused_run_starts_no_job_until_it_goes_on(lab: Lab) -> None:
    lab.import_images(2)
    started: list[int] = []
    told: list[str] = []

    def observe(event: RunEvent) -> None:
        match event:
            case RunStarted(run):
                lab.experiment.ask(run, "pause")
            case RunAsked("pause"):
                told.append("pause")
                assert lab.experiment.status().state is RunState.PAUSED
                lab.experiment.ask("last", "continue")
            case RunAsked("continue"):
                told.append("continue")
                started.append(len(lab.calls))
            case _:
                pass

    run = lab.run(lab.line(), observe=observe)

    assert told == ["pause", "continue"]
    assert started == [0]
    assert run.state is RunState.DONE


def test_paused_run_keeps_no_other_run_waiting(lab: Lab) -> None:
    lab.import_images(4)
    store = lab.experiment.store
    claimed: list[int] = []

    def observe(event: RunEvent) -> None:
        match event:
            case JobStarted() if not claimed:
                lab.experiment.ask("last", "pause")
            case RunAsked("pause"):
                claimed.append(len(store.claims()))
                lab.experiment.ask("last", "continue")
            case _:
                pass

    run = lab.run(lab.line(), observe=observe, jobs=1)

    assert claimed
    assert claimed[0] <= 1  # of the job that had begun
    assert run.state is RunState.DONE
    assert len(lab.calls) == 9
    assert store.claims() == []


def test_nobody_is_asked_where_nothing_works(lab: Lab) -> None:
    lab.import_images(1)
    lab.run(lab.line())

    with pytest.raises(StoreError, match="not working: it is done"):
        lab.experiment.ask("last", "cancel")


def test_runtime_fault_is_tried_again_by_itself(lab: Lab) -> None:
    fails = [True]

    def add_at_second_try(job: InProcessJob) -> None:
        if fails and fails.pop():
            raise OSError("the engine went away")
        add(job)

    lab.add_tool_retry("add", {"on": ["tool error"], "times": 1, "wait_s": 0})
    lab.functions["test/add"] = add_at_second_try
    lab.import_images(1)
    events: list[RunEvent] = []

    run = lab.run(lab.line(), observe=events.append)

    assert run.state is RunState.DONE
    (retried,) = [event for event in events if isinstance(event, JobRetried)]
    assert retried.attempt == 2
    attempts = [(job.state, job.attempt) for job in run.jobs() if job.node == "add"]
    assert attempts == [(JobState.FAILED, 1), (JobState.DONE, 2)]
    assert run.summary.counts == {JobState.DONE: 3}


def test_job_is_given_up_when_its_retries_are_used_up(lab: Lab) -> None:
    def never(job: InProcessJob) -> int:
        return 7

    lab.add_tool_retry("add", {"on": ["tool error"], "times": 2, "wait_s": 0})
    lab.functions["test/add"] = never
    lab.import_images(1)

    run = lab.run(lab.line())

    assert run.report is not None
    (failure,) = run.report.failures
    assert failure.cause is FailureCause.TOOL_ERROR
    assert [job.attempt for job in run.jobs()] == [1, 2, 3]


def test_known_results_of_a_forced_node_are_not_taken(lab: Lab) -> None:
    lab.import_images(2)
    lab.run(lab.line())

    run = lab.run(lab.line(), force=["measure"])
    plan = lab.experiment.plan(lab.line(), bind={"images": "raw"}, force=["measure"])

    assert sorted(set(lab.calls)) == ["test/measure"]
    assert run.report is not None
    assert run.report.nodes["add"].reused == 2
    assert run.report.nodes["join"].reused == 1
    (node,) = [one for one in plan.nodes if one.node == "measure"]
    assert dict(node.reasons) == {"asked to run again": 2}


def test_run_up_to_a_node_leaves_the_rest(lab: Lab) -> None:
    lab.import_images(2)

    run = lab.run(lab.line(), upto=["measure"])

    assert run.outputs() == [("add", "result"), ("measure", "table")]


def test_unknown_node_is_refused_by_name(lab: Lab) -> None:
    lab.import_images(1)

    with pytest.raises(WorkflowError, match="no node 'mesure'"):
        lab.run(lab.line(), upto=["mesure"])
    with pytest.raises(WorkflowError, match="no node 'mesure'"):
        lab.run(lab.line(), force=["mesure"])


def test_refused_run_leaves_nothing(lab: Lab) -> None:
    lab.import_images(1)

    with pytest.raises(WorkflowError):
        lab.run(lab.line(), bind={})

    assert list((lab.experiment.path / "runs").iterdir()) == []


def test_run_that_waits_for_others_can_be_followed_from_its_request(lab: Lab) -> None:
    lab.import_images(1)
    wish = wish_of(lab.line(), bind={"images": "raw"}, queue=True)

    run = new_request(lab.experiment, wish)

    status = lab.experiment.status(run)
    assert status.state is RunState.INTERRUPTED
    assert lab.experiment.resume(run).state is RunState.DONE


def test_following_tells_what_the_run_told(lab: Lab) -> None:
    lab.import_images(2)
    told: list[RunEvent] = []
    run = lab.run(lab.line(), observe=told.append)

    following = lab.experiment.follow(run.summary.id)
    read = following.poll()

    def kinds(events: list[RunEvent]) -> list[str]:
        return [type(event).__name__ for event in events]

    assert kinds(read) == kinds(told)
    assert [one for one in read if isinstance(one, JobStarted | RunEnded)] == [
        one
        if not isinstance(one, RunEnded)
        else RunEnded(one.state, round(one.elapsed_s, 3))
        for one in told
        if isinstance(one, JobStarted | RunEnded)
    ]
    assert following.is_over
    assert following.poll() == []


def test_error_of_a_run_stands_in_its_journal(lab: Lab) -> None:
    wish = wish_of(lab.line(), bind={"images": "nowhere"})
    run = new_request(lab.experiment, wish)

    with pytest.raises(WorkflowError):
        lab.experiment.resume(run)

    following = lab.experiment.follow(run)
    (stopped,) = [one for one in following.poll() if isinstance(one, RunStopped)]
    assert "nowhere" in stopped.message
    assert following.is_over
    status = lab.experiment.status(run)
    assert status.state is RunState.FAILED
    assert "nowhere" in status.message


def test_half_line_of_a_killed_process_is_cut_away(lab: Lab) -> None:
    first = cancelled(lab)
    journal = lab.experiment.path / "runs" / first.summary.id / "events.jsonl"
    with journal.open("ab") as stream:
        stream.write(b'{"n": 99, "event": "jo')

    lab.experiment.resume("last")

    lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    assert [line["n"] for line in lines] == list(range(len(lines)))


def test_job_of_whose_end_a_killed_process_did_not_tell_is_told_later(
    lab: Lab,
) -> None:
    first = cancelled(lab, after_jobs=3)
    journal = lab.experiment.path / "runs" / first.summary.id / "events.jsonl"
    lines = journal.read_text("utf-8").splitlines(keepends=True)
    ends = [line for line in lines if '"state": "done", "job"' in line]
    journal.write_text("".join(line for line in lines if line not in ends[1:]), "utf-8")

    run = lab.experiment.resume("last")

    told = [
        event.job
        for event in lab.experiment.follow(run.summary.id).poll()
        if isinstance(event, JobEnded) and event.state is JobState.DONE
    ]
    assert sorted(told) == sorted(
        job.id for job in run.jobs() if job.state is JobState.DONE
    )


def test_folder_is_kept_where_nobody_knows_whether_the_run_began(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.import_images(1)

    def break_store(event: RunEvent) -> None:
        if isinstance(event, RunStarted):
            monkeypatch.setattr(lab.experiment.store, "runs", locked)
            monkeypatch.setattr(lab.experiment.store, "commit_jobs", locked)

    def locked(*_given: object) -> None:
        raise StoreError("The store is locked.")

    with pytest.raises(StoreError, match="locked"):
        lab.run(lab.line(), observe=break_store)

    (folder,) = (lab.experiment.path / "runs").iterdir()
    assert (folder / "events.jsonl").is_file()
    monkeypatch.undo()
    assert lab.experiment.resume(folder.name).state is RunState.DONE


def test_line_that_is_very_long_holds_up_nobody(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.import_images(1)
    run = lab.run(lab.line())
    folder = lab.experiment.path / "runs" / run.summary.id
    path = folder / JOURNAL
    whole = path.read_bytes()
    count = len(JournalReader(folder).read())

    def read_all(at_most: int) -> int:
        reader = JournalReader(folder)
        return sum(len(reader.read(at_most)) for _ in range(len(whole)))

    assert read_all(at_most=16) == count  # every line is longer than that
    monkeypatch.setattr(journal, "_LONGEST_LINE", 2048)
    path.write_bytes(b"x" * 10_000 + b"\n" + whole)
    assert read_all(at_most=16) == count
