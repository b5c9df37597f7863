"""What a store promises of attempts that take the place of earlier ones."""
# ruff: noqa: D102 - the names of tests say what is promised

from dataclasses import replace

import pytest

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.ids import ItemId, RunId, new_item_id, new_job_id
from bioimageit_flow.model.run import JobRecord, JobState, RunState
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.testing.samples import job_record, produced, raw_item, run_record


def failed(store: Store) -> tuple[RunId, ItemId, JobRecord]:
    """Return a run over a raw item whose one job has failed."""
    run, new = run_record(), raw_item()
    store.add_raw_items([new])
    store.begin_run(run)
    job = job_record(run.id, [new.item.id], state=JobState.FAILED)
    store.commit_jobs([job])
    return run.id, new.item.id, job


def again(job: JobRecord, state: JobState = JobState.DONE) -> JobRecord:
    """Return the next attempt of a job."""
    identity = new_job_id()
    result = (
        produced(path=f"results/{identity}.tif") if state is JobState.DONE else None
    )
    return replace(
        job,
        id=identity,
        state=state,
        supersedes=job.id,
        attempt=job.attempt + 1,
        produced=() if result is None else (result,),
    )


class AttemptContract:
    """A later attempt takes the place of one that failed; nothing is forgotten."""

    def test_later_attempt_counts_in_place_of_the_earlier(self, store: Store) -> None:
        run, _, first = failed(store)
        second = again(first)
        store.commit_jobs([second])
        assert store.jobs(run) == [first, second]
        assert store.runs()[0].counts == {JobState.DONE: 1}
        store.end_run(run, RunState.DONE, 1.0)
        *_, end = store.records(run)
        assert end.body["jobs"] == {"done": 1}
        assert store.verify_chain(run) == []

    def test_outcomes_are_those_of_the_last_attempts(self, store: Store) -> None:
        run, item, first = failed(store)
        assert [
            (one.id, one.state, one.roots, one.cause, one.message, one.runtime)
            for one in store.outcomes(run)
        ] == [
            (
                *(first.id, first.state, frozenset([item])),
                *(first.cause, first.message, first.runtime),
            )
        ]
        second = again(first)
        below = job_record(run, [second.produced[0].id], node="below")
        store.commit_jobs([second, below])
        assert [
            (one.id, one.node, one.state, one.roots) for one in store.outcomes(run)
        ] == [
            (job.id, job.node, JobState.DONE, frozenset([item]))
            for job in (second, below)
        ]
        assert [store.job(one.id) for one in (first, second)] == [first, second]

    def test_unknown_job_is_refused(self, store: Store) -> None:
        failed(store)
        with pytest.raises(StoreError, match="no job"):
            store.job(new_job_id())

    def test_attempts_of_one_batch_follow_each_other(self, store: Store) -> None:
        run, _, first = failed(store)
        second = again(first, JobState.FAILED)
        third = again(second)
        store.commit_jobs([second, third])
        assert store.jobs(run) == [first, second, third]
        assert [job.attempt for job in store.jobs(run)] == [1, 2, 3]
        assert store.runs()[0].counts == {JobState.DONE: 1}
        assert store.verify_chain(run) == []

    def test_record_tells_the_attempt_only_when_there_is_more_than_one(
        self, store: Store
    ) -> None:
        run, _, first = failed(store)
        store.commit_jobs([again(first)])
        _, one, two = store.records(run)
        assert "attempt" not in one.body
        assert "supersedes" not in one.body
        assert (two.body["attempt"], two.body["supersedes"]) == (2, first.id)

    def test_lineage_tells_the_attempt(self, store: Store) -> None:
        _, _, first = failed(store)
        second = again(first)
        store.commit_jobs([second])
        job = store.step(second.produced[0].id).job
        assert job is not None
        assert (job.id, job.attempt) == (second.id, 2)

    def test_superseded_results_are_none_of_the_run(self, store: Store) -> None:
        run, _, first = failed(store)
        second = again(first)
        third = again(second)
        store.commit_jobs([second])
        (before,) = second.produced
        store.commit_jobs([third])
        folder = store.runs()[0].folder
        (dataset,) = [one for one in store.datasets() if folder in one.name]
        assert dataset.count == 1
        assert [item.id for item in store.items(dataset.name)] == [
            item.id for item in third.produced
        ]
        assert store.item(before.id).id == before.id
        assert store.jobs(run) == [first, second, third]

    def test_attempt_is_superseded_once(self, store: Store) -> None:
        run, _, first = failed(store)
        store.commit_jobs([again(first)])
        with pytest.raises(StoreError, match="superseded by another"):
            store.commit_jobs([again(first)])
        assert len(store.jobs(run)) == 2

    def test_attempt_of_another_run_or_node_is_not_superseded(
        self, store: Store
    ) -> None:
        _, item, first = failed(store)
        other = run_record()
        store.begin_run(other)
        stranger = replace(again(first), run=other.id)
        with pytest.raises(StoreError, match="another run or node"):
            store.commit_jobs([stranger])
        node = job_record(first.run, [item], node="other", state=JobState.FAILED)
        with pytest.raises(StoreError, match="another run or node"):
            store.commit_jobs([replace(node, supersedes=first.id, attempt=2)])
        with pytest.raises(StoreError, match="which is not there"):
            store.commit_jobs([replace(again(first), supersedes=new_job_id())])

    def test_number_of_attempt_fits(self, store: Store) -> None:
        run, _, first = failed(store)
        for wrong in (
            replace(again(first), attempt=1),
            replace(again(first), attempt=3),
            replace(again(first), supersedes=None),
        ):
            with pytest.raises(StoreError, match=r"attempt [123]"):
                store.commit_jobs([wrong])
        assert store.jobs(run) == [first]
        assert store.verify_chain(run) == []

    def test_refused_batch_supersedes_nothing(self, store: Store) -> None:
        run, _, first = failed(store)
        missing = job_record(run, [new_item_id()])
        with pytest.raises(StoreError, match="no item"):
            store.commit_jobs([again(first), missing])
        store.commit_jobs([again(first)])
        assert len(store.jobs(run)) == 2
