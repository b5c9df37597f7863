"""Writers of JSON that are made once.

`json.JSONEncoder` makes the part of it that is written in C anew for each text, which
takes longer than writing a short one; a run writes some ten for each job.
"""

import json
from collections.abc import Callable
from json import encoder as _encoder
from typing import Any

_make_in_c: Any = getattr(_encoder, "c_make_encoder", None)
"""What `json.JSONEncoder` uses itself; Python does not promise it."""


def json_writer(
    *, allow_nan: bool, sort_keys: bool = False, separators: tuple[str, str]
) -> Callable[[object], str]:
    """Return a function from a plain value to its JSON text, not only ASCII.

    It raises what `json.JSONEncoder.encode` raises, but does not look for values that
    hold themselves.

    Parameters
    ----------
    allow_nan : bool
        Whether NaN and infinities are written, which JSON does not know.
    sort_keys : bool
        Whether keys are sorted.
    separators : tuple of str
        Between entries, and between a key and its value.
    """
    usual = json.JSONEncoder(
        ensure_ascii=False,
        allow_nan=allow_nan,
        sort_keys=sort_keys,
        separators=separators,
        check_circular=False,
    )
    try:
        write = _make_in_c(
            None,  # no watch for values that hold themselves
            usual.default,
            _encoder.encode_basestring,
            None,  # no indent
            separators[1],
            separators[0],
            sort_keys,
            False,  # a key that is no text is an error, and not left out
            allow_nan,
        )
    except TypeError:  # there is none, or a later Python makes it in another way
        return usual.encode
    return lambda value: "".join(write(value, 0))
