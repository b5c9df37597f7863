"""One job as a process of this machine: started, watched, ended with all it made."""

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any, Literal

import psutil

from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.model.run import FailureCause
from bioimageit_flow.runtimes.job_output import JobOutput
from bioimageit_flow.runtimes.job_variables import job_variables
from bioimageit_flow.runtimes.process_tree import ProcessTree
from bioimageit_flow.runtimes.protocol import NOT_STARTED, JobProcess, Outcome
from bioimageit_flow.runtimes.staging import take_back

_LOGGER = logging.getLogger(__name__)

_FIRST_LOOK_S = 0.02
_LOOK_EVERY_S = 0.1

Stop = FailureCause | Literal["cancelled"]
"""Why a job is stopped before it ends by itself."""


def run_process(programs: Path, process: JobProcess) -> Outcome:
    """Run a job's command as a process of this machine.

    Parameters
    ----------
    programs : Path
        Folder of the environment's programs, the first that is searched.

    Raises
    ------
    RuntimeUnavailableError
        If the job's folder cannot be used.
    """
    if process.cancel.is_set():
        return Outcome(exit_code=None, elapsed_s=0.0, cancelled=True)
    with job_home(process) as home, JobOutput(process.log, process.on_line) as output:
        variables = process_variables(process, programs, home)
        return _Process(process, output, variables, home).run()


@contextmanager
def job_home(process: JobProcess) -> Iterator[Path]:
    """Give a job a home of its own while it runs; its results are then the caller's.

    Raises
    ------
    RuntimeUnavailableError
        If the job's folder cannot be used.
    """
    try:
        home = Path(tempfile.mkdtemp(prefix="tmp-", dir=process.folder.absolute()))
    except OSError as error:
        raise no_work_folder(process.folder, error) from error
    try:
        yield home
    finally:
        take_back(home, None)
        shutil.rmtree(home, ignore_errors=True)
        take_back(process.folder / "out", None)


def no_work_folder(place: Path, error: OSError) -> RuntimeUnavailableError:
    """Return the error that says that jobs cannot work in a place."""
    return RuntimeUnavailableError(
        f"The job's folder {place} cannot be written: {error.strerror}.",
        remedy="Free space there, or choose another working folder.",
    )


BYTECODE = "bytecode"
"""Folder of an environment that keeps what its jobs have compiled."""


