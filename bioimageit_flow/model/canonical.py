"""One text for one value: canonical JSON, and hashes of it.

Source: RFC 8785 (JSON Canonicalization Scheme): keys sorted by their UTF-16 code units,
no white space, UTF-8, numbers as ECMAScript writes them. A whole float is written as an
integer (``1.0`` is ``1``), so that a value typed ``1`` or ``1.0`` is one. Beyond the
RFC, integers are written in full, however large.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.json_writing import json_writer

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
        If the value holds NaN, an infinity, a key that is no text, a text that is not
        Unicode, or something that JSON cannot say.
    """
    try:
        text = _quick(_quick_form(value))
    except _NotQuickError:
        text = _json(value)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"a text that is not Unicode {_REFUSAL}") from None
    return text


def canonical_hash(value: object) -> Sha256:
    """Return the sha256 of the canonical JSON of a value."""
    return Sha256(sha256(canonical_json(value).encode()).hexdigest())


_quick = json_writer(allow_nan=False, sort_keys=True, separators=(",", ":"))
"""Writes the same text as this module, and much faster, of a `_quick_form`."""


_PLAIN = frozenset({str, int, bool, type(None)})


class _NotQuickError(ValueError):
    """A value has no quick form."""


def _quick_form(value: Any) -> Any:  # noqa: ANN401 - told by its type, quickly
    """Return a value of which Python's encoder writes the canonical JSON.

    It is the value itself, but for whole floats, which become integers.

    Raises
    ------
    _NotQuickError
        If there is a float that the encoder writes otherwise (very large or very
        small), a key that is no text or is sorted otherwise (beyond ASCII), or a value
        of another type.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is float:
        if value.is_integer() and -1e16 < value < 1e16:
            return int(value)
        if 1e-4 <= abs(value) < 1e16:
            return value
    elif kind is dict:
        try:
            is_ascii = "".join(value).isascii()  # the quickest look at all keys
        except TypeError:
            raise _NotQuickError from None
        if is_ascii:
            forms = _other_forms(value.items())
            return value | forms if forms else value
    elif kind is list or kind is tuple:
        forms = _other_forms(enumerate(value))
        if not forms:
            return value
        return [forms.get(place, inner) for place, inner in enumerate(value)]
    raise _NotQuickError


def _other_forms(values: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """Return the quick forms of those values that are not theirs themselves."""
    forms: dict[Any, Any] = {}
    for place, inner in values:
        if type(inner) not in _PLAIN:
            form = _quick_form(inner)
            if form is not inner:
                forms[place] = form
    return forms


def _json(value: object) -> str:
    match value:
        case str():
            return encode_basestring(value)
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return int.__repr__(value)
        case float():
            return _number(value)
        case Mapping():
            return _object(value)
        case list() | tuple():
            return f"[{','.join([_json(inner) for inner in value])}]"
        case _:
            raise ValueError(f"a {type(value).__name__} {_REFUSAL}")


def _object(value: Mapping[object, object]) -> str:
    keys: list[str] = []
    for key in value:
        if not isinstance(key, str):
            raise ValueError(f"the key {key!r}, which is no text, {_REFUSAL}")
        keys.append(key)
    if all(key.isascii() for key in keys):
        keys.sort()
    else:
        keys.sort(key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    inside = ",".join([f"{encode_basestring(key)}:{_json(value[key])}" for key in keys])
    return f"{{{inside}}}"


def _number(value: float) -> str:
    """Write a float as ECMAScript does (its `Number::toString`)."""
    if not math.isfinite(value):
        raise ValueError(f"{value} {_REFUSAL}")
    if value == 0:
        return "0"
    text = float.__repr__(value)
    if "e" not in text:
        return text.removesuffix(".0")
    sign, text = ("-", text[1:]) if text[0] == "-" else ("", text)
    mantissa, _, power = text.partition("e")
    digits = mantissa.replace(".", "").rstrip("0")
    exponent = int(power)
    if 0 <= exponent < 21:
        return sign + digits.ljust(exponent + 1, "0")
    if -7 < exponent < 0:
        return f"{sign}0.{digits.rjust(len(digits) - exponent - 1, '0')}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{exponent:+d}"
