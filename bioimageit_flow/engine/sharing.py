"""Results that a run takes from a shared folder, and those that it gives to it.

A result is taken in the thread of its job, in place of running it: its files are copied
into a folder and then collected, checked and hashed as if the tool had just
written them. Whatever is not as recorded is refused, and the job runs. What was run is
copied into the folder as the tool wrote it, and recorded there once it is durable here.
"""

import logging
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock, Semaphore

from bioimageit_flow.engine.reuse import ReusePolicy
from bioimageit_flow.engine.work import JobFinished
from bioimageit_flow.errors import DataError
from bioimageit_flow.executors.job import JobResult, remove_folder
from bioimageit_flow.executors.outputs import OutputFile, collect_outputs
from bioimageit_flow.executors.spec import JobSpec
from bioimageit_flow.formats import hash_content
from bioimageit_flow.model.data import Content
from bioimageit_flow.model.ids import ItemId, Sha256
from bioimageit_flow.model.run import JobRecord, JobState, RunRecord
from bioimageit_flow.model.shared import SharedOrigin, SharedOutput, SharedResult
from bioimageit_flow.stores.bodies import job_body
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.stores.shared_results import DamagedError, SharedResults

_LOGGER = logging.getLogger(__name__)

_MOST_UNWRITTEN = 256
"""How many records may wait to be written: a slow disk slows the run down then."""


