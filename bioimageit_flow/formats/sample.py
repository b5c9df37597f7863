"""What a reader sees of a file before it is chosen: its size and its first bytes."""

import codecs
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from bioimageit_flow.formats.refusal import Refusal
from bioimageit_flow.model.kinds import format_of_name

HEAD_BYTES = 8192

_TEXT_CONTROLS = frozenset(b"\t\n\r\f\b\x1b")
_BOM = b"\xef\xbb\xbf"
_MIN_ASCII = 0.7


@dataclass(frozen=True, slots=True)
class Sample:
    """A file, or a folder taken as one datum, that waits for its reader.

    Attributes
    ----------
    path : Path
        Where it lies.
    size : int
        In bytes; 0 for a folder.
    head : bytes
        The first `HEAD_BYTES` bytes; empty for a folder.
    claim : str
        Name of the format that it is said to have: by its name, or by the port that
        declares it.
    """

    path: Path
    size: int
    head: bytes
    claim: str
    is_folder: bool = False

    @property
    def is_text(self) -> bool:
        """Whether it begins like text: no control bytes, and UTF-8 or mostly ASCII."""
        if self.is_folder or any(
            byte < 32 and byte not in _TEXT_CONTROLS for byte in self.head
        ):
            return False
        try:
            codecs.getincrementaldecoder("utf-8")().decode(self.head)
        except UnicodeDecodeError:
            ascii_bytes = sum(byte < 127 for byte in self.head)
            return ascii_bytes >= _MIN_ASCII * len(self.head)
        return True

    @property
    def start(self) -> bytes:
        """The first bytes without white space and byte order mark before them."""
        return self.head.removeprefix(_BOM).lstrip()


def take_sample(path: Path, claim: str | None = None) -> Sample:
    """Look at a file without trusting its name.

    Parameters
    ----------
    path : Path
        Of a file or folder; symbolic links are followed.
    claim : str, optional
        Name of the format that it should have; by default what its name says.

    Raises
    ------
    Refusal
        If it is empty, or neither file nor folder.
    OSError
        If it is missing or cannot be read.
    """
    wanted = format_of_name(path.name).name if claim is None else claim
    try:
        status = path.stat()
    except ValueError as error:  # a NUL in the path
        raise Refusal("is not a path", "Check the path.") from error
    if stat.S_ISDIR(status.st_mode):
        return Sample(path, 0, b"", wanted, is_folder=True)
    if not stat.S_ISREG(status.st_mode):
        raise Refusal("is a device, pipe or socket", "Name a file instead.")
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        head = stream.read(HEAD_BYTES)
    if not head:
        raise Refusal("is empty (0 bytes)")
    return Sample(path, size, head, wanted)
