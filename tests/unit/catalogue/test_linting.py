"""Every rule finds what it is for, and nothing in a tool that is right."""

from pathlib import Path
from typing import Any

import pytest

from bioimageit_flow.catalogue import lint
from bioimageit_flow.catalogue.linting.metadata import is_orcid
from bioimageit_flow.model.problem import Severity

MakeTool = Any

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
HASH = f"--hash=sha256:{'0' * 64}"
WHEELS = "# --only-binary :all:\n"
RECIPE = {"inputs": {"image": {"recipe": "tests/make.py:disc"}}}


def trial(**more: object) -> dict[str, Any]:
    """Return changes that give the tool one test."""
    return {"tests": [{**RECIPE, "expect": {"result": {"axes": "YX"}}, **more}]}


def worker(signature: str) -> dict[str, str]:
    return {"blur.py": f"def run({signature}):\n    pass\n"}


def test_a_tool_that_is_right_has_no_findings(make_tool: MakeTool) -> None:
    assert lint(make_tool()) == []


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


@pytest.mark.parametrize(
    ("box", "code", "words"),
    [
        ({"licence": None}, "metadata-licence", "has no licence"),
        ({"authors": None}, "metadata-authors", "has no authors"),
        ({"environment": None}, "runtime-environment", "without a container engine"),
        (
            {"environment": None, "container": None},
            "runtime-missing",
            "neither a container nor an environment",
        ),
    ],
)
def test_toolbox_rules(
    make_tool: MakeTool, box: dict[str, Any], code: str, words: str
) -> None:
    found = [problem for problem in lint(make_tool(box=box)) if problem.code == code]
    assert [problem for problem in found if words in problem.text]


@pytest.mark.parametrize(
    ("files", "code", "words"),
    [
        (worker("*, image, result"), "worker-argument", "does not take 'sigma'"),
        (worker("*, image, result, sigma, mode"), "worker-argument", "needs 'mode'"),
        (worker("image, /, result, sigma"), "worker-argument", "needs 'image'"),
        ({"blur.py": "def run(:\n"}, "script-syntax", "no Python 3.11 in line 1"),
        ({"blur.py": "run = 5 +\n"}, "script-syntax", "blur.py is no Python"),
        ({"tests/more.py": "match = \0"}, "script-syntax", "more.py is no Python"),
        (
            {"more.py": "PATH = '/home/me/data/a.tif'\n"},
            "host-path",
            "Line 1 of more.py names /home/me/data/a.tif",
        ),
        (
            {"more.sh": "x='C:\\Users\\me'\n"},
            "host-path",
            "Line 1 of more.sh names C:\\Users\\me",
        ),
        ({".env": "x"}, "file-hidden", ".env is hidden"),
        ({"run.sh": "echo\r\n"}, "file-line-ends", "line ends of Windows"),
        ({"data.bin": "x" * (11 * 2**20)}, "file-large", "data.bin has 11.0 MiB"),
        ({"../Dockerfile": "FROM python\n"}, "runtime-dockerfile", "fixed base image"),
        ({"../requirements.lock": WHEELS}, "lock-empty", "locks nothing"),
        (
            {"../requirements.lock": f"{WHEELS}numpy==2.4\n"},
            "lock-hash",
            "no hash of numpy",
        ),
        (
            {"../requirements.lock": f"{WHEELS}numpy>=2 \\\n  {HASH}\n"},
            "lock-pin",
            "the exact version of numpy",
        ),
        (
            {"../requirements.lock": f"{WHEELS}a @ https://x.org/a.whl {HASH}\n"},
            "lock-pin",
            "the exact version of a",
        ),
        (
            {"../requirements.lock": f"{WHEELS}-e .\nnumpy==2.4 {HASH}\n"},
            "lock-option",
            "the option '-e .'",
        ),
        (
            {"../requirements.lock": f"{WHEELS}-i https://x.org\nnumpy==2.4 {HASH}\n"},
            "lock-index",
            "names a package index",
        ),
        (
            {"../requirements.lock": f"numpy==2.4 {HASH}\n"},
            "lock-wheels",
            "not made for wheels only",
        ),
    ],
)
def test_file_rules(
    make_tool: MakeTool, files: dict[str, str], code: str, words: str
) -> None:
    folder = make_tool(files=files)
    found = [problem for problem in lint(folder) if problem.code == code]
    assert [problem for problem in found if words in problem.text], lint(folder)


