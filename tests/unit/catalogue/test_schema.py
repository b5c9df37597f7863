"""The exported JSON Schemas say what the models say."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bioimageit_flow.catalogue import json_schema
from bioimageit_flow.catalogue.schema import SchemaName

NAMES: list[SchemaName] = ["tool", "toolbox"]


def objects(schema: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any JSON
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for inner in schema.values():
            yield from objects(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from objects(inner)


@pytest.mark.parametrize("name", NAMES)
def test_schema_says_what_it_is(name: SchemaName) -> None:
    schema = json_schema(name)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:bioimageit-flow:{name}:1"
    assert name.capitalize() in schema["title"]
    assert schema["description"]
    assert schema["properties"]["schema"]["const"] == f"bioimageit-flow/{name}/1"
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("name", NAMES)
def test_every_key_is_described(name: SchemaName) -> None:
    lacking = [
        f"{found.get('title')}.{key}"
        for found in objects(json_schema(name))
        for key, value in found["properties"].items()
        if not value.get("description")
    ]
    assert lacking == []


@pytest.mark.parametrize("name", NAMES)
def test_unknown_keys_are_refused_except_own_ones(name: SchemaName) -> None:
    for found in objects(json_schema(name)):
        assert found["additionalProperties"] is False
        assert found["patternProperties"] == {"^x-": {}}


def test_required_keys_are_named() -> None:
    assert set(json_schema("tool")["required"]) == {
        "schema",
        "id",
        "version",
        "name",
        "summary",
        "command",
        "outputs",
    }
