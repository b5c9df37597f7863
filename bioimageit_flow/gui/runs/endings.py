"""What the window says when a run has ended, and what it offers to do next."""

import os
from functools import partial
from typing import TYPE_CHECKING, Final

from bioimageit_flow.editor.running.following import FollowedRun
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.message_line import Level, Offer
from bioimageit_flow.model.run import RunState
from bioimageit_flow.session.estimate import Estimate, estimate
from bioimageit_flow.workflow import Workflow

if TYPE_CHECKING:
    from bioimageit_flow.gui.runs.control import RunControl
    from bioimageit_flow.gui.window import MainWindow

_LEVELS: Final[dict[RunState, Level]] = {
    RunState.DONE: "good",
    RunState.FAILED: "error",
}


class Endings:
    """Tells of the ends of runs.

    Parameters
    ----------
    window : MainWindow
        In whose line it is told.
    control : RunControl
        Which does what is offered.
    """

    def __init__(self, window: "MainWindow", control: "RunControl") -> None:
        self._window = window
        self._control = control

    def tell(self, run: FollowedRun, *, is_try: bool) -> None:
        """Say how a run ended, and offer what one would do next.

        Parameters
        ----------
        is_try : bool
            Whether it took a few items only.
        """
        say = self._window.message.say
        state = run.state
        if state is RunState.DONE and is_try:
            self._tell_estimate(run)
            return
        offers: list[Offer] = []
        if run.message:
            text = run.message
            offers = [Offer(tr("Problems"), partial(self._reveal, "problems"))]
            say(text, run.remedy, level="error", offers=offers)
            return
        show = Offer(tr("Show"), partial(self._reveal, "runs"))
        match state:
            case RunState.INTERRUPTED:
                text = tr(
                    "The process of the run is gone; nothing that was done is lost."
                )
                offers = [
                    Offer(tr("Go on"), partial(self._control.go_on, run.id)),
                    show,
                ]
            case RunState.CANCELLED:
                text = tr("The run was stopped; what is done is kept.")
                offers = [
                    Offer(tr("Go on"), partial(self._control.go_on, run.id)),
                    show,
                ]
            case RunState.PARTIAL | RunState.FAILED:
                failed = run.tally.failed
                text = (
                    tr("One job failed.")
                    if failed == 1
                    else tr("{count} jobs failed.", count=failed)
                )
                again = partial(self._control.go_on, run.id, only_failed=True)
                offers = [Offer(tr("Try them again"), again), show]
            case _:
                text = tr("The run is done: {count} jobs.", count=run.tally.ended)
                offers = [show]
        say(text, level=_LEVELS.get(state, "warning"), offers=offers, stays=True)

    def _tell_estimate(self, run: FollowedRun) -> None:
        """Say what the other items would take, judged by the few that were tried."""
        editor, experiment = self._window.editor, self._control.experiment
        if editor is None or experiment is None:
            return
        document, bindings = editor.workflow.document, self._control.bindings(editor)
        folder = editor.path.parent if editor.path else None
        copy = Workflow.of(document, catalogue=experiment.session.catalogue)

        def judge() -> Estimate:
            plan = experiment.plan(copy, bind=bindings, folder=folder)
            tried = experiment.find_run(run.id)
            return estimate(tried, plan, processors=os.cpu_count() or 1)

        def tell(found: Estimate) -> None:
            text = tr(
                "The try is done. The other {count} jobs would take {words}.",
                count=found.jobs,
                words=found.words,
            )
            offers = [
                Offer(tr("Run all"), self._control.start),
                Offer(tr("Show"), partial(self._reveal, "runs")),
            ]
            self._window.message.say(text, level="good", offers=offers, stays=True)

        self._window.background.run(judge, tell, self._window.refuse)

    def _reveal(self, dock: str) -> None:
        self._window.docks.reveal(dock)
