"""Running uv, and saying in a sentence why it failed."""

import platform
import subprocess
import sysconfig
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread

import psutil
import uv

from bioimageit_flow.errors import Cancelled, RuntimeUnavailableError
from bioimageit_flow.runtimes.job_output import LineSplitter
from bioimageit_flow.runtimes.package_index import uv_variables
from bioimageit_flow.runtimes.protocol import Report

CACHE_VARIABLE = "BIOIMAGEIT_FLOW_CACHE"
"""Names another folder for what is made once and kept."""

_LOOK_EVERY_S = 0.1


_TOLD = ("Resolved", "Prepared", "Downloading", "Downloaded")
"""Lines of uv that tell a user how far it has come."""


def python_name() -> str:
    """Return what Python environments are made with, such as ``Python 3.12.4``."""
    return f"Python {platform.python_version()}"


def find_uv() -> str:
    """Return the path of uv.

    Raises
    ------
    RuntimeUnavailableError
        If it is not there.
    """
    try:
        return str(uv.find_uv_bin())
    except FileNotFoundError as error:
        raise RuntimeUnavailableError(
            "The program uv, which installs environments, is not there.",
            remedy="Install it again: `pip install --force-reinstall uv`.",
        ) from error


def run_uv(
    arguments: tuple[str, ...], folder: Path, title: str, report: Report, cancel: Event
) -> None:
    """Run uv in a folder without a project, handing on what it says.

    Parameters
    ----------
    title : str
        What people know the environment by.

    Raises
    ------
    RuntimeUnavailableError
        If uv fails; says in one sentence why.
    Cancelled
        If `cancel` was set meanwhile.
    """
    process = subprocess.Popen(
        [find_uv(), *arguments],
        cwd=folder,
        env=uv_variables() | {"NO_COLOR": "1", "UV_NO_PROGRESS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said: SimpleQueue[str | None] = SimpleQueue()

    def read() -> None:
        splitter = LineSplitter(said.put)
        with process.stdout as stream:  # type: ignore[union-attr]
            for line in stream:
                splitter.feed(line)
        splitter.close()
        said.put(None)

    reader = Thread(target=read, name="uv output", daemon=True)
    reader.start()
    lines: list[str] = []
    try:
        while True:
            if cancel.is_set():
                raise Cancelled(f"Stopped while installing {title}.")
            try:
                line = said.get(timeout=_LOOK_EVERY_S)
            except Empty:
                continue
            if line is None:
                break
            lines.append(line)
            if line.startswith(_TOLD):
                report(line)
    finally:
        if process.poll() is None and cancel.is_set():
            _kill_tree(process.pid)
        code = process.wait()
        reader.join()
    if code != 0:
        raise _not_installed(title, "\n".join(lines))


def _kill_tree(pid: int) -> None:
    try:
        root = psutil.Process(pid)
        for process in (*root.children(recursive=True), root):
            process.kill()
    except psutil.NoSuchProcess:
        return


_OFFLINE = (
    "failed to fetch",
    "error sending request",
    "dns error",
    "could not connect",
    "network connectivity is disabled",
    "connection refused",
    "timed out",
    "certificate",
)

_BAD_LOCK = ("must have a hash", "no trusted hash", "versions pinned")
_NO_WHEEL = ("no wheels", "no usable wheels", "no matching wheel", "only-binary")


def _not_installed(title: str, said: str) -> RuntimeUnavailableError:
    """Return the error for what uv said, in one sentence."""
    flat = " ".join(said.split())
    flat = flat[max(0, flat.find("error: ")) :].removeprefix("error: ")
    lowered = flat.lower()
    what = f"The environment of {title} cannot be installed"
    if "hash mismatch" in lowered:
        return RuntimeUnavailableError(
            f"{what}: a downloaded package is not the one in the lock file.",
            remedy="Try again; if it stays, the package index is not to be trusted. "
            f"uv said: {_end(flat)}",
        )
    if any(sign in lowered for sign in _BAD_LOCK):
        return RuntimeUnavailableError(
            f"{what}: its lock file lacks packages or hashes.",
            remedy="Lock it again with `uv pip compile --universal --generate-hashes`. "
            f"uv said: {_end(flat)}",
        )
    if "no space left" in lowered:
        return RuntimeUnavailableError(
            f"{what}: no space is left on the disk.",
            remedy=f"Free space, or name another folder in {CACHE_VARIABLE}.",
        )
    if (
        "no wheels" in lowered
        or "no usable wheels" in lowered
        or "no-binary" in lowered
    ):
        return RuntimeUnavailableError(
            f"{what}: a package has no wheel for {python_name()} on "
            f"{sysconfig.get_platform()}.",
            remedy=f"Use another Python, or a container engine. uv said: {_end(flat)}",
        )
    if any(sign in lowered for sign in _OFFLINE):
        return RuntimeUnavailableError(
            f"{what}: the package index could not be reached.",
            remedy="Connect to the network, or name a mirror in PIP_INDEX_URL (and its "
            f"certificates in PIP_CERT). uv said: {_end(flat)}",
        )
    return RuntimeUnavailableError(
        f"{what}: uv said: {_end(flat)}",
        remedy="`bioimageit-flow doctor` looks at the machine.",
    )


def _end(text: str, limit: int = 400) -> str:
    return text if len(text) <= limit else f"...{text[-limit:]}"
