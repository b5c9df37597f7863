"""One job in one container: made, watched, and removed whatever happens."""

import logging
import re
import time
from typing import Any, Literal

from docker.types import DeviceRequest, Mount, Ulimit

from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.model.run import FailureCause
from bioimageit_flow.runtimes.container_output import Reading
from bioimageit_flow.runtimes.engine import (
    ENGINE_ERRORS,
    APIError,
    Engine,
    NotFound,
    engine_failure,
)
from bioimageit_flow.runtimes.engine_facts import (
    ContainerUser,
    EngineFacts,
    container_user,
    this_caller,
)
from bioimageit_flow.runtimes.images import LABEL
from bioimageit_flow.runtimes.job_output import JobOutput
from bioimageit_flow.runtimes.job_variables import job_variables
from bioimageit_flow.runtimes.protocol import NOT_STARTED, JobProcess, Outcome
from bioimageit_flow.runtimes.staging import (
    Bind,
    hand_over,
    input_binds,
    take_back,
)
from bioimageit_flow.runtimes.strays import owner_label
from bioimageit_flow.runtimes.usage import Usage

_LOGGER = logging.getLogger(__name__)

PIDS = 1024
"""Processes and threads that a job may have: room for a JVM, not for a fork bomb."""

_PREFIX = "bioimageit-flow-"
_LEAST_MEMORY = 6 * 2**20  # the engine refuses less
_LOOK_EVERY_S = 0.05
_FIRST_PAUSE_S = 0.005
_KILLED = 128 + 9
_ENDED = ("exited", "stopped", "dead")
_MISSING_PROGRAM = re.compile(
    r"executable file .*not found|no such file or directory|permission denied",
    re.IGNORECASE,
)

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
            *_other_binds(process, is_foreign=user.hands_over),
        ]
        options = _options(process, facts, user, binds)
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


def _other_binds(process: JobProcess, *, is_foreign: bool) -> list[Bind]:
    binds = [
        Bind(process.folder / "out", "/job/out", is_read_only=False),
        Bind(process.tool.folder, "/tool"),
    ]
    description = process.folder / "job.json"
    if description.exists():
        if is_foreign:
            description.chmod(0o644)
        binds.append(Bind(description, "/job/job.json"))
    if process.tool.library is not None:
        binds.append(Bind(process.tool.library, "/toolbox/lib"))
    return binds


def _options(
    process: JobProcess, facts: EngineFacts, user: ContainerUser, binds: list[Bind]
) -> dict[str, Any]:
    """Return what the engine shall hold the container to."""
    memory = max(process.memory_bytes, _LEAST_MEMORY)
    security = ["no-new-privileges"]
    if facts.has_selinux:
        # The other way is to relabel the caller's own files.
        security.append("label=disable")
    options: dict[str, Any] = {
        "mounts": [
            Mount(
                bind.target,
                str(bind.source.resolve()),
                type="bind",
                read_only=bind.is_read_only,
            )
            for bind in binds
        ],
        # Programs unpack libraries there and load them (Java, numba), hence exec. It
        # counts against the memory limit, as does /dev/shm.
        "tmpfs": {"/tmp": f"rw,exec,nosuid,nodev,mode=1777,size={memory // 2}"},
        "shm_size": memory // 2,
        "network_mode": None if process.network else "none",
        "ipc_mode": "private",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": security,
        "init": True,
        "ulimits": [Ulimit(name="core", soft=0, hard=0)],
        "group_add": list(user.groups) or None,
        # What the process prints is taken off its stream; the engine keeps no copy,
        # which a talkative tool would let grow without bounds.
        "log_config": {"Type": "none"},
    }
    if "memory" in facts.limits:
        options["mem_limit"] = memory
        if "swap" in facts.limits:
            options["memswap_limit"] = memory  # memory and swap together: no swap
    if "cpu" in facts.limits:
        options["nano_cpus"] = min(process.cpu, facts.cpus) * 10**9
    if "pids" in facts.limits:
        options["pids_limit"] = PIDS
    if process.gpu:
        if facts.kind == "Podman":  # it would run the tool without a word, and no GPU
            raise RuntimeUnavailableError(
                f"{process.tool.ref} needs a GPU, which Podman does not give through "
                "its Docker-compatible socket.",
                remedy="Use Docker with the NVIDIA Container Toolkit.",
            )
        options["device_requests"] = [
            DeviceRequest(count=process.gpu, capabilities=[["gpu"]])
        ]
    return options


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
            raise engine_failure(error, f"running {self._process.name}") from error
        finally:
            self._remove()
            if reading is not None:
                reading.close()
        if reading.error is not None:
            raise reading.error
        return outcome

    def _create(self, image: str, options: dict[str, Any], user: ContainerUser) -> None:
        process = self._process
        host = self._api.create_host_config(**options)
        if user.namespace:
            host["UsernsMode"] = user.namespace
        labels = {
            key if key.startswith(LABEL) else f"{LABEL}.{key}": str(value)
            for key, value in process.labels.items()
        }
        labels |= {f"{LABEL}.owner": owner_label(), f"{LABEL}.tool": process.tool.ref}
        library = None if process.tool.library is None else "/toolbox/lib"
        home = "/tmp"
        made = self._api.create_container(
            image,
            # The whole command: an entry point of the image has no part in it.
            entrypoint=list(process.command),
            name=_container_name(process.name),
            hostname="job",
            user=user.user,
            working_dir=home,
            environment=job_variables(cpu=process.cpu, home=home, library=library),
            labels=labels,
            host_config=host,
        )
        self._id = str(made["Id"])

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
        if not _MISSING_PROGRAM.search(said) or "mount" in said:
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
        nearly = 0.9 * max(self._process.memory_bytes, _LEAST_MEMORY)
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


def _container_name(name: str) -> str:
    clean = re.sub(r"[^A-Za-z0-9_.-]+", "-", name.removeprefix(_PREFIX))[:200]
    return f"{_PREFIX}{clean}"
