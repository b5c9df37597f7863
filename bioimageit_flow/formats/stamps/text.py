"""From the text of a stamp to the stamp."""

import json

from bioimageit_flow.formats.refusal import Refusal
from bioimageit_flow.model.stamp import Stamp

MAX_STAMP_BYTES = 32 * 2**20


def stamp_from_text(text: str) -> Stamp:
    """Return the stamp that a text says.

    Raises
    ------
    Refusal
        If it says none.
    """
    try:
        return Stamp.from_json(json.loads(text))
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else error
        raise Refusal(
            f"has a stamp that cannot be read: {reason}",
            "Ask for its content instead, in the experiment that it may come from.",
        ) from error
