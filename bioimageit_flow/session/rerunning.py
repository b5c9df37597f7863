"""Putting a crate's run into a new experiment: data, tools, workflow."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.catalogue.loading import load_tool
from bioimageit_flow.catalogue.places import Place
from bioimageit_flow.errors import DataError, FlowError, ToolError
from bioimageit_flow.formats import hash_content
from bioimageit_flow.formats.stamps import is_stamped_copy, unstamped_copy
from bioimageit_flow.model.data import Content, DataInfo, Imported, Item, Location
from bioimageit_flow.model.naming import safe_name
from bioimageit_flow.model.tool import InstalledTool
from bioimageit_flow.provenance.crate.reading import RunCrate
from bioimageit_flow.provenance.crate.recipe import GivenLine, ToolLine
from bioimageit_flow.provenance.given import FILES_SOURCE
from bioimageit_flow.session.experiment import Experiment
from bioimageit_flow.session.machine import Session
from bioimageit_flow.stores.protocol import NewRawItem
from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.file import read_document

_BATCH = 500


@dataclass(frozen=True, slots=True)
class ChosenTools:
    """Where the tools of a run come from.

    Attributes
    ----------
    sources : dict of str to tuple of str and bool
        Reference -> where it comes from, and whether its code is what the run recorded.
    strangers : tuple of str
        References of the tools that come from the crate and are not trusted.
    """

    session: Session
    sources: dict[str, tuple[str, bool]] = field(default_factory=dict)
    strangers: tuple[str, ...] = ()


def chosen_tools(crate: RunCrate, session: Session, target: Path) -> ChosenTools:
    """Choose, for each tool, that of this machine if it is the same, else the crate's.

    Parameters
    ----------
    target : Path
        Where the tools of the crate are put, if any is needed.

    Raises
    ------
    ToolError
        If one is neither here nor in the crate; all such are named.
    """
    sources: dict[str, tuple[str, bool]] = {}
    places: list[Path] = []
    missing: list[ToolLine] = []
    strangers: list[str] = []
    for line in crate.recipe.tools:
        here = _here(session.catalogue, line.ref)
        inside = _inside(crate, line)
        if inside is None and here is None:
            missing.append(line)
        elif inside is None or (here is not None and _is_same(here, inside)):
            assert here is not None
            sources[line.ref] = (here.origin, here.code_sha256 == line.code_sha256)
        else:
            sources[line.ref] = ("crate", inside.code_sha256 == line.code_sha256)
            places.append(Path(line.folder))
            if not session.trust.is_trusted(inside):
                strangers.append(line.ref)
    if missing:
        names = ", ".join(line.ref for line in missing)
        raise ToolError(
            f"Neither the crate nor this machine has {names}.",
            remedy="Install what has them, and name its folder with --tools.",
        )
    if not places:
        return ChosenTools(session, sources)
    shutil.copytree(crate.folder / "tools", target)
    first = [Place(target / path.relative_to("tools"), "folder") for path in places]
    new = Session(session.tool_folders, runtimes=session.runtimes, first_places=first)
    return ChosenTools(new, sources, tuple(strangers))


def _here(catalogue: Catalogue, reference: str) -> InstalledTool | None:
    try:
        return catalogue.get(reference)
    except FlowError:
        return None


def _inside(crate: RunCrate, line: ToolLine) -> InstalledTool | None:
    if not line.folder:
        return None
    if not line.folder.startswith("tools/"):
        raise DataError(
            f"The crate says that {line.ref} lies in {line.folder!r}, not in tools/.",
            remedy="It was changed after it was made; do not trust it.",
        )
    folder = crate.path(line.folder)
    if not folder.is_dir():
        return None
    tool = load_tool(folder)
    if tool.ref != line.ref:
        raise ToolError(
            f"The crate says that {line.folder} is {line.ref}, but it is {tool.ref}.",
            remedy="It was changed after it was made; do not trust it.",
        )
    return tool


def _is_same(here: InstalledTool, inside: InstalledTool) -> bool:
    """Say whether a tool of this machine does the very same as that of the crate."""
    return (
        here.code_sha256 == inside.code_sha256
        and here.container == inside.container
        and _lock_of(here) == _lock_of(inside)
        and _doing(here) == _doing(inside)
    )


def _doing(tool: InstalledTool) -> dict[str, object]:
    parts = {
        "command",
        "worker",
        "inputs",
        "outputs",
        "parameters",
        "reads",
        "resources",
    }
    return tool.tool.model_dump(include=parts)


def _lock_of(tool: InstalledTool) -> str:
    return (
        "" if tool.lock is None else hashlib.sha256(tool.lock.read_bytes()).hexdigest()
    )


def workflow_of(crate: RunCrate) -> Workflow:
    """Return the workflow that ran.

    Raises
    ------
    DataError
        If it is missing, or not what the run recorded.
    WorkflowError
        If it cannot be read.
    """
    run = crate.recipe.run
    path = crate.path(run.workflow)
    try:
        text = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"The crate has no {run.workflow}.", remedy="Ask for it anew."
        ) from error
    if not crate.is_whole(run.workflow):
        raise DataError(
            f"The workflow of the crate, {run.workflow}, was altered.",
            remedy="Ask for the crate anew, and do not trust it.",
        )
    return Workflow.of(read_document(text.decode("utf-8", "replace"), run.workflow))


def add_given(
    experiment: Experiment, crate: RunCrate, given: Sequence[GivenLine]
) -> dict[str, Item]:
    """Put the raw data of a crate into a new experiment; returns items by their id.

    Raises
    ------
    DataError
        If a file is not the content that the crate says.
    """
    items: dict[str, Item] = {}
    lies: dict[str, Location] = {}
    taken: set[str] = set()
    new: list[NewRawItem] = []
    for line in given:
        if any(name.startswith(f"{FILES_SOURCE} -> ") for name in line.inputs):
            continue  # the run takes it in by itself
        item = _item(line)
        if line.content not in lies:
            source = crate.path(line.path)
            _check_content(source, line)
            target = _free(
                f"data/{safe_name(item.dataset)}", Path(line.path).name, taken
            )
            lies[line.content] = experiment.folder.publish(source, target)
        items[line.item] = item
        new.append(NewRawItem(item, lies[line.content]))
        if len(new) >= _BATCH:
            experiment.store.add_raw_items(new)
            new = []
    if new:
        experiment.store.add_raw_items(new)
    return items


def _item(line: GivenLine) -> Item:
    return Item(
        id=line.item,
        name=line.name,
        dataset=line.dataset.replace("/", "_") or "raw",
        content=Content(line.content, line.size, line.is_folder),
        info=DataInfo.from_json(line.info),
        origin=Imported(line.path),
        selector=line.selector,
        annotations=line.annotations,
        corrected=line.corrected,
    )


def _check_content(path: Path, line: GivenLine) -> None:
    """Refuse a file whose bytes, without a stamp, are not the content it is said."""
    if line.file_sha256 == line.content:
        return
    if is_stamped_copy(path, line.content):
        with tempfile.TemporaryDirectory(prefix="bioimageit-flow-") as folder:
            copy = Path(folder, "unstamped")
            unstamped_copy(path, copy)
            if hash_content(copy).sha256 == line.content:
                return
    raise DataError(
        f"{line.path} of the crate is not the data that it says.",
        remedy="It was changed after it was made; do not trust it.",
    )


def _free(folder: str, name: str, taken: set[str]) -> str:
    stem, dot, suffix = safe_name(name).partition(".")
    path, number = f"{folder}/{stem}{dot}{suffix}", 2
    while path.casefold() in taken:
        path, number = f"{folder}/{stem}_{number}{dot}{suffix}", number + 1
    taken.add(path.casefold())
    return path


def bindings(
    given: Iterable[GivenLine], items: Mapping[str, Item], workflow: Workflow
) -> dict[str, list[Item]]:
    """Return which items go into which dataset input."""
    found: dict[str, list[Item]] = {name: [] for name in workflow.document.inputs}
    for line in given:
        for name in line.inputs:
            if name in found and line.item in items:
                found[name].append(items[line.item])
    return {name: some for name, some in found.items() if some}


def file_settings(crate: RunCrate, given: Iterable[GivenLine]) -> dict[str, str]:
    """Return the settings of parameters that name files: those of the crate."""
    found = {}
    for line in given:
        for name in line.inputs:
            source, arrow, target = name.partition(" -> ")
            if source == FILES_SOURCE and arrow:
                found[target] = str(crate.path(line.path).resolve())
    return found
