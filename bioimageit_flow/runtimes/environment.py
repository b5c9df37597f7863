"""The locked environment as a runtime: the same code without a container engine.

It isolates nothing: a job can read and write whatever the caller can. What it shares
with a container is the fixed environment, the limits and the clean end.
"""

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event

from bioimageit_flow.errors import Cancelled, RuntimeUnavailableError
from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.model.units import format_bytes
from bioimageit_flow.runtimes.environment_job import process_variables, run_process
from bioimageit_flow.runtimes.environment_worker import EnvironmentWorker, can_fork
from bioimageit_flow.runtimes.gpus import visible_gpus
from bioimageit_flow.runtimes.protocol import (
    Availability,
    Finding,
    JobProcess,
    Layout,
    Outcome,
    Readiness,
    Report,
)
from bioimageit_flow.runtimes.repeating import Repetition
from bioimageit_flow.runtimes.uv_environment import (
    LockedEnvironment,
    cache_folder,
    describe_cache,
)
from bioimageit_flow.runtimes.uv_process import CACHE_VARIABLE, find_uv, python_name
from bioimageit_flow.runtimes.warm_runs import WarmRuns

_LITTLE_DISK = 5 * 2**30


class EnvironmentRuntime:
    """Runs each job as a process of this machine, in the tool's locked environment.

    Parameters
    ----------
    cache : Path, optional
        Folder of all environments; the user's cache by default.
    """

    name = "environment"
    is_isolated = False

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache_folder() if cache is None else cache
        self._by_identity: dict[str, LockedEnvironment] = {}
        self._by_tool: dict[str, LockedEnvironment] = {}
        self._warm = WarmRuns(self._start_worker)

    def availability(self, tool: InstalledTool) -> Availability:
        """Say whether the tool has a lock, and whether it is installed."""
        try:
            environment = self._environment(tool)
            if not environment.is_ready:
                find_uv()
        except RuntimeUnavailableError as error:
            return Availability(
                Readiness.UNAVAILABLE, reason=error.message, remedy=error.remedy
            )
        used = _used(tool, environment)
        gpus = len(visible_gpus()) if tool.tool.resources.gpu else None
        if environment.is_ready:
            return Availability(Readiness.READY, used=used, gpus=gpus)
        return Availability(
            Readiness.OBTAINABLE,
            used=used,
            reason=f"The environment of {tool.tool.toolbox} has to be installed.",
            gpus=gpus,
        )

    def prepare(
        self, tool: InstalledTool, report: Report, cancel: Event
    ) -> RuntimeUsed:
        """Install the tool's environment, unless it is there."""
        if cancel.is_set():
            raise Cancelled(f"Stopped before getting what {tool.ref} needs.")
        environment = self._environment(tool)
        if not environment.is_ready:
            environment.install(tool.tool.toolbox, report, cancel)
        used = _used(tool, environment)
        self._by_identity[used.identity] = environment
        self._by_tool[tool.ref] = environment
        return used

    def layout(self, tool: InstalledTool, folder: Path) -> Layout:
        """Say how a job's folders look: as they are."""
        environment = self._by_tool.get(tool.ref) or self._environment(tool)
        return Layout(
            tool=str(tool.folder.absolute()),
            job=str(folder.absolute()),
            python=str(environment.python),
            follows_links=True,
        )

    def begin_run(
        self, run: str, tools: Sequence[tuple[InstalledTool, RuntimeUsed]]
    ) -> None:
        """Be ready to keep workers for the tools that say how and can be forked."""
        if can_fork():
            kept = [one for one in tools if _can_be_warm(one[0])]
            self._warm.begin(run, kept)

    def end_run(self, run: str) -> None:
        """End the workers of a run."""
        self._warm.end(run)

    def execute(self, process: JobProcess) -> Outcome:
        """Run one process, with nothing of the caller's environment."""
        if process.cancel.is_set():
            return Outcome(exit_code=None, elapsed_s=0.0, cancelled=True)
        programs = self._programs(process)
        return self._warm.execute(process, lambda one: run_process(programs, one))

    def repeat_command(self, process: JobProcess) -> Repetition:
        """Return what repeats a job by hand: see `repeating.Repeating`."""
        home = process.folder.absolute() / "home"
        variables = process_variables(process, self._programs(process), home)
        given = (f"{name}={value}" for name, value in variables.items())
        return Repetition(("env", "-i", *given, *process.command), home)

    def _programs(self, process: JobProcess) -> Path:
        environment = self._by_identity.get(process.used.identity)
        if environment is None:
            environment = self._environment(process.tool)
            if _used(process.tool, environment).identity != process.used.identity:
                raise RuntimeUnavailableError(
                    f"The lock of {process.tool.tool.toolbox} was changed during the "
                    "run.",
                    remedy="Start a new run.",
                )
        if not environment.is_ready:
            raise RuntimeUnavailableError(
                f"The environment of {process.tool.tool.toolbox} is no longer "
                f"complete in {environment.folder}.",
                remedy="Start again: it is then installed anew.",
            )
        return environment.programs

    def _start_worker(
        self, process: JobProcess, is_wanted: Callable[[], bool]
    ) -> EnvironmentWorker:
        return EnvironmentWorker(
            self._programs(process), process, process.cancel, is_wanted
        )

    def diagnose(self) -> list[Finding]:
        """Say what installs environments, which there are, and what room there is."""
        free = _free_bytes(self._cache)
        is_good = free >= _LITTLE_DISK
        text = f"{describe_cache(self._cache)} {format_bytes(free)} are free there."
        remedy = "" if is_good else f"Free some, or name a folder in {CACHE_VARIABLE}."
        return [_uv_finding(), Finding("environments", is_good, text, remedy)]

    def close(self) -> None:
        """End the workers that are left."""
        self._warm.end_all()

    def _environment(self, tool: InstalledTool) -> LockedEnvironment:
        if tool.lock is None:
            raise RuntimeUnavailableError(
                f"The tool {tool.ref} runs in its container only: it has no "
                "environment.",
                remedy="Start or install a container engine (Docker or Podman).",
            )
        try:
            lock = tool.lock.read_bytes()
        except OSError as error:
            raise RuntimeUnavailableError(
                f"The lock file {tool.lock} cannot be read: {error.strerror}.",
                remedy=f"Install the toolbox {tool.tool.toolbox} again.",
            ) from error
        return LockedEnvironment.of_lock(lock, self._cache)


def _can_be_warm(tool: InstalledTool) -> bool:
    return tool.tool.worker is not None and tool.tool.worker.mode != "spawn"


def _used(tool: InstalledTool, environment: LockedEnvironment) -> RuntimeUsed:
    lock = "" if tool.lock is None else tool.lock.name
    return RuntimeUsed(
        "environment",
        f"lock sha256:{environment.lock_sha256}",
        f"{lock} of {tool.tool.toolbox}, {python_name()}, {sysconfig.get_platform()}",
    )


def _uv_finding() -> Finding:
    try:
        done = subprocess.run(
            [find_uv(), "--version"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except RuntimeUnavailableError as error:
        return Finding("uv", False, error.message, error.remedy)
    except (OSError, subprocess.SubprocessError) as error:
        return Finding(
            "uv",
            False,
            f"uv, which installs environments, does not work: {error}",
            "Install it again: `pip install --force-reinstall uv`.",
        )
    return Finding("uv", True, f"{done.stdout.strip()} installs environments.")


def _free_bytes(folder: Path) -> int:
    for place in (folder, *folder.parents):
        if place.exists():
            return shutil.disk_usage(place).free
    return shutil.disk_usage(Path(sys.prefix)).free
