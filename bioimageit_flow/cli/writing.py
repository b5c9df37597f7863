"""Writing a text to a file that the user has named."""

from pathlib import Path

from bioimageit_flow.errors import DataError


def write_text(path: Path, text: str) -> None:
    """Write a file, all or nothing.

    Raises
    ------
    DataError
        If it cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise DataError(
            f"'{path}' cannot be written ({error.strerror}).",
            remedy="Check the folder, and the space on its disk.",
        ) from error
