"""One job in one container: made, watched, and removed whatever happens."""

import logging
import time
from typing import Any, Literal

from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.model.run import FailureCause
from bioimageit_flow.runtimes.container_making import (
    LEAST_MEMORY,
    MISSING_PROGRAM,
    container_options,
    create_container,
    other_binds,
)
from bioimageit_flow.runtimes.container_output import Reading
from bioimageit_flow.runtimes.engine import Engine, engine_failure
from bioimageit_flow.runtimes.engine_client import ENGINE_ERRORS, APIError, NotFound
from bioimageit_flow.runtimes.engine_facts import (
    ContainerUser,
    container_user,
    this_caller,
)
from bioimageit_flow.runtimes.job_output import JobOutput
from bioimageit_flow.runtimes.protocol import NOT_STARTED, JobProcess, Outcome
from bioimageit_flow.runtimes.staging import (
    hand_over,
    input_binds,
    take_back,
)
from bioimageit_flow.runtimes.usage import Usage

_LOGGER = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.05
_FIRST_PAUSE_S = 0.005
_KILLED = 128 + 9
_ENDED = ("exited", "stopped", "dead")

Stop = FailureCause | Literal["cancelled"]
"""Why a job is stopped before it ends by itself."""


def run_container(engine: Engine, image: str, process: JobProcess) -> Outcome:
    """Run a job's command in a container of its own.

    Parameters
    ----------
    image : str
        Id of the image.

    Raises
    ------
    RuntimeUnavailableError
        If the engine fails, as opposed to the process.
    DataError
        If a staged input is not there.
    """
    facts = engine.facts()
    caller, groups = this_caller()
    user = container_user(facts, caller, groups)
    out = process.folder / "out"
    try:
        binds = [
            *input_binds(process.folder, is_foreign=user.hands_over),
            *other_binds(process, is_foreign=user.hands_over),
        ]
        options = container_options(process, facts, user, binds)
        if user.hands_over:
            uid, gid = (int(number) for number in user.user.split(":"))
            hand_over(out, uid, gid)
    except OSError as error:
        raise RuntimeUnavailableError(
            f"The files of a job cannot be made ready in {process.folder}: "
            f"{error.strerror or error}.",
            remedy="Free space there, or choose another working folder.",
        ) from error
    try:
        with JobOutput(process.log, process.on_line) as output:
            return _Container(engine, process, output).run(image, options, user)
    finally:
        take_back(out, caller if user.hands_over else None)


