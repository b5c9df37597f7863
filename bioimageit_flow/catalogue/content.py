"""Hashes of what a tool consists of.

Two of them: of what a job can run (`code_hash`), which decides whether a result is
still that of this tool, and of everything that decides what the tool may do
(`trust_hash`), which decides whether the user has said to trust it.
"""

import os
from collections.abc import Callable, Iterator
from hashlib import file_digest, sha256
from pathlib import Path

from bioimageit_flow.catalogue.descriptor import TOOL_FILE, TOOLBOX_FILE
from bioimageit_flow.errors import DataError, ToolError
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.packaging import ContainerSpec

# Written by other programs without anybody asking: no part of a tool. Python's cached
# code is kept elsewhere while a tool runs in an environment.
_DROPPINGS = frozenset(
    {"__pycache__", ".git", ".hg", ".svn", ".DS_Store", "Thumbs.db", "desktop.ini"}
)

_LARGE = 1 << 20

_known: dict[tuple[object, ...], str] = {}

Skips = Callable[[str], bool]
"""Says of a path below a folder, with forward slashes, whether to leave it out."""


def code_hash(folder: Path, library: Path | None) -> Sha256:
    """Return the hash of all files that a job of a tool can run.

    They are the files of the tool's folder, but the descriptors, ``tests/`` and hidden
    files, and those of the toolbox's library.

    Raises
    ------
    ToolError
        If a link leads out of the folder, or to a folder.
    DataError
        If a file cannot be read.
    """
    lines = _lines("tool", folder, _is_no_code)
    if library is not None:
        lines += _lines("lib", library, _is_hidden)
    return _hash_of(lines)


def trust_hash(
    folder: Path,
    toolbox_folder: Path,
    library: Path | None,
    lock: Path | None,
    container: ContainerSpec | None,
) -> Sha256:
    """Return the hash of everything that decides what a tool may do.

    Beside all files of the tool's folder and of the library, these are the descriptor
    of the toolbox, the lock, and what the image is built from, without the folders of
    other tools. Errors are those of `code_hash`.
    """
    lines = _lines("tool", folder, lambda _: False)
    if library is not None:
        lines += _lines("lib", library, lambda _: False)
    for name, path in (("toolbox", toolbox_folder / TOOLBOX_FILE), ("lock", lock)):
        if path is not None and path.is_file():
            lines.append(_line(name, path))
    if container is not None and container.build is not None:
        context = toolbox_folder / container.build
        if context.is_dir():
            lines += _lines("build", context, lambda path: _is_tool(context / path))
    return _hash_of(lines)


def files_of(
    folder: Path, skips: Skips = lambda _: False
) -> Iterator[tuple[str, Path]]:
    """Yield the files below a folder, as path below it and path, in no set order.

    Errors are those of `code_hash`.
    """
    yield from _walk(folder, "", folder.resolve(), skips)


def _walk(
    folder: Path, prefix: str, root: Path, skips: Skips
) -> Iterator[tuple[str, Path]]:
    try:
        with os.scandir(folder) as found:
            entries = list(found)
    except OSError as error:
        raise _unreadable(folder, error) from error
    for entry in entries:
        path = f"{prefix}{entry.name}"
        if entry.name in _DROPPINGS or skips(path):
            continue
        if _is_link(entry):
            _check_link(Path(entry.path), root)
            yield path, Path(entry.path)
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), f"{path}/", root, skips)
        elif entry.is_file(follow_symlinks=False):
            yield path, Path(entry.path)
        else:
            raise ToolError(
                f"{entry.path} is neither a file nor a folder.",
                remedy="Take it out of the tool.",
            )


def _is_link(entry: os.DirEntry[str]) -> bool:
    if entry.is_symlink():
        return True
    is_junction = getattr(entry, "is_junction", None)  # Python 3.12, Windows
    return bool(is_junction and is_junction())


def _check_link(link: Path, root: Path) -> None:
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise ToolError(
            f"{link} is a link that leads nowhere.", remedy="Mend or remove it."
        ) from error
    if not target.is_relative_to(root):
        raise ToolError(
            f"{link} is a link that leaves the folder of the tool.",
            remedy="Put a copy of the file in its place.",
        )
    if not target.is_file():
        raise ToolError(
            f"{link} is a link to a folder.",
            remedy="Put the files in its place.",
        )


def _lines(name: str, folder: Path, skips: Skips) -> list[bytes]:
    return [_line(f"{name}/{path}", file) for path, file in files_of(folder, skips)]


def _line(name: str, path: Path) -> bytes:
    size, digest = _digest(path)
    return b"\0".join((os.fsencode(name), str(size).encode(), digest.encode()))


def _digest(path: Path) -> tuple[int, str]:
    """Return size and sha256; large files are read again only when they changed."""
    try:
        status = path.stat()
        key = (
            str(path),
            status.st_dev,
            status.st_ino,
            status.st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
        )
        if digest := _known.get(key):
            return status.st_size, digest
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error
    if status.st_size >= _LARGE:
        _known[key] = digest
    return status.st_size, digest


def _hash_of(lines: list[bytes]) -> Sha256:
    return Sha256(sha256(b"\n".join(sorted(lines))).hexdigest())


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError(
        f"{path} cannot be read ({error.strerror or error}).",
        remedy="Check that it is there and that you may read it.",
    )


def _is_hidden(path: str) -> bool:
    return path.rpartition("/")[2].startswith(".")


def _is_no_code(path: str) -> bool:
    return path in (TOOL_FILE, TOOLBOX_FILE, "tests") or _is_hidden(path)


def _is_tool(folder: Path) -> bool:
    return (folder / TOOL_FILE).is_file()
