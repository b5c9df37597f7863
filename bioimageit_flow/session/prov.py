"""Runs as W3C PROV documents."""

from pathlib import Path

from bioimageit_flow.errors import DataError
from bioimageit_flow.provenance.decided import decisions_about
from bioimageit_flow.provenance.earlier import with_earlier
from bioimageit_flow.provenance.prov_export import FORMATS, prov_text
from bioimageit_flow.provenance.story import read_story
from bioimageit_flow.session.results import Run

__all__ = ["export_prov"]


def export_prov(run: Run, format: str = "json") -> str:
    """Return a run as the text of a PROV document.

    Parameters
    ----------
    format : str
        ``json`` for PROV-JSON, ``provn`` for PROV-N.

    Raises
    ------
    DataError
        If there is no such format.
    """
    if format not in FORMATS:
        raise DataError(
            f"PROV cannot be written as {format!r}.",
            remedy="End the name of the file in .json or .provn.",
        )
    experiment = run.experiment
    story = read_story(experiment.store, experiment.session.catalogue, run.summary)
    story = with_earlier(experiment.store, experiment.session.catalogue, story)
    return prov_text(story, format, decisions_about(experiment.store, story))


def format_of(path: Path) -> str:
    """Return the format that the name of a file asks for: its ending."""
    return path.suffix.lstrip(".").lower()
