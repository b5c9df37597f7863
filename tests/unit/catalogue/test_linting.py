"""Every rule finds what it is for, and nothing in a tool that is right."""

from pathlib import Path
from typing import Any

import pytest

from bioimageit_flow.catalogue import lint
from bioimageit_flow.catalogue.linting.metadata import is_orcid
from bioimageit_flow.model.problem import Severity

MakeTool = Any

ERROR = Severity.ERROR
HASH = f"--hash=sha256:{'0' * 64}"
WHEELS = "# --only-binary :all:\n"


def worker(signature: str) -> dict[str, str]:
    return {"blur.py": f"def run({signature}):\n    pass\n"}


def test_a_tool_that_is_right_has_no_findings(make_tool: MakeTool) -> None:
    assert lint(make_tool()) == []


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
        worker(""),
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
