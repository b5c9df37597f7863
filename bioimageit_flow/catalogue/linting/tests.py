"""A tool brings tests, and they fit it."""

import ast
from collections.abc import Iterator

from bioimageit_flow.catalogue.linting.subject import Subject
from bioimageit_flow.model.problem import Problem
from bioimageit_flow.model.tool import ToolTest


def check(subject: Subject) -> Iterator[Problem]:
    """Yield what is wrong with the tests of a tool."""
    tests = subject.tool.tests
    if not tests:
        yield subject.warning(
            "test-missing",
            "The tool has no tests: nobody can tell whether it works here.",
            fix="Add 'tests' with a small input and what must come out.",
        )
        return
    if all(test.fails is not None for test in tests):
        yield subject.warning(
            "test-missing",
            "No test shows what the tool gives.",
            fix="Add one that expects something.",
        )
    for number, test in enumerate(tests, start=1):
        name = f"test {test.name!r}" if test.name else f"test {number}"
        yield from _ports(subject, test, name)
        yield from _sources(subject, test, name)
        yield from _check_function(subject, test, name)
        if test.fails is None and not test.expect and test.check is None:
            yield subject.warning(
                "test-empty",
                f"The {name} expects nothing.",
                fix="Add 'expect' or 'check'.",
            )
    names = [test.name for test in tests if test.name]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield subject.warning("test-name", f"Two tests are called {name!r}.")


def _ports(subject: Subject, test: ToolTest, name: str) -> Iterator[Problem]:
    tool = subject.tool
    for port in test.inputs.keys() - tool.inputs.keys():
        yield _wrong(
            subject, f"The {name} has an input {port!r}, which the tool lacks."
        )
    for port in test.expect.keys() - tool.outputs.keys():
        yield _wrong(subject, f"The {name} expects {port!r}, which is no output.")
    for port, entry in tool.inputs.items():
        given = test.items(port)
        if not given and not entry.optional and port not in test.inputs:
            yield _wrong(subject, f"The {name} lacks the input {port!r}.")
        if len(given) > 1 and entry.takes == "item":
            yield _wrong(
                subject, f"The {name} gives several files to {port!r}, which takes one."
            )
    try:
        tool.resolve(test.parameters)
    except ValueError as error:
        yield _wrong(subject, f"In the {name}, {error}.")


def _sources(subject: Subject, test: ToolTest, name: str) -> Iterator[Problem]:
    for port in test.inputs:
        for source in test.items(port):
            if source.file is not None and not (subject.folder / source.file).exists():
                yield _wrong(
                    subject, f"The {name} uses {source.file}, which is not there."
                )
            if source.recipe is not None:
                yield from _function(subject, source.recipe, name)


def _function(subject: Subject, reference: str, name: str) -> Iterator[Problem]:
    file, _, function = reference.rpartition(":")
    path = subject.folder / file
    if not path.is_file():
        yield _wrong(subject, f"The {name} uses {file}, which is not there.")
    elif subject.lacks(path, function):
        yield _wrong(subject, f"The {name} uses {function!r}, which {file} lacks.")


def _check_function(subject: Subject, test: ToolTest, name: str) -> Iterator[Problem]:
    if test.check is None:
        return
    yield from _function(subject, test.check, name)
    file, _, function = test.check.rpartition(":")
    found = subject.function(subject.folder / file, function)
    if found is None or found.args.kwarg is not None:
        return
    takes = {argument.arg for argument in _named(found)}
    given = {*test.inputs, *subject.tool.outputs}
    required = {
        port for port, output in subject.tool.outputs.items() if not output.optional
    }
    for port in sorted((required | test.inputs.keys()) - takes):
        yield _wrong(
            subject, f"The {name} is checked by {function!r}, which takes no {port!r}."
        )
    defaults = len(found.args.defaults) + sum(
        default is not None for default in found.args.kw_defaults
    )
    if not defaults:
        for extra in sorted(takes - given):
            yield _wrong(
                subject,
                f"The {name} is checked by {function!r}, which asks for {extra!r}.",
            )


def _named(function: ast.FunctionDef) -> list[ast.arg]:
    return [*function.args.args, *function.args.kwonlyargs]


def _wrong(subject: Subject, text: str) -> Problem:
    return subject.error("test-wrong", text, fix="Correct the test, or the tool.")
