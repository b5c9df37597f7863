"""The images of a shared workflow: how large they are, writing them, taking them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from bioimageit_flow.errors import Cancelled, FlowError, RuntimeUnavailableError
from bioimageit_flow.model.packaging import ContainerSpec
from bioimageit_flow.runtimes.container import ContainerRuntime
from bioimageit_flow.session.sharing import tools_of
from bioimageit_flow.workflow.document import Document

if TYPE_CHECKING:
    from bioimageit_flow.runtimes.image_files import ImageFiles
    from bioimageit_flow.session.machine import Session

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many bytes are done, and of how many."""


@dataclass(frozen=True, slots=True)
class SharedImage:
    """An image that the tools of a workflow need.

    Attributes
    ----------
    reference : str
        ``name:tag`` or ``name@digest``.
    size : int or None
        Bytes; None where the engine of this machine does not have it.
    """

    spec: ContainerSpec
    size: int | None

    @property
    def reference(self) -> str:
        """What the engine calls it."""
        return self.spec.reference

    @property
    def file_name(self) -> str:
        """What its file in an archive is called."""
        return re.sub(r"[^A-Za-z0-9.-]+", "_", self.reference) + ".tar"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of the images of an archive.

    Attributes
    ----------
    added, known, refused : tuple of str
        Images the engine has now, had already, and those that were not given to it: the
        name stands for another image here, or for none of a tool of the archive.
    failure : str
        Why the engine could not be asked; empty if it could.
    """

    added: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    failure: str = ""


def images_of(
    session: "Session", document: Document, folder: Path | None = None
) -> list[SharedImage]:
    """Return the images that the tools of a workflow need, with their sizes.

    One with a registry's digest has no size: a file would lose the digest, by which it
    is got from the registry everywhere.

    Raises
    ------
    RuntimeUnavailableError
        If no engine answers.
    WorkflowError
        If a subworkflow cannot be read.
    """
    tools, _ = tools_of(document, folder, session.catalogue)
    specs = {
        tool.container.reference: tool.container
        for tool in tools
        if tool.container is not None
    }
    files = image_files(session) if specs else None
    return [
        SharedImage(spec, files.size(spec) if files and not spec.digest else None)
        for spec in specs.values()
    ]


def saved(
    session: "Session",
    images: Sequence[SharedImage],
    progress: Progress = lambda _words, _done, _of: None,
    cancel: Event | None = None,
) -> dict[str, Iterator[bytes]]:
    """Return the files of images by name; they are written as they are read.

    Images that the engine does not have are left out.

    Raises
    ------
    RuntimeUnavailableError
        If no engine answers, now or while they are read.
    Cancelled
        If `cancel` was set meanwhile.
    """
    here = [image for image in images if image.size is not None]
    files = image_files(session)
    total = sum(image.size or 0 for image in here)
    done = 0

    def read(image: SharedImage) -> Iterator[bytes]:
        nonlocal done
        for chunk in files.save(image.spec):
            if cancel is not None and cancel.is_set():
                raise Cancelled("The archive was not written.")
            done += len(chunk)
            progress(image.reference, done, max(done, total))
            yield chunk

    return {image.file_name: read(image) for image in here}


def load_images(
    session: "Session",
    paths: Sequence[Path],
    wanted: Sequence[str],
    progress: Progress = lambda _words, _done, _of: None,
) -> Loaded:
    """Give the engine the images of an archive that it lacks.

    Nothing that is here is replaced: an image whose name is taken by another one, or is
    of no tool of the archive, is refused.

    Parameters
    ----------
    paths : sequence of Path
        Files of images.
    wanted : sequence of str
        What the tools of the archive call theirs.
    """
    from bioimageit_flow.runtimes.image_files import images_in

    added: list[str] = []
    known: list[str] = []
    refused: list[str] = []
    sizes = [path.stat().st_size for path in paths]
    try:
        files = image_files(session)
        for number, path in enumerate(paths):
            progress(path.name, sum(sizes[:number]), sum(sizes))
            verdicts = {
                reference: files.is_same(image, reference)
                for image in images_in(path)
                for reference in image.references
            }
            strange = [
                one
                for one, is_same in verdicts.items()
                if is_same is False or _plain(one) not in map(_plain, wanted)
            ]
            if strange or not verdicts:
                refused += strange or [path.name]
            elif all(verdicts.values()):
                known += verdicts
            else:
                files.load(path)
                added += verdicts
    except FlowError as error:
        return Loaded(tuple(added), tuple(known), tuple(refused), str(error))
    return Loaded(tuple(added), tuple(known), tuple(refused))


def _plain(reference: str) -> str:
    """Return a name without what engines put before it."""
    return reference.removeprefix("docker.io/").removeprefix("localhost/")


def image_files(session: "Session") -> "ImageFiles":
    """Return what writes and takes images on this machine.

    Raises
    ------
    RuntimeUnavailableError
        If the program has no container runtime, or no engine answers.
    """
    for runtime in session.runtimes:
        if isinstance(runtime, ContainerRuntime):
            return runtime.image_files()
    raise RuntimeUnavailableError(
        "The container runtime of this program is not installed.",
        remedy="Reinstall bioimageit-flow.",
    )
