"""What a store promises of claims and of results that were declared valid."""
# ruff: noqa: D102 - the names of tests say what is promised

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.changes import ChangeKind
from bioimageit_flow.model.data import LocationState
from bioimageit_flow.model.ids import JobId, Sha256, new_job_id
from bioimageit_flow.model.run import JobRecord, JobState, RunState
from bioimageit_flow.stores import shared_work
from bioimageit_flow.stores.holders import Holder, this_process
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.testing.samples import (
    content,
    job_record,
    produced,
    raw_item,
    run_record,
)

ELSEWHERE = Holder("another-machine", "some-boot", 77, 12.5)
"""A process of another machine: nobody here can say whether it lives."""


def dead_process() -> Holder:
    """Return a process of this machine that has ended: of its last start."""
    return replace(this_process(), boot_id="the boot before")


def prints(*texts: str) -> list[Sha256]:
    """Return fingerprints made of texts."""
    return [content(text).sha256 for text in texts]


class ClaimContract:
    """One run at a time computes a result; what others hold is told."""

    def test_claim_is_kept_from_other_runs(self, store: Store) -> None:
        one, two = run_record(), run_record()
        a, b, c = prints("a", "b", "c")
        holder = this_process()
        assert store.claim([a, b], holder, one.id) == {a: None, b: None}
        assert store.claim([b, c], holder, two.id) == {b: holder, c: None}
        assert {one.fingerprint: one.run for one in store.claims()} == {
            a: one.id,
            b: one.id,
            c: two.id,
        }

    def test_own_claim_is_claimed_again(self, store: Store) -> None:
        run, (a,) = run_record(), prints("a")
        for _ in range(2):
            assert store.claim([a, a], this_process(), run.id) == {a: None}
        assert len(store.claims()) == 1

    def test_claim_of_a_dead_process_is_taken_over(self, store: Store) -> None:
        one, two, (a,) = run_record(), run_record(), prints("a")
        store.claim([a], dead_process(), one.id)
        assert store.claim([a], this_process(), two.id) == {a: None}
        (claim,) = store.claims()
        assert (claim.run, claim.holder) == (two.id, this_process())

    def test_resumed_run_takes_over_its_own_claims(self, store: Store) -> None:
        run, (a,) = run_record(), prints("a")
        store.claim([a], dead_process(), run.id)
        assert store.claim([a], this_process(), run.id) == {a: None}

    def test_claim_of_another_machine_stands_for_a_lease(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, two, (a,) = run_record(), run_record(), prints("a")
        store.claim([a], ELSEWHERE, one.id)
        assert store.claim([a], this_process(), two.id) == {a: ELSEWHERE}
        monkeypatch.setattr(shared_work, "LEASE", timedelta(microseconds=-1))
        assert store.claim([a], this_process(), two.id) == {a: None}

    def test_renewing_keeps_the_time_of_the_claim(self, store: Store) -> None:
        one, two = run_record(), run_record()
        a, b = prints("a", "b")
        store.claim([a], ELSEWHERE, one.id)
        store.claim([b], ELSEWHERE, two.id)
        before = {claim.fingerprint: claim for claim in store.claims()}
        store.renew(one.id)
        after = {claim.fingerprint: claim for claim in store.claims()}
        assert after[b] == before[b]
        assert after[a].claimed == before[a].claimed
        assert before[a].renewed < after[a].renewed <= datetime.now(UTC)

    def test_released_claim_is_free(self, store: Store) -> None:
        one, two = run_record(), run_record()
        a, b, c = prints("a", "b", "c")
        store.claim([a, b, c], this_process(), one.id)
        store.release(two.id)
        store.release(one.id, [a])
        assert [claim.fingerprint for claim in store.claims()] == sorted([b, c])
        store.release(one.id)
        assert store.claims() == []

    def test_commit_and_end_give_claims_up(self, store: Store) -> None:
        run, new, (other,) = run_record(), raw_item(), prints("other")
        store.add_raw_items([new])
        store.begin_run(run)
        job = job_record(run.id, [new.item.id])
        store.claim([job.fingerprint, other], this_process(), run.id)
        store.commit_jobs([job])
        assert [claim.fingerprint for claim in store.claims()] == [other]
        store.end_run(run.id, RunState.CANCELLED, 1.0)
        assert store.claims() == []


def known(store: Store) -> JobRecord:
    """Return a done job whose result is there."""
    run, new = run_record(), raw_item()
    store.add_raw_items([new])
    store.begin_run(run)
    job = job_record(run.id, [new.item.id])
    store.commit_jobs([job])
    return job


class ValidityContract:
    """Known results serve a new fingerprint when somebody says so, with a reason."""

    def test_declared_result_is_known(self, store: Store) -> None:
        job, (new, other) = known(store), prints("new", "other")
        n = store.declare_still_valid({new: job.id}, "help text", user="ada", of="blur")
        found = store.known_results([new, other, job.fingerprint])
        assert found.keys() == {new, job.fingerprint}
        assert found[new].job == job.id
        assert found[new].outputs == found[job.fingerprint].outputs
        assert found[job.fingerprint].declared is None
        word = found[new].declared
        assert word is not None
        assert (word.change, word.user, word.reason) == (n, "ada", "help text")

    def test_declaration_is_a_change(self, store: Store) -> None:
        job, (new,) = known(store), prints("new")
        n = store.declare_still_valid({new: job.id}, "help text", user="ada", of="blur")
        (change,) = store.changes()
        assert (change.n, change.kind, change.user, change.note) == (
            n,
            ChangeKind.STILL_VALID,
            "ada",
            "help text",
        )
        assert change.details["of"] == "blur"
        assert change.details["results"] == 1
        assert store.verify_changes() == []

    def test_undone_declaration_serves_no_more(self, store: Store) -> None:
        job, (new,) = known(store), prints("new")
        store.declare_still_valid({new: job.id}, "help text", user="ada")
        undoing = store.undo(user="eve")
        assert undoing.kind is ChangeKind.UNDO
        assert store.known_results([new]) == {}
        assert store.verify_changes() == []
        store.declare_still_valid({new: job.id}, "indeed", user="eve")
        word = store.known_results([new])[new].declared
        assert word is not None
        assert word.reason == "indeed"

    def test_computed_result_goes_before_a_declared_one(self, store: Store) -> None:
        job = known(store)
        item = job.consumed[0].item
        later = job_record(job.run, [item], parameters={"sigma": 2.0})
        store.declare_still_valid({later.fingerprint: job.id}, "same", user="ada")
        store.commit_jobs([later])
        found = store.known_results([later.fingerprint])[later.fingerprint]
        assert (found.job, found.declared) == (later.id, None)

    def test_declared_result_whose_file_is_gone_is_not_known(
        self, store: Store
    ) -> None:
        job, (new,) = known(store), prints("new")
        store.declare_still_valid({new: job.id}, "same", user="ada")
        (item,) = job.produced
        assert item.location is not None
        gone = replace(item.location, state=LocationState.CLEANED)
        store.update_location(item.content.sha256, gone)
        assert store.known_results([new]) == {}

    def test_reuse_on_a_word_is_told_by_lineage(self, store: Store) -> None:
        job = known(store)
        item = job.consumed[0].item
        later = job_record(job.run, [item], parameters={"sigma": 2.0})
        new = later.fingerprint
        store.declare_still_valid({new: job.id}, "image rebuilt", user="ada")
        word = store.known_results([new])[new].declared
        assert word is not None
        result = replace(produced(), content=job.produced[0].content)
        reuse = replace(
            job_record(
                job.run,
                [item],
                parameters={"sigma": 2.0},
                state=JobState.REUSED,
                reused_from=job.id,
                outputs=[result],
            ),
            declared=word,
        )
        store.commit_jobs([reuse])
        assert store.jobs(job.run)[-1] == reuse
        fact = store.step(result.id).job
        assert fact is not None
        assert fact.declared == word
        *_, record = store.records(job.run)
        said = record.body["still_valid"]
        assert isinstance(said, dict)
        assert (said["user"], said["reason"]) == ("ada", "image rebuilt")
        assert store.verify_chain(job.run) == []

    def test_only_reuse_stands_on_a_word(self, store: Store) -> None:
        job, (new,) = known(store), prints("new")
        store.declare_still_valid({new: job.id}, "same", user="ada")
        word = store.known_results([new])[new].declared
        wrong = replace(job_record(job.run, []), declared=word)
        with pytest.raises(StoreError, match="somebody's word"):
            store.commit_jobs([wrong])

    def test_declaration_needs_a_reason_and_results(self, store: Store) -> None:
        job, (new,) = known(store), prints("new")
        failed = job_record(job.run, [], state=JobState.FAILED)
        store.commit_jobs([failed])
        wrong: list[tuple[dict[Sha256, JobId], str, str]] = [
            ({new: job.id}, "  ", "with a reason"),
            ({}, "because", "no known results"),
            ({new: failed.id}, "because", "has no results"),
            ({new: new_job_id()}, "because", "has no results"),
        ]
        for results, reason, why in wrong:
            with pytest.raises(StoreError, match=why):
                store.declare_still_valid(results, reason, user="ada")
        assert store.changes() == []
