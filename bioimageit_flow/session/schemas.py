"""JSON Schemas of the files that people write."""

from typing import Any, Literal, assert_never

SchemaName = Literal["tool", "toolbox", "workflow"]


def json_schema(name: SchemaName) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a kind of file.

    Parameters
    ----------
    name : {"tool", "toolbox", "workflow"}
        ``tool.yaml``, ``toolbox.yaml`` or ``*.flow.yaml``.
    """
    match name:
        case "tool" | "toolbox":
            from bioimageit_flow.catalogue import json_schema as of_descriptor

            return of_descriptor(name)
        case "workflow":
            return _of_workflow()
        case _:
            assert_never(name)


def _of_workflow() -> dict[str, Any]:
    from bioimageit_flow.workflow.document import WORKFLOW_SCHEMA, Document

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{WORKFLOW_SCHEMA.replace('/', ':')}",
        **Document.model_json_schema(by_alias=True),
        "title": "Workflow of BioImageIT Flow (*.flow.yaml)",
    }
