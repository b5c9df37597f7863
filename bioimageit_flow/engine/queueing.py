"""Runs of one experiment that wait for each other."""

from collections.abc import Iterator
from pathlib import Path

from bioimageit_flow.engine.carrying import is_carried
from bioimageit_flow.engine.options import Surroundings
from bioimageit_flow.engine.request_file import REQUEST, RunRequest, read_request
from bioimageit_flow.errors import Cancelled, FlowError
from bioimageit_flow.model.events import RunQueued

LOOK_EVERY_S = 0.5


def wait_for_turn(folder: Path, request: RunRequest, around: Surroundings) -> None:
    """Wait until the runs before this one have ended.

    Those that do not queue themselves go first, and those that were asked for earlier.

    Parameters
    ----------
    folder : Path
        Of the run, among those of the others.

    Raises
    ------
    Cancelled
        If it is given up meanwhile.
    """
    told = ""
    while (before := next(_before(folder, request), "")) and not around.cancel.is_set():
        if before != told:
            told = before
            around.teller.tell(RunQueued(before))
            around.teller.flush()
        around.beat.show()
        for asked in around.requests.take():
            around.teller.tell(asked)
            if asked.what == "cancel":
                around.cancel.set()
        around.cancel.wait(LOOK_EVERY_S)
    if around.cancel.is_set():
        raise Cancelled("The run was given up before it began.")


def _before(folder: Path, request: RunRequest) -> Iterator[str]:
    for path in sorted(folder.parent.glob(f"*/{REQUEST}")):
        other = path.parent
        if other == folder or not is_carried(other):
            continue
        try:
            asked, _workflow = read_request(other)
        except FlowError:
            continue
        mine = request.asked, request.run
        if not asked.queue or (asked.asked, asked.run) < mine:
            yield asked.run
