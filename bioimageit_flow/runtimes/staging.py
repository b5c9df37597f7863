"""The files of a job on their way into a container and out of it again."""

import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bioimageit_flow.errors import DataError

MAX_LINKS = 256
"""More staged links than this are replaced by files: each costs a mount."""

_READ_FILE = stat.S_IROTH
_READ_FOLDER = stat.S_IROTH | stat.S_IXOTH


@dataclass(frozen=True, slots=True)
class Bind:
    """A file or folder of the host, seen at a place in the container."""

    source: Path
    target: str
    is_read_only: bool = True


def input_binds(folder: Path, *, is_foreign: bool) -> list[Bind]:
    """Return how the inputs of a job get into its container, making them ready.

    A staged link cannot be followed inside, so what it points to is mounted in its
    place: an image of 40 GB is read where it lies.

    Parameters
    ----------
    folder : Path
        The job's folder with ``in/``.
    is_foreign : bool
        Whether the job runs as a user who may not read the caller's files; inputs that
        others cannot read are then replaced by copies that they can.

    Raises
    ------
    DataError
        If a staged link points to nothing.
    """
    inputs = folder / "in"
    if not inputs.is_dir():
        return []
    links = staged_links(inputs)
    for path in links[MAX_LINKS:]:
        _replace_by_file(path)
    if is_foreign:
        open_to_others(inputs)
    links = [path for path in links if path.is_symlink()]
    if not links:
        return [Bind(inputs, "/job/in")]
    with_links = {path.parent for path in links}
    binds = []
    for place in _places(inputs, with_links):
        target = f"/job/in/{place.relative_to(inputs).as_posix()}"
        binds.append(Bind(place.resolve(), target))
    return binds


def staged_links(inputs: Path) -> list[Path]:
    """Return the staged links: in ``in/`` and in its port folders, nowhere else.

    Raises
    ------
    DataError
        If one points to nothing.
    """
    links = []
    for path in _staged(inputs):
        if path.is_symlink():
            if not path.exists():
                raise DataError(
                    f"The input {path.readlink()} is not there.",
                    remedy="See whether the file was moved or its disk is connected.",
                )
            links.append(path)
    return links


def _staged(inputs: Path) -> list[Path]:
    """List ``in/`` and its port folders; what is inside an item is not looked at."""
    found = []
    for path in sorted(inputs.iterdir()):
        found.append(path)
        if _is_folder(path):
            found.extend(sorted(path.iterdir()))
    return found


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _places(inputs: Path, with_links: set[Path]) -> Iterator[Path]:
    """Yield what is mounted: whole port folders where they hold no link."""
    for path in sorted(inputs.iterdir()):
        if path in with_links:
            yield from sorted(path.iterdir())
        else:
            yield path


def _replace_by_file(link: Path) -> None:
    target = link.resolve(strict=True)
    link.unlink()
    if target.is_dir():
        shutil.copytree(target, link)
        return
    try:
        link.hardlink_to(target)
    except OSError:  # another file system
        shutil.copy2(target, link)


def open_to_others(inputs: Path) -> None:
    """Let others read the inputs, without touching the caller's own files."""
    _add_mode(inputs, _READ_FOLDER)
    for path in _staged(inputs):
        if path.parent == inputs and _is_folder(path):
            _add_mode(path, _READ_FOLDER)  # of a port
        elif not _is_open(path):
            _make_private_copy(path)


def _is_open(path: Path) -> bool:
    """Say whether others can read a file, or a folder with all that is in it."""
    entries = [path.resolve()]
    if path.is_dir():
        entries.extend(path.resolve().rglob("*"))
    for entry in entries:
        mode = entry.stat().st_mode
        wanted = _READ_FOLDER if stat.S_ISDIR(mode) else _READ_FILE
        if mode & wanted != wanted:
            return False
    return True


def _make_private_copy(path: Path) -> None:
    copy = path.with_name(f".{path.name}.copy")
    if path.is_dir():
        shutil.copytree(path.resolve(), copy)
    else:
        shutil.copyfile(path.resolve(), copy)
    if _is_folder(path):
        shutil.rmtree(path)
    else:
        path.unlink()
    copy.rename(path)
    for entry in (path, *(path.rglob("*") if path.is_dir() else ())):
        _add_mode(entry, _READ_FOLDER if entry.is_dir() else _READ_FILE)


def _add_mode(path: Path, bits: int) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & bits != bits:
        path.chmod(mode | bits)


def hand_over(folder: Path, uid: int, gid: int) -> None:
    """Give a folder with all that is in it to another user; only root can."""
    for path in (folder, *_walk(folder)):
        os.chown(path, uid, gid, follow_symlinks=False)


def take_back(folder: Path, owner: tuple[int, int] | None) -> None:
    """Make what a job wrote the caller's, readable, and free of special rights.

    Parameters
    ----------
    owner : tuple of int or None
        User and group to give it to; None if it is the caller's already.
    """
    if not hasattr(os, "chown"):
        return
    pending = [folder]
    while pending:
        path = pending.pop()
        # Without a container, a job may even have removed the folder itself.
        with suppress(FileNotFoundError):
            if owner is not None:
                os.chown(path, *owner, follow_symlinks=False)
            mode = path.lstat().st_mode
            if stat.S_ISDIR(mode):
                _set_mode(path, mode, stat.S_IRWXU)
                pending.extend(path.iterdir())
            elif stat.S_ISREG(mode):
                _set_mode(path, mode, stat.S_IRUSR | stat.S_IWUSR)


def empty_outputs(out: Path, ports: Iterable[str]) -> None:
    """Remove what a job that broke off has written; it may have put links there."""
    for entry in out.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink()
    for name in ports:
        port = out / name
        port.mkdir(exist_ok=True)
        port.chmod(0o755)


def _set_mode(path: Path, mode: int, least: int) -> None:
    wanted = stat.S_IMODE(mode) & 0o777 | least
    if wanted != stat.S_IMODE(mode):
        _chmod(path, wanted)


def _chmod(path: Path, mode: int) -> None:
    """Change the mode of a file, never of what a link in its place leads to."""
    if not hasattr(os, "O_PATH"):
        path.chmod(mode)
        return
    place = os.open(path, os.O_PATH | os.O_NOFOLLOW)
    try:
        if not stat.S_ISLNK(os.fstat(place).st_mode):
            Path(f"/proc/self/fd/{place}").chmod(mode)
    finally:
        os.close(place)


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):  # does not follow links
        for name in (*folders, *files):
            yield Path(parent, name)
