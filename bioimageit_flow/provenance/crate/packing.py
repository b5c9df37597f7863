"""Puts the files of a crate into a folder or a zip file, whole or not at all."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_beside(target: Path) -> Iterator[Path]:
    """Give a folder beside the target, which is gone at the end."""
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def write_folder(
    target: Path, scratch: Path, payload: Iterable[tuple[str, Path]], aside: Path
) -> None:
    """Write a crate as a folder; what lies in `aside` is moved, all else copied."""
    for name, path in payload:
        place = scratch / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, place)
        elif path.is_relative_to(aside):
            path.rename(place)
        else:
            shutil.copyfile(path, place)
    scratch.chmod(0o755)
    scratch.rename(target)


def write_zip(target: Path, scratch: Path, payload: Iterable[tuple[str, Path]]) -> None:
    """Write a crate as a zip file."""
    with zipfile.ZipFile(scratch, "w") as archive:
        for inner, path in payload:
            if not path.is_dir():
                _put(archive, path, inner)
                continue
            for file in sorted(path.rglob("*")):
                if file.is_file():
                    _put(archive, file, f"{inner}/{file.relative_to(path).as_posix()}")
    scratch.replace(target)


def _put(archive: zipfile.ZipFile, path: Path, inner: str) -> None:
    """Put a file in; data as they are, so that nobody takes them for a bomb."""
    is_data = inner.startswith(("data/", "results/"))
    archive.write(path, inner, zipfile.ZIP_STORED if is_data else zipfile.ZIP_DEFLATED)
