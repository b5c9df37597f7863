"""PNG: the header by hand, the pixels by imagecodecs.

Source: https://www.w3.org/TR/png-3/
"""

import struct
from math import prod

import imagecodecs
import numpy as np

from bioimageit_flow.formats.axes import flow_axes
from bioimageit_flow.formats.image import Image
from bioimageit_flow.formats.memory import require_memory
from bioimageit_flow.formats.refusal import EXPORT_AGAIN, Refusal
from bioimageit_flow.formats.sample import Sample
from bioimageit_flow.formats.selector import chosen_series
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.kinds import Kind

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 1_000_000

_HEADER = struct.Struct(">I4sIIBBBBB")
_CHUNK = struct.Struct(">I4s")
_CHECKSUM_BYTES = 4
_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGBA = 0, 2, 3, 4, 6
_SAMPLES = {_GREY: 1, _RGB: 3, _PALETTE: 3, _GREY_ALPHA: 2, _RGBA: 4}


class PngReader:
    """Reads PNG as an image; an image of a palette is RGB."""

    def claims(self, sample: Sample) -> bool:
        """Say whether a file begins like a PNG."""
        return sample.head.startswith(SIGNATURE)

    def probe(self, sample: Sample) -> DataInfo:
        """Return what the header says, having checked that the file is whole."""
        header = sample.head[len(SIGNATURE) :][: _HEADER.size]
        if len(header) < _HEADER.size:
            raise Refusal("is truncated: its header is not whole")
        _, name, width, height, depth, colour, *_ = _HEADER.unpack(header)
        if name != b"IHDR" or colour not in _SAMPLES or not width or not height:
            raise Refusal("is a damaged PNG: its header makes no sense")
        has_transparency = _walk_chunks(sample)
        samples = _SAMPLES[colour]
        if has_transparency and colour in (_GREY, _RGB, _PALETTE):
            samples += 1
        axes, shape = flow_axes("YXS", (height, width, samples))
        dtype = "uint16" if depth == 16 else "uint8"
        return DataInfo(Kind.IMAGE, "png", axes=axes, shape=shape, dtype=dtype)

    def verify(self, sample: Sample) -> None:
        """Nothing more to check: `probe` goes through all chunks."""

    def read_image(self, sample: Sample, selector: str, max_bytes: int | None) -> Image:
        """Return the pixels, YX or YXS."""
        info = self.probe(sample)
        chosen_series(selector, 1)
        assert info.axes is not None
        size = prod(info.shape) * np.dtype(info.dtype).itemsize
        require_memory(size + sample.size, max_bytes)
        try:
            array = imagecodecs.png_decode(sample.path.read_bytes())
            return Image(array.reshape(info.shape), info.axes)
        except (ValueError, RuntimeError) as error:
            raise Refusal(f"cannot be read as a PNG: {error}", EXPORT_AGAIN) from error


def _walk_chunks(sample: Sample) -> bool:
    """Go from chunk to chunk up to the last; say whether one is ``tRNS``."""
    has_transparency = False
    place = len(SIGNATURE)
    with sample.path.open("rb") as stream:
        for _ in range(MAX_CHUNKS):
            stream.seek(place)
            start = stream.read(_CHUNK.size)
            if len(start) < _CHUNK.size:
                raise Refusal("is truncated: its last part is missing")
            length, name = _CHUNK.unpack(start)
            place += _CHUNK.size + length + _CHECKSUM_BYTES
            if place > sample.size:
                raise Refusal("is truncated: its last part is missing")
            if name == b"IEND":
                return has_transparency
            has_transparency = has_transparency or name == b"tRNS"
    raise Refusal("is a damaged PNG: it has too many parts")
