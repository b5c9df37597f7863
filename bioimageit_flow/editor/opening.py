"""Opening whatever may hold a workflow: its file, a picture, a shared archive."""

from dataclasses import dataclass, replace
from pathlib import Path

from bioimageit_flow.editor.pictures import read_picture
from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.edits.arranging import placed
from bioimageit_flow.workflow.file import load_with_report, read_document

PICTURES = (".png", ".svg")
ARCHIVE = ".zip"

_LARGE = 40_000


@dataclass(frozen=True, slots=True)
class Opened:
    """What was found in a file.

    Attributes
    ----------
    document : Document
        The workflow.
    path : Path or None
        The file to save to; None for a picture, which is not overwritten.
    report : tuple of str
        What was migrated, in sentences.
    """

    document: Document
    path: Path | None
    report: tuple[str, ...] = ()


def is_large(path: Path) -> bool:
    """Say whether a file takes so long to read that a thread should do it."""
    try:
        return path.stat().st_size > _LARGE
    except OSError:
        return False


def open_large(path: Path) -> Opened:
    """Open a file, and give places to what has none, which takes time too.

    See `open_any`.
    """
    found = open_any(path)
    return replace(found, document=placed(found.document))


def open_any(path: Path) -> Opened:
    """Open a workflow file or a picture with a workflow inside.

    Raises
    ------
    WorkflowError
        If there is no workflow in it.
    NewerVersionError
        If a newer version of the program wrote it.
    DataError
        If the picture is damaged.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise WorkflowError(
            f"{path} is not a file, but a pipe or a device.",
            remedy="Choose a file that is on a disk.",
        )
    suffix = path.suffix.lower()
    if suffix in PICTURES:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise WorkflowError(
                f"{path} cannot be read ({error.strerror}).", remedy="Check the path."
            ) from error
        return Opened(read_document(read_picture(content, path.name), str(path)), None)
    if suffix == ARCHIVE:
        raise WorkflowError(
            f"{path.name} is a shared workflow.",
            remedy="Open it with `bioimageit-flow share --open`, or drop it on the "
            "start page, and choose a folder for what is in it.",
        )
    document, report = load_with_report(path)
    return Opened(document, path, report)
