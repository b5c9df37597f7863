"""What is to be imported: files found in folders, and what their names say."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.annotation import check_key, read_value
from bioimageit_flow.model.data import AnnotationValue

_SYSTEM_FILES = frozenset({"desktop.ini", "thumbs.db", "__macosx"})
_DATUM_FOLDER = ".zarr"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Source:
    """One file, or one folder that is one datum, to be imported.

    Attributes
    ----------
    path : Path
        As it was given or found.
    relative : str
        Below the folder that was given, with that folder and forward slashes; the name
        alone for a file that was given itself.
    """

    path: Path
    relative: str

    @property
    def name(self) -> str:
        """What people call it."""
        return readable(self.path.name)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that was not imported.

    Attributes
    ----------
    path : str
        Readable; the file may be called otherwise where its name is no Unicode.
    reason, remedy : str
        Sentences.
    """

    path: str
    reason: str
    remedy: str = ""


def readable(name: str) -> str:
    """Return a file name as a text that can be kept; strange bytes are escaped."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def find_sources(paths: Iterable[Path]) -> tuple[list[Source], list[LeftOut]]:
    """Find the files to import, and those that are passed over.

    Files are taken as they are given. Folders are walked to the bottom in the order of
    names; hidden files and those of the operating system are passed over, and a folder
    called ``*.zarr`` is one datum. Nothing is taken twice.

    Raises
    ------
    DataError
        If there is no file at all.
    """
    paths = list(paths)
    sources: list[Source] = []
    passed: list[LeftOut] = []
    seen: set[Path] = set()
    for path in paths:
        if path.is_dir() and not _is_datum(path):
            found = list(_walk(path, passed))
        else:
            found = [Source(path, readable(path.name))]
        for source in found:
            real = source.path.resolve()
            if real in seen:
                text = readable(str(source.path))
                passed.append(LeftOut(text, "The same file was given twice."))
            else:
                seen.add(real)
                sources.append(source)
    if not sources:
        named = ", ".join(readable(str(path)) for path in paths) or "(nothing)"
        raise DataError(
            f"There is no file to import in {named}.",
            remedy="Name files, or folders that have some.",
        )
    return sources, passed


def _is_datum(path: Path) -> bool:
    return path.name.lower().endswith(_DATUM_FOLDER)


def _walk(top: Path, passed: list[LeftOut]) -> Iterator[Source]:
    def unreadable(error: OSError) -> None:
        reason = f"The folder cannot be read: {error.strerror}."
        passed.append(LeftOut(readable(str(error.filename)), reason))

    base = top.resolve().name
    for folder, folders, files in os.walk(top, onerror=unreadable):
        place = Path(folder)
        below = Path(base, place.relative_to(top))
        folders.sort()
        for name in list(folders):
            path = place / name
            reason = _why_passed(path)
            if reason:
                passed.append(LeftOut(readable(str(path)), reason))
            if reason or _is_datum(path):
                folders.remove(name)
            if _is_datum(path) and not reason:
                yield Source(path, readable((below / name).as_posix()))
        for name in sorted(files):
            path = place / name
            reason = _why_passed(path)
            if reason:
                passed.append(LeftOut(readable(str(path)), reason))
            else:
                yield Source(path, readable((below / name).as_posix()))


def _why_passed(path: Path) -> str:
    if path.name.startswith("."):
        return "It is hidden."
    if path.name.lower() in _SYSTEM_FILES:
        return "It belongs to the operating system."
    if path.is_symlink() and path.is_dir():
        return "It is a link to a folder; name the folder itself to import it."
    return ""


def read_names(
    sources: Sequence[Source],
    pattern: str | None,
    given: Mapping[str, AnnotationValue],
) -> list[dict[str, AnnotationValue]]:
    """Return the annotations of each source: those given, and those in its name.

    Parameters
    ----------
    sources : sequence of Source
        The files.
    pattern : str or None
        A regular expression (https://docs.python.org/3/library/re.html) whose named
        groups are keys. It is searched in the name of a file and, if it is not found
        there, in its path below the folder that was given.
    given : mapping
        Annotations that all have.

    Raises
    ------
    DataError
        If the expression is wrong, has no named group, gives a key that is given
        already, or is not found in some file; files are named.
    """
    common = {_checked(key): value for key, value in given.items()}
    if pattern is None:
        return [dict(common) for _ in sources]
    expression = _compile(pattern)
    twice = sorted(common.keys() & expression.groupindex.keys())
    if twice:
        raise DataError(
            f"The annotation {twice[0]!r} is given and is in the expression "
            f"{pattern!r}.",
            remedy="Take it out of one of them.",
        )
    matches = [
        expression.search(source.name) or expression.search(source.relative)
        for source in sources
    ]
    failed = [
        source.relative
        for source, match in zip(sources, matches, strict=True)
        if match is None
    ]
    if failed:
        shown = ", ".join(repr(name) for name in failed[:_SHOWN])
        more = f" and {len(failed) - _SHOWN} more" if len(failed) > _SHOWN else ""
        raise DataError(
            f"The expression {pattern!r} is not found in {shown}{more}; nothing was "
            "imported.",
            remedy="Change the expression, or leave those files out.",
        )
    return [common | _values(match) for match in matches if match is not None]


def _compile(pattern: str) -> re.Pattern[str]:
    try:
        expression = re.compile(pattern)
    except re.error as error:
        where = "" if error.pos is None else f" at character {error.pos + 1}"
        raise DataError(
            f"{pattern!r} is no regular expression: {error.msg}{where}.",
            remedy="Write it as in Python, such as '(?P<well>[A-H][0-9]+)_'.",
        ) from error
    if not expression.groupindex:
        raise DataError(
            f"The expression {pattern!r} has no named group and gives no annotation.",
            remedy="Name what you want, such as '(?P<condition>[a-z]+)'.",
        )
    for key in expression.groupindex:
        _checked(key)
    return expression


def _checked(key: str) -> str:
    try:
        return check_key(key)
    except ValueError as error:
        raise DataError(f"{error}.", remedy="Choose another key.") from error


def _values(match: re.Match[str]) -> dict[str, AnnotationValue]:
    return {
        key: read_value(text)
        for key, text in match.groupdict().items()
        if text is not None
    }