class Sharing:
    """What one run takes from a shared folder, and gives to it.

    Parameters
    ----------
    shared : SharedResults or None
        The folder; without one nothing is taken and nothing given.
    experiment, store : Path, Store
        The experiment: its folder, and its store.
    run : RunRecord
        The run.
    policy : ReusePolicy
        Which results are taken.
    """

    def __init__(
        self,
        shared: SharedResults | None,
        experiment: Path,
        store: Store,
        run: RunRecord,
        policy: ReusePolicy,
    ) -> None:
        self._shared = shared
        self._experiment = experiment
        self._store = store
        self._run = run
        self._policy = policy
        self._may_give = shared is not None and shared.is_writable
        self._has_complained = False
        self._lock = Lock()
        self._finished: list[tuple[JobFinished, JobRecord]] = []
        self._names: dict[str, list[OutputFile]] = {}
        self._writer: ThreadPoolExecutor | None = None
        self._unwritten = Semaphore(_MOST_UNWRITTEN)

    def take(self, spec: JobSpec, fingerprint: Sha256, place: Path) -> JobResult | None:
        """Return the result of a job from the folder; None where it has to run.

        Parameters
        ----------
        place : Path
            A folder that is made for its files, and removed by the caller.
        """
        if self._shared is None or not self._policy.takes_known(spec.node):
            return None
        result: SharedResult | None = None
        try:
            result = self._shared.find(fingerprint)
            if result is None:
                return None
            outputs = self._fetched(self._shared, spec, result, place)
        except DataError as error:
            remove_folder(place)
            self._refuse(self._shared, fingerprint, error.message, result, place)
        except OSError as error:
            self._complain(f"cannot be read ({error.strerror or error})")
        else:
            return JobResult(JobState.DONE, outputs=outputs, shared=result.origin)
        remove_folder(place)
        return None

    def keep(self, fingerprint: Sha256, result: JobResult) -> None:
        """Copy what a job has written into the folder, before it is stamped."""
        if self._shared is None or result.shared is not None or not self._may_give:
            return
        try:
            for output in result.outputs:
                self._shared.add_content(output.path, output.content)
        except OSError as error:
            self._give_up(error)
        else:
            with self._lock:
                self._names[fingerprint] = list(result.outputs)

    def add(self, finished: JobFinished, record: JobRecord) -> None:
        """Take a job that was run; what it made is shared at the next `commit`."""
        if record.state is not JobState.DONE:  # it may have failed after `keep`
            with self._lock:
                self._names.pop(record.fingerprint, None)
        elif self._may_give:
            self._finished.append((finished, record))

    def commit(self) -> None:
        """Record in the folder what was taken so far, and is durable here by now."""
        finished, self._finished = self._finished, []
        for message, record in finished:
            with self._lock:
                outputs = self._names.pop(record.fingerprint, None)
            if self._shared is None or outputs is None:
                continue
            contents = dict(_consumed(message))
            result = self._result(self._shared, record, outputs, contents)
            if self._writer is None:
                self._writer = ThreadPoolExecutor(1, thread_name_prefix="sharing")
                self._writer.submit(self._shared.sweep)
            self._unwritten.acquire()
            self._writer.submit(self._write, self._shared, result)

    def close(self) -> None:
        """Wait until everything is written."""
        if self._writer is not None:
            self._writer.shutdown()

    @staticmethod
    def _fetched(
        shared: SharedResults, spec: JobSpec, result: SharedResult, place: Path
    ) -> tuple[OutputFile, ...]:
        """Copy the outputs into a folder, and check them as any tool's."""
        tool = spec.tool.tool
        for port in tool.outputs:
            (place / "out" / port).mkdir(parents=True)
        for one in result.outputs:
            if one.port not in tool.outputs:
                raise DataError(f"the tool has no output {one.port!r}")
            shared.copy_out(one.content, place / "out" / one.port / one.name)
        found = collect_outputs(place, tool, spec.inputs)
        promised = {(one.port, one.part): one.content for one in result.outputs}
        if {(one.port, one.part): one.content for one in found} != promised:
            raise DamagedError("its contents are not those that were recorded")
        return found

    def _result(
        self,
        shared: SharedResults,
        record: JobRecord,
        outputs: Iterable[OutputFile],
        contents: Mapping[ItemId, tuple[Sha256, str]],
    ) -> SharedResult:
        machine = self._run.machine
        origin = SharedOrigin(
            folder=str(shared.path),
            experiment=str(self._experiment),
            experiment_id=self._store.facts().uuid,
            run=self._run.folder,
            host=machine.host,
            user=machine.user,
            record=job_body(record, contents),
        )
        return SharedResult(
            record.fingerprint,
            record.parts,
            tuple(
                SharedOutput(one.port, one.part, one.path.name, one.content, one.info)
                for one in outputs
            ),
            origin,
        )

    def _write(self, shared: SharedResults, result: SharedResult) -> None:
        try:
            if self._may_give:
                shared.add(result)
        except OSError as error:
            self._give_up(error)
        finally:
            self._unwritten.release()

    @staticmethod
    def _refuse(
        shared: SharedResults,
        fingerprint: Sha256,
        why: str,
        result: SharedResult | None,
        place: Path,
    ) -> None:
        """Say that a result is not taken; remove it only where its bytes are bad.

        What this experiment cannot take may be just right for others.
        """
        text = "A shared result in %s is refused, and the job runs: %s."
        _LOGGER.warning(text, shared.path, why.rstrip("."))
        contents = [one.content for one in result.outputs] if result else []
        bad = [one for one in contents if not _is_whole(shared, one, place)]
        if result is None or bad:
            shared.discard(fingerprint, bad)

    def _give_up(self, error: OSError) -> None:
        self._may_give = False
        self._complain(
            f"cannot be written ({error.strerror or error}): the run goes on, and "
            "nothing more of it is shared"
        )

    def _complain(self, what: str) -> None:
        with self._lock:
            has_complained, self._has_complained = self._has_complained, True
        if not has_complained:
            _LOGGER.warning("The folder for shared results %s.", what)


def _is_whole(shared: SharedResults, content: Content, place: Path) -> bool:
    """Say whether a content in the folder is what it is called, as far as is seen."""
    copy = place / "again"
    try:
        place.mkdir(parents=True, exist_ok=True)
        shared.copy_out(content, copy)
        return hash_content(copy) == content
    except DataError:
        return False
    except OSError:  # of this machine, perhaps
        return True
    finally:
        remove_folder(place)


def _consumed(
    finished: JobFinished,
) -> Iterable[tuple[ItemId, tuple[Sha256, str]]]:
    """Return content and selector of each item that a job consumed."""
    for tokens in finished.task.resolved.items.values():
        for token in tokens:
            if token.datum is not None:
                datum = token.datum
                yield datum.id, (datum.content.sha256, datum.selector)
