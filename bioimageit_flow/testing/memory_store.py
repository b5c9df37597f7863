"""A store in memory: the whole contract, nothing kept.

For trying things out, and for tests of what stands on a store; it passes the same
contract tests as the SQL store.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bioimageit_flow.model.data import Item, LocationState, Produced
from bioimageit_flow.model.ids import ItemId, JobId, RunId, Sha256
from bioimageit_flow.model.lineage import (
    GENESIS,
    LineageRecord,
)
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.run import (
    JobRecord,
    JobState,
    KnownResult,
    Machine,
    ProducedItem,
    RunRecord,
    RunState,
    RunSummary,
)
from bioimageit_flow.stores import refusals
from bioimageit_flow.stores.bodies import (
    Body,
    chain_faults,
    end_body,
    follow,
    job_body,
    resume_body,
    run_body,
)
from bioimageit_flow.testing.memory_lineage import MemoryLineage

_SUCCEEDED = (JobState.DONE, JobState.REUSED)


class MemoryStore(MemoryLineage):
    """A `Store` in memory.

    Parameters
    ----------
    name : str
        Name of the experiment.
    """

    def __init__(self, name: str = "experiment") -> None:
        super().__init__(name)
        self._ends: dict[RunId, tuple[RunState, float | None]] = {}
        self._records: dict[RunId, list[LineageRecord]] = {}

    def begin_run(self, run: RunRecord) -> None:
        """Record that a run begins, and begin its chain of records."""
        with self._use():
            self._check_new("run", [run.id], self._runs)
            if any(run.folder == other.folder for other in self._runs.values()):
                raise refusals.folder_taken(run.folder)
            record = follow(run.id, 0, "run", run_body(run), GENESIS)
            self._runs[run.id] = replace(run, started=run.started.astimezone(UTC))
            self._ends[run.id] = (RunState.RUNNING, None)
            self._records[run.id] = [record]

    def _next_record(
        self, chain: Sequence[LineageRecord], kind: str, body: Body
    ) -> LineageRecord:
        last = chain[-1]
        return follow(last.run, last.n + 1, kind, body, last.sha256)

    def commit_jobs(self, jobs: Sequence[JobRecord]) -> None:
        """Commit finished attempts with their facts; see `Store.commit_jobs`."""
        with self._use():
            for job in jobs:
                refusals.check_parts(job)
                refusals.check_job(job)
            self._check_attempts(jobs)
            made = [item for job in jobs for item in job.produced]
            self._check_new("job", (job.id for job in jobs), self._jobs)
            self._check_new("item", (item.id for item in made), self._items)
            known = self._contents.keys() | {
                item.content.sha256 for item in made if item.location is not None
            }
            for item in made:
                if item.content.sha256 not in known:
                    raise refusals.no_content(item)
            inputs = {id_: _as_input(item) for id_, item in self._items.items()}
            ids = set(self._jobs)
            chains = {run: list(chain) for run, chain in self._records.items()}
            for job in jobs:
                self._check_job(job, inputs, ids, {item.id for item in made})
                chain = chains[job.run]
                chain.append(self._next_record(chain, "job", job_body(job, inputs)))
                ids.add(job.id)
                for item in job.produced:
                    inputs[item.id] = (item.content.sha256, "")
            self._records = chains
            for job in jobs:
                self._add_job(job)
                self.release(job.run, [job.fingerprint])

    def _check_job(
        self,
        job: JobRecord,
        inputs: Mapping[ItemId, object],
        ids: set[JobId],
        made: set[ItemId],
    ) -> None:
        if job.run not in self._runs:
            raise refusals.missing_run(job.run)
        if job.reused_from is not None and job.reused_from not in ids:
            raise refusals.unknown_reuse(job)
        for edge in job.consumed:
            if edge.item not in inputs:
                too_early = edge.item in made
                refuse = refusals.not_made_yet if too_early else refusals.missing_item
                raise refuse(edge.item)

    def _add_job(self, job: JobRecord) -> None:
        started = None if job.started is None else job.started.astimezone(UTC)
        self._jobs[job.id] = replace(job, started=started)
        for item in job.produced:
            self._items[item.id] = Item(
                id=item.id,
                name=item.name,
                dataset=f"{self._runs[job.run].folder}/{job.node}/{item.port}",
                content=item.content,
                info=item.info,
                origin=Produced(job.run, job.node, item.port, job.id),
                part=item.part,
                annotations=item.annotations,
            )
            if item.location is not None:
                self._published[item.id] = item.location.path
                self._place(item.content, item.location)

    def resume_run(self, run: RunId, machine: Machine, at: datetime) -> None:
        """Record that a run goes on."""
        with self._use():
            self.run_record(run)
            records = self._records[run]
            body = resume_body(machine, at)
            records.append(self._next_record(records, "resume", body))
            self._ends[run] = (RunState.RUNNING, self._ends[run][1])

    def end_run(self, run: RunId, state: RunState, elapsed_s: float) -> None:
        """Record how a run ended."""
        with self._use():
            self.run_record(run)
            counts = self._counts(run)
            body = end_body(state, elapsed_s, datetime.now(UTC), counts)
            chain = self._records[run]
            chain.append(self._next_record(chain, "end", body))
            self._ends[run] = (state, elapsed_s)
            self.release(run)

    def _counts(self, run: RunId) -> Counter[JobState]:
        gone = self._superseded()
        every = self._jobs.values()
        return Counter(
            job.state for job in every if job.run == run and job.id not in gone
        )

    def runs(self) -> list[RunSummary]:
        """List the runs, newest first."""
        with self._use():
            return [
                RunSummary(
                    id=run.id,
                    name=run.name,
                    folder=run.folder,
                    state=self._ends[run.id][0],
                    started=run.started,
                    elapsed_s=self._ends[run.id][1],
                    counts=dict(self._counts(run.id)),
                )
                for run in reversed(self._runs.values())
            ]

    def find_run(self, text: str) -> RunSummary:
        """Return the run that a text means; see `Store.find_run`."""
        runs = self.runs()
        if text == "last":
            found = runs
        else:
            found = [run for run in runs if text in (run.id, run.folder)]
            found += [run for run in runs if run.name == text]
        if not found and len(text) >= 4:
            found = [run for run in runs if run.id.startswith(text.lower())]
            if len(found) > 1:
                raise refusals.ambiguous_run(text, len(found))
        if not found:
            raise refusals.missing_run(repr(text))
        return found[0]

    def has_run(self, run: RunId) -> bool:
        """Say whether a run has begun."""
        with self._use():
            return run in self._runs

    def run_record(self, run: RunId) -> RunRecord:
        """Return a run as it began."""
        with self._use():
            if run not in self._runs:
                raise refusals.missing_run(run)
            return self._runs[run]

    def known_results(
        self, fingerprints: Iterable[Sha256], *, with_cleaned: bool = False
    ) -> dict[Sha256, KnownResult]:
        """Return what is known to come out for fingerprints."""
        with self._use():
            wanted = set(fingerprints)
            known: dict[Sha256, KnownResult] = {}
            cleaned: dict[Sha256, KnownResult] = {}
            for job in self._jobs.values():
                has_made = job.state is JobState.DONE or job.shared is not None
                if has_made and job.fingerprint in wanted:
                    outputs = tuple(self._where_now(item) for item in job.produced)
                    if all(_is_present(item) for item in outputs):
                        known[job.fingerprint] = KnownResult(job.id, outputs)
                    elif with_cleaned and all(map(_can_be_made_again, outputs)):
                        cleaned[job.fingerprint] = KnownResult(job.id, outputs)
            for key, (job, word) in self._declarations().items():
                outputs = tuple(self._where_now(item) for item in job.produced)
                is_wanted = key in wanted and key not in known
                if is_wanted and all(_is_present(item) for item in outputs):
                    known[key] = KnownResult(job.id, outputs, word)
            return cleaned | known

    def _where_now(self, item: ProducedItem) -> ProducedItem:
        return replace(item, location=self.location(item.content.sha256))

    def last_parts(
        self, workflow: str, node: str
    ) -> dict[frozenset[ItemId], Mapping[str, object]]:
        """Return the fingerprint parts that a node had last, to explain a miss."""
        with self._use():
            return {
                frozenset().union(
                    *self.roots(edge.item for edge in job.consumed).values()
                ): job.parts
                for job in self._jobs.values()
                if job.node == node
                and job.state in _SUCCEEDED
                and self._runs[job.run].workflow_id == workflow
            }

    # Lineage

    def records(self, run: RunId) -> Iterator[LineageRecord]:
        """Go through the chain of records of a run."""
        with self._use():
            self.run_record(run)
            return iter(list(self._records[run]))

    def problems(self) -> list[Problem]:
        """Return what does not hold in the store as a whole."""
        return [
            Problem("changes", Severity.ERROR, text) for text in self.verify_changes()
        ]

    def verify_chain(self, run: RunId) -> list[str]:
        """Return a sentence for each record of a run that was tampered with."""
        faults, previous = [], GENESIS
        for n, record in enumerate(self.records(run)):
            faults += chain_faults(record, n, previous)
            previous = record.sha256
        return faults


def _as_input(item: Item) -> tuple[Sha256, str]:
    return item.content.sha256, item.selector


def _can_be_made_again(item: ProducedItem) -> bool:
    place = item.location
    return place is not None and place.state in (
        LocationState.PRESENT,
        LocationState.CLEANED,
    )


def _is_present(item: ProducedItem) -> bool:
    return item.location is not None and item.location.state is LocationState.PRESENT
