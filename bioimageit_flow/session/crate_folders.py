"""Opening crates of others: folders as they are, zip files taken out safely."""

import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bioimageit_flow.errors import DataError
from bioimageit_flow.provenance.crate.about import METADATA
from bioimageit_flow.session.archive import Archive, opened


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
        for name in archive.entries:
            if name.startswith(prefix):
                _extract(archive, name, scratch / name.removeprefix(prefix), path)
    yield scratch


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
