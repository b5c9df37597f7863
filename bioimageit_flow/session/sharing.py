"""Sharing a workflow as one file.

``*.flow.zip`` holds the workflow, the tools it uses with their scripts and locks, the
names and digests of their images, and, if asked for, data and images themselves.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from zipfile import ZipFile

from bioimageit_flow import __version__
from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.catalogue.content import files_of
from bioimageit_flow.catalogue.descriptor import TOOL_FILE
from bioimageit_flow.errors import DataError, FlowError
from bioimageit_flow.model.tool import InstalledTool
from bioimageit_flow.session.archive import put, written
from bioimageit_flow.session.shared_contents import (
    ARCHIVE_SCHEMA,
    MANIFEST,
    WORKFLOW,
    Contents,
    SharedTool,
    contents_of,
)
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.expand import expand_subworkflows
from bioimageit_flow.workflow.file import write_document


def share(
    document: Document,
    target: Path,
    catalogue: Catalogue,
    *,
    folder: Path | None = None,
    data: Mapping[str, Sequence[Path]] | None = None,
    images: Sequence[Path] = (),
    saved_images: Mapping[str, Iterable[bytes]] | None = None,
) -> Contents:
    """Write a workflow with all that it needs into one file.

    Parameters
    ----------
    document : Document
        The workflow.
    target : Path
        The archive to write, ``*.flow.zip``.
    catalogue : Catalogue
        Where its tools are.
    folder : Path, optional
        Beside which the files of its subworkflows lie; they are put into it.
    data : mapping, optional
        Files for dataset inputs, to go along.
    images : sequence of Path
        Files that ``docker save`` wrote, to go along.
    saved_images : mapping of str to iterable of bytes, optional
        The same by file name, written as they are read; see `shared_images.saved`.

    Raises
    ------
    DataError
        If something cannot be read, or the archive not written.
    WorkflowError
        If a subworkflow cannot be read.
    """
    for name in data or {}:
        if name not in document.inputs:
            known = ", ".join(document.inputs) or "none"
            raise DataError(
                f"The workflow has no dataset input {name!r} (it has: {known})."
            )
    found, missing = tools_of(document, folder, catalogue)
    files: dict[str, dict[str, object]] = {}
    with written(target) as file:
        files[WORKFLOW] = put(file, WORKFLOW, write_document(document).encode())
        for name in _inner_files(document):
            if folder is not None and (folder / name).is_file():
                files[name] = put(file, name, folder / name)
        tools = _put_tools(file, found, files)
        listed = _put_data(file, data or {}, files)
        given: dict[str, Path | Iterable[bytes]] = {one.name: one for one in images}
        given |= saved_images or {}
        for name, content in given.items():
            files[f"images/{name}"] = put(file, f"images/{name}", content)
        manifest = {
            "schema": ARCHIVE_SCHEMA,
            "program": __version__,
            "name": document.name,
            "description": document.description,
            "tools": [asdict(tool) for tool in tools],
            "missing": list(missing),
            "data": listed,
            "images": [f"images/{name}" for name in given],
            "files": files,
        }
        put(file, MANIFEST, json.dumps(manifest, indent=1).encode())
    return contents_of(manifest)


def _inner_files(document: Document) -> list[str]:
    names = [node.workflow for node in document.nodes.values()]
    return sorted({name for name in names if isinstance(name, str)})


def tools_of(
    document: Document, folder: Path | None, catalogue: Catalogue
) -> tuple[list[InstalledTool], list[str]]:
    """Return the tools of a workflow and its subworkflows, and those not to be had."""
    flat = expand_subworkflows(document, folder)
    refs = dict.fromkeys(node.tool for node in flat.nodes.values() if node.tool)
    found, missing = [], []
    for ref in refs:
        try:
            found.append(catalogue.get(ref))
        except FlowError:
            missing.append(ref)
    return found, missing


def _put_tools(
    file: ZipFile, tools: Iterable[InstalledTool], files: dict[str, dict[str, object]]
) -> list[SharedTool]:
    by_folder: dict[Path, list[InstalledTool]] = {}
    for tool in tools:
        by_folder.setdefault(tool.toolbox_folder, []).append(tool)
    shared = []
    taken: set[str] = set()
    for folder, members in by_folder.items():
        base = f"tools/{members[0].tool.toolbox}"
        number = 1
        while base in taken:
            number += 1
            base = f"tools/{members[0].tool.toolbox}-{number}"
        taken.add(base)
        if members[0].folder == folder:  # a tool that stands alone
            base = f"{base}/{members[0].tool.id.partition('/')[2]}"
        chosen = {tool.folder for tool in members}

        def is_other(path: str, folder: Path = folder) -> bool:
            place = folder / path
            return (place / TOOL_FILE).is_file() and place not in chosen  # noqa: B023

        for path, source in sorted(files_of(folder, is_other)):
            name = f"{base}/{path}"
            files[name] = put(file, name, source)
        for tool in members:
            inner = tool.folder.relative_to(folder).as_posix()
            spec = tool.container
            shared.append(
                SharedTool(
                    str(tool.ref),
                    base if inner == "." else f"{base}/{inner}",
                    base,
                    str(tool.code_sha256),
                    spec.reference if spec else "",
                    spec.digest if spec else "",
                )
            )
    return shared


def _put_data(
    file: ZipFile,
    data: Mapping[str, Sequence[Path]],
    files: dict[str, dict[str, object]],
) -> dict[str, list[str]]:
    listed: dict[str, list[str]] = {}
    for name, paths in data.items():
        listed[name] = []
        for path in paths:
            sources = (
                sorted(one for one in path.rglob("*") if one.is_file())
                if path.is_dir()
                else [path]
            )
            for source in sources:
                inner = source.relative_to(path.parent).as_posix()
                entry = f"data/{name}/{inner}"
                if entry in files:
                    raise DataError(f"Two files of {name} are called {inner}.")
                files[entry] = put(file, entry, source)
                listed[name].append(entry)
    return listed
