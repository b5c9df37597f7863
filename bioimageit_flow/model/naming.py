"""File names that every system takes.

Published names are ASCII, at most 100 characters, unique without regard to case, and
free of what Windows reserves
(https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
"""

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256

from bioimageit_flow.model.kinds import FORMATS, format_of_name

MAX_NAME = 100

STUDY_FILE = "study.yaml"
"""What says, in the folder of an experiment, of which study it is."""

_RESERVED = {"con", "prn", "aux", "nul"} | {
    f"{device}{digit}" for device in ("com", "lpt") for digit in range(10)
}

_EXTENSION = re.compile(r"(\.[A-Za-z0-9_-]{1,12}){1,2}")


@lru_cache(maxsize=8192)
def split_name(filename: str) -> tuple[str, str]:
    """Split a file name into its stem and its extension (``.ome.tif`` is one).

    A name that only consists of an extension has no extension.
    """
    form = format_of_name(filename)
    for extension in sorted((form.extension, *form.aliases), key=len, reverse=True):
        if filename.lower().endswith(extension) and len(filename) > len(extension):
            return filename[: -len(extension)], filename[-len(extension) :]
    stem, dot, end = filename.rpartition(".")
    return (stem, dot + end) if stem else (filename, "")


@lru_cache(maxsize=8192)
def safe_name(name: str, *, limit: int = MAX_NAME) -> str:
    """Return a name that can be published everywhere.

    Letters lose their accents, everything but letters, digits, ``.``, ``-`` and ``_``
    becomes ``_``; a name that loses letters, or is too long, ends in 8 digits of its
    hash so that different names stay different. A name that is safe already is
    returned as it is.

    Parameters
    ----------
    name : str
        Any text.
    limit : int
        The greatest number of characters, at least 40.
    """
    stem, extension = _split_plain(name)
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    clean = re.sub(r"[^A-Za-z0-9._-]+", "_", plain).lstrip(".-")
    if not extension:
        clean = clean.rstrip(".")
    if clean.partition(".")[0].lower() in _RESERVED:
        clean = f"_{clean}"
    if not clean or len(clean + extension) > limit or _loses_letters(stem):
        digits = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        clean = clean[: limit - len(extension) - 9]
        clean = f"{clean}-{digits}" if clean else digits
    return clean + extension


def _split_plain(name: str) -> tuple[str, str]:
    """Split a name, where what stands after the dot can be kept as it is."""
    stem, extension = split_name(name)
    return (stem, extension) if _EXTENSION.fullmatch(extension) else (name, "")


def _loses_letters(text: str) -> bool:
    return not text.isascii() and any(
        not unicodedata.combining(letter)
        and not unicodedata.normalize("NFKD", letter).encode("ascii", "ignore")
        for letter in unicodedata.normalize("NFC", text)
    )


def distinct_name(name: str, taken: set[str], token: str) -> str:
    """Return a name that is not taken, whatever the case of its letters.

    Parameters
    ----------
    name : str
        The name wanted, safe already.
    taken : set of str
        Lower-case names that are taken; the returned name is added.
    token : str
        Put before the extension where the name is taken; at most 40 characters that
        `safe_name` keeps.
    """
    candidate, number = name, 1
    stem, extension = _split_plain(name)
    while candidate.lower() in taken:
        tail = f"-{token}" if number == 1 else f"-{token}-{number}"
        candidate = f"{stem[: MAX_NAME - len(extension) - len(tail)]}{tail}{extension}"
        number += 1
    taken.add(candidate.lower())
    return candidate


def staged_extension(form: str, name: str) -> str:
    """Return the extension with which a tool sees a file.

    Parameters
    ----------
    form : str
        Name of its format, which decides; a file of no known format keeps its own
        extension, since programs know models and macros by it.
    name : str
        What the file is called.
    """
    if form in FORMATS and form != "file":
        return FORMATS[form].extension
    extension = _split_plain(name)[1]
    return extension or FORMATS["file"].extension
