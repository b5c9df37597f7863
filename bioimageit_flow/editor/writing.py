"""A workflow on its way to its file."""

from dataclasses import dataclass
from pathlib import Path

from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.file import save_document

_QUICK_NODES = 120


@dataclass(frozen=True, slots=True)
class Writing:
    """What a save has to write; it may be written in another thread.

    Attributes
    ----------
    document : Document
        As it was when the save began.
    path : Path
        The file.
    """

    document: Document
    path: Path

    @property
    def is_quick(self) -> bool:
        """Whether nobody notices how long it takes."""
        return len(self.document.nodes) <= _QUICK_NODES

    def write(self) -> None:
        """Write the file; raises `WorkflowError` if that fails."""
        save_document(self.document, self.path)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step; nobody reads half of it. Raises `OSError`."""
    half = path.with_suffix(".half")
    path.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(content)
    half.replace(path)
