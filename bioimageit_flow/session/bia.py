"""Runs and experiments for the BioImage Archive, and what archives will ask for."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bioimageit_flow.errors import FlowError
from bioimageit_flow.formats.acquisition import Acquisition, read_acquisition
from bioimageit_flow.model.data import Imported, Item
from bioimageit_flow.model.study import Gap
from bioimageit_flow.provenance.bia import BiaReport, all_gaps, write_bia
from bioimageit_flow.provenance.bia.rows import FileRow, results_with_roots
from bioimageit_flow.provenance.story import RunStory
from bioimageit_flow.session.crates import raw_items, story_of
from bioimageit_flow.session.results import Run
from bioimageit_flow.session.studying import TEMPLATE, Study, read_study

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment

__all__ = ["TEMPLATE", "BiaReport", "Gap", "archive_gaps", "export_bia"]


def export_bia(
    what: "Run | Experiment", folder: Path | str, *, study: Path | None = None
) -> BiaReport:
    """Write a folder that can be given to the BioImage Archive.

    It holds the files, two file lists (raw images, and analysed data with their source
    images), and the study as PageTab and JSON.

    Parameters
    ----------
    what : Run or Experiment
        Whose data are submitted.
    folder : Path or str
        A folder to be made.
    study : Path, optional
        A study file, in place of ``study.yaml`` of the experiment.

    Raises
    ------
    DataError
        If the folder is there already, or something cannot be read or written.
    """
    experiment, stories, items = _parts(what)
    return write_bia(
        stories,
        read_study(experiment.path, study),
        Path(folder),
        experiment.whereabouts,
        lambda item: experiment.store.views([item.id])[item.id],
        keys=[use.name for use in experiment.store.key_uses()],
        items=items,
        has_run_folders=not isinstance(what, Run),
    )


def archive_gaps(what: "Run | Experiment", *, study: Path | None = None) -> list[Gap]:
    """Say what archives (BioImage Archive, Zenodo) will ask for and what is missing.

    Raises
    ------
    DataError
        If the study file cannot be read.
    """
    experiment, stories, items = _parts(what)
    described: Study = read_study(experiment.path, study)
    return all_gaps(described, _rows(experiment, stories, items))


def _parts(
    what: "Run | Experiment",
) -> "tuple[Experiment, Iterable[RunStory], Iterable[Item]]":
    if isinstance(what, Run):
        return what.experiment, [story_of(what)], ()
    stories = (story_of(run, scope=run.summary.id) for run in what.runs())
    return what, stories, raw_items(what)


def _taken(experiment: "Experiment", item: Item) -> Acquisition | None:
    """Return how a raw item was taken; None where its file is gone, or cannot say."""
    try:
        path, _ = experiment.whereabouts(item.content)
    except FlowError:
        return None
    return None if path.is_dir() else read_acquisition(path)


def _rows(
    experiment: "Experiment", stories: Iterable[RunStory], items: Iterable[Item]
) -> Iterator[FileRow]:
    seen: set[str] = set()

    def row(item: Item, **more: object) -> Iterator[FileRow]:
        location = experiment.store.location(item.content.sha256)
        if item.id not in seen and location is not None:
            seen.add(item.id)
            if isinstance(item.origin, Imported):
                more["taken"] = _taken(experiment, item)
            yield FileRow(item.name, item, location, {}, **more)  # type: ignore[arg-type]

    for story in stories:
        for item in story.given():
            yield from row(item)
        for item, job, _ in results_with_roots(story):
            yield from row(item, job=job)
    for item in items:
        yield from row(item)
