"""What a store promises of runs and jobs."""
# ruff: noqa: D102 - the names of tests say what is promised

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.data import LocationState
from bioimageit_flow.model.ids import ItemId, RunId, Sha256, new_item_id, new_job_id
from bioimageit_flow.model.run import (
    FailureCause,
    JobRecord,
    JobState,
    RunRecord,
    RunState,
)
from bioimageit_flow.model.shared import SharedOrigin
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.testing.samples import (
    STARTED,
    content,
    job_record,
    produced,
    raw_item,
    run_record,
)

SHARED = SharedOrigin(
    "/shared", "/far/experiment", "uuid", "a run", "far", "ada", {"job": "j"}
)


def begin(store: Store, **changes: str) -> tuple[RunRecord, ItemId]:
    """Begin a run over one new raw item."""
    run, new = run_record(**changes), raw_item()
    store.add_raw_items([new])
    store.begin_run(run)
    return run, new.item.id


class RunContract:
    """Attempts come back as they were committed; a batch is all or nothing."""

    def test_run_comes_back_as_it_began(self, store: Store) -> None:
        run, _ = begin(store)
        assert store.run_record(run.id) == run
        (summary,) = store.runs()
        assert (summary.id, summary.name, summary.folder) == (
            run.id,
            run.name,
            run.folder,
        )
        assert summary.state is RunState.RUNNING
        assert summary.started == run.started
        assert summary.elapsed_s is None
        assert summary.counts == {}

    def test_times_come_back_in_utc(self, store: Store) -> None:
        there = timezone(timedelta(hours=9))
        run = replace(run_record(), started=STARTED.astimezone(there))
        store.begin_run(run)
        assert store.run_record(run.id).started == STARTED
        assert store.run_record(run.id).started.utcoffset() == timedelta(0)

    def test_time_without_zone_is_refused(self, store: Store) -> None:
        run = run_record()
        with pytest.raises(StoreError, match="time zone"):
            store.begin_run(replace(run, started=datetime(2026, 1, 1)))
        store.begin_run(run)
        job = job_record(run.id, [], started=datetime(2026, 1, 1))
        with pytest.raises(StoreError, match="time zone"):
            store.commit_jobs([job])
        assert store.jobs(run.id) == []

    def test_run_is_recorded_once(self, store: Store) -> None:
        run, _ = begin(store)
        with pytest.raises(StoreError, match="recorded already"):
            store.begin_run(run)
        with pytest.raises(StoreError, match="belongs to another run"):
            store.begin_run(run_record(folder=run.folder))
        assert len(store.runs()) == 1

    def test_runs_are_found_by_what_people_type(self, store: Store) -> None:
        old, new, other = run_record("A"), run_record("A"), run_record("B")
        for run in (old, new, other):
            store.begin_run(run)
        assert [run.id for run in store.runs()] == [other.id, new.id, old.id]
        assert store.find_run("last").id == other.id
        assert store.find_run("A").id == new.id
        assert store.find_run(old.folder).id == old.id
        assert store.find_run(old.id).id == old.id
        assert store.find_run(old.id[:13].upper()).id == old.id
        for text in ("C", "", new.id[:3]):
            with pytest.raises(StoreError, match="no run"):
                store.find_run(text)

    def test_last_of_no_runs_is_an_error(self, store: Store) -> None:
        with pytest.raises(StoreError, match="no run 'last'"):
            store.find_run("last")

    def test_ambiguous_beginning_of_a_run_id_is_refused(self, store: Store) -> None:
        for end in ("1", "2"):
            run = RunId("aaaa0000-0000-4000-8000-00000000000" + end)
            store.begin_run(replace(run_record(), id=run))
        with pytest.raises(StoreError, match="2 runs begin with 'aaaa'"):
            store.find_run("aaaa")

    def test_run_is_there_once_it_has_begun(self, store: Store) -> None:
        run = run_record()
        assert not store.has_run(run.id)
        store.begin_run(run)
        assert store.has_run(run.id)
        assert not store.has_run(RunId(run.id[:8]))

    def test_unknown_run_is_named(self, store: Store) -> None:
        unknown = RunId("nowhere")
        asked: list[Callable[[RunId], object]] = [
            *(store.run_record, store.jobs, store.records, store.verify_chain),
            *(store.each_job, store.given, store.ends),
        ]
        for ask in asked:
            with pytest.raises(StoreError, match="no run nowhere"):
                ask(unknown)
        with pytest.raises(StoreError, match="no run nowhere"):
            store.end_run(unknown, RunState.DONE, 1.0)
        with pytest.raises(StoreError, match="no run nowhere"):
            store.commit_jobs([job_record(unknown, [])])

    def test_done_job_comes_back_with_its_items(self, store: Store) -> None:
        run, raw = begin(store)
        outputs = [
            produced("0.ome.tif", path="out/0", part="a", annotations={"sigma": 1.0}),
            produced("t.csv", port="table", path="out/t"),
        ]
        job = job_record(run.id, [raw, raw], outputs=outputs)
        store.commit_jobs([job])
        assert store.jobs(run.id) == [job]
        item = store.item(outputs[0].id)
        assert item.dataset == f"{run.folder}/denoise/image"
        assert item.annotations == {"sigma": 1.0}
        assert item.part == "a"
        assert store.location(item.content.sha256) == outputs[0].location

    def test_run_is_gone_through_page_by_page(self, store: Store) -> None:
        run, raw = begin(store)
        jobs, last = [], raw
        for number in range(3):
            made = produced(f"{number}.ome.tif", path=f"out/{number}")
            jobs.append(job_record(run.id, [last, raw], outputs=[made]))
            last = made.id
        aside = produced("aside.ome.tif", path="out/aside")
        jobs.append(job_record(run.id, [raw], outputs=[aside]))
        store.commit_jobs(jobs)
        other = replace(run_record(), folder="other")
        store.begin_run(other)
        further = produced("further.ome.tif", path="out/further")
        store.commit_jobs([job_record(other.id, [last], outputs=[further])])

        assert list(store.each_job(run.id)) == store.jobs(run.id) == jobs
        assert [item.id for item in store.given(run.id)] == [raw]
        assert [item.id for item in store.ends(run.id)] == [last, aside.id]
        assert [item.id for item in store.given(other.id)] == [last]
        assert [item.id for item in store.ends(other.id)] == [further.id]

    def test_failed_job_keeps_its_attempt(self, store: Store) -> None:
        run, raw = begin(store)
        job = replace(
            job_record(run.id, [raw], state=JobState.FAILED),
            cause=FailureCause.OUT_OF_MEMORY,
            message="The tool needed more than 1 GiB.",
            exit_code=137,
            cpu_s=None,
            peak_memory=None,
            started=None,
        )
        store.commit_jobs([job])
        assert store.jobs(run.id) == [job]
        assert len(list(store.items())) == 1

    def test_reused_job_makes_new_items_of_known_content(self, store: Store) -> None:
        run, raw = begin(store)
        made = produced(path="out/0")
        job = job_record(run.id, [raw], outputs=[made])
        store.commit_jobs([job])
        again = run_record()
        store.begin_run(again)
        copy = replace(made, id=new_item_id(), location=None)
        reuse = job_record(
            again.id,
            [raw],
            outputs=[copy],
            state=JobState.REUSED,
            reused_from=job.id,
            started=None,
        )
        store.commit_jobs([reuse])
        assert store.jobs(again.id) == [reuse]
        assert store.item(copy.id).content == made.content
        assert store.location(made.content.sha256) == made.location
        assert store.roots([copy.id]) == {copy.id: frozenset({raw})}

    def test_job_from_a_shared_folder_says_where_it_was_made(
        self, store: Store
    ) -> None:
        run, raw = begin(store)
        job = replace(
            job_record(run.id, [raw], outputs=[produced(path="out/0")]),
            state=JobState.REUSED,
            shared=SHARED,
        )
        store.commit_jobs([job])
        assert store.jobs(run.id) == [job]
        (record,) = [one for one in store.records(run.id) if one.kind == "job"]
        assert record.body["shared"] == SHARED.as_json()
        step = store.step(job.produced[0].id)
        assert step.job is not None
        assert step.job.shared == SHARED
        assert store.known_results([job.fingerprint])[job.fingerprint].job == job.id
        assert store.verify_chain(run.id) == []

    def test_jobs_are_in_the_order_of_commits(self, store: Store) -> None:
        run, raw = begin(store)
        jobs = [job_record(run.id, [raw], parameters={"n": n}) for n in range(7)]
        store.commit_jobs(jobs[:1])
        store.commit_jobs(jobs[1:4])
        store.commit_jobs(jobs[4:])
        assert store.jobs(run.id) == jobs

    def test_one_batch_may_carry_several_runs(self, store: Store) -> None:
        run, raw = begin(store)
        other = run_record()
        store.begin_run(other)
        jobs = [job_record(one, [raw]) for one in (run.id, other.id, run.id)]
        store.commit_jobs(jobs)
        assert store.jobs(run.id) == [jobs[0], jobs[2]]
        assert store.jobs(other.id) == [jobs[1]]

    def test_job_may_consume_what_the_same_batch_made(self, store: Store) -> None:
        run, raw = begin(store)
        made = produced(path="out/0")
        first = job_record(run.id, [raw], outputs=[made])
        second = job_record(run.id, [made.id], node="spots")
        with pytest.raises(StoreError, match="consumed before"):
            store.commit_jobs([second, first])
        assert store.jobs(run.id) == []
        store.commit_jobs([first, second])
        assert store.jobs(run.id) == [first, second]

    def test_batch_is_all_or_nothing(self, store: Store) -> None:
        run, raw = begin(store)
        good = job_record(run.id, [raw])
        failed = job_record(run.id, [raw], state=JobState.FAILED)
        reused = replace(good, id=new_job_id(), produced=(), state=JobState.REUSED)
        bad: list[tuple[JobRecord, str]] = [
            (good, "recorded already"),
            (job_record(run.id, [new_item_id()]), "no item"),
            (replace(failed, produced=good.produced), "cannot have results"),
            (replace(good, id=new_job_id()), "recorded already"),
            (job_record(run.id, [raw], outputs=[produced()]), "not known"),
            (replace(reused, reused_from=new_job_id()), "not there"),
            (reused, "does not fit"),
            (replace(good, id=new_job_id(), shared=SHARED), "does not fit"),
            (replace(failed, fingerprint=Sha256("0" * 64)), "hash of its parts"),
            (replace(failed, parts={"a": float("nan")}), "cannot be kept"),
        ]
        for job, words in bad:
            with pytest.raises(StoreError, match=words):
                store.commit_jobs([good, job])
        assert store.jobs(run.id) == []
        assert len(list(store.items())) == 1
        assert len(list(store.records(run.id))) == 1
        store.commit_jobs([good])
        assert store.verify_chain(run.id) == []

    def test_run_ends_and_may_end_again(self, store: Store) -> None:
        run, raw = begin(store)
        store.commit_jobs(
            [
                job_record(run.id, [raw]),
                job_record(run.id, [raw], parameters={"sigma": 2}),
                job_record(run.id, [raw], state=JobState.FAILED),
            ]
        )
        store.end_run(run.id, RunState.PARTIAL, 12.5)
        summary = store.find_run("last")
        assert summary.state is RunState.PARTIAL
        assert summary.elapsed_s == 12.5
        assert summary.counts == {JobState.DONE: 2, JobState.FAILED: 1}
        store.commit_jobs([job_record(run.id, [raw], parameters={"sigma": 3})])
        store.end_run(run.id, RunState.DONE, 13)
        assert store.find_run("last").state is RunState.DONE
        kinds = [record.kind for record in store.records(run.id)]
        assert kinds == ["run", "job", "job", "job", "end", "job", "end"]

    # What is known

    def test_known_result_is_the_newest_done_job(self, store: Store) -> None:
        run, raw = begin(store)
        old, new = job_record(run.id, [raw]), job_record(run.id, [raw])
        failed = job_record(run.id, [raw], state=JobState.FAILED)
        assert old.fingerprint == new.fingerprint == failed.fingerprint
        store.commit_jobs([old, new, failed])
        known = store.known_results([old.fingerprint, content("other").sha256])
        assert list(known) == [old.fingerprint]
        assert known[old.fingerprint].job == new.id
        assert known[old.fingerprint].outputs == new.produced

    def test_result_with_cleaned_content_is_not_known(self, store: Store) -> None:
        run, raw = begin(store)
        old = job_record(run.id, [raw])
        outputs = [produced(path="out/a"), produced(path="out/b")]
        new = job_record(run.id, [raw], outputs=outputs)
        store.commit_jobs([old, new])
        place = outputs[1].location
        assert place is not None
        cleaned = replace(place, state=LocationState.CLEANED)
        store.update_location(outputs[1].content.sha256, cleaned)
        assert store.known_results([new.fingerprint])[new.fingerprint].job == old.id
        elsewhere = replace(place, path="archive/b")
        store.update_location(outputs[1].content.sha256, elsewhere)
        known = store.known_results([new.fingerprint])[new.fingerprint]
        assert known.job == new.id
        assert known.outputs[1].location == elsewhere

    def test_cleaned_result_is_known_where_that_is_enough(self, store: Store) -> None:
        """Not so one that was deleted, and a whole one comes first."""
        run, raw = begin(store)
        outputs = [produced(path="out/a"), produced(path="out/b")]
        job = job_record(run.id, [raw], outputs=outputs)
        store.commit_jobs([job])

        def become(state: LocationState) -> None:
            place = outputs[1].location
            assert place is not None
            changed = replace(place, state=state)
            store.update_location(outputs[1].content.sha256, changed)

        become(LocationState.CLEANED)
        assert store.known_results([job.fingerprint]) == {}
        known = store.known_results([job.fingerprint], with_cleaned=True)
        first, second = known[job.fingerprint].outputs
        assert first == outputs[0]
        assert second.location is not None
        assert second.location.state is LocationState.CLEANED
        become(LocationState.DELETED)
        assert store.known_results([job.fingerprint], with_cleaned=True) == {}
        become(LocationState.CLEANED)
        whole = job_record(run.id, [raw])
        again = replace(outputs[1], id=new_item_id())
        later = job_record(run.id, [raw], outputs=[again])
        store.commit_jobs([whole, later])
        become(LocationState.CLEANED)
        known = store.known_results([job.fingerprint], with_cleaned=True)
        assert known[job.fingerprint].job == whole.id

    def test_job_without_results_is_a_known_result(self, store: Store) -> None:
        run, raw = begin(store)
        job = job_record(run.id, [raw], outputs=[])
        store.commit_jobs([job])
        assert store.known_results([job.fingerprint])[job.fingerprint].outputs == ()

    def test_many_fingerprints_may_be_asked_for(self, store: Store) -> None:
        run, raw = begin(store)
        jobs = [job_record(run.id, [raw], parameters={"n": n}) for n in range(510)]
        store.commit_jobs(jobs)
        known = store.known_results(job.fingerprint for job in jobs)
        assert {sha: result.job for sha, result in known.items()} == {
            job.fingerprint: job.id for job in jobs
        }
        assert store.known_results([]) == {}

    def test_last_parts_explain_a_miss(self, store: Store) -> None:
        run, raw = begin(store, workflow_id="w")
        other = raw_item("b.tif")
        store.add_raw_items([other])
        both = frozenset({raw, other.item.id})
        old = job_record(run.id, [raw], parameters={"sigma": 1})
        new = job_record(run.id, [raw], parameters={"sigma": 2})
        group = job_record(run.id, both)
        failed = job_record(run.id, [raw], state=JobState.FAILED, parameters={"s": 3})
        elsewhere = job_record(run.id, [raw], node="spots")
        store.commit_jobs([old, new, group, failed, elsewhere])
        assert store.last_parts("w", "denoise") == {
            frozenset({raw}): new.parts,
            both: group.parts,
        }
        assert store.last_parts("other", "denoise") == {}
