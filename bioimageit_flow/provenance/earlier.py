"""Where a run over results of earlier runs got them: the jobs that led there."""

from collections.abc import Iterable
from dataclasses import replace

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.model.data import Item, Produced
from bioimageit_flow.model.ids import ItemId, JobId, RunId
from bioimageit_flow.model.run import JobRecord
from bioimageit_flow.provenance.deeds import ChosenDeeds
from bioimageit_flow.provenance.story import (
    FILES_SOURCE,
    RunStory,
    document_of,
    tools_named,
)
from bioimageit_flow.provenance.tally import tally_of
from bioimageit_flow.stores.protocol import Store


def with_earlier(store: Store, catalogue: Catalogue, story: RunStory) -> RunStory:
    """Return a story with those of earlier runs, back to the raw data.

    Of each earlier run it holds the jobs only that led to what the run was given.
    """
    chosen: dict[RunId, dict[JobId, JobRecord]] = {}
    asked: set[ItemId] = set()
    pending = _made(story.given())
    while pending:
        asked |= pending.keys()
        by_run: dict[RunId, list[ItemId]] = {}
        for item, run in pending.items():
            by_run.setdefault(run, []).append(item)
        beyond: set[ItemId] = set()
        for run, items in by_run.items():
            beyond |= _choose(store.each_job(run), items, chosen.setdefault(run, {}))
        pending = _made(store.items_by_id(sorted(beyond - asked)).values())
    stories = [
        _story(store, catalogue, run, tuple(jobs.values()))
        for run, jobs in chosen.items()
    ]
    stories.sort(key=lambda one: one.record.started)
    return replace(story, earlier=tuple(stories))


def _made(items: Iterable[Item]) -> dict[ItemId, RunId]:
    return {
        item.id: item.origin.run for item in items if isinstance(item.origin, Produced)
    }


def _choose(
    jobs: Iterable[JobRecord], items: Iterable[ItemId], chosen: dict[JobId, JobRecord]
) -> set[ItemId]:
    """Choose the jobs of a run that led to items; return what they got from outside."""
    maker = {made.id: job for job in jobs for made in job.produced}
    outside: set[ItemId] = set()
    ahead = list(items)
    while ahead:
        item = ahead.pop()
        job = maker.get(item)
        if job is None:
            outside.add(item)
        elif job.id not in chosen:
            chosen[job.id] = job
            ahead.extend(edge.item for edge in job.consumed)
    return outside


def _story(
    store: Store, catalogue: Catalogue, run: RunId, jobs: tuple[JobRecord, ...]
) -> RunStory:
    record = store.run_record(run)
    wanted = {edge.item for job in jobs for edge in job.consumed}
    wanted |= {made.id for job in jobs for made in job.produced}
    items = store.items_by_id(sorted(wanted))
    return RunStory(
        record,
        store.find_run(run),
        document_of(record),
        ChosenDeeds(jobs, items),
        tools_named(catalogue, (job.tool for job in jobs)),
        tally_of(jobs, (), FILES_SOURCE),
    )
