"""A stamp in the attributes of an OME-Zarr: ``.zattrs``, or those in ``zarr.json``.

The text of the file is kept as it is; the stamp becomes the first key of the
attributes, so that it can be cut out again.

Source: https://zarr-specs.readthedocs.io (versions 2 and 3: attributes are free).
"""

import json
import re
from pathlib import Path

from bioimageit_flow.formats.stamps.change import Change, Edit, replacing
from bioimageit_flow.formats.stamps.text import MAX_STAMP_BYTES

KEY = "bioimageit-flow"

_GROUP, _ATTRIBUTES = "zarr.json", ".zattrs"
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


def write(path: Path, text: str) -> bool:
    """Write a stamp into the attributes of a folder; say whether that could be done."""
    inside = _file(path)
    if inside is None:
        return False
    old = inside.read_bytes().decode()
    place = _attributes(old, inside.name)
    if place is None or f'"{KEY}"' in old:
        return False
    is_empty = old[_skip(old, place)] == "}"
    entry = f'"{KEY}":{text}{"" if is_empty else ","}'
    with replacing(inside) as unfinished:
        unfinished.write_bytes((old[:place] + entry + old[place:]).encode())
    return True


def find(path: Path) -> Change | None:
    """Return the stamp of a folder; None where there is none."""
    inside = _file(path)
    if inside is None or inside.stat().st_size > MAX_STAMP_BYTES:
        return None
    try:
        old = inside.read_bytes().decode()
        place = _attributes(old, inside.name)
        if place is None or f'"{KEY}"' not in old:
            return None
        attributes, _ = _DECODER.raw_decode(old, place - 1)
        if KEY not in attributes:
            return None
        return Change(json.dumps(attributes[KEY]), _edits(old, place), inside.name)
    except (ValueError, RecursionError):  # no JSON: so there is no stamp in it
        return None


def _edits(old: str, place: int) -> tuple[Edit, ...]:
    """Return what cuts the stamp out, if it lies where it was written."""
    begin = f'"{KEY}":'
    if not old.startswith(begin, place):
        return ()
    _, stop = _DECODER.raw_decode(old, place + len(begin))
    stop += old.startswith(",", stop)
    return (Edit(len(old[:place].encode()), len(old[:stop].encode())),)


def _file(path: Path) -> Path | None:
    for name in (_GROUP, _ATTRIBUTES):
        if (path / name).is_file():
            return path / name
    return None


def _attributes(text: str, name: str) -> int | None:
    """Return the place behind the brace of the attributes; None where none are."""
    try:
        place = _skip(text, 0)
        if text[place : place + 1] != "{":
            return None
        if name == _ATTRIBUTES:
            _DECODER.raw_decode(text, place)  # whole, or it is none of ours
            return place + 1
        return _behind_key(text, place + 1, "attributes")
    except (ValueError, IndexError, RecursionError):
        return None


def _behind_key(text: str, place: int, wanted: str) -> int | None:
    """Return the place behind the brace of the object that a key names."""
    while True:
        place = _skip(text, place)
        if text[place] != '"':
            return None
        key, place = _DECODER.raw_decode(text, place)
        place = _skip(text, place)
        if text[place] != ":":
            return None
        place = _skip(text, place + 1)
        if key == wanted:
            return place + 1 if text[place] == "{" else None
        _, place = _DECODER.raw_decode(text, place)
        place = _skip(text, place)
        if text[place] != ",":
            return None
        place += 1


def _skip(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return place if found is None else found.end()
