"""Writing a text to a file that the user has named."""

from collections.abc import Iterable
from pathlib import Path

from bioimageit_flow.errors import DataError


def write_text(path: Path, text: str) -> None:
    """Write a file, all or nothing; see `write_pieces`."""
    write_pieces(path, [text])


def write_pieces(path: Path, pieces: Iterable[str]) -> None:
    """Write a file as its text comes, all or nothing.

    Raises
    ------
    DataError
        If it cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(pieces)
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise DataError(
            f"'{path}' cannot be written ({error.strerror}).",
            remedy="Check the folder, and the space on its disk.",
        ) from error
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
