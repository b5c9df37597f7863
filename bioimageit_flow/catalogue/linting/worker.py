"""The worker function is there and takes what the tool declares.

Found by reading the source, never by importing it: linting runs no code of a tool.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from bioimageit_flow.catalogue.linting.subject import Subject
from bioimageit_flow.model.problem import Problem
from bioimageit_flow.model.tool import GIVEN, WorkerSpec


def check(subject: Subject) -> Iterator[Problem]:
    """Yield where the worker function does not fit the descriptor."""
    spec = subject.tool.worker
    if spec is None:
        return
    module, _, name = spec.function.partition(":")
    path = _file_of(subject, module)
    if path is None:
        yield subject.error(
            "worker-missing",
            f"There is no module {module!r} in the folder of the tool or the library.",
            fix=f"Add {module.replace('.', '/')}.py, or correct 'worker.function'.",
        )
        return
    if subject.module(path) is None:
        return  # the rule about scripts says so
    function = subject.function(path, name)
    if subject.lacks(path, name):
        yield subject.error(
            "worker-missing",
            f"{path.name} has no function {name!r}.",
            at=path,
            fix="Correct 'worker.function', or write it as a plain function.",
        )
    elif function is not None:
        yield from _arguments(subject, spec, path, function)


def _file_of(subject: Subject, module: str) -> Path | None:
    relative = Path(*module.split("."))
    folders = [subject.folder]
    if subject.installed.library is not None:
        folders.append(subject.installed.library)
    candidates = [
        folder / name
        for folder in folders
        for name in (relative.with_suffix(".py"), relative / "__init__.py")
    ]
    return next((path for path in candidates if path.is_file()), None)


def _arguments(
    subject: Subject, spec: WorkerSpec, path: Path, function: ast.FunctionDef
) -> Iterator[Problem]:
    tool, named = subject.tool, function.args
    takes = {argument.arg for argument in (*named.args, *named.kwonlyargs)}
    optional = _with_default(named)
    declared = {*tool.inputs, *tool.outputs, *tool.parameters}
    if not (takes or named.posonlyargs or named.vararg or named.kwarg):
        return  # the ``main`` of a script, which reads the command line
    for name in sorted(declared - takes):
        if named.kwarg is None:
            yield subject.error(
                "worker-argument",
                f"{spec.function} does not take {name!r}.",
                port=name,
                at=path,
                fix=f"Add the keyword argument {name!r} to the function.",
            )
    needed = takes - optional - declared - GIVEN
    needed |= {argument.arg for argument in named.posonlyargs}
    for name in sorted(needed):
        yield subject.error(
            "worker-argument",
            f"{spec.function} needs {name!r}, which is no port or parameter.",
            at=path,
            fix="Declare it in tool.yaml, or give it a default.",
        )
    for name in sorted((tool.without_value() & takes) - optional):
        yield subject.error(
            "worker-argument",
            f"{spec.function} needs {name!r}, which may have no value.",
            port=name,
            at=path,
            fix="Give it the default None.",
        )


def _with_default(named: ast.arguments) -> set[str]:
    positional = [*named.posonlyargs, *named.args]
    with_default = positional[len(positional) - len(named.defaults) :]
    return {argument.arg for argument in with_default} | {
        argument.arg
        for argument, default in zip(named.kwonlyargs, named.kw_defaults, strict=True)
        if default is not None
    }
