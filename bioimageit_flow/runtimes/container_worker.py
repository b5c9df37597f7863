"""A warm worker in a container: started once, given the jobs of one tool."""

import json
import logging
import secrets
import shlex
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any

from docker import APIClient
from docker.utils.socket import frames_iter

from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.runtimes.container_making import (
    MISSING_PROGRAM,
    container_options,
    create_container,
)
from bioimageit_flow.runtimes.engine import Engine, engine_failure
from bioimageit_flow.runtimes.engine_client import ENGINE_ERRORS, APIError
from bioimageit_flow.runtimes.engine_facts import container_user, this_caller
from bioimageit_flow.runtimes.protocol import JobProcess, Outcome
from bioimageit_flow.runtimes.slot_folder import SlotFolder
from bioimageit_flow.runtimes.staging import Bind
from bioimageit_flow.runtimes.usage import Usage
from bioimageit_flow.runtimes.worker import (
    NoWorkerError,
    Ready,
    Worker,
    WorkerLostError,
    request_of,
    worker_settings,
)
from bioimageit_flow.runtimes.worker_line import WorkerLine

_LOGGER = logging.getLogger(__name__)

_READY_WITHIN_S = 300.0
_COMMAND = "command"
_SHELL = ("sh", "/flow/worker.sh")
_GONE = (404, 409)
"""What the engine answers when a container is not there, or on its way out."""


class ContainerWorker:
    """A container that stays, with the folder that its jobs pass through.

    Parameters
    ----------
    engine : Engine
        Where it runs.
    image : str
        Id of the image.
    process : JobProcess
        A job such as it will be given: tool, limits, rights, labels, working place.
    cancel : Event
        Set to give up starting.
    is_wanted : callable
        Whether somebody still waits for it.

    Raises
    ------
    NoWorkerError
        If the tool cannot be kept warm.
    RuntimeUnavailableError
        If the engine fails.
    Cancelled
        If nobody waits for it any more.
    """

    def __init__(
        self,
        engine: Engine,
        image: str,
        process: JobProcess,
        cancel: Event,
        is_wanted: Callable[[], bool],
    ) -> None:
        facts = engine.facts()
        caller, groups = this_caller()
        user = container_user(facts, caller, groups)
        uid, gid = (int(number) for number in user.user.split(":"))
        owner = (uid, gid) if user.hands_over else None
        self._mode = worker_mode(process)
        try:
            self._slot = SlotFolder(process.folder.parent, owner, caller)
            self._slot.add_program()
        except OSError as error:
            raise _no_room(process.folder.parent, error) from error
        api = engine.api()
        made = replace(
            process,
            name=_name(process),
            command=self._command(process),
            labels=_labels(process, self._mode),
        )
        self._body: _ContainerBody | None = None
        self._worker: Worker | None = None
        try:
            options = container_options(made, facts, user, self._binds(process))
            options["auto_remove"] = True  # also when this program is killed
            container = create_container(
                api, image, made, options, user, takes_input=True
            )
            self._body = _ContainerBody(api, container, self._slot.flow, self._mode)
            line = WorkerLine(self._body.start())
            self._worker = Worker(line, self._body)
            self._worker.wait_until_ready(_READY_WITHIN_S, cancel, is_wanted)
        except ENGINE_ERRORS as error:
            self.close()
            raise engine_failure(
                error, f"starting a worker of {process.tool.ref}"
            ) from error
        except BaseException:
            self.close()
            raise

    @property
    def ready(self) -> Ready:
        """What it said when it was ready."""
        return self._worker.ready if self._worker else Ready(self._mode, 0.0, 0)

    @property
    def is_usable(self) -> bool:
        """Whether it can take another job."""
        is_there = self._worker is not None and self._worker.is_usable
        return is_there and self._slot.is_there

    def execute(self, process: JobProcess) -> Outcome:
        """Run one job to its end.

        Raises
        ------
        WorkerLostError
            If the container ended, or was removed.
        DataError
            If a staged input is not there.
        RuntimeUnavailableError
            If the job's files cannot be made ready.
        """
        assert self._worker is not None
        if not self._slot.is_there:
            raise WorkerLostError("the folder of a worker was removed")
        try:
            try:
                self._slot.enter(process.folder)
            except OSError as error:
                raise _no_room(process.folder, error) from error
            return self._worker.run(
                process, request_of(process, "/job/job.json", "/tmp")
            )
        finally:
            self._slot.leave(process.folder)

    def close(self) -> None:
        """Remove the container and the folder."""
        if self._worker is not None:
            self._worker.close()
        elif self._body is not None:
            self._body.kill()
        self._slot.remove()

    def _command(self, process: JobProcess) -> tuple[str, ...]:
        if self._mode == _COMMAND:
            return _SHELL
        settings = worker_settings(process.tool.tool, "/tool", self._mode)
        settings |= {"is_alone": True, "scratch": ["/tmp", "/dev/shm", "/dev/mqueue"]}
        return ("python", "/flow/start.py", json.dumps(settings))

    def _binds(self, process: JobProcess) -> list[Bind]:
        binds = [*self._slot.binds(), Bind(process.tool.folder, "/tool")]
        if process.tool.library is not None:
            binds.append(Bind(process.tool.library, "/toolbox/lib"))
        return binds


