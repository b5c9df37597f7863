"""Where items come from and what runs did, in the store in memory."""

from collections import Counter
from collections.abc import Iterator

from bioimageit_flow.model.converted import conversions_of
from bioimageit_flow.model.data import Imported, Item
from bioimageit_flow.model.ids import ItemId, JobId, RunId
from bioimageit_flow.model.lineage import (
    EdgeStep,
    Family,
    JobFact,
    Kin,
    LineageStep,
)
from bioimageit_flow.model.run import JobRecord, Outcome
from bioimageit_flow.stores.refusals import missing_job, missing_run
from bioimageit_flow.testing.memory_shared_work import MemorySharedWork


class MemoryLineage(MemorySharedWork):
    """The part of `MemoryStore` that tells of lineage."""

    def jobs(self, run: RunId) -> list[JobRecord]:
        """Return the attempts of a run, in the order in which they were committed."""
        with self._use():
            if run not in self._runs:
                raise missing_run(run)
            return [job for job in self._jobs.values() if job.run == run]

    def each_job(self, run: RunId) -> Iterator[JobRecord]:
        """Go through the attempts of a run."""
        return iter(self.jobs(run))

    def outcomes(self, run: RunId) -> Iterator[Outcome]:
        """Go through what became of the jobs of a run; see `Store.outcomes`."""
        records = self.jobs(run)
        gone = {one.supersedes for one in records}
        last = [one for one in records if one.id not in gone]
        roots = self.roots(edge.item for one in last for edge in one.consumed)
        return iter(
            [
                Outcome(
                    one.id,
                    one.node,
                    one.state,
                    frozenset().union(*(roots[edge.item] for edge in one.consumed)),
                    one.runtime,
                    one.elapsed_s,
                    one.cause,
                    one.message,
                )
                for one in last
            ]
        )

    def job(self, job: JobId) -> JobRecord:
        """Return one attempt; see `Store.job`."""
        with self._use():
            if job not in self._jobs:
                raise missing_job(job)
            return self._jobs[job]

    def given(self, run: RunId) -> Iterator[Item]:
        """Go through what a run took and did not make; see `Store.given`."""
        jobs = self.jobs(run)
        made = {item.id for job in jobs for item in job.produced}
        order = {item: number for number, item in enumerate(self._items)}
        taken: dict[ItemId, int] = {}
        for number, job in enumerate(jobs):
            for edge in job.consumed:
                taken.setdefault(edge.item, number)
        keys = sorted(taken.keys() - made, key=lambda id_: (taken[id_], order[id_]))
        return iter([self.item(key) for key in keys])

    def ends(self, run: RunId) -> Iterator[Item]:
        """Go through what a run made and took no further; see `Store.ends`."""
        jobs = self.jobs(run)
        taken = {edge.item for job in jobs for edge in job.consumed}
        return iter(
            [
                self.item(made.id)
                for job in jobs
                for made in job.produced
                if made.id not in taken
            ]
        )

    def step(self, item: ItemId, most: int | None = None) -> LineageStep:
        """Return how an item came about; see `Store.step`."""
        with self._use():
            job = self._job_of(item)
            if job is None:
                return LineageStep(self.item(item), None, ())
            shown = job.consumed[:most]
            steps = tuple(EdgeStep(one.edge, self.item(one.item)) for one in shown)
            left_out = len(job.consumed) - len(shown)
            return LineageStep(self.item(item), self._fact(job), steps, left_out)

    def made_from(
        self, item: ItemId, most: int | None = None
    ) -> list[tuple[JobFact, list[Item]]]:
        """Return the jobs that consumed an item, with what they made."""
        with self._use():
            return [
                (self._fact(job), [self.item(made.id) for made in job.produced])
                for job in self._takers(item)[:most]
            ]

    def _takers(self, item: ItemId) -> list[JobRecord]:
        self.item(item)
        return [
            job
            for job in self._jobs.values()
            if any(edge.item == item for edge in job.consumed)
        ]

    def takers(self, item: ItemId) -> int:
        """Return how many jobs consumed an item."""
        with self._use():
            return len(self._takers(item))

    def kin(self, item: ItemId, *, forward: bool = False) -> Kin:
        """Return how much an item came from, or was made from it."""
        families: dict[tuple[RunId, str, str], int] = {}
        items = Counter[str]()
        for job in self.kin_jobs(item, forward=forward):
            key = job.run, job.node, job.tool
            families[key] = families.get(key, 0) + 1
            if forward:
                items.update(self.item(made.id).dataset for made in job.produced)
        if not forward:
            items.update(one.dataset for one in self.raw_kin(item))
        return Kin(
            tuple(
                Family(run, self._runs[run].name, node, tool, jobs)
                for (run, node, tool), jobs in families.items()
            ),
            dict(sorted(items.items())),
        )

    def kin_jobs(self, item: ItemId, *, forward: bool = False) -> Iterator[JobRecord]:
        """Go through the jobs that `kin` counts, in order."""
        if forward:
            facts = (job for made in self.progeny(item).values() for job, _ in made)
            wanted = {job.id for job in facts}
        else:
            steps = self.history(item).values()
            wanted = {step.job.id for step in steps if step.job is not None}
        return iter([job for job in self._jobs.values() if job.id in wanted])

    def raw_kin(self, item: ItemId) -> Iterator[Item]:
        """Go through the raw items that an item came from, as they were added."""
        above = self.history(item)
        return iter(
            [
                one
                for one in self._items.values()
                if one.id in above and isinstance(one.origin, Imported)
            ]
        )

    def history(self, item: ItemId) -> dict[ItemId, LineageStep]:
        """Return how an item, and everything that it came from, came about."""
        found: dict[ItemId, LineageStep] = {}
        pending = [item]
        while pending:
            one = pending.pop()
            if one not in found:
                found[one] = self.step(one)
                pending += [passed.item.id for passed in found[one].consumed]
        return found

    def progeny(self, item: ItemId) -> dict[ItemId, list[tuple[JobFact, list[Item]]]]:
        """Return `made_from` of an item and of everything that was made from it."""
        found: dict[ItemId, list[tuple[JobFact, list[Item]]]] = {}
        pending = [item]
        while pending:
            one = pending.pop()
            if one not in found:
                found[one] = self.made_from(one)
                pending += [made.id for _, items in found[one] for made in items]
        return found

    def _fact(self, job: JobRecord) -> JobFact:
        return JobFact(
            id=job.id,
            run=job.run,
            run_name=self._runs[job.run].name,
            node=job.node,
            tool=job.tool,
            state=job.state,
            runtime=job.runtime.name,
            environment=job.runtime.identity,
            parameters=job.parameters,
            command=job.command,
            started=job.started,
            elapsed_s=job.elapsed_s,
            fingerprint=job.fingerprint,
            attempt=job.attempt,
            declared=job.declared,
            shared=job.shared,
            converted=conversions_of(job.parts),
        )
