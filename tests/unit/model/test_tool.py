"""The tool descriptor: what it takes, and what it refuses to mean."""

from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError

from bioimageit_flow.model.tool import Tool, Toolbox
from bioimageit_flow.model.trial import TestInput

TOOL: dict[str, Any] = {
    "schema": "bioimageit-flow/tool/1",
    "id": "skimage/label-watershed",
    "version": "1.0.0",
    "name": "Label and split objects",
    "summary": "Number the objects of a mask, splitting those that touch.",
    "keywords": ["segmentation"],
    "edam": {"operation": ["operation_3443"]},
    "authors": [{"name": "A. Author", "orcid": "0000-0002-1825-0097"}],
    "licence": "BSD-3-Clause",
    "citations": ["doi:10.1109/34.87344"],
    "methods": "Split with minimum distance {min_distance} px.",
    "container": {"image": "bioimageit-flow/skimage", "tag": "0.1"},
    "environment": "requirements.lock",
    "command": [
        "python",
        "/tool/label_watershed.py",
        "--mask",
        "{mask}",
        {"when": "intensity", "args": ["--intensity", "{intensity}"]},
        "--labels",
        "{labels}",
        "--min-distance={min_distance}",
    ],
    "worker": {"function": "label_watershed:run", "mode": "fork", "preload": ["numpy"]},
    "inputs": {
        "mask": {"kind": "labels", "axes": ["YX", "ZYX"], "formats": ["ome-tiff"]},
        "intensity": {"kind": "image", "optional": True},
    },
    "outputs": {"labels": {"kind": "labels", "format": "ome-tiff", "like": "mask"}},
    "parameters": {
        "min_distance": {"type": "int", "default": 5, "min": 1, "unit": "px"},
        "connectivity": {
            "type": "choice",
            "default": "full",
            "choices": [{"value": "face"}, {"value": "full"}],
        },
        "debug": {"type": "bool", "default": False},
    },
    "reads": [],
    "resources": {"cpu": 1, "memory": "1 GiB", "gpu": 0, "time": "10 min"},
    "deterministic": True,
    "tests": [
        {
            "inputs": {"mask": {"recipe": "tests/make.py:two_touching_discs"}},
            "parameters": {"min_distance": 5},
            "expect": {"labels": {"max": 2, "dtype": "uint16"}},
        }
    ],
}


def changed(**paths: Any) -> dict[str, Any]:  # noqa: ANN401 - as a file may have them
    """Return the descriptor with some values replaced, by paths such as ``a__b``."""
    data = deepcopy(TOOL)
    for path, value in paths.items():
        *steps, last = path.split("__")
        target = data
        for step in steps:
            target = target[step]
        target[last] = value
    return data


def test_complete_example_loads() -> None:
    tool = Tool.model_validate(TOOL)
    assert tool.ref == "skimage/label-watershed@1.0.0"
    assert tool.toolbox == "skimage"
    assert not tool.takes_group
    assert tool.resources.memory_bytes == 2**30
    assert tool.resources.time_s == 600
    assert tool.without_value() == {"intensity"}


def test_keys_of_others_are_kept() -> None:
    tool = Tool.model_validate(changed(**{"x-galaxy": {"id": 1}}))
    assert tool.model_extra == {"x-galaxy": {"id": 1}}


@pytest.mark.parametrize(
    "version",
    ["0.0.1", "1.0.0-alpha", "1.0.0-rc.1+build.5", "1.2.3+20261122", "1.0.0--"],
)
def test_versions_of_semver_are_taken(version: str) -> None:
    assert Tool.model_validate(changed(version=version)).version == version


@pytest.mark.parametrize(
    "version",
    ["1", "1.0", "01.0.0", "1.0.0-01", "1.0.0-", "v1.0.0", "1.0.0\n", "1.0.0+"],
)
def test_other_versions_are_refused(version: str) -> None:
    with pytest.raises(ValidationError, match="version"):
        Tool.model_validate(changed(version=version))


