"""Runs and experiments as RO-Crates."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bioimageit_flow.model.data import (
    Content,
    Imported,
    Item,
    Location,
    LocationState,
)
from bioimageit_flow.provenance.crate import (
    CrateOptions,
    Subject,
    write_crate,
    write_in_place,
    write_runs,
)
from bioimageit_flow.provenance.crate.writing import Find
from bioimageit_flow.provenance.decided import (
    decisions_about,
    decisions_of_experiment,
)
from bioimageit_flow.provenance.earlier import with_earlier
from bioimageit_flow.provenance.story import RunStory, read_story
from bioimageit_flow.session.results import Run
from bioimageit_flow.session.studying import read_study
from bioimageit_flow.stores.person import read_person

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment

__all__ = [
    "CrateOptions",
    "export_crate",
    "export_experiment",
    "make_crate_of",
    "story_of",
]


def export_crate(
    run: Run, target: Path | str, options: CrateOptions | None = None
) -> Path:
    """Write a run as an RO-Crate of the profile *Provenance Run Crate*.

    It holds the tools as well, so that `reproduce` needs nothing else but images or
    wheels.

    Parameters
    ----------
    run : Run
        The run, which may have been made by an earlier session.
    target : Path or str
        A folder that is not there yet, or a file that ends in ``.zip``.
    options : CrateOptions, optional
        What goes into the crate, its licence, and who made the run.

    Returns
    -------
    Path
        The target.

    Raises
    ------
    DataError
        If the target is there already, a file of the run is missing, or the crate
        cannot be written; nothing is left of it then.
    """
    experiment = run.experiment
    story = story_of(run)
    return write_crate(
        story,
        Path(target),
        _finder(experiment),
        with_defaults(experiment, options),
        decisions=decisions_about(experiment.store, story),
    )


def export_experiment(
    experiment: "Experiment", target: Path | str, options: CrateOptions | None = None
) -> Path:
    """Write an experiment as one RO-Crate: all runs, datasets and annotations.

    Parameters and errors are those of `export_crate`; it is most about the newest run.
    """
    subject = subject_of(experiment)
    return write_runs(
        _stories(experiment),
        subject,
        Path(target),
        _finder(experiment),
        with_defaults(experiment, options),
        items=raw_items(experiment),
        decisions=decisions_of_experiment(experiment.store),
    )


def make_crate_of(
    experiment: "Experiment", options: CrateOptions | None = None
) -> Path:
    """Make the folder of an experiment a crate itself; returns its metadata.

    Raises
    ------
    DataError
        If a file is missing, or the folder cannot be written.
    """
    return write_in_place(
        _stories(experiment),
        subject_of(experiment),
        experiment.path,
        _finder(experiment),
        with_defaults(experiment, options),
        items=raw_items(experiment),
        decisions=decisions_of_experiment(experiment.store),
    )


def _finder(experiment: "Experiment") -> Find:
    """Return what finds files, and says of bytes that are gone where they lay."""

    def find(content: Content) -> tuple[Path, Location]:
        location = experiment.store.location(content.sha256)
        if location is not None and location.state is not LocationState.PRESENT:
            return Path(location.path), location
        return experiment.whereabouts(content)

    return find


def subject_of(experiment: "Experiment") -> Subject:
    """Return what a crate of an experiment is about."""
    facts = experiment.store.facts()
    runs = experiment.runs()
    return Subject(
        facts.name,
        f"urn:uuid:{facts.uuid}",
        f"The experiment {facts.name}, with its data, annotations, workflows and runs.",
        main=experiment.store.run_record(runs[0].summary.id) if runs else None,
    )


def _stories(experiment: "Experiment") -> Iterator[RunStory]:
    """Go through the runs, the oldest first: what made a file before who reused it."""
    for run in reversed(experiment.runs()):
        yield story_of(run, scope=run.summary.id)


def raw_items(experiment: "Experiment") -> Iterator[Item]:
    """Go through the raw items of an experiment, also those that no run took."""
    for dataset in experiment.datasets():
        for item in experiment.store.items(dataset.name):
            if isinstance(item.origin, Imported):
                yield item


def story_of(run: Run, *, scope: str = "") -> RunStory:
    """Return everything that a run did, and what of earlier runs led to it."""
    experiment = run.experiment
    store, catalogue = experiment.store, experiment.session.catalogue
    folder = experiment.path / "runs" / run.summary.id
    story = read_story(store, catalogue, run.summary, folder, scope=scope)
    # Among several runs, the earlier ones tell of themselves.
    return story if scope else with_earlier(store, catalogue, story)


def with_defaults(
    experiment: "Experiment", options: CrateOptions | None
) -> CrateOptions:
    """Fill in what the experiment and the user's settings say."""
    chosen = options or CrateOptions()
    person = read_person()
    if not (chosen.person or chosen.orcid or chosen.affiliation):
        chosen = replace(
            chosen,
            person=person.name,
            orcid=person.orcid,
            affiliation=person.affiliation,
            affiliation_url=person.ror,
        )
    return replace(chosen, study=read_study(experiment.path))
