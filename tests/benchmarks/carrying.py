"""Carries a run whose tools are functions of this process: ``carrying EXPERIMENT RUN``.

It stands in for `bioimageit_flow.session.carry_out`, which knows tools in containers
and environments only. The tools lie in ``tools`` beside the experiment.
"""

import sys
from pathlib import Path
from threading import Event

from bioimageit_flow.model.ids import RunId
from bioimageit_flow.session import Experiment
from bioimageit_flow.session.execution import carry
from tests.benchmarks.laboratory import new_session


def main() -> None:
    """Carry the run to its end."""
    path, run = Path(sys.argv[1]), RunId(sys.argv[2])
    with Experiment.open(path, session=new_session(path.parent / "tools")) as opened:
        carry(
            opened,
            run,
            redo_failed=False,
            observe=lambda _event: None,
            cancel=Event(),
        )


if __name__ == "__main__":
    main()