def command(*extra: object) -> list[object]:
    return [*TOOL["command"], *extra]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"sumary": "x"}, "'sumary' is not known here .did you mean 'summary'"),
        ({"inputs__mask__axis": "YX"}, "did you mean 'axes'"),
        ({"id": "Skimage/x"}, "id"),
        ({"id": "x"}, "id"),
        ({"outputs": {}}, "at least 1"),
        ({"command": []}, "at least 1"),
        ({"command": ["{mask}"]}, "must begin with the name of a program"),
        ({"command": [{"when": "debug", "args": ["x"]}]}, "must begin with the name"),
        ({"command": command("{nothing}")}, "uses {nothing}, which is nothing here"),
        (
            {"command": command("{mask.list}")},
            "uses {mask.list}, which is nothing here",
        ),
        ({"command": command("{intensity}")}, "{intensity}, which may have no value"),
        (
            {"command": command({"when": "debug", "args": ["{intensity}"]})},
            "{intensity}, which may have no value",
        ),
        (
            {"command": command({"when": "mask", "args": ["x"]})},
            "'when: mask', which is neither an optional input nor a bool",
        ),
        (
            {"command": command({"when": "connectivity", "args": ["x"]})},
            "'when: connectivity', which is neither",
        ),
        (
            {"command": command({"each": "mask", "args": ["{item}"]})},
            "'each: mask', which is no group input",
        ),
        ({"command": command("{")}, "is no placeholder"),
        ({"command": command("{item}")}, "uses {item}"),
        (
            {"inputs__labels": {"kind": "image"}},
            "an input and an output are both called",
        ),
        (
            {"parameters__mask": {"type": "int", "default": 1}},
            "a port and a parameter are both called 'mask'",
        ),
        (
            {"parameters__item": {"type": "int", "default": 1}},
            "'item' has a meaning of its own",
        ),
        ({"outputs__labels__like": "nuclei"}, "is like 'nuclei', no input"),
        ({"outputs__labels__format": "jpeg"}, "'jpeg' is not a format; known are"),
        ({"outputs__labels__parts": "(?P<part>.*)"}, "'parts' needs 'many: true'"),
        ({"outputs__labels__parts": "("}, "is no regular expression"),
        ({"outputs__labels__parts": "x"}, "needs a named group"),
        ({"inputs__mask__axes": ["XX"]}, "'XX' is neither"),
        ({"reads": ["{by}"]}, "'reads' names {by}, which is no parameter"),
        ({"reads": ["{debug"]}, "'reads' names {debug, which is no parameter"),
        ({"resources__memory": "much"}, "is not a size such as"),
        ({"resources__memory": "0 GiB"}, "cannot run in no memory"),
        ({"resources__time": "0 s"}, "cannot run in no time"),
        ({"environment": "/etc/passwd"}, "is not a relative path"),
        ({"environment": "../x.lock"}, "is not a relative path"),
        ({"environment": "C:x.lock"}, "is not a relative path"),
        ({"container__build": ".."}, "is not a relative path"),
        ({"container__image": "--privileged"}, "container.image"),
        ({"container__tag": "a b"}, "container.tag"),
        ({"worker__function": "os.system"}, "worker.function"),
        ({"tests": [{"inputs": {"mask": {}}}]}, "either 'recipe' or 'file'"),
        (
            {"tests": [{"inputs": {"mask": {"recipe": "../make.py:x"}}}]},
            "is not a relative path",
        ),
        ({"tests": [{"inputs": {"mask": {"file": "/etc/passwd"}}}]}, "not a relative"),
        ({"tests": [{"check": "tests/check.py"}]}, "is not 'file.py:function'"),
        ({"tests": [{"fails": ""}]}, "'fails' must say a part"),
        (
            {"tests": [{"fails": "x", "expect": {"labels": {}}}]},
            "a test that 'fails' gives nothing",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(
    changes: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Tool.model_validate(changed(**changes))


def test_group_input_gives_folder_list_and_items() -> None:
    data = changed(
        inputs={"tables": {"kind": "table", "takes": "group"}},
        command=[
            "p",
            "{tables}",
            "{tables.list}",
            {"each": "tables", "args": ["--in", "{item}"]},
            "{labels}",
        ],
    )
    del data["outputs"]["labels"]["like"]
    assert Tool.model_validate(data).takes_group


def test_file_parameter_without_default_may_have_no_value() -> None:
    data = changed(parameters__psf={"type": "file"})
    data["command"].append({"when": "psf", "args": ["{psf}"]})
    tool = Tool.model_validate(data)
    assert tool.without_value() == {"intensity", "psf"}
    assert "psf" not in tool.resolve({})
    assert tool.resolve({"psf": "a.tif"})["psf"] == "a.tif"


def test_resolve_fills_in_defaults() -> None:
    assert Tool.model_validate(TOOL).resolve({"min_distance": 7.0}) == {
        "min_distance": 7,
        "connectivity": "full",
        "debug": False,
    }


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"distance": 1}, "there is no parameter 'distance' .there are: min_distance"),
        ({"min_distance": 0}, "parameter 'min_distance': 0 px is below"),
        ({"min_distance": None}, "parameter 'min_distance': None is not a whole"),
    ],
)
def test_resolve_refuses_what_does_not_fit(
    values: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        Tool.model_validate(TOOL).resolve(values)


def reading(*reads: str) -> Tool:
    return Tool.model_validate(
        changed(
            reads=list(reads),
            parameters__by={"type": "text", "default": ""},
            parameters__keys={"type": "list", "default": []},
        )
    )


def test_keys_read_are_those_declared_and_those_named_by_parameters() -> None:
    tool = reading("condition", "{by}", "{keys}")
    assert tool.keys_read({"by": "day", "keys": ["day", "well"]}) == (
        "condition",
        "day",
        "well",
    )
    assert tool.keys_read({"by": "", "keys": []}) == ("condition",)


def test_a_star_reads_all_keys() -> None:
    assert reading("*").keys_read({}) is None
    assert reading("{by}").keys_read({"by": "*"}) is None


def test_inputs_of_a_test_are_one_or_several() -> None:
    data = changed(
        tests=[
            {
                "inputs": {
                    "mask": {"file": "tests/a.tif"},
                    "intensity": [{"file": "tests/b.tif"}, {"file": "tests/c.tif"}],
                },
                "expect": {},
            }
        ]
    )
    test = Tool.model_validate(data).tests[0]
    assert test.items("mask") == [TestInput(file="tests/a.tif")]
    assert [one.file for one in test.items("intensity")] == [
        "tests/b.tif",
        "tests/c.tif",
    ]
    assert test.items("nothing") == []


def test_toolbox_example_loads() -> None:
    box = Toolbox.model_validate(
        {
            "schema": "bioimageit-flow/toolbox/1",
            "id": "tables",
            "name": "Tables",
            "container": {"image": "bioimageit-flow/tables", "build": "."},
            "environment": "requirements.lock",
            "library": "lib",
        }
    )
    assert box.container is not None
    assert box.container.reference == "bioimageit-flow/tables:latest"


def test_a_digest_names_the_image_exactly() -> None:
    digest = "sha256:" + "a" * 64
    tool = Tool.model_validate(changed(container__digest=digest))
    assert tool.container is not None
    assert tool.container.reference == f"bioimageit-flow/skimage@{digest}"


def test_a_tool_cannot_be_changed() -> None:
    tool = Tool.model_validate(TOOL)
    with pytest.raises(ValidationError, match="frozen"):
        tool.name = "Other"  # type: ignore[misc]
