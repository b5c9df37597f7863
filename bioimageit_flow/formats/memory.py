"""Nothing is allocated because a header asks for it: the memory is asked first."""

import psutil

from bioimageit_flow.formats.refusal import Refusal
from bioimageit_flow.model.units import format_bytes


def require_memory(size: int, limit: int | None = None) -> None:
    """Refuse a file that needs more memory than there is.

    Parameters
    ----------
    size : int
        Bytes that reading it takes.
    limit : int, optional
        Bytes that it may take; by default what the machine has free now.

    Raises
    ------
    Refusal
        If it would not fit.
    """
    room = int(psutil.virtual_memory().available) if limit is None else limit
    if size > room:
        raise Refusal(
            f"needs {format_bytes(size)} of memory where {format_bytes(room)} are free",
            "Crop it, close other programs, or use a machine with more memory.",
        )
