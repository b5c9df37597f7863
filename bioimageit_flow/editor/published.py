"""Subworkflows that the user published: they stand in the palette like tools."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from bioimageit_flow.errors import FlowError, WorkflowError
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.file import SUFFIX, load_document, save_document

PREFIX = "workflow:"
"""Begins the reference of a published subworkflow, where a tool's is its id."""


@dataclass(frozen=True, slots=True)
class Published:
    """One entry of the palette.

    Attributes
    ----------
    ref : str
        ``workflow:name``; what `Editor.add_tool` takes.
    title, summary : str
        Name and first line of the description.
    """

    ref: str
    title: str
    summary: str
    path: Path


class PublishedWorkflows:
    """The folder of published subworkflows.

    Parameters
    ----------
    folder : Path, optional
        By default that of the user.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or (
            platformdirs.user_data_path("bioimageit-flow", appauthor=False)
            / "subworkflows"
        )
        self._read: dict[Path, tuple[int, Published]] = {}

    def publish(self, document: Document) -> Published:
        """Put a workflow into the palette; one of the same name is replaced.

        Raises
        ------
        WorkflowError
            If it cannot be written.
        """
        stem = re.sub(r"[^a-z0-9]+", "-", document.name.lower()).strip("-")[:60]
        path = self.folder / f"{stem or 'workflow'}{SUFFIX}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WorkflowError(
                f"The folder of your subworkflows, {self.folder}, cannot be made "
                f"({error.strerror}).",
                remedy="Check its permissions.",
            ) from error
        save_document(document, path)
        return _entry(path, document)

    def withdraw(self, ref: str) -> None:
        """Take a subworkflow out of the palette."""
        self._path(ref).unlink(missing_ok=True)

    def read(self, ref: str) -> Document:
        """Return a published subworkflow; raises `WorkflowError` if there is none."""
        return load_document(self._path(ref))

    def all(self) -> Iterator[Published]:
        """Yield the subworkflows that can be read, by name."""
        found = []
        for path in self.folder.glob(f"*{SUFFIX}"):
            try:
                stamp = path.stat().st_mtime_ns
                known = self._read.get(path)
                if known is None or known[0] != stamp:
                    known = (stamp, _entry(path, load_document(path)))
                    self._read[path] = known
            except (FlowError, OSError):
                continue  # it is shown where the user opens it
            found.append(known[1])
        yield from sorted(found, key=lambda one: one.title.lower())

    def _path(self, ref: str) -> Path:
        name = ref.removeprefix(PREFIX)
        if not re.fullmatch(r"[a-z0-9-]+", name):
            raise WorkflowError(f"There is no subworkflow {name!r} in the palette.")
        return self.folder / f"{name}{SUFFIX}"


def _entry(path: Path, document: Document) -> Published:
    summary = document.description.strip().split("\n")[0]
    stem = path.name.removesuffix(SUFFIX)
    return Published(f"{PREFIX}{stem}", document.name, summary, path)
