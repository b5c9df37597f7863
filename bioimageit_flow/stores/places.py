"""What a place on disk is like, and errors of the disk in our words."""

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bioimageit_flow.errors import DataError, StoreError
from bioimageit_flow.stores.refusals import no_space

_NETWORK = frozenset(
    {
        *(
            "9p",
            "afs",
            "afpfs",
            "beegfs",
            "ceph",
            "cifs",
            "davfs",
            "drvfs",
            "glusterfs",
        ),
        *("fuse.ceph", "fuse.glusterfs", "fuse.grpcfuse", "fuse.rclone", "fuse.sshfs"),
        *("gpfs", "lustre", "ncpfs", "nfs", "nfs4", "pvfs2", "smb3", "smbfs", "vboxsf"),
        *("virtiofs", "webdav"),
    }
)
"""File systems that other machines may write: a shared memory file is no good there
(https://www.sqlite.org/wal.html, "all processes must be on the same host")."""

_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def is_on_network(path: Path) -> bool:
    """Say whether a path lies on a file system that other machines may write."""
    place = path.resolve()
    if sys.platform == "win32" and place.drive.startswith("\\\\"):
        return True
    best, kind = -1, ""
    for partition in psutil.disk_partitions(all=True):
        mount = Path(partition.mountpoint)
        is_remote = "remote" in partition.opts.split(",")
        if place.is_relative_to(mount) and len(mount.parts) > best:
            best, kind = len(mount.parts), "nfs" if is_remote else partition.fstype
    return kind.lower() in _NETWORK


def is_writable(path: Path) -> bool:
    """Say whether a file or folder may be written by this process."""
    effective = os.access in os.supports_effective_ids
    return os.access(path, os.W_OK, effective_ids=effective)


def size_and_time(path: Path, status: os.stat_result) -> tuple[int, int]:
    """Return size and time of change; of a folder of all its files together."""
    if not stat.S_ISDIR(status.st_mode):
        return status.st_size, status.st_mtime_ns
    size, newest = 0, 0
    for folder, _, files in os.walk(path):
        for name in files:
            one = Path(folder, name).stat()
            size, newest = size + one.st_size, max(newest, one.st_mtime_ns)
    return size, newest


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system says about writing at a path into a `StoreError`."""
    try:
        yield
    except FileExistsError as error:
        raise TakenError(
            f"{path} is there already and is not overwritten.",
            remedy="Choose another name.",
        ) from error
    except OSError as error:
        if error.errno in _FULL:
            raise no_space(path) from error
        if error.errno in _REFUSED:
            raise StoreError(
                f"{path} cannot be written: {error.strerror}.",
                remedy="Ask its owner for the right to write, or copy the experiment.",
            ) from error
        raise StoreError(
            f"{path} cannot be written: {error.strerror or error}.",
            remedy="Check the disk that it lies on, then retry.",
        ) from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what the system says about reading a path into a `DataError`."""
    try:
        yield
    except OSError as error:
        raise DataError(
            f"'{path}' cannot be read: {error.strerror or error}.",
            remedy="Check the path and the rights to read it.",
        ) from error


class TakenError(StoreError):
    """A file is there already."""
