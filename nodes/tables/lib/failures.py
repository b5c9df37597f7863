"""How a tool says that it cannot do what was asked: one sentence and exit code 2."""

import sys
from collections.abc import Callable


class BadInputError(Exception):
    """The input or a parameter cannot be used; the text says why and what to do."""


def exit_code(work: Callable[[], None]) -> int:
    """Do the work of a tool and return the exit code of its process.

    Parameters
    ----------
    work : callable
        Called once, without arguments.

    Returns
    -------
    int
        0 on success; 2, after one sentence on stderr, where the input cannot be used
        or a file cannot be read or written.
    """
    try:
        work()
    except BadInputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"A file cannot be read or written: {error}.\n")
        return 2
    return 0
