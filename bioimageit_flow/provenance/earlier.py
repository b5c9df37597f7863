"""Where a run over results of earlier runs got them: the jobs that led there.

What is looked for waits in a file without a name: a chain of runs may have had a
million jobs.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.model.data import Item, Produced
from bioimageit_flow.model.ids import ItemId, RunId
from bioimageit_flow.provenance.deeds import INSIDE, OUTSIDE, ChosenDeeds
from bioimageit_flow.provenance.story import RunStory, document_of, tools_named
from bioimageit_flow.provenance.tally import tally_of
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.stores.spooled_entities import Notes, SpooledEntities

_PAGE = 500


def with_earlier(store: Store, catalogue: Catalogue, story: RunStory) -> RunStory:
    """Return a story with those of earlier runs, back to the raw data.

    Of each earlier run it tells the jobs only that led to what the run was given.
    """
    search = _Search(store)
    search.want(story.given())
    found = search.go()
    stories = [
        _story(store, catalogue, run, deeds)
        for run, deeds in reversed(found.items())  # the oldest first
    ]
    return replace(story, earlier=tuple(stories))


class _Search:
    """Goes back from run to run, the latest first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting = SpooledEntities(None)
        self._begun = [one.id for one in store.runs()]  # the latest first
        self._pending: set[RunId] = set()

    def _notes(self, kind: str, run: RunId) -> Notes:
        return Notes(self._waiting, f"{kind} {run}")

    def want(self, items: Iterable[Item]) -> None:
        """Look for the jobs that made items, as far as jobs did."""
        for item in items:
            if isinstance(item.origin, Produced):
                self._pending.add(item.origin.run)
                self._notes("wanted", item.origin.run)[item.id] = ""

    def go(self) -> dict[RunId, ChosenDeeds]:
        """Return the jobs that led to what is wanted, by run, the latest run first."""
        found: dict[RunId, ChosenDeeds] = {}
        for run in self._begun:
            if run in self._pending:
                found[run] = self._choose(run)
        return found

    def _choose(self, run: RunId) -> ChosenDeeds:
        """Choose the jobs of a run; want what they got from outside.

        Jobs are committed after those whose results they take: one walk back is enough.
        """
        jobs, wanted = self._notes("jobs", run), self._notes("wanted", run)
        chosen, taken = self._notes("chosen", run), self._notes("taken", run)
        made = self._notes("made", run)
        for job in self._store.each_job(run):
            results = [one.id for one in job.produced]
            inputs = list(dict.fromkeys(edge.item for edge in job.consumed))
            jobs[job.id] = json.dumps([results, inputs])
            for result in results:
                made[result] = ""
        for job_id, text in jobs.items(backwards=True):
            results, inputs = json.loads(text)
            if not any(one in wanted for one in results):
                continue
            chosen[job_id] = ""
            for item in reversed(inputs):
                is_own = item in made
                if is_own:
                    wanted[item] = ""
                if item not in taken:
                    taken[item] = INSIDE if is_own else OUTSIDE
        outside = (ItemId(one) for one, how in taken.items() if how == OUTSIDE)
        while page := list(islice(outside, _PAGE)):
            self.want(self._store.items_by_id(page).values())
        return ChosenDeeds(self._store, run, chosen, taken)


def _story(
    store: Store, catalogue: Catalogue, run: RunId, deeds: ChosenDeeds
) -> RunStory:
    record = store.run_record(run)
    tally = tally_of(deeds.jobs())
    return RunStory(
        record,
        store.find_run(run),
        document_of(record),
        deeds,
        tools_named(catalogue, tally.tools),
        tally,
    )
