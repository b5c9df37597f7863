"""The folder of a warm worker, into which the files of one job at a time are moved."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

from bioimageit_flow.errors import DataError
from bioimageit_flow.runtimes.staging import (
    Bind,
    hand_over,
    open_to_others,
    staged_links,
    take_back,
)

WORKER_PROGRAM = Path(__file__).with_name("worker_program")

LARGE_BYTES = 64 * 2**20
"""A file on another file system that is larger is not copied for a worker."""

MANY_FILES = 2000
"""An input folder with more files than this is not linked file by file."""


class SlotFolder:
    """What a worker's container sees: ``job/`` as ``/job`` and ``flow/`` as ``/flow``.

    Both are mounted read-only, and ``job/out`` writable over that. They are the same
    folders for the life of the container; what is in them changes with each job.

    Parameters
    ----------
    place : Path
        Where to make it: on the file system of the jobs' folders.
    owner : tuple of int or None
        User and group of the jobs, where these are not the caller's.
    caller : tuple of int or None
        User and group that the files are given back to.
    """

    def __init__(
        self,
        place: Path,
        owner: tuple[int, int] | None,
        caller: tuple[int, int] | None,
    ) -> None:
        self.path = Path(mkdtemp(prefix=".worker-", dir=place))
        self._owner = owner
        self._caller = caller
        self._job = self.path / "job"
        self._out = self._job / "out"
        self.flow = self.path / "flow"
        for folder in (self.path, self._job, self._out, self.flow):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)
        if owner is not None:
            os.chown(self._out, *owner)

    @property
    def is_there(self) -> bool:
        """Whether nobody has removed it."""
        return self._out.is_dir()

    def binds(self) -> list[Bind]:
        """Return what the container sees of it."""
        return [
            Bind(self._job, "/job"),
            Bind(self._out, "/job/out", is_read_only=False),
            Bind(self.flow, "/flow"),
        ]

    def add_program(self) -> None:
        """Put the program of the worker into ``flow/``."""
        put_program(self.flow)

    def enter(self, folder: Path) -> None:
        """Move a job's files in.

        Raises
        ------
        DataError
            If a staged input is not there.
        OSError
            If the disk is full.
        """
        inputs = folder / "in"
        if inputs.is_dir():
            for link in staged_links(inputs):
                _replace_link(link)
            if self._owner is not None:
                open_to_others(inputs)
            inputs.rename(self._job / "in")
        description = folder / "job.json"
        if description.exists():
            if self._owner is not None:
                description.chmod(0o644)
            description.rename(self._job / "job.json")
        for port in (folder / "out").iterdir():
            if self._owner is not None:
                hand_over(port, *self._owner)
            port.rename(self._out / port.name)

    def leave(self, folder: Path) -> None:
        """Move a job's files back, and its results with them."""
        for port in list(self._out.iterdir()):
            take_back(port, self._caller if self._owner is not None else None)
            port.rename(folder / "out" / port.name)
        for name in ("in", "job.json"):
            with suppress(FileNotFoundError):
                (self._job / name).rename(folder / name)

    def remove(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)


def put_program(folder: Path) -> None:
    """Copy the program of a worker into a folder, so that any user can read it."""
    package = folder / "bioimageit_flow" / "runtimes" / "worker_program"
    package.mkdir(parents=True)
    for source in WORKER_PROGRAM.iterdir():
        if source.suffix in (".py", ".sh"):
            is_first = source.name in ("start.py", "worker.sh")
            shutil.copyfile(source, (folder if is_first else package) / source.name)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def why_not_staged(folder: Path) -> str:
    """Say why the inputs of a job cannot be given to a warm worker; mostly nothing.

    Raises
    ------
    DataError
        If a staged input is not there.
    """
    inputs = folder / "in"
    if not inputs.is_dir():
        return ""
    device = inputs.stat().st_dev
    for link in staged_links(inputs):
        seen = link.stat()
        if link.is_dir():
            if _has_many(link):
                return f"the input folder {link.readlink().name} has very many files"
        elif seen.st_dev != device and seen.st_size > LARGE_BYTES:
            name = link.readlink().name
            return f"the large input {name} is read where it lies, on another disk"
    return ""


def _has_many(folder: Path) -> bool:
    return any(n >= MANY_FILES for n, _ in enumerate(_files(folder)))


def _files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder.resolve()):
        yield from (Path(parent, name) for name in names)


def _replace_link(link: Path) -> None:
    """Put the file or folder itself where a link to it was."""
    target = link.resolve(strict=True)
    link.unlink()
    try:
        if target.is_dir():
            shutil.copytree(target, link, copy_function=_link_or_copy)
        else:
            _link_or_copy(str(target), str(link))
    except FileNotFoundError as error:
        raise DataError(
            f"The input {target} is not there.",
            remedy="See whether the file was moved or its disk is connected.",
        ) from error


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or somebody else's file
        shutil.copyfile(source, target)
