"""A warm worker in a locked environment: a process that forks a child per job."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from threading import Event

import psutil

from bioimageit_flow.runtimes.environment_job import (
    job_home,
    no_work_folder,
    process_variables,
)
from bioimageit_flow.runtimes.process_tree import ProcessTree
from bioimageit_flow.runtimes.protocol import JobProcess, Outcome
from bioimageit_flow.runtimes.slot_folder import put_program
from bioimageit_flow.runtimes.worker import (
    NoWorkerError,
    Ready,
    Worker,
    request_of,
    worker_settings,
)
from bioimageit_flow.runtimes.worker_line import Pipes, WorkerLine

_READY_WITHIN_S = 300.0
_END_WITHIN_S = 5.0


def can_fork() -> bool:
    """Say whether a process with libraries loaded can be forked safely here.

    Apple's libraries refuse to work in a forked child, and Windows has no fork.
    """
    return sys.platform == "linux"


class EnvironmentWorker:
    """A process that stays, and runs the jobs of one tool.

    Parameters
    ----------
    programs : Path
        Folder of the environment's programs.
    process : JobProcess
        A job such as it will be given.
    cancel : Event
        Set to give up starting.
    is_wanted : callable
        Whether somebody still waits for it.

    Raises
    ------
    NoWorkerError
        If the tool cannot be kept warm.
    RuntimeUnavailableError
        If the working folder cannot be used.
    Cancelled
        If nobody waits for it any more.
    """

    def __init__(
        self,
        programs: Path,
        process: JobProcess,
        cancel: Event,
        is_wanted: Callable[[], bool],
    ) -> None:
        spec = process.tool.tool.worker
        if spec is None or spec.mode == "spawn" or not can_fork():
            raise NoWorkerError("each job has a process of its own")
        place = process.folder.parent.absolute()
        try:
            self._folder = Path(mkdtemp(prefix=".worker-", dir=place))
            home = self._folder / "home"
            home.mkdir()
            put_program(self._folder / "flow")
        except OSError as error:
            raise no_work_folder(place, error) from error
        variables = process_variables(process, programs, home)
        folder = str(process.tool.folder.absolute())
        settings = worker_settings(process.tool.tool, folder, spec.mode)
        settings |= {"is_alone": False, "scratch": []}
        program = shutil.which("python", path=variables["PATH"])
        if program is None:
            self._remove_folder()
            raise NoWorkerError("there is no program python")
        start = str(self._folder / "flow" / "start.py")
        try:
            child = _start([program, start, json.dumps(settings)], variables, home)
        except OSError as error:
            self._remove_folder()
            raise NoWorkerError(str(error)) from error
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        self._child = child
        line = WorkerLine(Pipes(child.stdin, child.stdout, child.stderr))
        self._worker = Worker(line, _ProcessBody(child, str(home)))
        try:
            self._worker.wait_until_ready(_READY_WITHIN_S, cancel, is_wanted)
        except BaseException:
            self.close()
            raise

    @property
    def ready(self) -> Ready:
        """What it said when it was ready."""
        return self._worker.ready

    @property
    def is_usable(self) -> bool:
        """Whether it can take another job."""
        return self._worker.is_usable

    def execute(self, process: JobProcess) -> Outcome:
        """Run one job to its end.

        Raises
        ------
        WorkerLostError
            If the worker ended.
        """
        body = self._worker.body
        assert isinstance(body, _ProcessBody)
        with job_home(process) as home:
            body.expect(process, str(home))
            description = str(process.folder.absolute() / "job.json")
            request = request_of(process, description, str(home))
            try:
                return self._worker.run(process, request)
            finally:
                body.forget()

    def close(self) -> None:
        """End the process and whatever came of it."""
        self._worker.close()
        for stream in (self._child.stdout, self._child.stderr):
            if stream is not None:
                stream.close()
        self._remove_folder()

    def _remove_folder(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _start(
    command: list[str], variables: Mapping[str, str], home: Path
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command,
        cwd=home,
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
        umask=0o022,
    )


@dataclass(slots=True)
class _ProcessBody:
    """A process of this machine in which a worker lives."""

    child: "subprocess.Popen[bytes]"
    home: str
    has_kernel_limit: bool = False
    _limit: int = 0
    _peak: int | None = None
    _pid: int = 0
    _job_home: str = ""
    _before: frozenset[int] = field(default_factory=frozenset)

    def expect(self, process: JobProcess, home: str) -> None:
        """Be told of the next job."""
        self._limit = process.memory_bytes
        self._peak = None
        self._pid = 0
        self._job_home = home

    def forget(self) -> None:
        """Be told that the job is over: its number may soon be another process's."""
        self._pid = 0

    def send_job(self, line: WorkerLine, request: dict[str, object]) -> None:
        """Hand a request to the worker."""
        line.ask(request)

    def begin_job(self, pid: int) -> None:
        """Be told which process does the job."""
        self._pid = pid

    def look(self) -> None:
        """Look at what the job uses now."""
        if not self._pid:
            return
        tree = ProcessTree(self._pid, self._job_home, self._before)
        memory = tree.memory()
        if memory > self._limit:
            # Children forked from a large process share its memory: look again.
            memory = tree.memory_without_sharing()
        self._peak = max(memory, self._peak or 0)

    def is_short_of_memory(self) -> bool:
        """Whether the current job was seen to have more memory than it may."""
        return self._peak is not None and self._peak > self._limit

    def usage(self) -> tuple[float | None, int | None]:
        """Processor seconds, which are not known, and the most memory seen."""
        return None, self._peak

    def kill(self) -> None:
        """End the worker with all its processes."""
        family: list[psutil.Process] = []
        with suppress(psutil.Error):
            family = psutil.Process(self.child.pid).children(recursive=True)
        if self._pid:
            # The worker waits for its job, and kills the rest when nobody asks it.
            ProcessTree(self._pid, self._job_home, self._before).kill()
        if self.child.stdin is not None:
            with suppress(OSError):
                self.child.stdin.close()
        try:
            self.child.wait(_END_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        for one in family:
            with suppress(psutil.Error):
                one.kill()
