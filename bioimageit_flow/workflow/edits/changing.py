"""The ground of all edits: a changed copy of a document, checked by its schema."""

import re

from pydantic import ValidationError

from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.model.tool import PORT
from bioimageit_flow.model.validation import explain
from bioimageit_flow.workflow.document import NODE_ID, Document, Layout, Node

_NODE_NAME = re.compile(NODE_ID)
_PORT_NAME = re.compile(PORT)


def replaced(document: Document, **fields: object) -> Document:
    """Return a document with other fields.

    Raises
    ------
    WorkflowError
        If the schema does not allow a value.
    """
    plain = {**dict(document), **fields}
    plain["schema"] = plain.pop("schema_")
    try:
        return Document.model_validate(plain)
    except ValidationError as error:
        raise WorkflowError(
            f"This cannot stand in a workflow: {explain(error)}."
        ) from error


def with_node(document: Document, name: str, **fields: object) -> Document:
    """Return a document in which one node has other fields."""
    node = node_of(document, name)
    try:
        changed = Node.model_validate({**dict(node), **fields})
    except ValidationError as error:
        raise WorkflowError(
            f"{name} cannot be changed so: {explain(error)}.", node=name
        ) from error
    return document.model_copy(update={"nodes": {**document.nodes, name: changed}})


def with_layout(document: Document, **fields: object) -> Document:
    """Return a document with another layout."""
    try:
        layout = Layout.model_validate({**dict(document.layout), **fields})
    except ValidationError as error:
        raise WorkflowError(f"This has no place here: {explain(error)}.") from error
    return document.model_copy(update={"layout": layout})


def node_of(document: Document, name: str) -> Node:
    """Return a node; raises `WorkflowError` with those that there are."""
    try:
        return document.nodes[name]
    except KeyError:
        known = ", ".join(document.nodes) or "none"
        raise WorkflowError(
            f"There is no node called {name!r} (there are: {known})."
        ) from None


def require_free(document: Document, name: str) -> None:
    """Refuse a name that a node or a dataset input has, or that cannot be one."""
    if name in document.nodes or name in document.inputs:
        raise WorkflowError(
            f"There is a node or dataset input called {name!r} already.",
            remedy="Choose another name.",
        )
    if not _NODE_NAME.fullmatch(name):
        raise WorkflowError(
            f"{name!r} cannot be the name of a node or dataset input.",
            remedy="It begins with a letter; letters, digits, '_' and '-' follow, 64 "
            "characters at most.",
        )


def free_id(document: Document, wanted: str) -> str:
    """Return a name for a node or dataset input that comes close to a wanted one."""
    return free_name(wanted, {*document.nodes, *document.inputs})


def free_name(wanted: str, taken: set[str], *, is_port: bool = False) -> str:
    """Return a name that is not taken: the wanted one, or with a number behind it."""
    text = re.sub(r"\W", "_", wanted, flags=re.ASCII).strip("_") or "node"
    if is_port:
        text = text.lower()
    if not text[0].isalpha():
        text = f"n_{text}"
    stem = text[:56]
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}_{number}", number + 1
    return name


def is_port_name(name: str) -> bool:
    """Say whether a text can be the name of a port."""
    return _PORT_NAME.fullmatch(name) is not None
