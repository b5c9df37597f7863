"""Opening crates of others: folders as they are, zip files taken out safely."""

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from bioimageit_flow.errors import DataError
from bioimageit_flow.provenance.crate.about import METADATA
from bioimageit_flow.provenance.crate.reading import Entity, read_entities
from bioimageit_flow.session.archive import Archive, opened

_GROWN = 1 << 20


def is_crate(path: Path) -> bool:
    """Say whether a path looks like a crate."""
    if path.is_dir():
        return (path / METADATA).is_file()
    return path.suffix == ".zip" and zipfile.is_zipfile(path)


@contextmanager
def opened_crate(path: Path, scratch: Path) -> Iterator[Path]:
    """Give the folder of a crate.

    Parameters
    ----------
    path : Path
        A folder, or a zip file, which is taken out after every entry was looked at.
    scratch : Path
        A folder to be made for that; must not be there.

    Raises
    ------
    DataError
        If it is neither, is damaged, or holds what it should not; nothing was written
        outside of `scratch` then.
    """
    if path.is_dir():
        yield path
        return
    if not path.exists():
        raise DataError(f"There is no crate {path}.", remedy="Check the path.")
    with opened(path) as archive:
        prefix = _prefix(path, archive.entries)
        inside = {
            name.removeprefix(prefix): name
            for name in archive.entries
            if name.startswith(prefix)
        }
        _extract(archive, inside.pop(METADATA), scratch / METADATA, path)
        _check_sizes(path, archive, inside, read_entities(scratch))
        for inner, name in inside.items():
            _extract(archive, name, scratch / inner, path)
    yield scratch


def _check_sizes(
    path: Path,
    archive: Archive,
    inside: Mapping[str, str],
    entities: Mapping[str, Entity],
) -> None:
    """Refuse files that are far larger than the crate itself says.

    A few bytes more are an altered file, which is told later, by its hash.
    """
    for id_, entity in entities.items():
        name = inside.get(unquote(id_).removeprefix("./"))
        declared = entity.get("contentSize")
        if name is None or not re.fullmatch(r"[0-9]{1,18}", str(declared)):
            continue
        size = archive.entries[name].file_size
        if size > int(str(declared)) + _GROWN:
            raise DataError(
                f"{path.name} was not opened: {id_!r} has {size} bytes, and the crate "
                f"says {declared}.",
                remedy="Ask for it anew; do not trust this one.",
            )


def _extract(archive: Archive, name: str, target: Path, path: Path) -> None:
    try:
        archive.extract(name, target)
    except OSError as error:
        raise DataError(
            f"{path.name} cannot be taken out to {target.parent} "
            f"({error.strerror or error}).",
            remedy="Free some space, or choose another folder.",
        ) from error


def _prefix(path: Path, names: Iterable[str]) -> str:
    """Return the folder in which the crate lies in a zip file; most have none."""
    found = [name for name in names if name.rpartition("/")[2] == METADATA]
    top = [name for name in found if name.count("/") <= 1]
    if not top:
        raise DataError(
            f"{path.name} is no RO-Crate: it has no {METADATA}.",
            remedy="Name the folder or zip file that `export crate` wrote.",
        )
    return min(top, key=len).removesuffix(METADATA)
