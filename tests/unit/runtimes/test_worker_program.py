"""The program that runs in other people's images keeps to what it may use there."""

import ast
import sys
from pathlib import Path

import pytest

from bioimageit_flow.runtimes.slot_folder import WORKER_PROGRAM

FILES = sorted(WORKER_PROGRAM.glob("*.py"))
PACKAGE = "bioimageit_flow.runtimes.worker_program"


def test_there_are_files() -> None:
    assert {path.name for path in FILES} >= {"start.py", "worker.py", "job.py"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_file_is_python_3_8_and_imports_the_standard_library_alone(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 8))
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            is_own = name.startswith(f"{PACKAGE}.")
            assert is_own or name.partition(".")[0] in sys.stdlib_module_names, name
