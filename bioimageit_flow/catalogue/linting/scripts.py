"""The scripts that a command names are there, and can be read by every Python."""

import ast
from collections.abc import Iterator
from pathlib import Path

from bioimageit_flow.catalogue.content import files_of
from bioimageit_flow.catalogue.linting.subject import Subject
from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.command import names_in
from bioimageit_flow.model.problem import Problem

_OLDEST_PYTHON = (3, 11)


def check(subject: Subject) -> Iterator[Problem]:
    """Yield scripts that are missing, out of reach, or no Python."""
    for argument in subject.arguments:
        yield from _argument(subject, argument)
    yield from _sources(subject, subject.folder)
    if subject.installed.library is not None:
        yield from _sources(subject, subject.installed.library)


def _argument(subject: Subject, argument: str) -> Iterator[Problem]:
    installed = subject.installed
    inside, name = subject.folder, argument.removeprefix("/tool/")
    if argument.startswith("/tool/"):
        if not names_in(argument) and not (inside / name).exists():
            yield subject.error(
                "script-missing",
                f"The command names {argument}, but there is no {name} in {inside}.",
                fix="Correct the name, or add the file.",
            )
    elif "/tool/" in argument and installed.lock is not None:
        yield subject.error(
            "script-path",
            f"In {argument!r}, /tool/ does not stand at the beginning: in an "
            "environment it stays as it is and leads nowhere.",
            fix="Give the path as an argument of its own.",
        )
    elif argument.startswith(("/job/", "/toolbox/")) and installed.lock is not None:
        yield subject.error(
            "script-path",
            f"The argument {argument!r} only exists in a container.",
            fix="Use placeholders for files of the job, and imports for the library.",
        )


def _sources(subject: Subject, folder: Path) -> Iterator[Problem]:
    try:
        found = sorted(files_of(folder))
    except FlowError:
        return  # the rule about files says so
    for _, path in found:
        if path.suffix != ".py" or subject.module(path) is not None:
            continue
        try:
            ast.parse(path.read_bytes(), feature_version=_OLDEST_PYTHON)
        except (SyntaxError, ValueError, OSError) as error:
            line = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
            why = error.msg if isinstance(error, SyntaxError) else str(error)
            yield subject.error(
                "script-syntax", f"{path.name} is no Python 3.11{line}: {why}.", at=path
            )
