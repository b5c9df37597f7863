"""What a store promises of lineage."""
# ruff: noqa: D102 - the names of tests say what is promised

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.ids import new_item_id
from bioimageit_flow.model.lineage import GENESIS, chain
from bioimageit_flow.model.run import JobState, RunState
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.testing.run_contract import begin
from bioimageit_flow.testing.samples import job_record, produced, raw_item, run_record


class LineageContract:
    """From any item one can walk back to raw data and forward to what it became."""

    def test_raw_item_has_no_job(self, store: Store) -> None:
        new = raw_item()
        store.add_raw_items([new])
        step = store.step(new.item.id)
        assert (step.item, step.job, step.consumed) == (new.item, None, ())
        assert store.made_from(new.item.id) == []
        assert store.roots([new.item.id]) == {new.item.id: frozenset({new.item.id})}

    def test_step_tells_job_and_inputs_in_order(self, store: Store) -> None:
        new = [raw_item(f"{n}.tif") for n in (2, 0, 1)]
        store.add_raw_items(new)
        run = run_record()
        store.begin_run(run)
        made = produced(path="out/0")
        job = job_record(run.id, [one.item.id for one in new], outputs=[made])
        store.commit_jobs([job])
        step = store.step(made.id)
        assert [one.item for one in step.consumed] == [one.item for one in new]
        assert {one.edge for one in step.consumed} == {"images -> denoise.image"}
        fact = step.job
        assert fact is not None
        assert (fact.id, fact.run, fact.run_name) == (job.id, run.id, run.name)
        assert (fact.node, fact.tool, fact.state) == ("denoise", job.tool, job.state)
        assert (fact.runtime, fact.environment) == ("container", "image sha256:0a")
        assert fact.parameters == job.parameters
        assert fact.command == job.command
        assert fact.started == job.started
        assert fact.elapsed_s == job.elapsed_s
        assert fact.fingerprint == job.fingerprint

    def test_made_from_tells_jobs_and_what_they_made(self, store: Store) -> None:
        run, raw = begin(store)
        outputs = [produced(path="out/0"), produced(path="out/1")]
        first = job_record(run.id, [raw, raw], outputs=outputs)
        second = job_record(run.id, [raw], state=JobState.FAILED)
        third = job_record(run.id, [outputs[0].id])
        store.commit_jobs([first, second, third])
        made = store.made_from(raw)
        assert [fact.id for fact, _ in made] == [first.id, second.id]
        assert [one.id for one in made[0][1]] == [one.id for one in outputs]
        assert made[1][1] == []
        assert [fact.id for fact, _ in store.made_from(outputs[0].id)] == [third.id]
        assert store.made_from(outputs[1].id) == []

    def test_kin_is_counted_and_gone_through(self, store: Store) -> None:
        new = [raw_item(f"{n}.tif") for n in range(4)]
        store.add_raw_items(new)
        raws = [one.item.id for one in new]
        run = run_record()
        store.begin_run(run)
        each = [produced(path=f"out/{n}") for n in range(4)]
        group, aside = produced(path="out/group"), produced(path="out/aside")
        jobs = [
            *(
                job_record(run.id, [raw, raws[0]], outputs=[made])
                for raw, made in zip(raws, each, strict=True)
            ),
            job_record(run.id, [made.id for made in each], outputs=[group]),
            job_record(run.id, [raws[3]], outputs=[aside]),
        ]
        store.commit_jobs(jobs)
        dataset = new[0].item.dataset

        back = store.kin(group.id)
        assert [(one.run, one.node, one.jobs) for one in back.families] == [
            (run.id, "denoise", 5)
        ]
        assert back.items == {dataset: 4}
        assert back.size == 9
        assert list(store.kin_jobs(group.id)) == jobs[:5]
        assert [item.id for item in store.raw_kin(group.id)] == raws
        assert store.kin(aside.id).items == {dataset: 1}
        assert [item.id for item in store.raw_kin(raws[0])] == [raws[0]]
        assert (store.kin(raws[0]).families, store.kin(raws[0]).items) == (
            (),
            {dataset: 1},
        )

        ahead = store.kin(raws[3], forward=True)
        assert sum(ahead.items.values()) == 3
        assert list(store.kin_jobs(raws[3], forward=True)) == [jobs[3], *jobs[4:]]
        assert store.kin(group.id, forward=True).size == 0
        assert store.takers(raws[0]) == 4
        step = store.step(group.id, 3)
        assert ([one.item.id for one in step.consumed], step.left_out) == (
            [made.id for made in each[:3]],
            1,
        )
        assert store.step(group.id, 4).left_out == 0
        assert [fact.id for fact, _ in store.made_from(raws[0], 2)] == [
            job.id for job in jobs[:2]
        ]

    def test_history_and_progeny_say_what_single_steps_say(self, store: Store) -> None:
        new = [raw_item(f"{n}.tif") for n in range(4)]
        store.add_raw_items(new)
        raws = [one.item.id for one in new]
        run = run_record()
        store.begin_run(run)
        each = [produced(path=f"out/{n}") for n in range(4)]
        group, last = produced(path="out/group"), produced(path="out/last")
        store.commit_jobs(
            [
                *(
                    job_record(run.id, [raw, raws[0]], outputs=[made])
                    for raw, made in zip(raws, each, strict=True)
                ),
                job_record(run.id, [made.id for made in each], outputs=[group]),
                job_record(run.id, [group.id, raws[1]], outputs=[last]),
                job_record(run.id, [last.id], state=JobState.FAILED),
            ]
        )
        above = store.history(last.id)
        assert above.keys() == {*raws, *(made.id for made in each), group.id, last.id}
        assert all(step == store.step(item) for item, step in above.items())
        assert store.history(raws[2]) == {raws[2]: store.step(raws[2])}
        assert store.items_by_id([last.id, raws[0]]) == {
            item: store.item(item) for item in (last.id, raws[0])
        }
        with pytest.raises(StoreError):
            store.items_by_id([raws[0], new_item_id()])
        below = store.progeny(raws[1])
        assert below.keys() == {raws[1], each[1].id, group.id, last.id}
        assert all(made == store.made_from(item) for item, made in below.items())

    def test_roots_of_groups_and_of_earlier_runs(self, store: Store) -> None:
        new = [raw_item(f"{n:04}.tif") for n in range(600)]
        store.add_raw_items(new)
        raws = [one.item.id for one in new]
        first, second = run_record(), run_record()
        for run in (first, second):
            store.begin_run(run)
        each = [produced(path=f"out/{n}") for n in range(600)]
        store.commit_jobs(
            [
                job_record(first.id, [raw], outputs=[made])
                for raw, made in zip(raws, each, strict=True)
            ]
        )
        group = produced(path="out/group")
        members = [made.id for made in each]
        store.commit_jobs([job_record(first.id, members, outputs=[group])])
        later = produced(path="out/later")
        mixed = [group.id, raws[0]]
        store.commit_jobs([job_record(second.id, mixed, outputs=[later])])
        roots = store.roots([later.id, group.id, each[7].id, raws[3]])
        assert roots == {
            later.id: frozenset(raws),
            group.id: frozenset(raws),
            each[7].id: frozenset({raws[7]}),
            raws[3]: frozenset({raws[3]}),
        }
        assert store.roots([]) == {}

    def test_item_made_from_nothing_has_no_roots(self, store: Store) -> None:
        run, _ = begin(store)
        made = produced(path="out/0")
        store.commit_jobs([job_record(run.id, [], outputs=[made])])
        assert store.roots([made.id]) == {made.id: frozenset()}
        assert store.views([made.id]) == {made.id: {}}

    def test_records_follow_each_other(self, store: Store) -> None:
        run, raw = begin(store)
        jobs = [job_record(run.id, [raw], parameters={"n": n}) for n in range(510)]
        store.commit_jobs(jobs)
        store.end_run(run.id, RunState.DONE, 1.5)
        previous = GENESIS
        records = list(store.records(run.id))
        assert [record.n for record in records] == list(range(512))
        for record in records:
            assert record.run == run.id
            assert record.previous == previous
            assert record.sha256 == chain(previous, record.body)
            previous = record.sha256
        assert store.verify_chain(run.id) == []

    def test_record_of_a_job_tells_the_whole_story(self, store: Store) -> None:
        run, raw = begin(store)
        made = produced("0.ome.tif", path="out/0", part="p", annotations={"sigma": 1.5})
        job = job_record(run.id, [raw], outputs=[made])
        store.commit_jobs([job])
        first, record = store.records(run.id)
        assert first.body["run"] == run.id
        assert first.body["machine"] == {
            "host": "scope",
            "os": "Linux 6.1",
            "user": "ada",
            "python": "3.12.1",
            "program_version": "0.1.0",
        }
        sha = store.item(raw).content.sha256
        expected = {
            "job": job.id,
            "node": "denoise",
            "tool": job.tool,
            "state": "done",
            "fingerprint": job.fingerprint,
            "runtime": {
                "name": "container",
                "identity": "image sha256:0a",
                "detail": "skimage:0.1",
            },
            "command": list(job.command),
            "parameters": {"sigma": 1.5},
            "consumed": [
                {
                    "edge": "images -> denoise.image",
                    "port": "image",
                    "item": raw,
                    "content": sha,
                    "selector": "",
                }
            ],
            "produced": [
                {
                    "item": made.id,
                    "port": "image",
                    "name": "0.ome.tif",
                    "part": "p",
                    "content": made.content.sha256,
                    "size": made.content.size,
                    "path": "out/0",
                    "info": made.info.as_json(),
                    "annotations": {"sigma": 1.5},
                }
            ],
            "started": "2026-11-22T10:15:02.123456Z",
            "elapsed_s": 0.25,
            "cpu_s": 0.2,
            "peak_memory": 2**31,
            "exit_code": 0,
            "log": job.log,
            "cause": None,
            "message": "",
            "reused_from": None,
        }
        assert canonical_json(record.body) == canonical_json(expected)

    def test_record_of_a_reused_job_names_its_maker(self, store: Store) -> None:
        run, raw = begin(store)
        made = produced(path="out/0")
        job = job_record(run.id, [raw], outputs=[made])
        copy = replace(made, id=new_item_id(), location=None)
        reuse = job_record(
            run.id,
            [raw],
            outputs=[copy],
            state=JobState.REUSED,
            reused_from=job.id,
        )
        store.commit_jobs([job, reuse])
        *_, record = store.records(run.id)
        assert record.body["reused_from"] == job.id
        assert record.body["state"] == "reused"
        step = store.step(copy.id)
        assert step.job is not None
        assert step.job.state is JobState.REUSED
        assert store.verify_chain(run.id) == []

    def test_each_run_has_a_chain_of_its_own(self, store: Store) -> None:
        run, raw = begin(store)
        other = run_record()
        store.begin_run(other)
        store.commit_jobs([job_record(run.id, [raw]), job_record(other.id, [raw])])
        for one in (run, other):
            assert [record.n for record in store.records(one.id)] == [0, 1]
            assert store.verify_chain(one.id) == []

    def test_threads_may_write_and_read_at_once(self, store: Store) -> None:
        run, raw = begin(store)
        jobs = [job_record(run.id, [raw], parameters={"n": n}) for n in range(60)]

        def commit(n: int) -> int:
            store.commit_jobs(jobs[n : n + 3])
            return len(store.jobs(run.id))

        with ThreadPoolExecutor(8) as pool:
            seen = list(pool.map(commit, range(0, 60, 3)))
        assert max(seen) == 60
        assert {job.id for job in store.jobs(run.id)} == {job.id for job in jobs}
        assert store.verify_chain(run.id) == []
