"""Locked environments: made once per lock by uv, kept in the user's cache.

An environment is complete when its marker is there; the marker is written last, so that
an installation that was killed is found incomplete and made again.
"""

import json
import os
import platform
import shutil
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Event

import filelock
import platformdirs

from bioimageit_flow.errors import Cancelled, RuntimeUnavailableError
from bioimageit_flow.model.units import format_bytes
from bioimageit_flow.runtimes.package_index import is_without_index
from bioimageit_flow.runtimes.protocol import Report
from bioimageit_flow.runtimes.uv_process import CACHE_VARIABLE, python_name, run_uv

_MARKER = "ready.json"
_LOOK_EVERY_S = 0.1


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder of all environments.

    ``BIOIMAGEIT_FLOW_CACHE`` replaces the system's usual cache folder.
    """
    environ = os.environ if environ is None else environ
    named = environ.get(CACHE_VARIABLE)
    base = Path(named) if named else platformdirs.user_cache_path("bioimageit-flow")
    return base.absolute() / "environments"


@dataclass(frozen=True, slots=True)
class LockedEnvironment:
    """The environment of one lock, for this Python on this machine.

    Attributes
    ----------
    lock : bytes
        Contents of the lock file.
    folder : Path
        Where it is, or will be.
    """

    lock: bytes
    folder: Path

    @classmethod
    def of_lock(cls, lock: bytes, cache: Path) -> "LockedEnvironment":
        """Return the environment of a lock; it need not be there yet.

        Parameters
        ----------
        cache : Path
            Folder of all environments.
        """
        parts = [
            sha256(lock).hexdigest(),
            platform.python_implementation(),
            platform.python_version(),
            sysconfig.get_platform(),
            sys.base_prefix,  # the interpreter that it leans on
        ]
        key = sha256("\n".join(parts).encode()).hexdigest()[:24]
        return cls(lock, cache / key)

    @property
    def lock_sha256(self) -> str:
        """Hash of the lock file."""
        return sha256(self.lock).hexdigest()

    @property
    def programs(self) -> Path:
        """The folder of its programs."""
        return self.folder / ("Scripts" if sys.platform == "win32" else "bin")

    @property
    def python(self) -> Path:
        """Its interpreter."""
        name = "python.exe" if sys.platform == "win32" else "python"
        return self.programs / name

    @property
    def is_ready(self) -> bool:
        """Whether it is complete, and its interpreter still there."""
        return (self.folder / _MARKER).is_file() and self.python.exists()

    def install(self, title: str, report: Report, cancel: Event) -> None:
        """Make it, unless it is there; other processes may want the same.

        Parameters
        ----------
        title : str
            What people know it by, such as the lock file's toolbox.

        Raises
        ------
        RuntimeUnavailableError
            If it cannot be made: no network, no wheel, wrong hash, no space.
        Cancelled
            If `cancel` was set meanwhile.
        """
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            with self._locked(title, report, cancel):
                if not self.is_ready:
                    self._make(title, report, cancel)
        except OSError as error:
            raise RuntimeUnavailableError(
                f"The environment of {title} cannot be made in {self.folder.parent}: "
                f"{error.strerror or error}.",
                remedy=f"Free space there, or name another folder in {CACHE_VARIABLE}.",
            ) from error

    @contextmanager
    def _locked(self, title: str, report: Report, cancel: Event) -> Iterator[None]:
        guard = filelock.FileLock(f"{self.folder}.lock")
        has_reported = False
        while True:
            if cancel.is_set():
                raise Cancelled(f"Stopped before installing {title}.")
            try:
                guard.acquire(timeout=_LOOK_EVERY_S)
                break
            except filelock.Timeout:
                if not has_reported:
                    report(f"Waiting for another process that installs {title}")
                    has_reported = True
        try:
            yield
        finally:
            guard.release()

    def _make(self, title: str, report: Report, cancel: Event) -> None:
        report(f"Installing the environment of {title} for {python_name()}")
        started = time.monotonic()
        shutil.rmtree(self.folder, ignore_errors=True)
        lock = self.folder.parent / f"{self.folder.name}.txt"
        lock.write_bytes(self.lock)
        steps = (
            (
                *("venv", "--python", sys.executable, "--no-python-downloads"),
                *("--no-project", "--clear", str(self.folder)),
            ),
            (
                *("pip", "install", "--python", str(self.python)),
                *("--require-hashes", "--only-binary", ":all:"),
                *("--requirements", str(lock)),
                *(("--no-index",) if is_without_index() else ()),
            ),
        )
        try:
            for step in steps:
                run_uv(step, self.folder.parent, title, report, cancel)
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        finally:
            lock.unlink(missing_ok=True)
        self._mark(title)
        report(
            f"Installed the environment of {title} in "
            f"{time.monotonic() - started:.0f} s"
        )

    def _mark(self, title: str) -> None:
        size = sum(
            path.lstat().st_size for path in self.folder.rglob("*") if path.is_file()
        )
        facts = {
            "title": title,
            "lock": self.lock_sha256,
            "python": python_name(),
            "bytes": size,
        }
        draft = self.folder / f"{_MARKER}.new"
        with draft.open("w", encoding="utf-8") as file:
            json.dump(facts, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / _MARKER)


@dataclass(frozen=True, slots=True)
class CachedEnvironment:
    """An environment in the cache, as its marker describes it."""

    title: str
    python: str
    size: int


def cached_environments(cache: Path) -> list[CachedEnvironment]:
    """List the complete environments of a cache folder."""
    found = []
    for marker in sorted(cache.glob(f"*/{_MARKER}")):
        try:
            facts = json.loads(marker.read_text("utf-8"))
            found.append(
                CachedEnvironment(
                    str(facts["title"]), str(facts["python"]), int(facts["bytes"])
                )
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue  # half written or removed meanwhile: not complete
    return found


def describe_cache(cache: Path) -> str:
    """Say how many environments a cache folder holds, and how large they are."""
    cached = cached_environments(cache)
    total = sum(environment.size for environment in cached)
    names = sorted({environment.title for environment in cached})
    if not cached:
        return f"No environment is installed yet (in {cache})."
    return f"{', '.join(names)}: {format_bytes(total)} in {cache}."
