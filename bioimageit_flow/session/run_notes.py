"""What people note on runs: a star, some words. Not part of the lineage."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.ids import RunId

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment

FILE = "note.json"


@dataclass(frozen=True, slots=True)
class RunNote:
    """What somebody noted on a run."""

    has_star: bool = False
    text: str = ""


def note_of(experiment: "Experiment", run: RunId) -> RunNote:
    """Return what is noted on a run; nothing where that cannot be read."""
    try:
        facts = json.loads(_place(experiment, run).read_text(encoding="utf-8"))
        return RunNote(bool(facts.get("has_star")), str(facts.get("text", "")))
    except (OSError, ValueError, AttributeError):
        return RunNote()


def set_note(experiment: "Experiment", run: RunId, note: RunNote) -> None:
    """Note something on a run.

    Raises
    ------
    StoreError
        If the experiment cannot be written.
    """
    place = _place(experiment, run)
    try:
        new = place.with_name(f"{FILE}.new")
        new.write_text(json.dumps(asdict(note)), encoding="utf-8")
        new.replace(place)
    except OSError as error:
        raise StoreError(
            f"The note on the run cannot be written: {error.strerror or error}.",
            remedy="Ask the owner of the experiment for the right to write.",
        ) from error


def _place(experiment: "Experiment", run: RunId) -> Path:
    return experiment.folder.run_folder(run) / FILE
