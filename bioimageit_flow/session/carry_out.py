"""The process of a run: ``python -m bioimageit_flow.session.carry_out EXPERIMENT RUN``.

Started by `Experiment.start`. It has no terminal; everything that it has to say is in
the journal of the run.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from types import FrameType

from bioimageit_flow.engine.request_file import read_request
from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.session.execution import carry
from bioimageit_flow.session.experiment import Experiment
from bioimageit_flow.session.machine import Session


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a run, or go on with it; return the exit code."""
    parser = argparse.ArgumentParser(prog="bioimageit_flow.session.carry_out")
    parser.add_argument("experiment", type=Path)
    parser.add_argument("run", type=RunId)
    parser.add_argument("--failed", action="store_true")
    parser.add_argument("--jobs", type=int, default=None)
    asked = parser.parse_args(arguments)
    cancel = Event()
    _heed_signals(cancel)
    try:
        request, _document = read_request(asked.experiment / "runs" / asked.run)
        session = Session(request.tool_folders)
        with Experiment.open(asked.experiment, session=session) as experiment:
            ended = carry(
                experiment,
                asked.run,
                redo_failed=asked.failed,
                jobs=asked.jobs,
                observe=lambda _event: None,
                cancel=cancel,
            )
    except FlowError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stderr.write(f"The run ended: {ended.state}.\n")
    return 0


def _heed_signals(cancel: Event) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        # Not here: the interrupted code may hold the lock of the event.
        import _thread

        _thread.start_new_thread(cancel.set, ())

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
