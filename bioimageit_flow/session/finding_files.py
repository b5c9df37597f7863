"""The crate of the run that made a file, wherever the file lies now."""

from collections.abc import Sequence
from pathlib import Path

from bioimageit_flow.errors import DataError
from bioimageit_flow.formats.stamps import read_stamp
from bioimageit_flow.model.data import Produced
from bioimageit_flow.provenance.crate.reading import read_crate
from bioimageit_flow.session.crates import export_crate
from bioimageit_flow.session.experiment import Experiment
from bioimageit_flow.session.machine import Session
from bioimageit_flow.session.whence import whence


def crate_of_file(
    path: Path, folder: Path, session: Session, experiments: Sequence[Path]
) -> tuple[Path, str]:
    """Write a crate of the run that made a file; returns it and the file's path in it.

    Raises
    ------
    DataError
        If no experiment that is known here made it; says what the file itself says.
    """
    found = whence(path, experiments)
    for place in found.places:
        origin = place.item.origin
        if not isinstance(origin, Produced):
            raise DataError(
                f"{path.name} is raw data of {place.experiment}: nothing made it.",
                remedy="Name a result.",
            )
        with Experiment.open(place.path, session=session) as experiment:
            run = experiment.find_run(origin.run)
            crate = export_crate(run, folder / run.summary.folder)
        for line in read_crate(crate).recipe.results:
            if (line.node, line.port, line.part, line.content) == (
                origin.node,
                origin.port,
                place.item.part,
                place.item.content.sha256,
            ):
                return crate, line.path
    stamp = read_stamp(path)
    said = (
        "it has no stamp"
        if stamp is None
        else f"it says that {stamp.tool} made it (step {stamp.node})"
    )
    raise DataError(
        f"No experiment that is known here made {path.name}; {said}.",
        remedy="Name the crate it came with, or its experiment with --experiment.",
    )
