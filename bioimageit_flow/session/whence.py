"""Where a file comes from: also renamed, moved, or outside its experiment."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from bioimageit_flow.errors import FlowError
from bioimageit_flow.formats.stamps import read_stamp
from bioimageit_flow.provenance.picture import draw_whence
from bioimageit_flow.provenance.whence import Library, Place, Whence, find_whence
from bioimageit_flow.session.known_experiments import is_experiment, known_experiments
from bioimageit_flow.stores import open_experiment
from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.branch import branch_document

__all__ = [
    "Place",
    "Whence",
    "branch_document",
    "draw_whence",
    "whence",
    "workflow_of_file",
]


def whence(
    file: Path | str,
    experiments: Iterable[Path | str] = (),
    *,
    look_around: bool = True,
) -> Whence:
    """Say where a file comes from.

    Parameters
    ----------
    file : Path or str
        Any file, or a folder such as OME-Zarr; its name does not matter.
    experiments : iterable of Path or str
        Folders of experiments in which to look; each must be there.
    look_around : bool
        Whether to look also in the experiment around the file, and in those that this
        user has worked in.

    Raises
    ------
    DataError
        If the file cannot be read, or its stamp makes no sense.
    StoreError
        If one of the experiments named cannot be opened.
    """
    path = Path(file)
    with ExitStack() as stack:
        named = [_library(Path(one), stack) for one in experiments]
        seen = {one.path.resolve() for one in named}
        around = _around(path, seen, stack) if look_around else ()
        return find_whence(path, named, around)


def workflow_of_file(file: Path | str) -> Workflow | None:
    """Return the workflow that a file says it was made by; None where it says nothing.

    Raises
    ------
    DataError
        If the file cannot be read, or its stamp makes no sense.
    WorkflowError
        If the workflow in the stamp is none.
    """
    stamp = read_stamp(Path(file))
    if stamp is None:
        return None
    return Workflow.of(branch_document(stamp.branch, stamp.node, stamp.port))


def _library(folder: Path, stack: ExitStack) -> Library:
    """Open an experiment to look in it; nothing of it is changed."""
    opened, store = open_experiment(folder, read_only=True)
    stack.callback(opened.close)
    stack.callback(store.close)
    return Library(store.facts().name, opened.path, store)


def _around(path: Path, seen: set[Path], stack: ExitStack) -> Iterator[Library]:
    place = path.resolve()
    enclosing = [one for one in place.parents if is_experiment(one)]
    for folder in (*enclosing[:1], *known_experiments()):
        if folder.resolve() in seen:
            continue
        seen.add(folder.resolve())
        try:
            yield _library(folder, stack)
        except FlowError:  # gone, damaged or of another version: the others may know
            continue
