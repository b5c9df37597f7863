"""A stamp in the metadata of an SVG, before its end."""

import re
from pathlib import Path
from typing import BinaryIO

from bioimageit_flow.formats.stamps.change import Change, Edit, replacing

MARK = "bioimageit-flow-stamp"

_MAX_BYTES = 256 * 2**20
_ROOT = re.compile(rb"<(?:\w+:)?svg[\s>/]")
_END = re.compile(rb"</((?:[A-Za-z_][\w.-]*:)?)svg\s*>\s*\Z")
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # two bytes per character: no place for ASCII
_MARKED = re.compile(
    rb"<(?:\w+:)?metadata\b[^>]{0,1000}\bid=[\"']" + MARK.encode() + rb"[\"'][^>]*>"
    rb"(.*?)</(?:\w+:)?metadata\s*>",
    re.DOTALL,
)


def claims(head: bytes) -> bool:
    """Say whether a file begins like an SVG."""
    return bool(_ROOT.search(head)) and not head.startswith(_WIDE)


def write(path: Path, text: str) -> bool:
    """Write a stamp into an SVG; say whether that could be done."""
    from xml.sax.saxutils import escape

    if path.stat().st_size > _MAX_BYTES:
        return False
    data = path.read_bytes()
    end = _END.search(data[-1000:])
    if end is None or not claims(data[:1024]) or MARK.encode() in data:
        return False
    place = max(len(data) - 1000, 0) + end.start()
    name = f"{end[1].decode()}metadata"
    stamp = f'<{name} id="{MARK}">{escape(text)}</{name}>'
    with replacing(path) as unfinished, unfinished.open("xb") as new:
        new.write(data[:place])
        new.write(stamp.encode("ascii"))
        new.write(data[place:])
    return True


def find(stream: BinaryIO) -> Change | None:
    """Return the stamp in an SVG; None where there is none."""
    from xml.sax.saxutils import unescape

    stream.seek(0)
    data = stream.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES or MARK.encode() not in data:
        return None
    found = _MARKED.search(data)
    if found is None:
        return None
    text = unescape(found[1].decode("utf-8", "replace"), {"&quot;": '"'})
    return Change(text, (Edit(found.start(), found.end()),))
