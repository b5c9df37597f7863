"""The tool that is looked at, and what several rules ask of it."""

import ast
from functools import cached_property
from pathlib import Path

from bioimageit_flow.catalogue.descriptor import TOOL_FILE, TOOLBOX_FILE
from bioimageit_flow.model.command import Each, When
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.tool import InstalledTool, Tool

MAX_SOURCE_BYTES = 1 << 20


class Subject:
    """One tool, as the rules see it.

    Parameters
    ----------
    installed : InstalledTool
        The tool with its files.
    """

    def __init__(self, installed: InstalledTool) -> None:
        self.installed = installed
        self._modules: dict[Path, ast.Module | None] = {}

    @property
    def tool(self) -> Tool:
        """The descriptor."""
        return self.installed.tool

    @property
    def folder(self) -> Path:
        """The folder of the tool."""
        return self.installed.folder

    @property
    def toolbox_file(self) -> Path:
        """The descriptor of the toolbox, or of a tool that has none."""
        path = self.installed.toolbox_folder / TOOLBOX_FILE
        return path if self.installed.toolbox else self.folder / TOOL_FILE

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """All texts of the command, also those of `When` and `Each`."""
        texts: list[str] = []
        for argument in self.tool.command:
            match argument:
                case str():
                    texts.append(argument)
                case When(args=args) | Each(args=args):
                    texts += args
        return tuple(texts)

    @property
    def runs_python(self) -> bool:
        """Whether the program is Python."""
        return self.tool.command[0] in ("python", "python3")

    def module(self, path: Path) -> ast.Module | None:
        """Return the syntax tree of a Python file, None if it cannot be parsed."""
        if path not in self._modules:
            try:
                source = path.read_bytes()
                tree = ast.parse(source, str(path), feature_version=(3, 11))
            except (OSError, SyntaxError, ValueError):
                self._modules[path] = None
            else:
                self._modules[path] = tree
        return self._modules[path]

    def function(self, path: Path, name: str) -> ast.FunctionDef | None:
        """Return a function that is written at the top of a Python file, if it is."""
        tree = self.module(path)
        found = [
            node
            for node in (tree.body if tree else [])
            if isinstance(node, ast.FunctionDef) and node.name == name
        ]
        return found[-1] if found else None

    def lacks(self, path: Path, name: str) -> bool:
        """Say whether a Python file certainly has nothing of a name.

        A file that makes names while it runs, or cannot be parsed, may have any.
        """
        tree = self.module(path)
        if tree is None:
            return False
        for node in ast.walk(tree):
            match node:
                case ast.FunctionDef(name=found) | ast.ClassDef(name=found) if (
                    found in (name, "__getattr__")
                ):
                    return False
                case ast.Name(id=found) if found in (name, "globals", "exec"):
                    return False
                case ast.alias(name=found, asname=other) if name in (found, other):
                    return False
                case ast.alias(name="*"):
                    return False
                case _:
                    pass
        return True

    def error(
        self,
        code: str,
        text: str,
        *,
        fix: str = "",
        port: str = "",
        at: Path | None = None,
    ) -> Problem:
        """Return an error; `at` is the file, ``tool.yaml`` by default."""
        return self._problem(Severity.ERROR, code, text, fix, port, at)

    def warning(
        self,
        code: str,
        text: str,
        *,
        fix: str = "",
        port: str = "",
        at: Path | None = None,
    ) -> Problem:
        """Return a warning; `at` is the file, ``tool.yaml`` by default."""
        return self._problem(Severity.WARNING, code, text, fix, port, at)

    def info(
        self,
        code: str,
        text: str,
        *,
        fix: str = "",
        port: str = "",
        at: Path | None = None,
    ) -> Problem:
        """Return a remark; `at` is the file, ``tool.yaml`` by default."""
        return self._problem(Severity.INFO, code, text, fix, port, at)

    def _problem(
        self,
        severity: Severity,
        code: str,
        text: str,
        fix: str,
        port: str,
        at: Path | None,
    ) -> Problem:
        path = at or self.folder / TOOL_FILE
        return Problem(code, severity, text, port=port, item=str(path), fix=fix)
