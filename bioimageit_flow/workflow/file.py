"""Reading and writing workflow files.

Writing is canonical: one document has one text, with keys in the order of the schema
and nodes in the order of the drawing; values that equal their default are left out.
"""

import os
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from pydantic import ValidationError

from bioimageit_flow.errors import NewerVersionError, WorkflowError
from bioimageit_flow.model.validation import explain
from bioimageit_flow.model.yaml_text import (
    MAX_CHARACTERS,
    YamlTextError,
    read_yaml,
    write_yaml,
)
from bioimageit_flow.workflow.document import WORKFLOW_SCHEMA, Document
from bioimageit_flow.workflow.foreign import (
    foreign_workflow,
    program_of,
    program_of_file,
)
from bioimageit_flow.workflow.migrations import migrate

SUFFIX = ".flow.yaml"

_PARTS = frozenset({"nodes", "inputs", "notes"})

_MAX_BYTES = 4 * MAX_CHARACTERS + 8
"""More than any text that is read has; nothing larger comes into memory."""

_PREFIX, _VERSION = WORKFLOW_SCHEMA.rsplit("/", 1)


def read_document(text: str, origin: str = "the workflow") -> Document:
    """Read a document from the text of a workflow file.

    Parameters
    ----------
    text : str
        YAML.
    origin : str
        What the text is called in an error, such as the path of the file.

    Raises
    ------
    WorkflowError
        If the text is not YAML, or not a workflow; names the place.
    NewerVersionError
        If it was written by a newer version of the program.
    """
    return read_with_report(text, origin)[0]


def read_part(text: str, origin: str) -> Document:
    """Read a document, or only some lines of one, such as ``nodes:`` and what follows.

    What a whole file says of itself (schema, id, name) may be missing. Errors are those
    of `read_document`.
    """
    try:
        value = read_yaml(text)
    except YamlTextError:
        return read_document(text, origin)  # which says why
    if isinstance(value, dict) and not _PARTS.isdisjoint(value):
        heading = {"schema": WORKFLOW_SCHEMA, "id": str(uuid4()), "name": origin}
        return document_of({**heading, **value}, origin)
    return read_document(text, origin)


def read_with_report(text: str, origin: str) -> tuple[Document, tuple[str, ...]]:
    """Read a document as `read_document`, and say what an old file was changed in."""
    try:
        value = read_yaml(text)
    except YamlTextError as error:
        raise WorkflowError(
            f"{origin} is not a workflow file: {error}.",
            remedy=(
                "Open it in a text editor and mend that line."
                if error.line
                else "Is it another kind of file? Workflows end in .flow.yaml."
            ),
        ) from error
    facts = value if isinstance(value, dict) else {}
    program = "" if "schema" in facts else program_of(value, text)
    if program:
        raise foreign_workflow(origin, program)
    if not text.removeprefix("\ufeff").strip():
        raise WorkflowError(
            f"{origin} is not a workflow file: it is empty.",
            remedy="Is it the right file? An earlier state of it may be in a backup.",
        )
    return _read(facts, origin)


def document_of(value: Mapping[str, Any], origin: str = "the workflow") -> Document:
    """Read a document from what a workflow file holds; errors of `read_document`."""
    return _read(value, origin)[0]


def _read(value: Mapping[str, Any], origin: str) -> tuple[Document, tuple[str, ...]]:
    if "schema" not in value:
        raise WorkflowError(
            f"{origin} is not a workflow file: it has no 'schema' line.",
            remedy=f"The first line of a workflow is 'schema: {WORKFLOW_SCHEMA}'.",
        )
    version = _version_of(str(value["schema"]), origin)
    value, report = migrate(value, version, int(_VERSION))
    try:
        return Document.model_validate(value), report
    except ValidationError as error:
        raise WorkflowError(
            f"{origin} is not a valid workflow: {explain(error)}.",
            remedy="`bioimageit-flow schema workflow` prints what is allowed.",
        ) from error


