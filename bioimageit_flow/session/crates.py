"""Runs as Workflow Run RO-Crates, for others to read, check and repeat."""

from pathlib import Path

from bioimageit_flow.provenance.crate import CrateOptions, write_crate
from bioimageit_flow.provenance.story import read_story
from bioimageit_flow.session.results import Run

__all__ = ["CrateOptions", "export_crate"]


def export_crate(
    run: Run, target: Path | str, options: CrateOptions | None = None
) -> Path:
    """Write a run as an RO-Crate of the profile *Provenance Run Crate*.

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
    story = read_story(experiment.store, experiment.session.catalogue, run.summary)
    return write_crate(story, Path(target), experiment.whereabouts, options)
