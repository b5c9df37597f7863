"""The runner: carries out a run from its beginning to its end.

What happens between is the matter of its loop.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from bioimageit_flow.engine.begin import BegunRun, begin_run
from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.loop import RunLoop
from bioimageit_flow.engine.obtain import Obtained, obtain
from bioimageit_flow.engine.options import RunOptions, Surroundings
from bioimageit_flow.engine.outfit import Outfit, fit_out
from bioimageit_flow.engine.prepare import Prepared
from bioimageit_flow.errors import StoreError
from bioimageit_flow.executors.job import remove_folder
from bioimageit_flow.executors.protocol import Executor
from bioimageit_flow.executors.warm import warm_run
from bioimageit_flow.model.events import RunEnded, RunReport, RunStarted
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.run import RunState
from bioimageit_flow.runtimes.protocol import Runtime
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.protocol import Store


class Runner:
    """Carries out one run, or goes on with it.

    Parameters
    ----------
    run : RunId
        The run; its folder is there.
    prepared : Prepared
        The workflow with its items; must be runnable.
    folder, store : ExperimentFolder, Store
        The experiment.
    executor : Executor
        What carries the jobs.
    """

    def __init__(
        self,
        run: RunId,
        prepared: Prepared,
        folder: ExperimentFolder,
        store: Store,
        executor: Executor,
        runtimes: Sequence[Runtime],
        finder: ContentFinder,
        options: RunOptions,
        around: Surroundings,
    ) -> None:
        self._id = run
        self._prepared = prepared
        self._folder = folder
        self._store = store
        self._executor = executor
        self._runtimes = runtimes
        self._finder = finder
        self._options = options
        self._around = around
        self._teller = around.teller
        self._cancel = around.cancel

    def run(self) -> RunReport:
        """Carry out the run and return how it ended.

        Raises
        ------
        RuntimeUnavailableError
            If an image or environment cannot be had; nothing is recorded then.
        StoreError
            If the store cannot be written.
        """
        obtained = obtain(
            self._prepared, self._runtimes, self._teller.tell, self._cancel
        )
        begun = begin_run(self._id, self._folder, self._store, self._prepared, obtained)
        outfit = fit_out(
            begun,
            self._prepared,
            obtained,
            self._folder,
            self._store,
            self._executor,
            self._finder,
            self._options,
            self._around,
        )
        state, elapsed_s = self._carry_out(begun, outfit, obtained)
        return RunReport(
            run=self._id,
            name=begun.run.name,
            state=state,
            folder=begun.folders.results,
            elapsed_s=elapsed_s,
            nodes=outfit.tally.nodes,
            failures=tuple(outfit.tally.failures),
            problems=tuple(outfit.tally.problems),
            runtimes={node: one.words for node, one in obtained.items()},
        )

    def _carry_out(
        self, begun: BegunRun, outfit: Outfit, obtained: Mapping[str, Obtained]
    ) -> tuple[RunState, float]:
        """Do what there is to do; return how it ended, and after how many seconds."""
        recorder, tally = outfit.recorder, outfit.tally
        loop = RunLoop(
            outfit, self._folder, self._finder, self._around, self._options.unpaired
        )
        started = time.monotonic()
        used = [
            (one.runtime, self._prepared.tools[node], one.used)
            for node, one in obtained.items()
        ]
        with warm_run(self._id, used, self._options.isolation):
            try:
                recorder.begin(is_resumed=begun.is_resumed)
                self._announce(begun, obtained)
                loop.drive()
            except BaseException:
                loop.stop()
                with suppress(StoreError):  # which may be why the run is ending
                    elapsed_s = begun.elapsed_s + time.monotonic() - started
                    recorder.end(RunState.FAILED, elapsed_s)
                raise
            finally:
                remove_folder(begun.folders.work)
                outfit.sharing.close()
            for name, report in tally.nodes.items():
                report.blocked = outfit.scheduler.counts(name).blocked
            state = tally.state(is_cancelled=self._cancel.is_set())
            elapsed_s = begun.elapsed_s + time.monotonic() - started
            recorder.end(state, elapsed_s)
        self._teller.tell(RunEnded(state, elapsed_s))
        return state, elapsed_s

    def _announce(self, begun: BegunRun, obtained: Mapping[str, Obtained]) -> None:
        self._teller.tell(
            RunStarted(
                self._id,
                begun.folders.results,
                dict(self._options.expected),
                {node: one.words for node, one in obtained.items()},
                begun.is_resumed,
            )
        )
        self._teller.flush()
