"""What a shared workflow holds: the list in ``*.flow.zip``, written and checked."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bioimageit_flow.errors import DataError, NewerVersionError
from bioimageit_flow.session.archive import Archive, opened
from bioimageit_flow.workflow.file import SUFFIX

ARCHIVE_SCHEMA = "bioimageit-flow/archive/1"
ARCHIVE_SUFFIX = ".flow.zip"
MANIFEST = "archive.json"
WORKFLOW = f"workflow{SUFFIX}"

_PREFIX, _VERSION = ARCHIVE_SCHEMA.rsplit("/", 1)
_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class SharedTool:
    """A tool as an archive describes it.

    Attributes
    ----------
    ref : str
        ``toolbox/name@version``.
    folder, toolbox_folder : str
        Where it lies in the archive.
    code_sha256 : str
        Hash of its code.
    image, digest : str
        What its container is called.
    """

    ref: str
    folder: str = ""
    toolbox_folder: str = ""
    code_sha256: str = ""
    image: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in an archive.

    Attributes
    ----------
    name, description : str
        Of the workflow.
    tools : tuple of SharedTool
        With their files.
    missing : tuple of str
        Tools that the workflow names and whoever shared it did not have.
    data : mapping of str to tuple of str
        Files by dataset input.
    images : tuple of str
        Image files.
    size : int
        Bytes of all that comes out.
    """

    name: str
    description: str = ""
    tools: tuple[SharedTool, ...] = ()
    missing: tuple[str, ...] = ()
    data: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    images: tuple[str, ...] = ()
    size: int = 0


def contents(path: Path) -> Contents:
    """Return what is in an archive, without taking anything out.

    Raises
    ------
    DataError
        If it is damaged, or holds what it should not.
    NewerVersionError
        If a newer version of the program wrote it.
    """
    with opened(path) as archive:
        return contents_of(manifest_of(archive))


def manifest_of(archive: Archive) -> dict[str, Any]:
    """Return the list of what is in an archive, after it was looked at.

    Raises
    ------
    DataError
        If it is none, or says what cannot be.
    NewerVersionError
        If a newer version of the program wrote it.
    """
    try:
        manifest = json.loads(archive.read(MANIFEST))
    except (ValueError, RecursionError) as error:
        raise _no_archive(archive.path) from error
    if not isinstance(manifest, dict):
        raise _no_archive(archive.path)
    prefix, _, version = str(manifest.get("schema", "")).rpartition("/")
    if prefix != _PREFIX or not version.isdigit():
        raise _no_archive(archive.path)
    if int(version) > int(_VERSION):
        raise NewerVersionError(
            f"{archive.path.name} was shared by a newer version of the program.",
            remedy="Update with `pip install --upgrade bioimageit-flow`.",
        )
    files = manifest.get("files")
    if not isinstance(files, dict) or not all(
        isinstance(one, dict) for one in files.values()
    ):
        raise _no_archive(archive.path)
    if WORKFLOW not in files:
        raise _no_archive(archive.path)
    try:
        found = contents_of(manifest)
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise _no_archive(archive.path) from error
    for place in (
        *(one for tool in found.tools for one in (tool.folder, tool.toolbox_folder)),
        *(f"data/{name}" for name in found.data),
    ):
        is_inside = any(name.startswith(f"{place}/") for name in files)
        if not is_inside or not place.startswith(("tools/", "data/")):
            raise _no_archive(archive.path)
    if any(name not in files for name in found.images):
        raise _no_archive(archive.path)
    if not all(_HASH.fullmatch(tool.code_sha256) for tool in found.tools):
        raise _no_archive(archive.path)
    return manifest


def _no_archive(path: Path) -> DataError:
    return DataError(
        f"{path.name} is no shared workflow, or a damaged one.",
        remedy="Open an archive made by `bioimageit-flow share`.",
    )


def contents_of(manifest: Mapping[str, Any]) -> Contents:
    """Return what a list says in a form to work with."""
    return Contents(
        name=str(manifest["name"]),
        description=str(manifest.get("description", "")),
        tools=tuple(
            SharedTool(**{key: str(value) for key, value in dict(tool).items()})
            for tool in manifest.get("tools", [])
        ),
        missing=tuple(str(ref) for ref in manifest.get("missing", [])),
        data={
            str(name): tuple(str(one) for one in paths)
            for name, paths in dict(manifest.get("data", {})).items()
            if paths
        },
        images=tuple(str(one) for one in manifest.get("images", [])),
        size=sum(int(one.get("size", 0)) for one in manifest["files"].values()),
    )
