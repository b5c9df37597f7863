"""Runs as W3C PROV documents."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bioimageit_flow.errors import DataError
from bioimageit_flow.provenance.decided import decisions_about
from bioimageit_flow.provenance.earlier import with_earlier
from bioimageit_flow.provenance.prov_export import FORMATS, prov_pieces
from bioimageit_flow.provenance.story import read_story
from bioimageit_flow.session.results import Run

__all__ = ["export_prov", "prov_of"]


def export_prov(run: Run, format: str = "json") -> str:
    """Return a run as the text of a PROV document; see `prov_of`."""
    return "".join(prov_of(run, format))


def prov_of(run: Run, format: str = "json") -> Iterator[str]:
    """Go through a run as the pieces of the text of a PROV document.

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
    return _pieces(run, format)


def _pieces(run: Run, format: str) -> Iterator[str]:
    experiment = run.experiment
    story = read_story(experiment.store, experiment.session.catalogue, run.summary)
    story = with_earlier(experiment.store, experiment.session.catalogue, story)
    decisions = decisions_about(experiment.store, story)
    with TemporaryDirectory(prefix="bioimageit-flow-") as folder:
        yield from prov_pieces(story, format, Path(folder, "statements.db"), decisions)


def format_of(path: Path) -> str:
    """Return the format that the name of a file asks for: its ending."""
    return path.suffix.lstrip(".").lower()
