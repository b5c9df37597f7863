"""Every rule about what a descriptor says finds what it is for."""

from pathlib import Path
from typing import Any

import pytest

from bioimageit_flow.catalogue import lint
from bioimageit_flow.model.problem import Severity

MakeTool = Any

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
RECIPE = {"inputs": {"image": {"recipe": "tests/make.py:disc"}}}


def trial(**more: object) -> dict[str, Any]:
    """Return changes that give the tool one test."""
    return {"tests": [{**RECIPE, "expect": {"result": {"axes": "YX"}}, **more}]}


@pytest.mark.parametrize(
    ("changes", "code", "severity", "words"),
    [
        ({"summary": ""}, "metadata-summary", ERROR, "has no summary"),
        ({"summary": "No stop"}, "metadata-summary", WARNING, "is no sentence"),
        ({"summary": "x" * 130 + "."}, "metadata-summary", WARNING, "131 characters"),
        ({"help": None}, "metadata-help", WARNING, "no help"),
        ({"keywords": None}, "metadata-keywords", WARNING, "no keywords"),
        ({"edam": {"operation": ["smooth"]}}, "metadata-edam", WARNING, "'smooth'"),
        ({"edam": {"topic": ["operation_3443"]}}, "metadata-edam", WARNING, "'topic'"),
        ({"licence": "see file"}, "metadata-licence", WARNING, "not the SPDX"),
        (
            {"authors": [{"name": "A", "orcid": "0000-0002-1825-0098"}]},
            "metadata-orcid",
            ERROR,
            "is no ORCID",
        ),
        ({"citations": ["Otsu 1979"]}, "metadata-citations", WARNING, "is no DOI"),
        ({"methods": None}, "metadata-methods", WARNING, "no sentence"),
        ({"methods": "Width {width}."}, "metadata-methods", ERROR, "{width}, which is"),
        ({"methods": "Width {."}, "metadata-methods", ERROR, "is no placeholder"),
        ({"inputs.image.help": None}, "help-missing", WARNING, "input 'image'"),
        ({"outputs.result.help": None}, "help-missing", WARNING, "output 'result'"),
        ({"parameters.sigma.help": None}, "help-missing", WARNING, "parameter 'sigma'"),
        ({"version": "0.0.0"}, "version-number", WARNING, "says nothing"),
        (
            {"container": {"image": "x", "tag": "1", "published": False}},
            "runtime-image",
            ERROR,
            "neither published nor built",
        ),
        (
            {"container": {"image": "x"}},
            "runtime-image",
            WARNING,
            "tag of x is 'latest'",
        ),
        (
            {"container": {"image": "x", "build": "images"}},
            "runtime-dockerfile",
            ERROR,
            "there is no",
        ),
        (
            {"command": ["python", "/tool/blur.py", "{image}", "{sigma}"]},
            "placeholder-unused",
            ERROR,
            "output 'result' does not reach",
        ),
        (
            {"command": ["python", "/tool/blur.py", "{result}", "{sigma}"]},
            "placeholder-unused",
            ERROR,
            "input 'image' does not reach",
        ),
        (
            {"command": ["python", "/tool/blur.py", "{image}", "{result}"]},
            "placeholder-unused",
            ERROR,
            "parameter 'sigma' does not reach",
        ),
        (
            {"command": ["python", "/tool/smooth.py", "{job}"]},
            "script-missing",
            ERROR,
            "there is no smooth.py",
        ),
        (
            {"command": ["python", "--script=/tool/blur.py", "{job}"]},
            "script-path",
            ERROR,
            "does not stand at the beginning",
        ),
        (
            {"command": ["python", "/job/in/image/0.ome.tif", "{job}"]},
            "script-path",
            ERROR,
            "only exists in a container",
        ),
        (
            {"command": ["python", "-c", "print('{sigma}')", "{job}"]},
            "argument-code",
            ERROR,
            "a value could run commands",
        ),
        (
            {"command": ["python", "/tool/blur.py", "--by", "{by}", "{job}"]}
            | {"parameters.by": {"type": "text", "default": "", "help": "Key."}},
            "argument-text",
            WARNING,
            "would be taken for an option",
        ),
        ({"worker.function": "smooth:run"}, "worker-missing", ERROR, "module 'smooth'"),
        ({"worker.function": "blur:go"}, "worker-missing", ERROR, "function 'go'"),
        (
            {"command": ["python", "/home/me/blur.py", "{job}"]},
            "host-path",
            ERROR,
            "a place on one machine",
        ),
        (
            {"command": ["python", "--model=C:\\Users\\me\\model", "{job}"]},
            "host-path",
            ERROR,
            "a place on one machine",
        ),
        (
            {"command": ["python", "/opt/blur.py", "{job}"]},
            "host-path",
            ERROR,
            "only exists in the container",
        ),
        ({"reads": ["condition"]}, "annotations-unused", ERROR, "is not told where"),
        (
            {"command": ["python", "/tool/blur.py", "{annotations}"]},
            "annotations-undeclared",
            ERROR,
            "'reads' names no key",
        ),
        (
            {"reads": ["{sigma}"]},
            "annotations-parameter",
            ERROR,
            "a float cannot name a key",
        ),
        (
            {"parameters.sigma": {"type": "float", "default": 1, "help": "x"}},
            "bounds-missing",
            INFO,
            "neither 'min' nor 'max'",
        ),
        (
            {"parameters.sigma.min": 1, "parameters.sigma.max": 1},
            "bounds-equal",
            WARNING,
            "can only be 1",
        ),
        (
            {"parameters.sigma.step": 20},
            "bounds-step",
            WARNING,
            "larger than its range",
        ),
        (
            {"parameters.sigma.type": "int", "parameters.sigma.min": 0.5},
            "bounds-whole",
            WARNING,
            "'min' of the whole number",
        ),
        (
            {"parameters.sigma": {"type": "bool", "default": True, "min": 0}},
            "bounds-useless",
            WARNING,
            "has min, which mean nothing",
        ),
        (
            {
                "parameters.sigma": {
                    "type": "choice",
                    "default": "a",
                    "choices": [{"value": "a"}],
                }
            },
            "bounds-choice",
            WARNING,
            "has one value only",
        ),
        (
            {"parameters.sigma.choices": [{"value": "a"}]},
            "bounds-choice",
            WARNING,
            "has choices, but is a float",
        ),
        ({"outputs.result.format": "csv"}, "kind-format", ERROR, "never a csv file"),
        ({"inputs.image.formats": ["json"]}, "kind-format", ERROR, "never a json file"),
        (
            {"inputs.image": {"kind": "table", "axes": ["YX"], "help": "x"}},
            "kind-axes",
            WARNING,
            "a table has none",
        ),
        (
            {"inputs.image": {"kind": "table", "help": "x"}},
            "kind-like",
            ERROR,
            "which is table and has no axes",
        ),
        ({"outputs.result.like": None}, "kind-like", INFO, "only known after a run"),
        (
            {"outputs.result.kind": "table", "outputs.result.format": "csv"},
            "kind-like",
            WARNING,
            "but table has no axes",
        ),
        (
            {
                "inputs.image.optional": True,
                "command": ["python", "/tool/blur.py", "{job}"],
            },
            "kind-like",
            WARNING,
            "which may be missing",
        ),
        ({"resources.memory": "10 MiB"}, "resources-memory", WARNING, "is too little"),
        ({"resources.memory": "2 TiB"}, "resources-memory", WARNING, "Few machines"),
        ({"resources.time": "1 s"}, "resources-time", WARNING, "is short for one job"),
        ({"resources.time": "30 d"}, "resources-time", WARNING, "is long for one job"),
        ({"resources.cpu": 100}, "resources-cpu", WARNING, "100 cores"),
        ({"resources.network": True}, "resources-network", WARNING, "without saying"),
        ({"resources.gpu": 1}, "resources-gpu", ERROR, "cannot be forked"),
        ({"deterministic": False}, "resources-deterministic", INFO, "other bytes"),
        ({"tests": None}, "test-missing", WARNING, "has no tests"),
        (
            {"tests": [{**RECIPE, "fails": "x"}]},
            "test-missing",
            WARNING,
            "No test shows",
        ),
        ({"tests": [RECIPE]}, "test-empty", WARNING, "expects nothing"),
        (trial(inputs={}), "test-wrong", ERROR, "lacks the input 'image'"),
        (
            trial(inputs={**RECIPE["inputs"], "mask": {"file": "tests/make.py"}}),
            "test-wrong",
            ERROR,
            "'mask', which the tool lacks",
        ),
        (
            trial(inputs={"image": [RECIPE["inputs"]["image"]] * 2}),
            "test-wrong",
            ERROR,
            "which takes one",
        ),
        (
            trial(inputs={"image": {"file": "tests/a.tif"}}),
            "test-wrong",
            ERROR,
            "tests/a.tif, which is not there",
        ),
        (
            trial(inputs={"image": {"recipe": "tests/no.py:disc"}}),
            "test-wrong",
            ERROR,
            "tests/no.py, which is not there",
        ),
        (
            trial(inputs={"image": {"recipe": "tests/make.py:ring"}}),
            "test-wrong",
            ERROR,
            "'ring', which tests/make.py lacks",
        ),
        (trial(expect={"mask": {}}), "test-wrong", ERROR, "'mask', which is no output"),
        (trial(parameters={"sigma": 10}), "test-wrong", ERROR, "10.0 is above"),
        (trial(parameters={"width": 1}), "test-wrong", ERROR, "no parameter 'width'"),
        (
            trial(check="tests/make.py:disc"),
            "test-wrong",
            ERROR,
            "takes no 'image'",
        ),
        (
            {"tests": trial(name="one")["tests"] * 2},
            "test-name",
            WARNING,
            "Two tests are called 'one'",
        ),
    ],
)
def test_descriptor_rules(
    make_tool: MakeTool,
    changes: dict[str, Any],
    code: str,
    severity: Severity,
    words: str,
) -> None:
    folder = make_tool(changes)
    found = [problem for problem in lint(folder) if problem.code == code]
    assert [problem for problem in found if words in problem.text], found
    assert {problem.severity for problem in found} == {severity}
    assert all(Path(problem.item).exists() for problem in found)
