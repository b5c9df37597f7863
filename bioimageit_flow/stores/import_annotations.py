"""What is known of files at their import: given, in names, in folders, in a sheet."""

import re
from collections.abc import Mapping, Sequence

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.annotation import check_key
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.keys import Key, PlainText, read_annotation
from bioimageit_flow.stores.import_sources import Source

_SHOWN = 5
NO_KEYS: Mapping[str, Key] = {}
SKIPPED = "-"
"""Stands for a folder that gives no annotation."""


def read_names(
    sources: Sequence[Source],
    pattern: str | None,
    given: Mapping[str, AnnotationValue],
    folders: Sequence[str] = (),
    declared: Mapping[str, Key] = NO_KEYS,
) -> list[dict[str, AnnotationValue]]:
    """Return the annotations of each source: given, in its name, folders and sheet.

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
    folders : sequence of str
        Keys of the names of the folders that a file lies in; the last is its own
        folder. ``-`` leaves a folder out.
    declared : mapping
        Keys that are declared, by name: values are kept as these say.

    Raises
    ------
    DataError
        If the expression is wrong, has no named group, gives a key that is given
        already, or is not found in some file, or if a value is none of its key; files
        are named.
    """
    common: dict[str, object] = {
        _checked(key): PlainText(value) if isinstance(value, str) else value
        for key, value in given.items()
    }
    keys = [_checked(key) for key in folders if key != SKIPPED]
    expression = None if pattern is None else _compile(pattern)
    named = (
        [] if expression is None else [_checked(key) for key in expression.groupindex]
    )
    in_sheet = {key for source in sources for key in source.values}
    _check_once(common, named, keys, in_sheet, pattern)
    values: list[dict[str, object]] = [
        common | dict(source.values) for source in sources
    ]
    if expression is not None:
        _add_names(values, sources, expression)
    if folders:
        _add_folders(values, sources, folders)
    return _typed(values, sources, declared)


def _typed(
    values: Sequence[Mapping[str, object]],
    sources: Sequence[Source],
    declared: Mapping[str, Key],
) -> list[dict[str, AnnotationValue]]:
    """Return values as their keys keep them."""
    failed: list[str] = []
    typed: list[dict[str, AnnotationValue]] = []
    for own, source in zip(values, sources, strict=True):
        kept: dict[str, AnnotationValue] = {}
        for key, value in own.items():
            try:
                kept[key] = read_annotation(declared.get(key), value)
            except ValueError as error:
                failed.append(f"{source.relative!r}: {error}")
        typed.append(kept)
    if failed:
        more = f" (and {len(failed) - 1} values more)" if len(failed) > 1 else ""
        raise DataError(
            f"{failed[0]}{more}; nothing was imported.",
            remedy="Correct the values, or what is declared of the key: "
            "`bioimageit-flow keys`.",
        )
    return typed


def _check_once(
    given: Mapping[str, object],
    named: Sequence[str],
    folders: Sequence[str],
    in_sheet: set[str],
    pattern: str | None,
) -> None:
    """Refuse a key that comes from two places."""
    seen: dict[str, str] = {}
    places = (
        ("is given", given),
        (f"is in the expression '{pattern}'", named),
        ("is the name of a folder", folders),
        ("is a column of the sheet", sorted(in_sheet)),
    )
    for place, keys in places:
        for key in keys:
            if key in seen:
                raise DataError(
                    f"The annotation {key!r} {seen[key]} and {place}.",
                    remedy="Take it out of one of them.",
                )
            seen[key] = place


def _add_names(
    values: Sequence[dict[str, object]],
    sources: Sequence[Source],
    expression: re.Pattern[str],
) -> None:
    failed = []
    for own, source in zip(values, sources, strict=True):
        match = expression.search(source.name) or expression.search(source.relative)
        if match is None:
            failed.append(source.relative)
        else:
            own.update(_values(match))
    if failed:
        raise DataError(
            f"The expression '{expression.pattern}' is not found in {_some(failed)}; "
            "nothing was imported.",
            remedy="Change the expression, or leave those files out, as by "
            "--include '*.tif'.",
        )


def _add_folders(
    values: Sequence[dict[str, object]],
    sources: Sequence[Source],
    folders: Sequence[str],
) -> None:
    failed = []
    for own, source in zip(values, sources, strict=True):
        parts = source.relative.split("/")[:-1][-len(folders) :]
        if len(parts) < len(folders):
            failed.append(source.relative)
            continue
        own.update(
            (key.strip(), part)
            for key, part in zip(folders, parts, strict=True)
            if key != SKIPPED
        )
    if failed:
        raise DataError(
            f"Fewer than {len(folders)} folders are known of {_some(failed)}; nothing "
            "was imported.",
            remedy="Name the folder above, or fewer keys.",
        )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(repr(name) for name in names[:_SHOWN]) + more


def _compile(pattern: str) -> re.Pattern[str]:
    try:
        expression = re.compile(pattern)
    except re.error as error:
        where = "" if error.pos is None else f" at character {error.pos + 1}"
        raise DataError(
            f"'{pattern}' is no regular expression: {error.msg}{where}.",
            remedy="Write it as in Python, such as '(?P<well>[A-H][0-9]+)_'.",
        ) from error
    if not expression.groupindex:
        raise DataError(
            f"The expression '{pattern}' has no named group and gives no annotation.",
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


def _values(match: re.Match[str]) -> dict[str, str]:
    return {key: text for key, text in match.groupdict().items() if text is not None}
