"""What a tool should be: one small module per rule.

An *error* says that the tool cannot work as it stands or says something wrong of
itself, a *warning* that its users will miss something, and *info* is worth knowing.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from bioimageit_flow.catalogue.descriptor import TOOL_FILE, DescriptorError
from bioimageit_flow.catalogue.linting import (
    annotations,
    arguments,
    bounds,
    files,
    host_paths,
    kinds,
    lock,
    metadata,
    placeholders,
    port_help,
    resources,
    runtime,
    scripts,
    tests,
    version,
    worker,
)
from bioimageit_flow.catalogue.linting.subject import Subject
from bioimageit_flow.catalogue.loading import ToolboxReader, find_tool
from bioimageit_flow.catalogue.places import Place, tool_folders
from bioimageit_flow.errors import FlowError, ToolError
from bioimageit_flow.model.problem import Problem, Severity

Rule = Callable[[Subject], Iterator[Problem]]

RULES: tuple[Rule, ...] = tuple(
    module.check
    for module in (
        metadata,
        port_help,
        version,
        runtime,
        lock,
        arguments,
        placeholders,
        scripts,
        worker,
        host_paths,
        annotations,
        bounds,
        kinds,
        resources,
        files,
        tests,
    )
)


def lint(folder: Path) -> list[Problem]:
    """Return what is wrong with the tools of a folder; an empty list is good news.

    Parameters
    ----------
    folder : Path
        The folder of a tool, of a toolbox, or of several toolboxes.

    Returns
    -------
    list of Problem
        The code names the rule; ``item`` is the path of the file, and ``port`` the port
        or parameter.
    """
    try:
        folders = list(tool_folders(Place(folder.absolute(), "folder")))
    except ToolError as error:
        return [_unreadable(error, folder)]
    if not folders:
        nothing = ToolError(
            f"There is no {TOOL_FILE} in {folder}.",
            remedy="Name the folder of a tool or of a toolbox.",
        )
        return [_unreadable(nothing, folder)]
    reader = ToolboxReader()
    problems = [problem for one in folders for problem in _lint_tool(one, reader)]
    return list(dict.fromkeys(problems))  # that of a toolbox is found at each tool


def _lint_tool(folder: Path, reader: ToolboxReader) -> list[Problem]:
    try:
        subject = Subject(find_tool(folder, "folder", reader).install())
    except DescriptorError as error:
        return [
            Problem(
                "descriptor",
                Severity.ERROR,
                f"{complaint}.",
                item=str(error.path),
                fix=error.remedy,
            )
            for complaint in error.complaints
        ]
    except FlowError as error:
        return [_unreadable(error, folder / TOOL_FILE)]
    return [problem for rule in RULES for problem in rule(subject)]


def _unreadable(error: FlowError, path: Path) -> Problem:
    return Problem(
        "descriptor", Severity.ERROR, error.message, item=str(path), fix=error.remedy
    )
