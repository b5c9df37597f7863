"""One text for one value: canonical JSON, and hashes of it.

Source: RFC 8785 (JSON Canonicalization Scheme) in the subset that we use: keys sorted,
no white space, UTF-8, shortest round-trip numbers. A whole float is written as an
integer (``1.0`` is ``1``), as JCS does, so that a value typed ``1`` or ``1.0`` is one.
"""

import json
import math
from collections.abc import Mapping, Sequence
from hashlib import sha256

from bioimageit_flow.model.ids import Sha256

_REFUSAL = "cannot be written as canonical JSON"

JsonValue = (
    None | bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]
)
"""Whatever JSON can say."""


def canonical_json(value: object) -> str:
    """Return the one JSON text of a value.

    Raises
    ------
    ValueError
        If the value holds NaN, an infinity, or something that JSON cannot say.
    """
    return json.dumps(
        _plain(value),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )


def canonical_hash(value: object) -> Sha256:
    """Return the sha256 of the canonical JSON of a value."""
    return Sha256(sha256(canonical_json(value).encode()).hexdigest())


def _plain(value: object) -> object:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            if not math.isfinite(value):
                raise ValueError(f"{value} {_REFUSAL}")
            return int(value) if value.is_integer() and abs(value) < 2**53 else value
        case Mapping():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case _:
            raise ValueError(f"a {type(value).__name__} {_REFUSAL}")
