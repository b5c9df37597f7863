"""Small tools, workflows and tokens for tests."""

from collections.abc import Iterable, Mapping
from typing import Any

from bioimageit_flow.engine.token import Datum, Token
from bioimageit_flow.model.annotation import View
from bioimageit_flow.model.data import Content, DataInfo
from bioimageit_flow.model.ids import ItemId, Sha256
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.tool import TOOL_SCHEMA, Tool
from bioimageit_flow.workflow.document import WORKFLOW_SCHEMA, Document

WORKFLOW_ID = "0b9c3a54-3d1f-4c9e-9a57-1f3f3c5d2a11"


def a_tool(
    name: str = "test/copy",
    *,
    inputs: Mapping[str, Mapping[str, Any]] | None = None,
    outputs: Mapping[str, Mapping[str, Any]] | None = None,
    **more: Any,  # noqa: ANN401 - any part of a descriptor
) -> Tool:
    """Return a tool that takes and gives images where nothing else is said."""
    wanted = {"image": {"kind": "image"}} if inputs is None else inputs
    given = outputs or {"out": {"kind": "image", "format": "ome-tiff"}}
    arguments = [f"{{{port}}}" for port in (*wanted, *given)]
    return Tool.model_validate(
        {
            "schema": TOOL_SCHEMA,
            "id": name,
            "version": "1.0.0",
            "name": name,
            "summary": "A tool for tests.",
            "command": ["python", "/tool/run.py", *arguments],
            "inputs": wanted,
            "outputs": given,
            **more,
        }
    )


def a_group_tool(name: str = "test/merge", **more: Any) -> Tool:  # noqa: ANN401
    """Return a tool that takes a group of images."""
    inputs = {"images": {"kind": "image", "takes": "group"}}
    return a_tool(name, inputs=inputs, **more)


def a_document(
    nodes: Mapping[str, Mapping[str, Any]],
    inputs: Iterable[str] = ("images",),
    **more: Any,  # noqa: ANN401 - any part of a workflow file
) -> Document:
    """Return a workflow; nodes without a tool get ``test/<their name>``."""
    return Document.model_validate(
        {
            "schema": WORKFLOW_SCHEMA,
            "id": WORKFLOW_ID,
            "name": "Test",
            "inputs": {name: {"kind": "image"} for name in inputs},
            "nodes": {
                name: {"tool": f"test/{name}@1.0.0", **node}
                for name, node in nodes.items()
            },
            **more,
        }
    )


def a_token(
    name: str,
    *,
    source: str = "images",
    roots: Iterable[str] | None = None,
    view: View | None = None,
    part: str = "",
) -> Token:
    """Return a token of a raw item, or of one that descends from `roots`."""
    info = DataInfo(Kind.IMAGE, "ome-tiff", "YX", (4, 4), "uint8")
    content = Content(Sha256(f"{name:0>64}"), 16)
    return Token(
        source=source,
        datum=Datum(ItemId(name), name, content, info),
        roots=frozenset(ItemId(root) for root in (roots or [name])),
        view=view or {},
        order=(name,),
        name=name,
        parts=(("cut", part),) if part else (),
    )
