"""Stamps of the outputs of a run, and inputs without them.

A tool is given its inputs as the tool that made them wrote them, which is what the
fingerprint of its job says. A stamped file would differ from that: the stamp also says
which branch of a workflow made it, and two workflows may share the file. A tool that
copies annotations or hashes its input would then give other bytes for the same
fingerprint. So the job gets a copy without the stamp; side-cars are not staged at all.
"""

from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from bioimageit_flow.model.data import Content
from bioimageit_flow.model.fingerprint import Fingerprint
from bioimageit_flow.workflow.document import Document

if TYPE_CHECKING:
    from bioimageit_flow.executors.outputs import OutputFile

_STAMPED_INSIDE = frozenset({"ome-tiff", "png", "svg", "ome-zarr"})


class Stamper:
    """Stamps what the jobs of one run have made.

    Parameters
    ----------
    document : Document
        The workflow as it was drawn.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._branches: dict[str, Mapping[str, Any]] = {}
        self._lock = Lock()

    def stamp(
        self, node: str, output: "OutputFile", fingerprint: Fingerprint
    ) -> Path | None:
        """Stamp an output where it lies; return its side-car, if it got one.

        Raises
        ------
        DataError
            If nothing can be written there.
        """
        from bioimageit_flow.formats.stamps import write_stamp
        from bioimageit_flow.model.stamp import stamp_of

        stamp = stamp_of(
            fingerprint.parts(),
            fingerprint.digest(),
            output.content.sha256,
            (node, output.port, output.part),
            self._branch(node),
        )
        return write_stamp(output.path, output.info.format, stamp)

    def _branch(self, node: str) -> Mapping[str, Any]:
        from bioimageit_flow.workflow.branch import branch_of

        with self._lock:
            if node not in self._branches:
                self._branches[node] = branch_of(self._document, node)
            return self._branches[node]


def as_written(path: Path, content: Content, format: str, folder: Path) -> Path:
    """Return a file as the tool wrote it that made it.

    Parameters
    ----------
    path : Path
        Where the content lies, perhaps with a stamp in it.
    folder : Path
        Where a copy without the stamp goes; made if it is needed.

    Raises
    ------
    DataError
        If the file cannot be read, or the copy not be written.
    """
    from bioimageit_flow.formats.stamps import is_stamped_copy, unstamped_copy

    if format not in _STAMPED_INSIDE or not is_stamped_copy(path, content.sha256):
        return path
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / f"{content.sha256}{''.join(path.suffixes[-2:])}"
    if not copy.exists() and unstamped_copy(path, copy) and not copy.is_dir():
        copy.chmod(0o644)
    return copy
