"""JSON, and the scalar: an object with ``value`` and ``unit``.

Source: RFC 8259 (https://www.rfc-editor.org/rfc/rfc8259); NaN and infinities are no
JSON.
"""

import json
from typing import NoReturn

from bioimageit_flow.formats.refusal import Refusal
from bioimageit_flow.formats.sample import Sample
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.kinds import Kind

MAX_PARSED_BYTES = 16 * 2**20
"""A larger file is taken for JSON without being parsed; it is no scalar."""

_WRITE_JSON = "Write it with a JSON library."


class JsonReader:
    """Reads JSON; it has no signature, so that its name has to say it."""

    def claims(self, sample: Sample) -> bool:
        """Say whether a file is said to be JSON, or its unknown text is."""
        if sample.claim == "file":
            return sample.is_text and sample.start[:1] == b"{" and _is_json(sample)
        return sample.claim == "json"

    def probe(self, sample: Sample) -> DataInfo:
        """Return ``scalar`` for an object with a value, else ``file``."""
        if sample.size > MAX_PARSED_BYTES:
            if sample.start[:1] not in (b"{", b"["):
                raise Refusal("is not JSON", _WRITE_JSON)
            return DataInfo(Kind.FILE, "json")
        value = parse_json(sample)
        is_scalar = isinstance(value, dict) and "value" in value
        return DataInfo(Kind.SCALAR if is_scalar else Kind.FILE, "json")

    def verify(self, sample: Sample) -> None:
        """Nothing more to check: `probe` parses the whole text."""


def parse_json(sample: Sample) -> object:
    """Return what a JSON file says.

    Raises
    ------
    Refusal
        If it is not JSON, or larger than `MAX_PARSED_BYTES`.
    """
    if sample.size > MAX_PARSED_BYTES:
        raise Refusal(f"is larger than {MAX_PARSED_BYTES} bytes", "Write less into it.")
    try:
        text = sample.path.read_bytes().decode("utf-8-sig")
        value: object = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Refusal(f"is not JSON: {error}", _WRITE_JSON) from error
    return value


def _is_json(sample: Sample) -> bool:
    try:
        parse_json(sample)
    except Refusal:
        return False
    return True


def _refuse_constant(word: str) -> NoReturn:
    raise Refusal(
        f"holds {word}, which JSON cannot say", "Write null where there is no number."
    )