def worker_mode(process: JobProcess) -> str:
    """Return how a worker would run the jobs of a tool in a container."""
    spec = process.tool.tool.worker
    if spec is not None:
        return spec.mode
    return "spawn" if process.tool.tool.command[0] == "python" else _COMMAND


@dataclass(slots=True)
class _ContainerBody:
    """A container in which a worker lives."""

    api: APIClient
    id: str
    flow: Path
    mode: str
    has_kernel_limit: bool = True
    _stream: Any = None
    _usage: Usage = field(default_factory=Usage)
    _has_looked: bool = False
    _cpu_before: float | None = None
    _kills_before: int = 0
    _peak: int | None = None

    def start(self) -> "_Attachment":
        """Start it, and return what one talks with it through."""
        # Listening comes before starting, so that nothing is missed.
        self._stream = self.api.attach_socket(
            self.id, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        )
        try:
            self.api.start(self.id)
        except APIError as error:
            said = str(error.explanation or error)
            if MISSING_PROGRAM.search(said) and "mount" not in said:
                raise NoWorkerError("its image has no program for it") from error
            raise
        return _Attachment(self._stream)

    def send_job(self, line: WorkerLine, request: dict[str, object]) -> None:
        """Hand a request to the worker."""
        self._find_usage()
        self._usage.sample()
        self._cpu_before = self._usage.cpu_s
        self._kills_before = self._usage.kills
        self._peak = None
        if self.mode != _COMMAND:
            line.ask(request)
            return
        command = request["command"]
        assert isinstance(command, list)
        words = " ".join(shlex.quote(str(word)) for word in command)
        script = self.flow / "command"
        script.write_text(f"exec {words}\n", "utf-8")
        script.chmod(0o644)
        line.send(f"run {request['end']}".encode())

    def begin_job(self, pid: int) -> None:
        """Be told of the process of a job, which is of the container's own numbers."""

    def look(self) -> None:
        """Look at what the container uses now."""
        self._usage.sample()
        if self._usage.memory is not None:
            self._peak = max(self._usage.memory, self._peak or 0)

    def is_short_of_memory(self) -> bool:
        """Whether the kernel has killed a process of the current job."""
        self._usage.sample()
        return self._usage.kills > self._kills_before

    def usage(self) -> tuple[float | None, int | None]:
        """Processor seconds and most memory of the current job, where known."""
        cpu_s = None
        if self._usage.cpu_s is not None and self._cpu_before is not None:
            cpu_s = round(self._usage.cpu_s - self._cpu_before, 4)
        return cpu_s, self._peak

    def kill(self) -> None:
        """Remove the container, killing whatever runs in it."""
        if not self.id:
            return
        container, self.id = self.id, ""
        try:
            self.api.remove_container(container, force=True, v=True)
        except APIError as error:
            if error.status_code not in _GONE:
                _LOGGER.warning("cannot remove the worker %s: %s", container, error)
        except ENGINE_ERRORS as error:  # `sweep` finds it
            _LOGGER.warning("cannot remove the worker %s: %s", container, error)

    def _find_usage(self) -> None:
        if not self._has_looked:
            self._has_looked = True
            with suppress(*ENGINE_ERRORS):
                state = self.api.inspect_container(self.id)["State"]
                self._usage = Usage.of_process(int(state.get("Pid") or 0), self.id)


class _Attachment:
    """The engine's stream to a container, as the wire to a worker."""

    def __init__(self, stream: Any) -> None:  # noqa: ANN401 - as the engine's is
        self._stream = stream
        self._raw = getattr(stream, "_sock", stream)

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self._raw.sendall(data)

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """Yield what comes: 1 and 2 are the container's output and errors."""
        yield from frames_iter(self._stream, tty=False)  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Let go of the stream."""
        with suppress(OSError):
            self._raw.shutdown(socket.SHUT_RDWR)
        # The response owns the connection; it is not kept for other calls.
        response = getattr(self._stream, "_response", None)
        (self._stream if response is None else response).close()


def _name(process: JobProcess) -> str:
    tool = process.tool.tool.id.replace("/", "-")
    run = process.labels.get("run", "")[:8]
    return f"worker-{tool}-{run}-{secrets.token_hex(4)}"


def _labels(process: JobProcess, mode: str) -> dict[str, str]:
    return {"run": process.labels.get("run", ""), "worker": mode}


def _no_room(place: Path, error: OSError) -> RuntimeUnavailableError:
    return RuntimeUnavailableError(
        f"The files of a job cannot be made ready in {place}: "
        f"{error.strerror or error}.",
        remedy="Free space there, or choose another working folder.",
    )
