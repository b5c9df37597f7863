"""Pydantic's complaints in one sentence for people."""

from pydantic import ValidationError

_MAX_SHOWN = 3


def explain(error: ValidationError) -> str:
    """Return what is wrong and where, for at most three complaints.

    Returns
    -------
    str
        Such as ``nodes.blur: parameter 'sigma' is ...``, without a full stop.
    """
    said: list[str] = []
    for complaint in error.errors(include_url=False):
        where = ".".join(str(step) for step in complaint["loc"])
        text = complaint["msg"].removeprefix("Value error, ").rstrip(".")
        sentence = f"{where}: {text}" if where else text
        if sentence not in said:
            said.append(sentence)
    more = len(said) - _MAX_SHOWN
    tail = f" (and {more} more)" if more > 0 else ""
    return "; ".join(said[:_MAX_SHOWN]) + tail