def _version_of(schema: str, origin: str) -> int:
    prefix, _, version = schema.rpartition("/")
    is_known = version.isdigit() and (int(version) >= 1)
    if prefix != _PREFIX or not is_known:
        raise WorkflowError(
            f"{origin} has the schema {schema!r}, which is not a workflow's.",
            remedy=f"The first line of a workflow is 'schema: {WORKFLOW_SCHEMA}'.",
        )
    if int(version) > int(_VERSION):
        raise NewerVersionError(
            f"{origin} was written by a newer version (workflow schema {version}, "
            f"this program reads up to {_VERSION}).",
            remedy="Update with `pip install --upgrade bioimageit-flow`.",
        )
    return int(version)


def write_document(document: Document) -> str:
    """Return the one text of a document.

    Raises
    ------
    WorkflowError
        If it holds a text that is not Unicode, which no file can.
    """
    try:
        return write_yaml(plain_of(document))
    except ValueError as error:
        raise WorkflowError(
            f"The workflow cannot be written: {error}.",
            remedy="Type that text anew.",
        ) from error


def plain_of(document: Document) -> dict[str, Any]:
    """Return what the file of a document holds, without defaults, in its order."""
    plain = document.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    ordered: dict[str, Any] = {"schema": WORKFLOW_SCHEMA}
    ordered |= {key: plain[key] for key in _top_level_order(plain) if key in plain}
    return ordered


def _top_level_order(plain: dict[str, Any]) -> list[str]:
    known = [name for name in Document.model_fields if name != "schema_"]
    extra = sorted(key for key in plain if key.startswith("x-"))
    return [*(name for name in known if name != "layout"), *extra, "layout"]


def load_document(path: Path) -> Document:
    """Read a workflow file.

    Raises
    ------
    WorkflowError
        If it cannot be read or is not a workflow.
    """
    return load_with_report(path)[0]


def load_with_report(path: Path) -> tuple[Document, tuple[str, ...]]:
    """Read a workflow file, and say what an old one was changed in."""
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES)
    except FileNotFoundError as error:
        raise WorkflowError(
            f"There is no workflow file {path}.", remedy="Check the path."
        ) from error
    except IsADirectoryError as error:
        raise WorkflowError(
            f"{path} is a folder, not a workflow file.",
            remedy=f"Choose the file in it whose name ends in {SUFFIX}.",
        ) from error
    except OSError as error:
        raise WorkflowError(
            f"The workflow file {path} cannot be read ({error.strerror}).",
            remedy="Check its permissions.",
        ) from error
    try:
        is_cut = len(content) == _MAX_BYTES
        text = content.decode("utf-8", errors="ignore" if is_cut else "strict")
    except UnicodeDecodeError as error:
        raise _no_text(path, content) from error
    return read_with_report(text, str(path))


def _no_text(path: Path, content: bytes) -> WorkflowError:
    """Return what to say of a file that is not UTF-8 text."""
    if path.suffix == ".zip":
        return WorkflowError(
            f"{path} is a shared archive, not a workflow file.",
            remedy=f"Open it first: `bioimageit-flow share --open {path}`; that "
            "runs nothing.",
        )
    if program := program_of_file(path):
        return foreign_workflow(str(path), program)
    is_text = content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or b"\0" not in content
    return WorkflowError(
        f"{path} is not a workflow file: it is not UTF-8 text.",
        remedy="If it is one, save it as UTF-8 in a text editor."
        if is_text
        else f"A workflow is a text file, usually named *{SUFFIX}.",
    )


def save_document(document: Document, path: Path) -> None:
    """Write a workflow file, all or nothing.

    Raises
    ------
    WorkflowError
        If it cannot be written; the old file is untouched then.
    """
    text = write_document(document)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):  # on a read-only disk nothing can be taken away either
            temporary.unlink(missing_ok=True)
        raise WorkflowError(
            f"The workflow cannot be saved as {path} ({error.strerror}).",
            remedy="Choose another folder, or free some space.",
        ) from error