def process_variables(
    process: JobProcess, programs: Path, home: Path
) -> dict[str, str]:
    """Return the environment of a job: fixed, but for what the system needs."""
    library = process.tool.library
    variables = job_variables(
        cpu=process.cpu,
        home=str(home),
        library=None if library is None else str(library.absolute()),
        # Bytecode is read from and written to the environment alone: a .pyc file
        # planted beside a tool's scripts, which no hash covers, is never run, and what
        # jobs import is compiled once.
        bytecode=str(programs.parent / BYTECODE),
        gpus=_gpus(process),
    )
    if sys.platform == "win32":
        kept = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT")
        variables |= {name: os.environ[name] for name in kept if name in os.environ}
        for name in ("USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP"):
            variables[name] = str(home)
        usual = str(Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32"))
    else:
        usual = "/usr/local/bin:/usr/bin:/bin"
    return variables | {"PATH": f"{programs}{os.pathsep}{usual}"}


def _gpus(process: JobProcess) -> str | None:
    """Return the GPUs that a job may see; a job that asked for none sees none."""
    if process.gpu and not process.gpu_ids:
        return None
    return ",".join(process.gpu_ids[: process.gpu])


class _Process:
    """The life of one process, in the thread that asked for it."""

    def __init__(
        self,
        process: JobProcess,
        output: JobOutput,
        variables: Mapping[str, str],
        home: Path,
    ) -> None:
        self._job = process
        self._output = output
        self._variables = variables
        self._home = home
        self._has_ended = Event()
        self._has_read = Event()
        self._code: int | None = None
        self._cpu_s: float | None = None
        self._peak: int | None = None
        self._error: BaseException | None = None

    def run(self) -> Outcome:
        program, *arguments = self._job.command
        found = shutil.which(program, path=self._variables["PATH"])
        if found is None:
            return self._not_started(f"there is no program {program}")
        before = psutil.pids()
        started = time.monotonic()
        try:
            child = self._start([found, *arguments])
        except (OSError, ValueError) as error:
            return self._not_started(str(error))
        tree = ProcessTree(child.pid, str(self._home), before)
        threads = [
            Thread(target=work, args=(child,), name=name, daemon=True)
            for work, name in ((self._read, "job output"), (self._await, "job end"))
        ]
        for thread in threads:
            thread.start()
        stop: Stop | None = None
        try:
            stop = self._watch(tree, started)
        finally:
            if self._has_ended.is_set():
                tree.kill_strays()
            else:
                tree.kill()
            for thread in threads:
                thread.join(timeout=5)
            if not self._has_read.is_set():
                _LOGGER.warning("something keeps the output of %s open", self._job.name)
        if self._error is not None:
            raise self._error
        return self._outcome(stop, time.monotonic() - started)

    def _start(self, command: list[str]) -> "subprocess.Popen[bytes]":
        options: dict[str, Any] = {}
        if sys.platform == "win32":
            options["creationflags"] = (
                subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
            )
        else:
            options |= {"start_new_session": True, "umask": 0o022}
        return subprocess.Popen(
            command,
            cwd=self._home,
            env=self._variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            **options,
        )

    def _not_started(self, why: str) -> Outcome:
        self._output.feed(f"cannot start {self._job.command[0]}: {why}\n".encode())
        return Outcome(exit_code=NOT_STARTED, elapsed_s=0.0)

    def _read(self, child: "subprocess.Popen[bytes]") -> None:
        """Take what is printed, until everybody who can print is gone."""
        assert child.stdout is not None
        try:
            with child.stdout as stream:
                while data := stream.read(2**16):
                    self._output.feed(data)
        except BaseException as error:  # noqa: BLE001 - raised by the job's thread
            self._error = error
        finally:
            self._has_read.set()

    def _await(self, child: "subprocess.Popen[bytes]") -> None:
        """Wait for the first process; learn what it and its children have used."""
        if sys.platform == "win32":
            self._code = child.wait()
        else:
            _, status, used = os.wait4(child.pid, 0)
            self._cpu_s = used.ru_utime + used.ru_stime
            code = os.waitstatus_to_exitcode(status)
            child.returncode = code
            self._code = code if code >= 0 else 128 - code
        self._has_ended.set()

    def _watch(self, tree: ProcessTree, started: float) -> Stop | None:
        """Wait for the end; return why the job has to be stopped, None if it ended."""
        look = _FIRST_LOOK_S
        while not self._has_ended.wait(look):
            look = min(1.5 * look, _LOOK_EVERY_S)
            if self._job.cancel.is_set() or self._error is not None:
                return "cancelled"
            if time.monotonic() - started > self._job.time_s:
                return FailureCause.TIME_LIMIT
            if self._takes_too_much(tree):
                return FailureCause.OUT_OF_MEMORY
        return None

    def _takes_too_much(self, tree: ProcessTree) -> bool:
        memory = tree.memory()
        if memory > self._job.memory_bytes:
            # Children forked from a large process share its memory: look again.
            memory = tree.memory_without_sharing()
        self._peak = max(memory, self._peak or 0)
        return memory > self._job.memory_bytes

    def _outcome(self, stop: Stop | None, elapsed_s: float) -> Outcome:
        return Outcome(
            exit_code=self._code if stop is None else None,
            elapsed_s=elapsed_s,
            cpu_s=self._cpu_s,
            peak_memory=self._peak,
            cause=stop if isinstance(stop, FailureCause) else None,
            cancelled=stop == "cancelled",
        )
