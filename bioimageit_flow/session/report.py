"""The report of a run: one HTML file."""

from pathlib import Path

from bioimageit_flow.errors import DataError
from bioimageit_flow.provenance.report import (
    ReportOptions,
    built_in_template,
    report_html,
)
from bioimageit_flow.provenance.report.footprint import Assumptions
from bioimageit_flow.provenance.story import read_story
from bioimageit_flow.session.results import Run

__all__ = [
    "Assumptions",
    "ReportOptions",
    "built_in_template",
    "make_report",
    "read_template",
]


def make_report(run: Run, options: ReportOptions | None = None) -> str:
    """Return the report of a run as HTML that needs no other file and no network.

    Raises
    ------
    DataError
        If the template is none, or asks for what is not there.
    """
    experiment = run.experiment
    story = read_story(experiment.store, experiment.session.catalogue, run.summary)
    return report_html(story, experiment.store, experiment.finder().find, options)


def read_template(path: Path) -> str:
    """Return the text of a template.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise DataError(
            f"The template '{path}' cannot be read: {reason}.",
            remedy="`report --print-template` prints one to begin with.",
        ) from error
