"""What was made of the inputs of a job before its tool got them, in words."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_NAMES = {
    "ome-tiff": "OME-TIFF",
    "ome-zarr": "OME-Zarr",
    "tiff": "TIFF",
    **{name: name.upper() for name in ("czi", "nd2", "lif", "png")},
}


def conversions_of(parts: Mapping[str, object]) -> tuple[str, ...]:
    """Return what was converted for a job, a sentence part for each kind of input.

    Parameters
    ----------
    parts : mapping
        Of the fingerprint of the job, as `Fingerprint.parts` returns them.

    Returns
    -------
    tuple of str
        Such as ``image: converted from CZI to OME-TIFF by czi/1/1``; empty where the
        tool got every file as it is.
    """
    inputs = parts.get("inputs")
    if not isinstance(inputs, Mapping):
        return ()
    return tuple(
        f"{port}: {words}"
        for port, items in inputs.items()
        for words in conversions_among(items)
    )


def conversions_among(items: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """Yield what was converted among the inputs of one port."""
    counts = Counter(words for one in items if (words := _words(one)))
    for words, count in counts.items():
        yield words if len(items) == 1 else f"{count} of {len(items)} {words}"


def _words(item: Mapping[str, Any]) -> str:
    """Return how one input was converted; empty where it was not."""
    converter = str(item.get("converter", ""))
    if not converter:
        return ""
    form, facts = str(item.get("format", "")), ", ".join(item.get("corrected", {}))
    name = _NAMES.get(form, form)
    way = "rewritten" if form == "ome-tiff" else f"converted from {name} to OME-TIFF"
    said = f" with corrected {facts}" if facts else ""
    return f"{way}{said} by {converter}"
