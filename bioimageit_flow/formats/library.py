"""Libraries that read a maker's format; they come with an extra of the program."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from bioimageit_flow.formats.refusal import Refusal

Foreign = Any
"""An object of a library that has no types."""

INSTALL = "Install it with: pip install 'bioimageit-flow[vendor]'"


def imported(module: str, what: str) -> Foreign:
    """Return a library.

    Parameters
    ----------
    module : str
        Its name.
    what : str
        What it reads, such as ``a Nikon ND2 file``.

    Raises
    ------
    Refusal
        If it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        if is_installed(module):
            raise
        raise Refusal(
            f"is {what}, and the library that reads it is not installed", f"{INSTALL}."
        ) from error


def is_installed(module: str) -> bool:
    """Say whether a library is there, without importing it."""
    return find_spec(module) is not None


def lacking(reader: object) -> str:
    """Return the libraries that a reader needs and that are not installed."""
    libraries = getattr(reader, "libraries", ())
    return ", ".join(name for name in libraries if not is_installed(name))