@pytest.mark.parametrize(
    "files",
    [
        worker("*, image, result, sigma=1.0"),
        worker("image, result, sigma"),
        worker("**everything"),
        worker("*, image, result, sigma, seed, job"),
        {"blur.py": "from functools import partial\nrun = partial(print)\n"},
        {"blur.py": "from shared import run\n"},
        {"blur.py": "globals()['run'] = print\n"},
        {"tests/make.py": "for name in ('disc',):\n    globals()[name] = print\n"},
        {"more.py": "URL = 'https://example.org/home/me'\n"},
        {"../requirements.lock": f"{WHEELS}a[x]==1.0 ; python_version < '4' {HASH}\n"},
    ],
)
def test_files_that_are_right_have_no_findings(
    make_tool: MakeTool, files: dict[str, str]
) -> None:
    assert lint(make_tool(files=files)) == []


def test_a_link_that_leaves_the_tool_is_an_error(make_tool: MakeTool) -> None:
    folder = make_tool()
    (folder / "out").symlink_to("/etc/hostname")
    (problem,) = lint(folder)
    assert (problem.code, problem.severity) == ("file-link", ERROR)


def test_a_function_for_a_missing_optional_input_needs_a_default(
    make_tool: MakeTool,
) -> None:
    changes = {
        "inputs.mask": {"kind": "labels", "optional": True, "help": "x"},
        "command": ["python", "/tool/blur.py", "{job}"],
    }
    files = worker("*, image, mask, result, sigma")
    (problem,) = lint(make_tool(changes, files=files))
    assert problem.code == "worker-argument"
    assert problem.port == "mask"
    assert problem.fix == "Give it the default None."


@pytest.mark.parametrize(
    ("folder", "version", "code"),
    [
        ("blur/1.0.0", "1.0.0", None),
        ("blur/2.0.0", "1.0.0", "version-folder"),
        ("smooth", "1.0.0", "version-folder"),
        ("blur", "1.0.0", None),
    ],
)
def test_folders_are_called_what_they_hold(
    make_tool: MakeTool, folder: str, version: str, code: str | None
) -> None:
    found = lint(make_tool({"version": version}, folder=folder))
    assert [problem.code for problem in found] == ([code] if code else [])


def test_a_descriptor_that_cannot_be_read_has_all_its_mistakes_listed(
    make_tool: MakeTool,
) -> None:
    folder = make_tool({"name": None, "version": "one"})
    found = lint(folder)
    assert [problem.code for problem in found] == ["descriptor", "descriptor"]
    assert {problem.item for problem in found} == {str(folder / "tool.yaml")}
    assert any("'name' is missing." in problem.text for problem in found)


def test_a_whole_toolbox_is_looked_at_and_its_own_faults_are_told_once(
    make_tool: MakeTool,
) -> None:
    box = {"container.build": "elsewhere"}
    make_tool(box=box)
    folder = make_tool({"id": "box/sharpen"}, box=box)
    (problem,) = lint(folder.parent)
    assert problem.code == "runtime-dockerfile"
    assert problem.item == str(folder.parent / "toolbox.yaml")


def test_a_folder_without_tools_is_an_error(tmp_path: Path) -> None:
    (problem,) = lint(tmp_path)
    assert problem.severity is ERROR
    assert "There is no tool.yaml in" in problem.text


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    (problem,) = lint(tmp_path / "gone")
    assert problem.severity is ERROR
    assert "is not there" in problem.text


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("0000-0002-1825-0097", True),
        ("0000-0001-5109-3700", True),
        ("0000-0002-1694-233X", True),
        ("0000-0002-1825-0098", False),
        ("0000000218250097", False),
        ("https://orcid.org/0000-0002-1825-0097", False),
    ],
)
def test_orcids_have_a_check_digit(text: str, is_one: bool) -> None:
    # https://support.orcid.org/hc/en-us/articles/360006897674
    assert is_orcid(text) is is_one
