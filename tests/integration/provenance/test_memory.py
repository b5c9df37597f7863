"""Exports hold some jobs and items of a run at a time, however many there are."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.model.data import Content, Item, Location
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.naming import safe_name
from bioimageit_flow.model.run import JobRecord, ProducedItem, RunState
from bioimageit_flow.provenance import deeds
from bioimageit_flow.provenance.bia.rows import results_with_roots
from bioimageit_flow.provenance.crate import CrateOptions, write_crate
from bioimageit_flow.provenance.crate import files as crate_files
from bioimageit_flow.provenance.deeds import Deeds
from bioimageit_flow.provenance.earlier import with_earlier
from bioimageit_flow.provenance.prov_export import prov_documents, prov_pieces
from bioimageit_flow.provenance.report import outputs, report_html
from bioimageit_flow.provenance.story import RunStory, read_story
from bioimageit_flow.stores import run_items
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.stores.sql import SqlStore
from bioimageit_flow.testing.samples import job_record, produced, raw_item, run_record
from tests.benchmarks.exports import WORKFLOW

IMAGES = 1_500
PAGE = 500
"""Of the store; two may be there at once."""


Held = Callable[[], int]


def made(number: int, run: str) -> ProducedItem:
    return produced(f"{number:06}.tif", path=f"results/{run}/{number:06}.tif")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a store with a run over another: so many images, one job of each."""
    path = tmp_path_factory.mktemp("store") / "experiment.db"
    with closing(SqlStore.create(path, "Screen")) as store:
        new = [raw_item(f"{n:06}.tif", annotations={"well": n}) for n in range(IMAGES)]
        store.add_raw_items(new)
        before = [one.item.id for one in new]
        for name in ("first", "second"):
            run = replace(run_record(name), workflow_text=WORKFLOW)
            store.begin_run(run)
            jobs = [
                job_record(run.id, [item], node="smooth", outputs=[made(n, name)])
                for n, item in enumerate(before)
            ]
            store.commit_jobs(jobs)
            store.end_run(run.id, RunState.DONE, 1.0)
            before = [job.produced[0].id for job in jobs]
    return path


@pytest.fixture
def story(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStory]:
    monkeypatch.setattr(deeds, "_PAGE", 50)
    monkeypatch.setattr(deeds, "_KEPT", 100)
    with closing(SqlStore(path, read_only=True)) as store:
        catalogue = Catalogue([])
        found = read_story(store, catalogue, store.find_run("second"))
        yield with_earlier(store, catalogue, found)


def jobs_and_items() -> int:
    return sum(isinstance(one, JobRecord | Item) for one in gc.get_objects())


@pytest.fixture
def held() -> Held:
    """Say how many jobs and items are in memory that earlier tests have not left."""
    gc.collect()
    left = jobs_and_items()
    return lambda: jobs_and_items() - left


def find(content: Content) -> tuple[Path, Location]:
    place = f"/screen/{content.sha256}"
    return Path(place), Location(
        place, content.size, 0, 0, content.sha256, is_referenced=True
    )


def test_story_of_runs_over_each_other_holds_no_job(
    held: Held, story: RunStory
) -> None:
    assert held() < IMAGES / 3
    (earlier,) = story.earlier
    assert sum(1 for _ in earlier.jobs) == sum(1 for _ in story.jobs) == IMAGES
    assert [item.id for item in earlier.given()] == [
        edge.item for job in earlier.jobs for edge in job.consumed
    ]
    assert held() < IMAGES / 3


def test_crate_is_written_with_few_jobs_at_a_time(
    held: Held, story: RunStory, tmp_path: Path
) -> None:
    most = calls = 0

    def found(content: Content) -> tuple[Path, Location]:
        nonlocal most, calls
        calls += 1
        if calls % 500 == 0:
            most = max(most, held())
        return find(content)

    write_crate(story, tmp_path / "crate.zip", found, CrateOptions(data="reference"))

    assert calls == 3 * IMAGES
    assert 0 < most < 3 * PAGE


def test_prov_lets_go_of_what_was_written(story: RunStory) -> None:
    gc.collect()
    gc.disable()
    try:
        told = [len(gc.get_objects()) for _ in prov_documents(story)]
    finally:
        gc.enable()

    parts = len(told) // 4
    first, last = told[parts : 2 * parts], told[-parts:]
    assert max(last) < 1.05 * max(first), "circles wait to be found"


@dataclass
class Watched:
    """Deeds that note by how many bytes memory has grown, whenever they are told.

    Attributes
    ----------
    grown : list of int
        From one job to another, which stand at the same place of their pages.
    """

    deeds: Deeds
    grown: list[int] = field(default_factory=list)

    @property
    def items(self) -> Mapping[ItemId, Item]:
        return self.deeds.items

    def given(self) -> Iterator[Item]:
        return self.deeds.given()

    def ends(self) -> Iterator[Item]:
        return self.deeds.ends()

    def jobs(self) -> Iterator[JobRecord]:
        sizes: list[int] = []
        for number, job in enumerate(self.deeds.jobs()):
            if number in (FIRST_LOOK, LAST_LOOK):
                gc.collect()
                sizes.append(tracemalloc.get_traced_memory()[0])
            yield job
        self.grown.append(sizes[-1] - sizes[0])


FIRST_LOOK, LAST_LOOK = 600, 1_400


def crate_of(story: RunStory, store: Store, folder: Path) -> None:
    write_crate(story, folder / "crate.zip", find, CrateOptions(data="reference"))


def prov_of(story: RunStory, store: Store, folder: Path) -> None:
    with (folder / "prov.json").open("w", encoding="utf-8") as file:
        file.writelines(prov_pieces(story, "json", folder / "prov.db"))


def report_of(story: RunStory, store: Store, folder: Path) -> None:
    report_html(story, store, lambda content: find(content)[0])


@pytest.mark.parametrize("write", [crate_of, prov_of, report_of])
def test_memory_does_not_grow_with_the_jobs(
    write: Callable[[RunStory, Store, Path], None],
    path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is kept on purpose is kept small here: it would hide what grows."""
    for module, name, value in (
        (deeds, "_PAGE", 50),
        (deeds, "_KEPT", 100),
        (run_items, "JOBS_PAGE", 50),
        (outputs, "MOST_KEPT", 50),
        (crate_files, "safe_name", safe_name.__wrapped__),
    ):
        monkeypatch.setattr(module, name, value)
    with closing(SqlStore(path, read_only=True)) as store:
        story = read_story(store, Catalogue([]), store.find_run("second"))
        watched = Watched(story.deeds)
        made = (one.id for job in story.jobs for one in job.produced)
        assert all(one in story.items for one in made)  # statements are known then
        tracemalloc.start(1)
        try:
            write(replace(story, deeds=watched), store, tmp_path)
        finally:
            tracemalloc.stop()

    assert watched.grown
    assert max(watched.grown) / (LAST_LOOK - FIRST_LOOK) < 60, "bytes for each job"


def test_prov_is_written_with_few_jobs_at_a_time(
    held: Held, story: RunStory, tmp_path: Path
) -> None:
    pieces = prov_pieces(story, "provn", tmp_path / "prov.db")

    assert 0 < max(held() for _ in pieces) < 3 * PAGE


def test_roots_of_results_are_known_with_few_jobs_at_a_time(
    held: Held, story: RunStory
) -> None:
    most = 0
    given = {item.id for item in story.given()}
    for number, (_, _, roots) in enumerate(results_with_roots(story)):
        assert set(roots) < given
        if number % 300 == 0:
            most = max(most, held())

    assert 0 < most < 3 * PAGE
