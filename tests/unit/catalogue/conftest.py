"""A tool that nothing is wrong with, to be changed by the tests."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from bioimageit_flow.catalogue.linting.lock import REMEDY
from bioimageit_flow.model.yaml_text import write_yaml

Descriptor = dict[str, Any]
MakeTool = Callable[..., Path]

TOOLBOX: Descriptor = {
    "schema": "bioimageit-flow/toolbox/1",
    "id": "box",
    "name": "Box of tools",
    "summary": "Tools for tests.",
    "licence": "BSD-3-Clause",
    "authors": [{"name": "A. Author"}],
    "container": {"image": "local/box", "tag": "1", "build": ".", "published": False},
    "environment": "requirements.lock",
    "library": "lib",
}
TOOL: Descriptor = {
    "schema": "bioimageit-flow/tool/1",
    "id": "box/blur",
    "version": "1.0.0",
    "name": "Blur",
    "summary": "Smooth an image.",
    "help": "Smooths.",
    "keywords": ["smoothing"],
    "methods": "Images were smoothed (sigma {sigma}).",
    "command": [
        "python",
        "/tool/blur.py",
        "--image={image}",
        "--result={result}",
        "--sigma={sigma}",
    ],
    "worker": {"function": "blur:run"},
    "inputs": {"image": {"kind": "image", "formats": ["ome-tiff"], "help": "In."}},
    "outputs": {
        "result": {
            "kind": "image",
            "format": "ome-tiff",
            "like": "image",
            "help": "Out.",
        }
    },
    "parameters": {
        "sigma": {"type": "float", "default": 1.0, "min": 0, "max": 9, "help": "Width."}
    },
    "tests": [
        {
            "inputs": {"image": {"recipe": "tests/make.py:disc"}},
            "expect": {"result": {"axes": "YX"}},
        }
    ],
}
FILES = {
    "blur.py": "def run(*, image, result, sigma):\n    pass\n",
    "tests/make.py": "def disc(path):\n    pass\n",
}
TOOLBOX_FILES = {
    "lib/shared.py": "SHARED = 1\n",
    "Dockerfile": "ARG BASE_IMAGE=python:3.12-slim\nFROM ${BASE_IMAGE}\n",
    "requirements.lock": f"# {REMEDY}\nnumpy==2.4.6 \\\n    --hash=sha256:{'0' * 64}\n",
}


def write_files(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def set_path(data: Descriptor, path: str, value: object) -> None:
    """Set a value by a path such as ``inputs.image.kind``; None takes it out."""
    *steps, last = path.split(".")
    for step in steps:
        data = data.setdefault(step, {})
    if value is None:
        data.pop(last, None)
    else:
        data[last] = value


@pytest.fixture
def make_tool(tmp_path: Path) -> MakeTool:
    """Return a function that writes a toolbox and a tool, and returns its folder."""

    def make(
        changes: Descriptor | None = None,
        *,
        box: Descriptor | None = None,
        files: dict[str, str] | None = None,
        place: Path = tmp_path / "place",
        folder: str = "",
    ) -> Path:
        tool, toolbox = deepcopy(TOOL), deepcopy(TOOLBOX)
        for path, value in (changes or {}).items():
            set_path(tool, path, value)
        box_id, _, name = str(tool["id"]).partition("/")
        toolbox["id"] = box_id
        for path, value in (box or {}).items():
            set_path(toolbox, path, value)
        box_folder = place / box_id
        write_files(box_folder, {**TOOLBOX_FILES, "toolbox.yaml": write_yaml(toolbox)})
        tool_folder = box_folder / (folder or name)
        descriptor = {"tool.yaml": write_yaml(tool)}
        write_files(tool_folder, {**FILES, **descriptor, **(files or {})})
        return tool_folder

    return make
