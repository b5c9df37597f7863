"""Errors of descriptors: one sentence with the file, the key and what is expected."""

import re
from pathlib import Path
from typing import Any

import pytest

from bioimageit_flow.catalogue.descriptor import (
    DescriptorError,
    read_tool,
    read_toolbox,
)
from bioimageit_flow.errors import FlowError, NewerVersionError, ToolError

MakeTool = Any


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"summary": None}, "'summary' is missing."),
        ({"version": 1.0}, "'version' is 1.0; expected a text (write it in quotes)."),
        ({"version": "1.0"}, "'version' is '1.0'; expected a version number such as"),
        ({"name": ""}, "'name' is ''; expected a text that is not empty."),
        (
            {"inputs.image.kind": "picture"},
            "'inputs.image.kind' is 'picture'; expected",
        ),
        ({"inputs.image.kind": None}, "'inputs.image.kind' is missing."),
        ({"inputs.image.axes": "YX"}, "'inputs.image.axes' is 'YX'; expected a list."),
        (
            {"inputs.image.axes": ["YX", "ABC"]},
            "'inputs.image.axes[2]': 'ABC' is neither '*' nor different letters of",
        ),
        (
            {"inputs.image.takes": "all"},
            "'inputs.image.takes' is 'all'; expected 'item' or 'group'.",
        ),
        (
            {"inputs.Bad-Name": {"kind": "image"}},
            "'inputs.Bad-Name' is not a name; exp",
        ),
        ({"outputs": {}}, "'outputs' is empty; expected at least 1."),
        (
            {"parameters.sigma.type": "number"},
            "'parameters.sigma.type' is 'number'; expected 'int', 'float', 'bool'",
        ),
        (
            {"parameters.sigma.default": 10.5},
            "'parameters.sigma': its 'default' does not fit: 10.5 is above the largest",
        ),
        (
            {"parameters.sigma.default": {"value": 1}},
            "'parameters.sigma.default' is a group of keys; expected ",
        ),
        (
            {"parameters.sigma.maximum": 1},
            "'parameters.sigma': the key 'maximum' is not known here (did",
        ),
        (
            {"command": ["python", 5]},
            "'command[2]' is 5; expected a text (write numbers in quotes), {when: NAME",
        ),
        (
            {"command": ["python", {"when": "image"}]},
            "'command[2].args' is missing.",
        ),
        (
            {"command": ["python", {"when": "image", "args": "x"}]},
            "'command[2].args' is 'x'; expected a list.",
        ),
        (
            {"tests": [{"inputs": {"image": [{"recipe": "x"}]}}]},
            "'tests[1].inputs.image[1].recipe': 'x' is not 'file.py:function'",
        ),
        ({"resources.cpu": 0}, "'resources.cpu' is 0; expected at least 1."),
        (
            {"resources.gpu": "many"},
            "'resources.gpu' is 'many'; expected a whole number",
        ),
        ({"container": "x"}, "'container' is 'x'; expected keys with values."),
        ({"deterministic": "maybe"}, "'deterministic' is 'maybe'; expected true or"),
        (
            {"command": ["python", "{no}"]},
            "the command uses {no}, which is nothing here",
        ),
    ],
)
def test_error_names_file_key_and_what_is_expected(
    make_tool: MakeTool, changes: dict[str, object], sentence: str
) -> None:
    path = make_tool(changes) / "tool.yaml"
    with pytest.raises(DescriptorError) as caught:
        read_tool(path)
    message = caught.value.message
    assert message.startswith(f"{path}: {sentence}")
    assert "\n" not in message
    assert "pydantic" not in message


def test_all_mistakes_are_known_and_the_first_is_told(make_tool: MakeTool) -> None:
    path = make_tool({"name": None, "version": "one", "licence": 5}) / "tool.yaml"
    with pytest.raises(DescriptorError, match=r"and 2 more\)\.$") as caught:
        read_tool(path)
    keys = [re.split(r"'", complaint)[1] for complaint in caught.value.complaints]
    assert sorted(keys) == ["licence", "name", "version"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it has no keys; expected 'schema: bioimageit-flow/tool/1'."),
        (b"- a\n", "it has no keys"),
        (b"a: [1\n", "line 2: "),
        (b"a: 1\na: 2\n", "line 2: the key 'a' is there twice."),
        (b"a: \xff\n", "it is not UTF-8 text (byte 3). Save it as UTF-8."),
        (b"id: a/b\n", "'schema' is missing; expected bioimageit-flow/tool/1."),
        (b"schema: cwl/1\n", "'schema' is 'cwl/1'; expected bioimageit-flow/tool/1."),
        (
            b"schema: bioimageit-flow/toolbox/1\n",
            "'schema' is 'bioimageit-flow/toolbox",
        ),
        (b"x: '" + b"x" * 1_000_001 + b"'\n", "it is larger than 1000000 bytes."),
    ],
)
def test_files_that_are_no_descriptors(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "tool.yaml"
    path.write_bytes(content)
    with pytest.raises(ToolError) as caught:
        read_tool(path)
    assert str(caught.value).startswith(f"{path}: {sentence}")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"toolbox\.yaml: there is no such file"):
        read_toolbox(tmp_path / "toolbox.yaml")


def test_a_newer_file_says_what_to_install(tmp_path: Path) -> None:
    path = tmp_path / "tool.yaml"
    path.write_text("schema: bioimageit-flow/tool/2\n", encoding="utf-8")
    with pytest.raises(NewerVersionError) as caught:
        read_tool(path)
    error: FlowError = caught.value
    assert "bioimageit-flow/tool/2" in error.message
    assert "pip install --upgrade bioimageit-flow" in error.remedy
