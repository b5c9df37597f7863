"""How a tool declines an input that it cannot use."""

import sys
from typing import NoReturn

BAD_INPUT = 2
"""Exit code of a tool that was given something it cannot use."""


def refuse(sentence: str) -> NoReturn:
    """Say in one sentence what is wrong and what to do, and end with exit code 2.

    The process ends in the same way whether the tool was started from a command line
    or called by a warm worker.

    Parameters
    ----------
    sentence : str
        Written to standard error.
    """
    sys.stderr.write(f"{sentence}\n")
    raise SystemExit(BAD_INPUT)
