"""JSON Schemas of the descriptors, for editors and other programs."""

from typing import Any, Literal

from bioimageit_flow.model.tool import TOOL_SCHEMA, TOOLBOX_SCHEMA, Tool, Toolbox

SchemaName = Literal["tool", "toolbox"]

_MODELS: dict[SchemaName, tuple[type[Tool | Toolbox], str, str]] = {
    "tool": (Tool, TOOL_SCHEMA, "Tool of BioImageIT Flow (tool.yaml)"),
    "toolbox": (Toolbox, TOOLBOX_SCHEMA, "Toolbox of BioImageIT Flow (toolbox.yaml)"),
}


def json_schema(name: SchemaName) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a descriptor.

    Parameters
    ----------
    name : str
        ``tool`` or ``toolbox``.
    """
    model, schema, title = _MODELS[name]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{schema.replace('/', ':')}",
        **model.model_json_schema(by_alias=True),
        "title": title,
    }
