"""Opening what others shared: files are written, and nothing is run.

Tools that this machine lacks go to the user's tools; they are trusted no more than any
others.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import uuid4

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.catalogue.descriptor import TOOL_FILE
from bioimageit_flow.catalogue.places import user_folder
from bioimageit_flow.errors import DataError, FlowError
from bioimageit_flow.session.archive import Archive, opened
from bioimageit_flow.session.shared_contents import (
    MANIFEST,
    WORKFLOW,
    Contents,
    SharedTool,
    contents_of,
    manifest_of,
)
from bioimageit_flow.workflow.file import SUFFIX, read_document


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What became of an archive.

    Attributes
    ----------
    workflow : Path
        The workflow file.
    data : mapping of str to Path
        Folder of the data of each dataset input.
    images : tuple of Path
        Image files, which ``docker load`` takes.
    added, known, differing, missing : tuple of str
        Tools that were added, that were here already, that are here with other
        content (these are kept, and used), and that are neither here nor in it.
    """

    workflow: Path
    contents: Contents
    data: Mapping[str, Path] = field(default_factory=dict)
    images: tuple[Path, ...] = ()
    added: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def open_shared(
    path: Path,
    folder: Path,
    catalogue: Catalogue,
    *,
    tool_folder: Path | None = None,
) -> Unpacked:
    """Take a shared workflow out into a new folder, and add the tools that lack here.

    Parameters
    ----------
    path : Path
        The archive.
    folder : Path
        The folder to make; it must not be there, or be empty.
    catalogue : Catalogue
        The tools of this machine.
    tool_folder : Path, optional
        Where new tools go; by default the folder of the user's own tools.

    Raises
    ------
    DataError
        If the archive is damaged or not to be trusted, or the folder is in use;
        nothing is left behind then.
    WorkflowError, NewerVersionError
        If the workflow in it cannot be read here.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(
            f"{folder} is there already.", remedy="Choose a new or empty folder."
        )
    aside = folder.with_name(f".{folder.name}.{uuid4().hex[:8]}.tmp")
    try:
        with opened(path) as archive:
            manifest = manifest_of(archive)
            _extract_all(archive, manifest, aside)
        read_document(
            (aside / WORKFLOW).read_text(encoding="utf-8"), f"{path.name}: workflow"
        )
        name = _file_name(folder.name)
        if not (aside / name).exists():
            (aside / WORKFLOW).rename(aside / name)
        if folder.exists():
            folder.rmdir()
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside.rename(folder)
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path.name} cannot be opened in {folder} ({error}).",
            remedy="Choose another folder, or free some space.",
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    place = folder / name
    if not place.exists():
        place = folder / WORKFLOW
    return _settled(place, contents_of(manifest), catalogue, tool_folder)


def _file_name(stem: str) -> str:
    """Return a name for the workflow file: that of its folder."""
    return f"{stem}{SUFFIX}"


def _settled(
    workflow: Path, found: Contents, catalogue: Catalogue, tool_folder: Path | None
) -> Unpacked:
    folder = workflow.parent
    added: list[str] = []
    known: list[str] = []
    differing: list[str] = []
    lacking: dict[str, list[SharedTool]] = {}
    for tool in found.tools:
        try:
            here = catalogue.get(tool.ref)
        except FlowError:
            lacking.setdefault(tool.toolbox_folder, []).append(tool)
            continue
        is_same = here.code_sha256 == tool.code_sha256
        (known if is_same else differing).append(tool.ref)
    for toolbox_folder, tools in lacking.items():
        _add_tools(folder, toolbox_folder, tools, tool_folder or user_folder())
        added += [tool.ref for tool in tools]
    if added:
        catalogue.refresh()
    missing = [ref for ref in found.missing if not _is_here(ref, catalogue)]
    return Unpacked(
        workflow=workflow,
        contents=found,
        data={name: folder / "data" / name for name in found.data},
        images=tuple(folder / name for name in found.images),
        added=tuple(added),
        known=tuple(known),
        differing=tuple(differing),
        missing=tuple(missing),
    )


def _is_here(ref: str, catalogue: Catalogue) -> bool:
    try:
        catalogue.get(ref)
    except FlowError:
        return False
    return True


def _add_tools(
    folder: Path, toolbox_folder: str, tools: Sequence[SharedTool], target: Path
) -> None:
    """Copy the tools that lack here, with what their toolbox shares."""
    source = folder / toolbox_folder
    wanted = {folder / tool.folder for tool in tools}
    name = PurePosixPath(toolbox_folder).parts[1]
    stem = f"{name}-{tools[0].code_sha256[:8]}"
    place, number = target / stem, 1
    while place.exists():
        number += 1
        place = target / f"{stem}-{number}"

    def others(at: str, names: list[str]) -> list[str]:
        here = Path(at)
        return [
            one
            for one in names
            if (here / one / TOOL_FILE).is_file() and here / one not in wanted
        ]

    try:
        target.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, place, ignore=others)
    except OSError as error:
        raise DataError(
            f"The tools of {folder} cannot be put into {target} ({error}).",
            remedy=f"Name the folder {folder / 'tools'} with --tools when you run it.",
        ) from error


def _extract_all(archive: Archive, manifest: dict[str, Any], aside: Path) -> None:
    listed = manifest["files"]
    for name in archive.entries:
        if name == MANIFEST:
            continue
        if name not in listed:
            raise DataError(
                f"{archive.path.name} holds {name!r}, which its list does not name.",
                remedy="It was changed after it was made; do not trust it.",
            )
        digest = archive.extract(name, aside / name)
        if digest != listed[name].get("sha256"):
            raise DataError(
                f"{name} in {archive.path.name} is not what was shared.",
                remedy="It was changed or damaged; ask for it anew.",
            )
    for name in listed:
        if name not in archive.entries:
            raise DataError(
                f"{archive.path.name} lacks {name!r}.", remedy="Ask for it anew."
            )
