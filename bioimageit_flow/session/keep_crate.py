"""Keeps the folder of an experiment a crate: after each run, in a process of its own.

``python -m bioimageit_flow.session.keep_crate EXPERIMENT``, started where the study of
the experiment says ``crate_after_run: true``.
"""

import logging
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.naming import STUDY_FILE

if TYPE_CHECKING:
    from bioimageit_flow.model.ids import RunId
    from bioimageit_flow.session.experiment import Experiment

OUTPUT = "crate.log"

_LOGGER = logging.getLogger(__name__)


def keep_crate_after(
    experiment: "Experiment", run: "RunId"
) -> "subprocess.Popen[bytes] | None":
    """Start the process if the study asks for it; a run never fails for it."""
    if not (experiment.path / STUDY_FILE).is_file():
        return None
    from bioimageit_flow.session.studying import read_study

    try:
        if not read_study(experiment.path).crate_after_run:
            return None
        with (experiment.folder.run_folder(run) / OUTPUT).open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", __name__, str(experiment.path)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
    except (FlowError, OSError) as error:
        _LOGGER.warning("%s is not made a crate: %s", experiment.path, error)
        return None


def main(folder: Path) -> int:
    """Make an experiment a crate; return the exit code."""
    from filelock import FileLock, Timeout

    from bioimageit_flow.session.crates import make_crate_of
    from bioimageit_flow.session.experiment import Experiment

    try:
        # Of several that want to, one waits and writes what is newest.
        with (
            FileLock(folder / ".cache" / "crate.lock", timeout=3600),
            Experiment.open(folder) as experiment,
        ):
            written = make_crate_of(experiment)
    except (FlowError, Timeout) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write(f"{written}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
