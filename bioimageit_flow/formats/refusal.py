"""Why a file is refused, and the one place where that becomes an error with a name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bioimageit_flow.errors import DataError

EXPORT_AGAIN = "Copy or export it again from where it was made."


class Refusal(Exception):
    """What is wrong with a file, said without its name.

    Readers raise it; `naming` adds the name of the file and makes it a `DataError`.

    Parameters
    ----------
    phrase : str
        The rest of a sentence that begins with the name of the file, without a full
        stop: ``is empty``.
    remedy : str
        What to do next, as a sentence.
    """

    def __init__(self, phrase: str, remedy: str = EXPORT_AGAIN) -> None:
        super().__init__(phrase)
        self.phrase = phrase
        self.remedy = remedy


def shown(name: str | Path) -> str:
    """Return a file name for a message: quoted, one line, nothing invisible."""
    text = "".join(
        letter
        if letter.isprintable()
        else letter.encode("ascii", "backslashreplace").decode()
        if ord(letter) > 127
        else repr(letter)[1:-1]
        for letter in str(name)
    )
    return f"'{text}'"


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn a `Refusal` or an error of the operating system into a `DataError`.

    Raises
    ------
    DataError
        One sentence that begins with the path, and a remedy.
    """
    try:
        yield
    except Refusal as refusal:
        message = f"{shown(path)} {refusal.phrase}."
        raise DataError(message, remedy=refusal.remedy) from refusal
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DataError(
            f"{shown(path)} does not exist.",
            remedy="Check the path, or connect the disk that it lies on.",
        ) from error
    except PermissionError as error:
        raise DataError(
            f"{shown(path)} cannot be read: permission denied.",
            remedy="Ask its owner for the right to read it.",
        ) from error
    except OSError as error:
        raise DataError(
            f"{shown(path)} cannot be read: {error.strerror or error}.",
            remedy="Check the path and the disk that it lies on.",
        ) from error
