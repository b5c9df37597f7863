"""The files of a tool can be shared: no stray links, nothing hidden, nothing huge."""

from collections.abc import Iterator
from pathlib import Path

from bioimageit_flow.catalogue.content import files_of
from bioimageit_flow.catalogue.linting.subject import Subject
from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.problem import Problem
from bioimageit_flow.model.units import format_bytes

_LARGE = 10 * 2**20
_SCRIPTS = frozenset({".sh", ".bash"})


def check(subject: Subject) -> Iterator[Problem]:
    """Yield files that make trouble elsewhere."""
    for folder in (subject.folder, subject.installed.library):
        if folder is None:
            continue
        try:
            found = sorted(files_of(folder))
        except FlowError as error:
            yield subject.error("file-link", error.message, fix=error.remedy)
            continue
        for name, path in found:
            yield from _file(subject, name, path)


def _file(subject: Subject, name: str, path: Path) -> Iterator[Problem]:
    size = path.stat().st_size
    if any(part.startswith(".") for part in name.split("/")):
        yield subject.warning(
            "file-hidden",
            f"{name} is hidden: results do not change with it, though a job could use "
            "it.",
            at=path,
            fix="Rename or remove it.",
        )
    if size > _LARGE:
        yield subject.warning(
            "file-large",
            f"{name} has {format_bytes(size)}.",
            at=path,
            fix="Put large files into the image, or make test data by a recipe.",
        )
    if path.suffix in _SCRIPTS and b"\r\n" in path.read_bytes():
        yield subject.error(
            "file-line-ends",
            f"{name} has line ends of Windows, with which it does not run on Linux.",
            at=path,
            fix="Save it with the line ends of Unix (LF).",
        )
