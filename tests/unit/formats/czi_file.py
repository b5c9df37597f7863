"""A Zeiss CZI made by hand: segments, a directory, blocks of pixels."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import imagecodecs
import numpy as np
from numpy.typing import NDArray

XML = """<?xml version="1.0"?><ImageDocument><Metadata><Scaling><Items>
<Distance Id="X"><Value>1.5e-07</Value></Distance>
<Distance Id="Y"><Value>1.5e-07</Value></Distance>
<Distance Id="Z"><Value>4e-07</Value></Distance></Items></Scaling><Information><Image>
<Dimensions><Channels><Channel Id="Channel:0" Name="DAPI"/>
<Channel Id="Channel:1" Name="GFP / 488"/></Channels><T><Positions><Interval>
<Increment>2.5</Increment></Interval></Positions></T></Dimensions></Image></Information>
</Metadata></ImageDocument>"""

PIXELS = {"uint8": 0, "uint16": 1, "float32": 2, "bgr": 3}
PLAIN, ZSTD, ZSTD_APART = 0, 5, 6


@dataclass
class Block:
    array: NDArray[np.generic]
    starts: dict[str, int] = field(default_factory=dict)
    stored: tuple[int, int] | None = None
    pixels: str = ""
    method: int = PLAIN


def czi_bytes(blocks: Sequence[Block], xml: str = XML, *, pending: int = 0) -> bytes:
    out = bytearray(544)
    entries = []
    for block in blocks:
        entry = _entry(block, len(out))
        entries.append(entry)
        data = _encoded(block)
        head = struct.pack("<iiq", 0, 0, len(data)) + entry
        out += _segment("ZISRAWSUBBLOCK", head.ljust(256, b"\0") + data)
    directory = len(out)
    listed = struct.pack("<i", len(entries)).ljust(128, b"\0") + b"".join(entries)
    out += _segment("ZISRAWDIRECTORY", listed)
    metadata = len(out)
    text = xml.encode()
    out += _segment(
        "ZISRAWMETADATA", struct.pack("<ii", len(text), 0).ljust(256, b"\0") + text
    )
    facts = struct.pack(
        "<iiii16s16siqqiq", 1, 0, 0, 0, b"", b"", 0, directory, metadata, pending, 0
    )
    out[:544] = _segment("ZISRAWFILE", facts.ljust(512, b"\0"))
    return bytes(out)


def _segment(name: str, data: bytes) -> bytes:
    return struct.pack("<16sqq", name.encode(), len(data), len(data)) + data


def _entry(block: Block, place: int) -> bytes:
    rows, columns = block.array.shape[:2]
    kept_rows, kept_columns = block.stored or (rows, columns)
    kind = PIXELS[block.pixels or block.array.dtype.name]
    dims = [
        ("X", block.starts.get("X", 0), columns, kept_columns),
        ("Y", block.starts.get("Y", 0), rows, kept_rows),
        *((axis, at, 1, 1) for axis, at in block.starts.items() if axis not in "XY"),
    ]
    head = struct.pack("<2siqiiB5xi", b"DV", kind, place, 0, block.method, 0, len(dims))
    return head + b"".join(
        struct.pack("<4siifi", axis.encode(), at, length, float(at), kept)
        for axis, at, length, kept in dims
    )


def _encoded(block: Block) -> bytes:
    array = block.array
    if block.stored:
        array = array[: block.stored[0], : block.stored[1]]
    data = np.ascontiguousarray(array).tobytes()
    if block.method == ZSTD:
        return bytes(imagecodecs.zstd_encode(data))
    if block.method == ZSTD_APART:
        pairs = np.frombuffer(data, np.uint8).reshape(-1, 2)
        apart = np.ascontiguousarray(pairs.T).tobytes()
        return b"\3\1\1" + bytes(imagecodecs.zstd_encode(apart))
    return data