class _Container:
    """The life of one container, in the thread that asked for it."""

    def __init__(self, engine: Engine, process: JobProcess, output: JobOutput) -> None:
        self._api = engine.api()
        self._process = process
        self._output = output
        self._id = ""
        self._started = 0.0
        self._usage: Usage | None = None
        self._next_sample = 0.0
        self._state: dict[str, Any] = {}

    def run(self, image: str, options: dict[str, Any], user: ContainerUser) -> Outcome:
        if self._process.cancel.is_set():
            return Outcome(exit_code=None, elapsed_s=0.0, cancelled=True)
        reading: Reading | None = None
        try:
            self._create(image, options, user)
            # Listening comes before starting, so that nothing is missed.
            reading = Reading(self._attach(), self._output)
            outcome = self._live(reading)
        except ENGINE_ERRORS as error:
            raise engine_failure(
                error, f"running a job of {self._process.tool.ref}"
            ) from error
        finally:
            self._remove()
            if reading is not None:
                reading.close()
        if reading.error is not None:
            raise reading.error
        return outcome

    def _create(self, image: str, options: dict[str, Any], user: ContainerUser) -> None:
        self._id = create_container(self._api, image, self._process, options, user)

    def _attach(self) -> Any:  # noqa: ANN401 - some kind of socket, as the engine's is
        return self._api.attach_socket(
            self._id, params={"stdout": 1, "stderr": 1, "stream": 1}
        )

    def _live(self, reading: Reading) -> Outcome:
        """Start the container and see it to its end."""
        self._started = time.monotonic()
        try:
            self._api.start(self._id)
        except APIError as error:
            return self._not_started(error)
        try:
            self._sample()
            stop = self._watch(reading)
            if stop is None:
                return self._ended()
        except NotFound:
            # Somebody removed it; the engine is there, so that other jobs can go on.
            return self._outcome(None, FailureCause.RUNTIME)
        self._remove()
        reading.wait()
        return self._outcome(None, stop)

    def _not_started(self, error: APIError) -> Outcome:
        said = str(error.explanation or error)
        if not MISSING_PROGRAM.search(said) or "mount" in said:
            raise error
        self._output.feed(f"cannot start {self._process.command[0]}: {said}\n".encode())
        return self._outcome(NOT_STARTED, None)

    def _watch(self, reading: Reading) -> Stop | None:
        """Wait for the end; return why the job has to be stopped, None if it ended."""
        while not reading.is_over.wait(_LOOK_EVERY_S):
            stop = self._reason_to_stop()
            if stop is not None:
                return stop
            self._sample()
        if reading.error is not None:
            return "cancelled"  # what it raised is raised in the end
        if self._usage is not None:
            self._usage.sample()  # the control group may live a moment longer
        # The stream ended, which is the end of the process or of the connection. The
        # engine's own `wait` may wait for ever for what has ended already (Podman 4).
        pause = _FIRST_PAUSE_S
        while (stop := self._reason_to_stop()) is None:
            self._state = self._api.inspect_container(self._id)["State"]
            if self._state.get("Status") in _ENDED:
                return None
            self._process.cancel.wait(pause)
            pause = min(1.5 * pause, 1.0)
        return stop

    def _reason_to_stop(self) -> Stop | None:
        if self._process.cancel.is_set():
            return "cancelled"
        if time.monotonic() - self._started <= self._process.time_s:
            return None
        # Who waits for a child that the kernel has killed waits in vain.
        if self._usage is not None and self._usage.is_short_of_memory:
            return FailureCause.OUT_OF_MEMORY
        return FailureCause.TIME_LIMIT

    def _sample(self) -> None:
        """Look at what is used: often in the beginning, once a second later on."""
        age = time.monotonic() - self._started
        if age < self._next_sample:
            return
        self._next_sample = age + min(max(0.1 * age, _LOOK_EVERY_S), 1.0)
        if self._usage is None:
            pid = int(self._api.inspect_container(self._id)["State"].get("Pid") or 0)
            if pid:
                self._usage = Usage.of_process(pid, self._id)
        if self._usage is not None:
            self._usage.sample()

    def _ended(self) -> Outcome:
        code = int(self._state["ExitCode"])
        # A tool may lose a child of its own and still do its work.
        if code != 0 and self._lacked_memory(code):
            return self._outcome(code, FailureCause.OUT_OF_MEMORY)
        return self._outcome(code, None)

    def _lacked_memory(self, code: int) -> bool:
        usage = self._usage or Usage()
        if self._state.get("OOMKilled") or usage.is_short_of_memory:
            return True
        # Podman may not notice that a child of its init process was killed.
        nearly = 0.9 * max(self._process.memory_bytes, LEAST_MEMORY)
        return code == _KILLED and (usage.peak_memory or 0) > nearly

    def _outcome(self, code: int | None, why: Stop | None) -> Outcome:
        usage = self._usage or Usage()
        return Outcome(
            exit_code=code,
            elapsed_s=time.monotonic() - self._started,
            cpu_s=usage.cpu_s,
            peak_memory=usage.peak_memory,
            cause=why if isinstance(why, FailureCause) else None,
            cancelled=why == "cancelled",
        )

    def _remove(self) -> None:
        """Remove the container, killing whatever runs in it."""
        if not self._id:
            return
        try:
            self._api.remove_container(self._id, force=True, v=True)
        except NotFound:
            pass
        except ENGINE_ERRORS as error:
            # Already on its way out (409), or the engine is gone: `sweep` finds it.
            _LOGGER.warning("cannot remove the container %s: %s", self._id, error)
        self._id = ""
